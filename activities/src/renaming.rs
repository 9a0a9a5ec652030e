//! An organization that is not where it was: gone, a stranger's by now, or renamed. Its numeric id tells.

use workflows::domain::{
    cause::Cause,
    team::{TeamId, TeamRef},
};

use crate::{
    Activities, clock,
    failure::{self, Failure},
    github::{FailureClass, GithubFailure},
    open_team::OpenTeam,
    store::SlugChange,
};

/// Where a team's organization is.
#[derive(Debug)]
pub(crate) enum Whereabouts {
    /// Under the login that is stored.
    InPlace,
    /// Under another login, which is stored now.
    Renamed,
    /// Nowhere that the token sees, or under a login that another team is on record with.
    Gone(Box<GithubFailure>),
}

impl Activities {
    /// Looks for the organization by its login and, when that is nobody's or a stranger's, by its id. A new login is stored, with an
    /// event in the team's history.
    pub(crate) async fn locate_organization(
        &self,
        id: TeamId,
        team: &OpenTeam,
    ) -> Result<Whereabouts, Failure> {
        let by_login = self.github.fetch_organization(&team.token, &team.slug);
        let found = match (by_login.await, team.github_id) {
            // GitHub redirects from a former login.
            (Ok(found), _) if team.is_same_organization(found.github_id) => found,
            (Ok(_), Some(github_id)) => match self.fetch_by_id(team, github_id).await? {
                Ok(found) => found,
                Err(failure) => return Ok(Whereabouts::Gone(failure)),
            },
            (Err(failure), Some(github_id)) if is_absent(&failure) => {
                match self.fetch_by_id(team, github_id).await? {
                    Ok(found) => found,
                    Err(_) => return Ok(Whereabouts::Gone(Box::new(failure))),
                }
            }
            (Err(failure), None) if is_absent(&failure) => {
                return Ok(Whereabouts::Gone(Box::new(failure)));
            }
            (Err(failure), _) => return Err(failure.into()),
            // Without a known id every organization is the same.
            (Ok(found), None) => found,
        };
        if found.login.eq_ignore_ascii_case(&team.slug) {
            return Ok(Whereabouts::InPlace);
        }
        self.rename(id, &team.slug, &found.login).await
    }

    async fn fetch_by_id(
        &self,
        team: &OpenTeam,
        github_id: i64,
    ) -> Result<Result<crate::github::OrganizationIdentity, Box<GithubFailure>>, Failure> {
        let found = self.github.fetch_organization_by_id(&team.token, github_id);
        match found.await {
            Ok(found) => Ok(Ok(found)),
            Err(failure) if is_absent(&failure) => Ok(Err(Box::new(failure))),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Stores a new login.
    pub(crate) async fn rename(
        &self,
        id: TeamId,
        from: &str,
        to: &str,
    ) -> Result<Whereabouts, Failure> {
        match self.store.rename_team(id, to, clock::now()).await? {
            SlugChange::Made | SlugChange::None => {
                tracing::info!(
                    team.id = id.0,
                    organization.from = from,
                    organization.to = to,
                    "the organization was renamed: its new login is stored"
                );
                Ok(Whereabouts::Renamed)
            }
            SlugChange::Taken => {
                tracing::warn!(
                    team.id = id.0,
                    organization.to = to,
                    "the organization was renamed to a login that another team is on record with"
                );
                let message = "another team is on record with the organization's new login";
                Ok(Whereabouts::Gone(Box::new(GithubFailure::without_answer(
                    FailureClass::OrganizationNotFound,
                    crate::github::EndpointClass::OrganizationById,
                    message,
                ))))
            }
        }
    }

    /// The failure, or what came of it: an organization that was not found may have another login by now. Then the step's next
    /// attempt asks by that, and nobody has to do anything.
    pub(crate) async fn after_renaming(&self, team: &TeamRef, failure: Failure) -> Failure {
        let decision = failure.decide(failure::FIRST_ATTEMPT, clock::now());
        if decision.cause() != Some(Cause::OrgNotFound) {
            return failure;
        }
        let Ok(open) = self.open_team(team).await else {
            return failure;
        };
        match self.locate_organization(team.id, &open).await {
            Ok(Whereabouts::Renamed) => Failure::Renamed,
            Ok(Whereabouts::InPlace | Whereabouts::Gone(_)) => failure,
            Err(error) => {
                tracing::info!(team.id = team.id.0, error = %error, "whether the organization was renamed could not be asked");
                failure
            }
        }
    }
}

fn is_absent(failure: &GithubFailure) -> bool {
    failure.class == FailureClass::OrganizationNotFound
}
