//! Copilot's licences: the billing summary and the seats.

use workflows::domain::copilot::{CopilotBilling, CopilotSeat};

use super::{GithubClient, GithubFailure, Token};

impl GithubClient {
    /// `GET /orgs/{org}/copilot/billing`; for organization owners only.
    pub async fn fetch_billing(
        &self,
        token: &Token,
        org: &str,
    ) -> Result<CopilotBilling, GithubFailure> {
        unimplemented!()
    }

    /// All seats with an assignee, page by page, one per person.
    pub async fn fetch_seats(
        &self,
        token: &Token,
        org: &str,
    ) -> Result<Vec<CopilotSeat>, GithubFailure> {
        unimplemented!()
    }
}
