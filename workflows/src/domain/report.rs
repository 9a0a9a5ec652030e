//! Copilot's usage metrics reports: their kinds, the ledger of their completeness, and their rows. Every metric may be absent, and
//! absent is not zero. Each row keeps the record it was read from, unknown keys included.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::words;

mod join;

/// Which report of the usage metrics API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// `organization-1-day`.
    OrganizationDay,
    /// `users-1-day`.
    UsersDay,
    /// `user-teams-1-day`: who is in which team of the organization; teams under five seats are left out.
    UserTeamsDay,
    /// `repos-1-day`.
    RepositoriesDay,
    /// `organization-28-day/latest`.
    Organization28Days,
    /// `users-28-day/latest`.
    Users28Days,
}

words!(ReportKind {
    OrganizationDay => "organization-1-day",
    UsersDay => "users-1-day",
    UserTeamsDay => "user-teams-1-day",
    RepositoriesDay => "repos-1-day",
    Organization28Days => "organization-28-day",
    Users28Days => "users-28-day",
});

/// Days of a 28-day report, its last one included.
pub const DAYS_OF_28: Days = Days::new(27);

impl ReportKind {
    /// The reports of single days, in the order in which they are asked for.
    pub const DAILY: [Self; 4] = [
        Self::OrganizationDay,
        Self::UsersDay,
        Self::UserTeamsDay,
        Self::RepositoriesDay,
    ];

    /// The first day that GitHub has data of. A year back is as far as it keeps any.
    pub fn first_day(self) -> NaiveDate {
        match self {
            Self::OrganizationDay
            | Self::UsersDay
            | Self::Organization28Days
            | Self::Users28Days => const { date(2025, 12, 12) },
            Self::UserTeamsDay => const { date(2026, 5, 1) },
            Self::RepositoriesDay => const { date(2026, 7, 1) },
        }
    }

    /// Whether what happens to it decides the status of Copilot. The others are extras: a refusal of one stays its own.
    pub fn decides_status(self) -> bool {
        match self {
            Self::OrganizationDay | Self::UsersDay => true,
            Self::UserTeamsDay
            | Self::RepositoriesDay
            | Self::Organization28Days
            | Self::Users28Days => false,
        }
    }

    /// The report of single days whose rows it has; of a daily report itself.
    pub fn daily(self) -> Self {
        match self {
            Self::OrganizationDay | Self::Organization28Days => Self::OrganizationDay,
            Self::UsersDay | Self::Users28Days => Self::UsersDay,
            Self::UserTeamsDay => Self::UserTeamsDay,
            Self::RepositoriesDay => Self::RepositoriesDay,
        }
    }

    /// Whether it is of one day.
    pub fn is_daily(self) -> bool {
        self.daily() == self
    }
}

const fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// State of one (team, day, report) in the completeness ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerState {
    /// Stored, and old enough that GitHub no longer changes it.
    Final,
    /// Stored, may still change.
    Provisional,
    /// GitHub has none; the reason says why.
    Absent,
    /// Could not be fetched or read; the reason says why.
    Failed,
    /// Read, and not believed: it says that nobody used Copilot on a day on which somebody did. What was stored before stays.
    Held,
}

words!(LedgerState {
    Final => "final",
    Provisional => "provisional",
    Absent => "absent",
    Failed => "failed",
    Held => "held",
});

/// GitHub's seven counters. Absent is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageCounters {
    /// `user_initiated_interaction_count`.
    pub interactions: Option<i64>,
    /// `code_generation_activity_count`.
    pub generations: Option<i64>,
    /// `code_acceptance_activity_count`.
    pub acceptances: Option<i64>,
    /// `loc_suggested_to_add_sum`.
    pub lines_suggested_to_add: Option<i64>,
    /// `loc_suggested_to_delete_sum`.
    pub lines_suggested_to_delete: Option<i64>,
    /// `loc_added_sum`.
    pub lines_added: Option<i64>,
    /// `loc_deleted_sum`.
    pub lines_deleted: Option<i64>,
}

impl UsageCounters {
    /// Whether any of them counts something.
    pub fn has_use(&self) -> bool {
        let counters = [
            self.interactions,
            self.generations,
            self.acceptances,
            self.lines_suggested_to_add,
            self.lines_suggested_to_delete,
            self.lines_added,
            self.lines_deleted,
        ];
        counters.into_iter().any(is_some_use)
    }
}

fn is_some_use(count: Option<i64>) -> bool {
    count.is_some_and(|count| count > 0)
}

/// One row of a breakdown: counters by a name such as a language, an IDE, a feature or a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageBreakdown {
    /// First name: the language, the IDE or the feature.
    pub name: String,
    /// Second name where the breakdown has two: the feature or the model; empty otherwise.
    pub detail: String,
    /// The counters.
    pub counters: UsageCounters,
}

/// `totals_by_cli`: use of Copilot on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CliTotals {
    /// `session_count`.
    pub sessions: Option<i64>,
    /// `request_count`.
    pub requests: Option<i64>,
    /// `prompt_count`.
    pub prompts: Option<i64>,
    /// `token_usage.prompt_tokens_sum`.
    pub prompt_tokens: Option<i64>,
    /// `token_usage.output_tokens_sum`.
    pub output_tokens: Option<i64>,
}

