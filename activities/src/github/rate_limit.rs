//! What is left of a credential's hourly budgets: `GET /rate_limit`, which costs nothing.

use chrono::{DateTime, Utc};

use super::{
    GithubClient, GithubFailure, Token, account::parse, endpoint::EndpointClass,
    wire::rest::WireRateLimits,
};

/// The budgets of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// REST, in requests.
    pub core: RateLimit,
    /// GraphQL, in points. An Enterprise server may have none.
    pub graphql: Option<RateLimit>,
}

/// One hourly budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Of an hour.
    pub limit: i64,
    /// Left in this hour.
    pub remaining: i64,
    /// When the hour ends.
    pub reset_at: DateTime<Utc>,
}

impl GithubClient {
    /// The budgets of this token. An Enterprise server on which limits are switched off answers 404
    /// (`FailureClass::RequestRejected`).
    pub async fn fetch_rate_limits(&self, token: &Token) -> Result<RateLimits, GithubFailure> {
        let endpoint = EndpointClass::RateLimit;
        let answer = self
            .get(endpoint, token, self.rest_url(&["rate_limit"]))
            .await?;
        let limits: WireRateLimits = parse(endpoint, &answer)?;
        limits.into_limits().ok_or_else(|| {
            let message = "a limit's end is no time";
            GithubFailure::malformed(endpoint, &answer, message)
        })
    }
}
