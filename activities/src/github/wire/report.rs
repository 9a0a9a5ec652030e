//! Records of the usage reports as domain rows. Every metric is optional, and absent is not zero. Unknown keys stay in `raw`.

use chrono::NaiveDate;
use serde_json::{Map, Value};
use workflows::domain::report::{
    CliTotals, MemberDay, OrganizationDay, PullRequestTotals, RepositoryDay, UsageBreakdown,
    UsageCounters, UserTeamDay,
};

use super::{
    loose::{bool_at, integer_at, number_at, text_at},
    rest,
};

type Record = Map<String, Value>;

/// The day a record says it is about.
pub(in crate::github) fn day_of(record: &Record) -> Option<NaiveDate> {
    rest::day(text_at(record, "day")?)
}

/// A record of the organization's reports.
pub(in crate::github) fn organization_day(record: Record, day: NaiveDate) -> OrganizationDay {
    OrganizationDay {
        day,
        counters: counters(&record),
        daily_active_users: integer_at(&record, "daily_active_users"),
        weekly_active_users: integer_at(&record, "weekly_active_users"),
        monthly_active_users: integer_at(&record, "monthly_active_users"),
        monthly_active_chat_users: integer_at(&record, "monthly_active_chat_users"),
        monthly_active_agent_users: integer_at(&record, "monthly_active_agent_users"),
        daily_active_cli_users: integer_at(&record, "daily_active_cli_users"),
        cli: cli(&record),
        pull_requests: pull_requests(&record),
        by_language: breakdown(&record, "totals_by_language_feature", "language", "feature"),
        by_ide: breakdown(&record, "totals_by_ide", "ide", ""),
        by_feature_model: breakdown(&record, "totals_by_model_feature", "feature", "model"),
        raw: Value::Object(record),
    }
}

/// A record of the users' reports; `None` without the user's id.
pub(in crate::github) fn member_day(record: Record, day: NaiveDate) -> Option<MemberDay> {
    let phase = object_at(&record, "ai_adoption_phase");
    Some(MemberDay {
        day,
        github_id: integer_at(&record, "user_id")?,
        login: name_at(&record, "user_login"),
        counters: counters(&record),
        used_agent: bool_at(&record, "used_agent"),
        used_chat: bool_at(&record, "used_chat"),
        used_cli: bool_at(&record, "used_cli"),
        ai_credits_used: number_at(&record, "ai_credits_used"),
        adoption_phase_number: phase.and_then(|phase| integer_at(phase, "phase_number")),
        adoption_phase: phase.and_then(|phase| Some(text_at(phase, "phase")?.to_owned())),
        raw: Value::Object(record),
    })
}

/// A record of the users' teams; `None` without the ids of both.
pub(in crate::github) fn user_team_day(record: Record, day: NaiveDate) -> Option<UserTeamDay> {
    Some(UserTeamDay {
        day,
        github_id: integer_at(&record, "user_id")?,
        login: name_at(&record, "user_login"),
        github_team_id: integer_at(&record, "team_id")?,
        slug: name_at(&record, "slug"),
        raw: Value::Object(record),
    })
}

/// A record of the repositories; `None` without the repository's id.
pub(in crate::github) fn repository_day(record: Record, day: NaiveDate) -> Option<RepositoryDay> {
    Some(RepositoryDay {
        day,
        github_id: integer_at(&record, "repository_id")?,
        name: name_at(&record, "repository_name"),
        counters: counters(&record),
        pull_requests: pull_requests(&record),
        raw: Value::Object(record),
    })
}

fn name_at(record: &Record, key: &str) -> String {
    text_at(record, key).unwrap_or_default().to_owned()
}

fn object_at<'a>(record: &'a Record, key: &str) -> Option<&'a Record> {
    record.get(key)?.as_object()
}

fn counters(record: &Record) -> UsageCounters {
    UsageCounters {
        interactions: integer_at(record, "user_initiated_interaction_count"),
        generations: integer_at(record, "code_generation_activity_count"),
        acceptances: integer_at(record, "code_acceptance_activity_count"),
        lines_suggested_to_add: integer_at(record, "loc_suggested_to_add_sum"),
        lines_suggested_to_delete: integer_at(record, "loc_suggested_to_delete_sum"),
        lines_added: integer_at(record, "loc_added_sum"),
        lines_deleted: integer_at(record, "loc_deleted_sum"),
    }
}

fn cli(record: &Record) -> CliTotals {
    let Some(totals) = object_at(record, "totals_by_cli") else {
        return CliTotals::default();
    };
    let tokens = object_at(totals, "token_usage");
    let tokens_at = |key| tokens.and_then(|tokens| integer_at(tokens, key));
    CliTotals {
        sessions: integer_at(totals, "session_count"),
        requests: integer_at(totals, "request_count"),
        prompts: integer_at(totals, "prompt_count"),
        prompt_tokens: tokens_at("prompt_tokens_sum"),
        output_tokens: tokens_at("output_tokens_sum"),
    }
}

