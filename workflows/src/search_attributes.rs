//! Search attributes: what an operator filters runs by in Temporal's UI. Never anything private: they are stored in plain text.

use temporalio_common::search_attributes::{SearchAttributeKey, SearchAttributes};

use crate::domain::team::TeamRef;

/// Primary key of the team.
pub const TEAM_ID: SearchAttributeKey<String> = SearchAttributeKey::keyword("TeamId");
/// Stable name of the team.
pub const ORG_SLUG: SearchAttributeKey<String> = SearchAttributeKey::keyword("OrgSlug");
/// Phase and step in work.
pub const STAGE: SearchAttributeKey<String> = SearchAttributeKey::keyword("Stage");
/// Pipeline status.
pub const SYNC_STATUS: SearchAttributeKey<String> = SearchAttributeKey::keyword("SyncStatus");
/// Cause while parked or failed, else [`NO_CAUSE`].
pub const CAUSE: SearchAttributeKey<String> = SearchAttributeKey::keyword("Cause");
/// Servers that keep visibility in SQL refuse to unset an attribute, so the absence of a cause is a word of its own.
pub const NO_CAUSE: &str = "none";

/// Names of all of them, each of Temporal's type Keyword, for registration.
pub const NAMES: [&str; 5] = ["TeamId", "OrgSlug", "Stage", "SyncStatus", "Cause"];

/// The attributes that a team's workflow starts with.
pub fn of_team(team: &TeamRef) -> SearchAttributes {
    SearchAttributes::new([
        TEAM_ID.value_set(team.id.to_string()),
        ORG_SLUG.value_set(team.key.clone()),
    ])
}
