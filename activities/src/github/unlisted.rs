//! One member or one repository, asked for by itself: for whoever and whatever a listing with gaps does not name. That it is not
//! there (404) is an answer here.

use url::Url;

use super::{
    GithubClient, GithubFailure, Token,
    account::parse,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    http::Answer,
    wire::rest::{WireOrganizationMembership, WireRepositoryIdentity, WireUser},
};

/// What GitHub says of one account and an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberLookup {
    /// A member, under this login.
    Member(String),
    /// No member: left, not accepted yet, or without an account.
    Gone,
}

/// What GitHub says of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepositoryLookup {
    /// It is there.
    Found {
        /// `owner/name` today.
        full_name: String,
        /// Numeric id of its owner: another organization's after a transfer.
        owner_github_id: i64,
    },
    /// It is not there, or its name is another's.
    Gone,
    /// GitHub has blocked it.
    Blocked(GithubFailure),
}

impl GithubClient {
    /// Whether an account is a member: `GET /orgs/{org}/memberships/{username}` by its last known login, and if that is nobody's or
    /// another's, by the one that `GET /user/{account_id}` tells.
    pub async fn look_up_member(
        &self,
        token: &Token,
        organization: &str,
        github_id: i64,
        login: &str,
    ) -> Result<MemberLookup, GithubFailure> {
        if let Some(found) = self.fetch_membership(token, organization, login).await?
            && found.user.id.0 == github_id
        {
            return Ok(found.into());
        }
        let url = self.rest_url(&["user", &github_id.to_string()]);
        let Some(answer) = self.answer_unless_absent(token, url).await? else {
            return Ok(MemberLookup::Gone);
        };
        let account: WireUser = parse(EndpointClass::MemberLookup, &answer)?;
        if account.login.eq_ignore_ascii_case(login) {
            return Ok(MemberLookup::Gone);
        }
        let renamed = self
            .fetch_membership(token, organization, &account.login)
            .await?;
        Ok(renamed
            .filter(|found| found.user.id.0 == github_id)
            .map_or(MemberLookup::Gone, MemberLookup::from))
    }

    /// What became of a repository: `GET /repos/{owner}/{repo}` by its last known name, which redirects to where it is today.
    pub async fn look_up_repository(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
        github_id: i64,
    ) -> Result<RepositoryLookup, GithubFailure> {
        let endpoint = EndpointClass::RepositoryLookup;
        let url = self.rest_url(&["repos", owner, name]);
        let answer = match self.get(endpoint, token, url).await {
            Err(failure) if failure.class == FailureClass::RepositoryUnavailable => {
                return Ok(match failure.evidence.http_status {
                    Some(404 | 410) => RepositoryLookup::Gone,
                    _ => RepositoryLookup::Blocked(failure),
                });
            }
            other => other?,
        };
        let found: WireRepositoryIdentity = parse(endpoint, &answer)?;
        if found.id.0 != github_id {
            return Ok(RepositoryLookup::Gone);
        }
        Ok(RepositoryLookup::Found {
            full_name: found.full_name,
            owner_github_id: found.owner.id.0,
        })
    }

    async fn fetch_membership(
        &self,
        token: &Token,
        organization: &str,
        login: &str,
    ) -> Result<Option<WireOrganizationMembership>, GithubFailure> {
        let url = self.rest_url(&["orgs", organization, "memberships", login]);
        let answer = self.answer_unless_absent(token, url).await?;
        answer
            .map(|answer| parse(EndpointClass::MemberLookup, &answer))
            .transpose()
    }

    async fn answer_unless_absent(
        &self,
        token: &Token,
        url: Url,
    ) -> Result<Option<Answer>, GithubFailure> {
        match self.get(EndpointClass::MemberLookup, token, url).await {
            Err(failure) if failure.class == FailureClass::OrganizationNotFound => Ok(None),
            other => other.map(Some),
        }
    }
}

impl From<WireOrganizationMembership> for MemberLookup {
    fn from(membership: WireOrganizationMembership) -> Self {
        match membership.state.as_str() {
            "active" => Self::Member(membership.user.login),
            _ => Self::Gone,
        }
    }
}
