//! What a step that calls GitHub needs to know of its team, loaded at its beginning.

use workflows::domain::{cause::Cause, team::TeamRef};

use crate::{
    Activities,
    credentials::open_credential,
    failure::Failure,
    github::{EndpointClass, FailureClass, GithubFailure, Token},
    store::Credential,
};

/// A team, ready to be asked for.
pub(crate) struct OpenTeam {
    /// Login of the organization today.
    pub(crate) slug: String,
    /// GitHub's numeric id of the organization, when known.
    pub(crate) github_id: Option<i64>,
    /// Days of history to fetch.
    pub(crate) history_days: u16,
    /// The credential's token: it lives longer than a slice takes.
    pub(crate) token: Token,
    /// The credential.
    pub(crate) credential: Credential,
}

impl OpenTeam {
    /// Whether this is the team's organization. After a renaming its login may be a stranger's.
    pub(crate) fn is_same_organization(&self, github_id: i64) -> bool {
        self.github_id.is_none_or(|known| known == github_id)
    }

    /// Refuses what was answered, before anything of it is stored, for another organization than the team's.
    pub(crate) fn require_organization(
        &self,
        github_id: i64,
        endpoint: EndpointClass,
    ) -> Result<(), GithubFailure> {
        if self.is_same_organization(github_id) {
            return Ok(());
        }
        let message = "the answer is about another organization than the one that was connected";
        let class = FailureClass::OrganizationNotFound;
        let mut failure = GithubFailure::without_answer(class, endpoint, message);
        failure.evidence.http_status = Some(200);
        Err(failure)
    }
}

impl Activities {
    /// Loads the team and opens its credential. A removed team, a missing and an unreadable credential are named causes.
    pub(crate) async fn open_team(&self, team: &TeamRef) -> Result<OpenTeam, Failure> {
        let cause = |cause| Failure::Cause {
            cause,
            evidence_id: None,
        };
        let stored = self
            .store
            .load_team(team.id)
            .await?
            .ok_or(cause(Cause::CredentialMissing))?;
        let credential = open_credential(&self.store, &self.github, team.id)
            .await?
            .ok_or(cause(Cause::CredentialMissing))?;
        Ok(OpenTeam {
            slug: stored.slug,
            github_id: stored.github_id,
            history_days: stored.history_days,
            token: credential.token.clone(),
            credential,
        })
    }
}
