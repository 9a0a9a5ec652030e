//! A team: one GitHub organization that coflow serves.

use serde::{Deserialize, Serialize};

/// Primary key of a team in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TeamId(pub i64);

impl std::fmt::Display for TeamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a workflow carries about its team: the key it loads everything else by, and the name that makes ids readable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TeamRef {
    /// Primary key.
    pub id: TeamId,
    /// Stable, unique name given when the team was added; it stays when the organization is renamed, so that a team never has
    /// two workflow ids.
    pub key: String,
}

impl TeamRef {
    /// Workflow id of the team's onboarding.
    pub fn onboard_workflow_id(&self) -> String {
        format!("onboard/{}", self.key)
    }

    /// Workflow id of the team's nightly refresh.
    pub fn refresh_workflow_id(&self) -> String {
        format!("refresh/{}", self.key)
    }
}
