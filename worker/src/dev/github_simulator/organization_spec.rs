//! What an invented organization should look like. Only a description: `generate` makes it.

use serde::{Deserialize, Serialize};

/// How large the invented pull requests are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullRequestShape {
    /// As in a living team: all states, drafts, bots, deleted authors, a revert or two.
    #[default]
    Varied,
    /// Merged, by members, each with exactly these counts.
    Exact {
        /// Reviews of each pull request.
        reviews: usize,
        /// Commits of each pull request.
        commits: usize,
        /// Changed files of each pull request.
        files: usize,
    },
}

/// A description of an organization to create. Everything has a default, so that a test names
/// only what it is about: `OrgSpec { members: 3, ..OrgSpec::named("acme") }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrgSpec {
    /// The login; the admin's token is `sim-<login>-admin`.
    pub login: String,
    /// The display name; the login in title case when absent.
    pub name: Option<String>,
    /// People in the organization, more if seats outnumber them. The first is an owner.
    pub members: usize,
    /// Active repositories with pull requests.
    pub repositories: usize,
    /// Pull requests of each active repository.
    pub pull_requests_per_repository: usize,
    /// How many days back the pull requests reach.
    pub history_days: u32,
    /// Size and variety of the pull requests.
    pub shape: PullRequestShape,
    /// Adds an archived, an empty and a forked repository, and a former name of the first one.
    pub special_repositories: bool,
    /// Gives three pull requests of the first repository more reviews, commits and files than
    /// one page holds. Needs at least four pull requests there.
    pub overflow: bool,
    /// Copilot seats; `None` is an organization without Copilot.
    pub seats: Option<usize>,
    /// How many of the seats are never used; counted from the last.
    pub idle_seats: usize,
    /// Whether the "Copilot usage metrics" policy is enabled.
    pub policy: bool,
}

impl Default for OrgSpec {
    fn default() -> Self {
        Self {
            login: "acme".to_owned(),
            name: None,
            members: 6,
            repositories: 2,
            pull_requests_per_repository: 10,
            history_days: 25,
            shape: PullRequestShape::Varied,
            special_repositories: false,
            overflow: false,
            seats: Some(6),
            idle_seats: 1,
            policy: true,
        }
    }
}

impl OrgSpec {
    /// The default organization under another login.
    pub fn named(login: &str) -> Self {
        Self {
            login: login.to_owned(),
            ..Self::default()
        }
    }

    /// Sets the number of people.
    pub fn members(self, members: usize) -> Self {
        Self { members, ..self }
    }

    /// Sets the number of active repositories.
    pub fn repositories(self, repositories: usize) -> Self {
        Self {
            repositories,
            ..self
        }
    }

    /// Sets the number of pull requests of each active repository.
    pub fn pull_requests_per_repository(self, count: usize) -> Self {
        Self {
            pull_requests_per_repository: count,
            ..self
        }
    }

    /// Sets how many days back the pull requests reach.
    pub fn history_days(self, history_days: u32) -> Self {
        Self {
            history_days,
            ..self
        }
    }

    /// Sets the number of Copilot seats, used or not.
    pub fn seats(self, seats: usize) -> Self {
        Self {
            seats: Some(seats),
            ..self
        }
    }

    /// Takes Copilot away.
    pub fn without_copilot(self) -> Self {
        Self {
            seats: None,
            ..self
        }
    }

    /// Sets the "Copilot usage metrics" policy.
    pub fn policy(self, enabled: bool) -> Self {
        Self {
            policy: enabled,
            ..self
        }
    }

    /// Sets size and variety of the pull requests.
    pub fn shape(self, shape: PullRequestShape) -> Self {
        Self { shape, ..self }
    }

    /// Adds an archived, an empty, a forked and a renamed repository.
    pub fn with_special_repositories(self) -> Self {
        Self {
            special_repositories: true,
            ..self
        }
    }

    /// Adds pull requests that need more than one page of reviews, commits and files.
    pub fn with_overflow(self) -> Self {
        Self {
            overflow: true,
            ..self
        }
    }
}
