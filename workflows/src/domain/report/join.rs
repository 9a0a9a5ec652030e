//! Joins rows of the same day and subject, which come from two files of a report, or twice in one. Equal records count once.

use serde_json::Value;

use super::{
    CliTotals, MemberDay, OrganizationDay, PullRequestTotals, RepositoryDay, UsageBreakdown,
    UsageCounters,
};

impl OrganizationDay {
    /// Counters add up; people may be in both records, so that of their numbers the larger stays, which is never too high.
    pub fn join(self, other: Self) -> Self {
        if holds(&self.raw, &other.raw) {
            return self;
        }
        Self {
            day: self.day,
            counters: self.counters.sum(other.counters),
            daily_active_users: self.daily_active_users.max(other.daily_active_users),
            weekly_active_users: self.weekly_active_users.max(other.weekly_active_users),
            monthly_active_users: self.monthly_active_users.max(other.monthly_active_users),
            monthly_active_chat_users: self
                .monthly_active_chat_users
                .max(other.monthly_active_chat_users),
            monthly_active_agent_users: self
                .monthly_active_agent_users
                .max(other.monthly_active_agent_users),
            daily_active_cli_users: self
                .daily_active_cli_users
                .max(other.daily_active_cli_users),
            cli: self.cli.sum(other.cli),
            pull_requests: self.pull_requests.sum(other.pull_requests),
            by_language: UsageBreakdown::join(self.by_language, other.by_language),
            by_ide: UsageBreakdown::join(self.by_ide, other.by_ide),
            by_feature_model: UsageBreakdown::join(self.by_feature_model, other.by_feature_model),
            raw: both(self.raw, other.raw),
        }
    }
}

impl MemberDay {
    /// Counters and credits add up; the later phase stays.
    pub fn join(self, other: Self) -> Self {
        if holds(&self.raw, &other.raw) {
            return self;
        }
        Self {
            day: self.day,
            github_id: self.github_id,
            login: self.login,
            counters: self.counters.sum(other.counters),
            used_agent: self.used_agent.max(other.used_agent),
            used_chat: self.used_chat.max(other.used_chat),
            used_cli: self.used_cli.max(other.used_cli),
            ai_credits_used: match (self.ai_credits_used, other.ai_credits_used) {
                (Some(one), Some(other)) => Some(one + other),
                (one, other) => one.or(other),
            },
            adoption_phase_number: self.adoption_phase_number.max(other.adoption_phase_number),
            adoption_phase: if other.adoption_phase_number > self.adoption_phase_number {
                other.adoption_phase
            } else {
                self.adoption_phase
            },
            raw: both(self.raw, other.raw),
        }
    }
}

impl RepositoryDay {
    /// Counters add up.
    pub fn join(self, other: Self) -> Self {
        if holds(&self.raw, &other.raw) {
            return self;
        }
        Self {
            day: self.day,
            github_id: self.github_id,
            name: self.name,
            counters: self.counters.sum(other.counters),
            pull_requests: self.pull_requests.sum(other.pull_requests),
            raw: both(self.raw, other.raw),
        }
    }
}

impl UsageBreakdown {
    /// One row for each pair of names, so that the pair can be a key.
    pub fn join(mut rows: Vec<Self>, others: Vec<Self>) -> Vec<Self> {
        for other in others {
            let same = rows
                .iter_mut()
                .find(|row| row.name == other.name && row.detail == other.detail);
            match same {
                Some(row) => row.counters = row.counters.sum(other.counters),
                None => rows.push(other),
            }
        }
        rows
    }
}

impl UsageCounters {
    fn sum(self, other: Self) -> Self {
        Self {
            interactions: add(self.interactions, other.interactions),
            generations: add(self.generations, other.generations),
            acceptances: add(self.acceptances, other.acceptances),
            lines_suggested_to_add: add(self.lines_suggested_to_add, other.lines_suggested_to_add),
            lines_suggested_to_delete: add(
                self.lines_suggested_to_delete,
                other.lines_suggested_to_delete,
            ),
            lines_added: add(self.lines_added, other.lines_added),
            lines_deleted: add(self.lines_deleted, other.lines_deleted),
        }
    }
}

impl CliTotals {
    fn sum(self, other: Self) -> Self {
        Self {
            sessions: add(self.sessions, other.sessions),
            requests: add(self.requests, other.requests),
            prompts: add(self.prompts, other.prompts),
            prompt_tokens: add(self.prompt_tokens, other.prompt_tokens),
            output_tokens: add(self.output_tokens, other.output_tokens),
        }
    }
}

impl PullRequestTotals {
    /// The median of two parts cannot be known from theirs: it stays only where one part has none.
    fn sum(self, other: Self) -> Self {
        let of_one = |one: Option<f64>, other: Option<f64>| one.xor(other);
        Self {
            created: add(self.created, other.created),
            reviewed: add(self.reviewed, other.reviewed),
            merged: add(self.merged, other.merged),
            median_minutes_to_merge: of_one(
                self.median_minutes_to_merge,
                other.median_minutes_to_merge,
            ),
            created_by_copilot: add(self.created_by_copilot, other.created_by_copilot),
            reviewed_by_copilot: add(self.reviewed_by_copilot, other.reviewed_by_copilot),
            merged_by_copilot: add(self.merged_by_copilot, other.merged_by_copilot),
            median_minutes_to_merge_by_copilot: of_one(
                self.median_minutes_to_merge_by_copilot,
                other.median_minutes_to_merge_by_copilot,
            ),
        }
    }
}

fn add(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    }
}

/// Whether a record is among those that a row was joined from.
fn holds(joined: &Value, record: &Value) -> bool {
    match joined {
        Value::Array(records) => records.contains(record),
        one => one == record,
    }
}

/// A joined row keeps the records it was joined from as an array.
fn both(one: Value, other: Value) -> Value {
    let mut records = match one {
        Value::Array(records) => records,
        record => vec![record],
    };
    records.push(other);
    Value::Array(records)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn member(raw: Value, generations: i64, phase: i64) -> MemberDay {
        MemberDay {
            github_id: 1,
            counters: UsageCounters {
                generations: Some(generations),
                ..UsageCounters::default()
            },
            adoption_phase_number: Some(phase),
            adoption_phase: Some(format!("phase {phase}")),
            raw,
            ..MemberDay::default()
        }
    }

    #[test]
    fn equal_records_count_once_and_different_ones_add_up() {
        let (one, two) = (member(json!({"a": 1}), 3, 1), member(json!({"a": 2}), 4, 2));
        assert_eq!(one.clone().join(one.clone()), one);
        let joined = one.clone().join(two.clone());
        assert_eq!(joined.counters.generations, Some(7));
        assert_eq!(joined.adoption_phase.as_deref(), Some("phase 2"));
        assert_eq!(joined.raw, json!([{"a": 1}, {"a": 2}]));
        assert_eq!(
            joined.clone().join(two),
            joined,
            "a third copy changes nothing"
        );
    }

    #[test]
    fn a_median_of_two_parts_is_unknown() {
        let part = |median| PullRequestTotals {
            merged: Some(1),
            median_minutes_to_merge: median,
            ..PullRequestTotals::default()
        };
        let sum = |one, other| part(one).sum(part(other)).median_minutes_to_merge;
        assert_eq!(sum(Some(5.0), Some(9.0)), None);
        assert_eq!(sum(Some(5.0), None), Some(5.0));
    }
}
