//! Members of an organization, a page at a time.

use workflows::domain::member::Member;

use super::{GithubClient, GithubFailure, Token};

/// One page of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    /// The organization's numeric id.
    pub organization_github_id: i64,
    /// Its login today.
    pub organization_login: String,
    /// The page.
    pub members: Vec<Member>,
    /// Members of the whole organization.
    pub total: i64,
    /// Where the next page begins; `None` after the last.
    pub next_cursor: Option<String>,
}

impl GithubClient {
    /// One page of at most 100 members.
    pub async fn fetch_members(
        &self,
        token: &Token,
        org: &str,
        cursor: Option<&str>,
    ) -> Result<MemberPage, GithubFailure> {
        unimplemented!()
    }
}
