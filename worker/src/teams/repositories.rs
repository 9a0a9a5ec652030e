//! A team's repositories, one line each: whether it is read, how far, and if not, why not and since when.

use std::fmt;

use activities::{
    clock,
    store::{RepositoryState, Store, StoreError, beginning_of_history},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use workflows::domain::{cause::Cause, team::TeamRef};

/// What there is to say of a repository first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryStanding {
    /// Everything that is known of it is stored.
    Walked,
    /// The same, and nothing more will come.
    Archived,
    /// Something changed that is not stored yet; the next walk reads it.
    Behind,
    /// It could not be read when it was last tried; the next walk tries again.
    Failed,
    /// GitHub has disabled it: it is not asked for.
    Disabled,
    /// Gone, given away, or not visible to the credential any more. What is stored stays.
    Missing,
}

impl RepositoryStanding {
    fn of(state: &RepositoryState) -> Self {
        if state.missing_since.is_some() {
            Self::Missing
        } else if state.is_disabled {
            Self::Disabled
        } else if state.failed_cause.is_some() {
            Self::Failed
        } else if state.is_behind {
            Self::Behind
        } else if state.is_archived {
            Self::Archived
        } else {
            Self::Walked
        }
    }
}

impl fmt::Display for RepositoryStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Walked => "walked",
            Self::Archived => "archived",
            Self::Behind => "behind",
            Self::Failed => "failed",
            Self::Disabled => "disabled",
            Self::Missing => "missing",
        })
    }
}

/// One line.
#[derive(Debug, Clone, Serialize)]
pub struct RepositoryLine {
    /// `owner/name`.
    pub repository: String,
    /// What there is to say of it first.
    pub state: RepositoryStanding,
    /// Pull requests stored.
    pub pull_requests: u64,
    /// Every change up to this one is stored.
    pub fresh_through: Option<DateTime<Utc>>,
    /// Why it could not be read.
    pub cause: Option<Cause>,
    /// What GitHub said.
    pub message: Option<String>,
    /// GitHub's id of that request.
    pub request_id: Option<String>,
    /// Since when it fails or is missing.
    pub since: Option<DateTime<Utc>>,
}

/// All repositories of a team by name.
///
/// # Errors
/// When the database does not answer or the team was removed.
pub async fn list(store: &Store, team: &TeamRef) -> Result<Vec<RepositoryLine>, StoreError> {
    let stored = store
        .load_team(team.id)
        .await?
        .ok_or(StoreError::TeamMissing(team.id.0))?;
    let history_begins_at = beginning_of_history(clock::now(), stored.history_days.into());
    let states = store
        .load_repository_states(team.id, history_begins_at)
        .await?;
    let mut lines = Vec::with_capacity(states.len());
    for state in states {
        lines.push(line(store, team, state).await?);
    }
    Ok(lines)
}

async fn line(
    store: &Store,
    team: &TeamRef,
    state: RepositoryState,
) -> Result<RepositoryLine, StoreError> {
    let standing = RepositoryStanding::of(&state);
    let has_failed = standing == RepositoryStanding::Failed;
    let evidence = match state.failed_evidence_id.filter(|_| has_failed) {
        Some(id) => store.load_evidence(team.id, id).await?,
        None => None,
    };
    let (message, request_id) = evidence
        .map(|stored| (stored.evidence.message, stored.evidence.request_id))
        .unzip();
    Ok(RepositoryLine {
        repository: state.full_name,
        state: standing,
        pull_requests: state.pull_requests,
        fresh_through: state.fresh_through,
        cause: state.failed_cause.filter(|_| has_failed),
        message,
        request_id: request_id.flatten(),
        since: match standing {
            RepositoryStanding::Missing => state.missing_since,
            RepositoryStanding::Failed => state.failed_since,
            RepositoryStanding::Walked
            | RepositoryStanding::Archived
            | RepositoryStanding::Behind
            | RepositoryStanding::Disabled => None,
        },
    })
}