fn pull_requests(record: &Record) -> PullRequestTotals {
    let Some(totals) = object_at(record, "pull_requests") else {
        return PullRequestTotals::default();
    };
    PullRequestTotals {
        created: integer_at(totals, "total_created"),
        reviewed: integer_at(totals, "total_reviewed"),
        merged: integer_at(totals, "total_merged"),
        median_minutes_to_merge: number_at(totals, "median_minutes_to_merge"),
        created_by_copilot: integer_at(totals, "total_created_by_copilot"),
        reviewed_by_copilot: integer_at(totals, "total_reviewed_by_copilot"),
        merged_by_copilot: integer_at(totals, "total_merged_created_by_copilot"),
        median_minutes_to_merge_by_copilot: number_at(
            totals,
            "median_minutes_to_merge_copilot_authored",
        ),
    }
}

fn breakdown(record: &Record, key: &str, name: &str, detail: &str) -> Vec<UsageBreakdown> {
    let Some(Value::Array(rows)) = record.get(key) else {
        return Vec::new();
    };
    let rows = rows
        .iter()
        .filter_map(Value::as_object)
        .map(|row| UsageBreakdown {
            name: name_at(row, name),
            detail: name_at(row, detail),
            counters: counters(row),
        })
        .collect();
    UsageBreakdown::join(Vec::new(), rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Value) -> Record {
        value.as_object().expect("an object").clone()
    }

    fn day() -> NaiveDate {
        "2026-11-20".parse().expect("a day")
    }

    #[test]
    fn numbers_come_as_texts_and_ids_as_either() {
        for id in [json!(7), json!("7")] {
            let row = json!({
                "user_id": id, "loc_added_sum": "4", "ai_credits_used": "12.5", "used_cli": true,
                "ai_adoption_phase": { "phase_number": "2", "phase": "Phase 2", "version": "v1" },
            });
            let member = member_day(record(row), day()).expect("a member");
            assert_eq!((member.github_id, member.used_cli), (7, Some(true)));
            assert_eq!(member.counters.lines_added, Some(4));
            assert_eq!(member.counters.generations, None, "absent is not zero");
            assert_eq!(member.ai_credits_used, Some(12.5));
            assert_eq!(member.adoption_phase_number, Some(2));
            assert_eq!(member.adoption_phase.as_deref(), Some("Phase 2"));
            let row = json!({ "user_id": id, "team_id": id, "slug": "core" });
            let team = user_team_day(record(row), day()).expect("a team");
            assert_eq!((team.github_id, team.github_team_id), (7, 7));
            let row = json!({ "repository_id": id, "repository_name": "api" });
            let repository = repository_day(record(row), day()).expect("a repository");
            assert_eq!(repository.github_id, 7);
        }
        assert_eq!(member_day(record(json!({ "user_id": "x" })), day()), None);
        assert_eq!(user_team_day(record(json!({ "user_id": 7 })), day()), None);
        assert_eq!(repository_day(record(json!({})), day()), None);
    }

    #[test]
    fn an_organizations_totals_are_read_and_unknown_keys_stay() {
        let row = json!({
            "monthly_active_chat_users": 8, "monthly_active_agent_users": "5",
            "daily_active_cli_users": 2, "new": { "key": [1] },
            "totals_by_cli": {
                "session_count": 3, "request_count": 20, "prompt_count": 12,
                "token_usage": { "prompt_tokens_sum": 900, "output_tokens_sum": "300" },
            },
            "pull_requests": {
                "total_created": 4, "total_merged": 3, "median_minutes_to_merge": 61.5,
                "total_created_by_copilot": 1, "median_minutes_to_merge_copilot_authored": null,
            },
        });
        let day = organization_day(record(row), day());
        assert_eq!(day.monthly_active_chat_users, Some(8));
        assert_eq!(day.monthly_active_agent_users, Some(5));
        assert_eq!(day.daily_active_cli_users, Some(2));
        assert_eq!((day.cli.sessions, day.cli.prompts), (Some(3), Some(12)));
        assert_eq!(day.cli.output_tokens, Some(300));
        assert_eq!(day.pull_requests.created, Some(4));
        assert_eq!(day.pull_requests.reviewed, None);
        assert_eq!(day.pull_requests.median_minutes_to_merge, Some(61.5));
        assert_eq!(day.pull_requests.median_minutes_to_merge_by_copilot, None);
        assert_eq!(day.raw["new"]["key"][0], 1);
    }
}
