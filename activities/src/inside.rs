//! Whether the token's owner belongs to the organization. The public sees an organization too, but neither its repositories nor its
//! people: what an outsider does not see is not gone.

use chrono::{DateTime, Utc};
use workflows::domain::{cause::Cause, team::TeamId};

use crate::{
    Activities, failure::Failure, github::EndpointClass, open_team::OpenTeam, outcome::Found,
    store::ListingKind,
};

impl Activities {
    /// Fails with the cause and its evidence, behind an earlier one if there is any, unless the owner is inside. The App's installation
    /// is, without being asked about.
    pub(crate) async fn require_inside(
        &self,
        id: TeamId,
        team: &OpenTeam,
        related_id: Option<i64>,
    ) -> Result<(), Failure> {
        let standing = self.github.fetch_standing(&team.token, &team.slug).await?;
        if standing.is_inside() {
            return Ok(());
        }
        let login = team.credential.login.as_deref();
        let found = Found {
            endpoint: EndpointClass::Membership,
            http_status: standing.http_status(),
            message: standing.explain(login.unwrap_or("the token's owner"), &team.slug),
        };
        let cause = Cause::OrgNotFound;
        let evidence_id = self
            .keep_found(id, cause, found, "the token's owner", related_id)
            .await;
        Err(Failure::Cause { cause, evidence_id })
    }

    /// The same before a listing is believed that leaves somebody or something out. What an outsider was shown is forgotten: whoever
    /// connects next lists from the top.
    pub(crate) async fn require_listed_inside(
        &self,
        id: TeamId,
        team: &OpenTeam,
        kind: ListingKind,
        listing_started_at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let answer = self.require_inside(id, team, None).await;
        if matches!(answer, Err(Failure::Cause { .. })) {
            self.store
                .close_listing(id, kind, listing_started_at)
                .await?;
        }
        answer
    }
}