/// `pull_requests`: those of the day. Medians are in minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct PullRequestTotals {
    /// `total_created`.
    pub created: Option<i64>,
    /// `total_reviewed`.
    pub reviewed: Option<i64>,
    /// `total_merged`.
    pub merged: Option<i64>,
    /// `median_minutes_to_merge`.
    pub median_minutes_to_merge: Option<f64>,
    /// `total_created_by_copilot`.
    pub created_by_copilot: Option<i64>,
    /// `total_reviewed_by_copilot`.
    pub reviewed_by_copilot: Option<i64>,
    /// `total_merged_created_by_copilot`.
    pub merged_by_copilot: Option<i64>,
    /// `median_minutes_to_merge_copilot_authored`.
    pub median_minutes_to_merge_by_copilot: Option<f64>,
}

/// One day of a whole organization. Never attributed to a member.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OrganizationDay {
    /// The UTC day.
    pub day: NaiveDate,
    /// Top-level counters.
    pub counters: UsageCounters,
    /// `daily_active_users`.
    pub daily_active_users: Option<i64>,
    /// `weekly_active_users`.
    pub weekly_active_users: Option<i64>,
    /// `monthly_active_users`.
    pub monthly_active_users: Option<i64>,
    /// `monthly_active_chat_users`.
    pub monthly_active_chat_users: Option<i64>,
    /// `monthly_active_agent_users`.
    pub monthly_active_agent_users: Option<i64>,
    /// `daily_active_cli_users`.
    pub daily_active_cli_users: Option<i64>,
    /// `totals_by_cli`.
    pub cli: CliTotals,
    /// `pull_requests`.
    pub pull_requests: PullRequestTotals,
    /// `totals_by_language_feature`: language, feature.
    pub by_language: Vec<UsageBreakdown>,
    /// `totals_by_ide`: IDE.
    pub by_ide: Vec<UsageBreakdown>,
    /// `totals_by_model_feature`: feature, model.
    pub by_feature_model: Vec<UsageBreakdown>,
    /// The record as it came, unknown keys included.
    pub raw: serde_json::Value,
}

impl OrganizationDay {
    /// Whether anybody used Copilot on the day. Weekly and monthly numbers say nothing of it, and pull requests are no use of Copilot.
    pub fn has_use(&self) -> bool {
        let counts = [
            self.daily_active_users,
            self.daily_active_cli_users,
            self.cli.sessions,
            self.cli.requests,
        ];
        self.counters.has_use() || counts.into_iter().any(is_some_use)
    }
}

/// One day of one person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MemberDay {
    /// The UTC day.
    pub day: NaiveDate,
    /// `user_id`.
    pub github_id: i64,
    /// `user_login`.
    pub login: String,
    /// Top-level counters.
    pub counters: UsageCounters,
    /// `used_agent`.
    pub used_agent: Option<bool>,
    /// `used_chat`.
    pub used_chat: Option<bool>,
    /// `used_cli`.
    pub used_cli: Option<bool>,
    /// `ai_credits_used`.
    pub ai_credits_used: Option<f64>,
    /// `ai_adoption_phase.phase_number`.
    pub adoption_phase_number: Option<i64>,
    /// `ai_adoption_phase.phase`.
    pub adoption_phase: Option<String>,
    /// The record as it came, unknown keys included.
    pub raw: serde_json::Value,
}

impl MemberDay {
    /// Whether the person used Copilot on the day.
    pub fn has_use(&self) -> bool {
        let has_used = [self.used_agent, self.used_chat, self.used_cli];
        self.counters.has_use()
            || has_used.contains(&Some(true))
            || self.ai_credits_used.is_some_and(|credits| credits > 0.0)
    }
}

/// One person in one of the organization's teams on a day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UserTeamDay {
    /// The UTC day.
    pub day: NaiveDate,
    /// `user_id`.
    pub github_id: i64,
    /// `user_login`.
    pub login: String,
    /// `team_id`: GitHub's team, not coflow's.
    pub github_team_id: i64,
    /// `slug` of GitHub's team.
    pub slug: String,
    /// The record as it came, unknown keys included.
    pub raw: serde_json::Value,
}

/// One day of one repository.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RepositoryDay {
    /// The UTC day.
    pub day: NaiveDate,
    /// `repository_id`.
    pub github_id: i64,
    /// `repository_name`.
    pub name: String,
    /// Top-level counters.
    pub counters: UsageCounters,
    /// `pull_requests`.
    pub pull_requests: PullRequestTotals,
    /// The record as it came, unknown keys included.
    pub raw: serde_json::Value,
}

/// Some rows of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportRows {
    /// Of the organization's reports.
    Organization(Vec<OrganizationDay>),
    /// Of the users' reports.
    Members(Vec<MemberDay>),
    /// Of the users' teams.
    UserTeams(Vec<UserTeamDay>),
    /// Of the repositories.
    Repositories(Vec<RepositoryDay>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_is_a_number_above_zero_and_not_a_number_that_is_there() {
        let quiet = OrganizationDay {
            counters: UsageCounters {
                generations: Some(0),
                ..UsageCounters::default()
            },
            weekly_active_users: Some(9),
            ..OrganizationDay::default()
        };
        assert!(!quiet.has_use());
        let counted = OrganizationDay {
            daily_active_users: Some(1),
            ..quiet
        };
        assert!(counted.has_use());

        let nobody = MemberDay {
            used_agent: Some(false),
            ai_credits_used: Some(0.0),
            ..MemberDay::default()
        };
        assert!(!nobody.has_use());
        let somebody = MemberDay {
            used_cli: Some(true),
            ..nobody
        };
        assert!(somebody.has_use());
    }

    #[test]
    fn reports_of_28_days_stand_for_the_daily_ones() {
        let daily = ReportKind::ALL.iter().filter(|kind| kind.is_daily());
        assert_eq!(daily.copied().collect::<Vec<_>>(), ReportKind::DAILY);
        assert_eq!(ReportKind::Users28Days.daily(), ReportKind::UsersDay);
    }
}
