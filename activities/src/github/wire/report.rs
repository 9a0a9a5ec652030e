//! Records of the usage reports as domain rows. Every metric is optional, and absent is not zero. Unknown keys stay in `raw`.

use chrono::NaiveDate;
use serde_json::{Map, Value};
use workflows::domain::copilot::{MemberDay, OrganizationDay, UsageBreakdown, UsageCounters};

use super::{
    loose::{bool_at, integer_at, text_at},
    rest,
};

type Record = Map<String, Value>;

/// The day a record says it is about.
pub(in crate::github) fn day_of(record: &Record) -> Option<NaiveDate> {
    rest::day(text_at(record, "day")?)
}

/// A record of `organization-1-day`.
pub(in crate::github) fn organization_day(record: Record, day: NaiveDate) -> OrganizationDay {
    OrganizationDay {
        day,
        counters: counters(&record),
        daily_active_users: integer_at(&record, "daily_active_users"),
        weekly_active_users: integer_at(&record, "weekly_active_users"),
        monthly_active_users: integer_at(&record, "monthly_active_users"),
        by_language: breakdown(&record, "totals_by_language_feature", "language", "feature"),
        by_ide: breakdown(&record, "totals_by_ide", "ide", ""),
        by_feature_model: breakdown(&record, "totals_by_model_feature", "feature", "model"),
        raw: Value::Object(record),
    }
}

/// A record of `users-1-day`; `None` without a user's id.
pub(in crate::github) fn member_day(record: Record, day: NaiveDate) -> Option<MemberDay> {
    Some(MemberDay {
        day,
        github_id: integer_at(&record, "user_id")?,
        login: text_at(&record, "user_login")
            .unwrap_or_default()
            .to_owned(),
        counters: counters(&record),
        used_agent: bool_at(&record, "used_agent"),
        used_chat: bool_at(&record, "used_chat"),
        raw: Value::Object(record),
    })
}

/// Joins two records of the same day, from two files of a sharded report. Counters add up; people may be in both, so that of
/// their numbers the larger stays, which is never too high.
pub(in crate::github) fn join_organization_days(
    one: OrganizationDay,
    other: OrganizationDay,
) -> OrganizationDay {
    if one.raw == other.raw {
        return one;
    }
    OrganizationDay {
        day: one.day,
        counters: sum(one.counters, other.counters),
        daily_active_users: one.daily_active_users.max(other.daily_active_users),
        weekly_active_users: one.weekly_active_users.max(other.weekly_active_users),
        monthly_active_users: one.monthly_active_users.max(other.monthly_active_users),
        by_language: join(one.by_language, other.by_language),
        by_ide: join(one.by_ide, other.by_ide),
        by_feature_model: join(one.by_feature_model, other.by_feature_model),
        raw: both(one.raw, other.raw),
    }
}

/// Joins two records of the same person and day.
pub(in crate::github) fn join_member_days(one: MemberDay, other: MemberDay) -> MemberDay {
    if one.raw == other.raw {
        return one;
    }
    MemberDay {
        day: one.day,
        github_id: one.github_id,
        login: one.login,
        counters: sum(one.counters, other.counters),
        used_agent: one.used_agent.max(other.used_agent),
        used_chat: one.used_chat.max(other.used_chat),
        raw: both(one.raw, other.raw),
    }
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

fn breakdown(record: &Record, key: &str, name: &str, detail: &str) -> Vec<UsageBreakdown> {
    let Some(Value::Array(rows)) = record.get(key) else {
        return Vec::new();
    };
    let rows = rows
        .iter()
        .filter_map(Value::as_object)
        .map(|row| UsageBreakdown {
            name: text_at(row, name).unwrap_or_default().to_owned(),
            detail: text_at(row, detail).unwrap_or_default().to_owned(),
            counters: counters(row),
        })
        .collect();
    join(Vec::new(), rows)
}

/// One row for each pair of names, so that the pair can be a key.
fn join(mut rows: Vec<UsageBreakdown>, others: Vec<UsageBreakdown>) -> Vec<UsageBreakdown> {
    for other in others {
        let same = rows
            .iter_mut()
            .find(|row| row.name == other.name && row.detail == other.detail);
        match same {
            Some(row) => row.counters = sum(row.counters, other.counters),
            None => rows.push(other),
        }
    }
    rows
}

fn sum(one: UsageCounters, other: UsageCounters) -> UsageCounters {
    UsageCounters {
        interactions: add(one.interactions, other.interactions),
        generations: add(one.generations, other.generations),
        acceptances: add(one.acceptances, other.acceptances),
        lines_suggested_to_add: add(one.lines_suggested_to_add, other.lines_suggested_to_add),
        lines_suggested_to_delete: add(
            one.lines_suggested_to_delete,
            other.lines_suggested_to_delete,
        ),
        lines_added: add(one.lines_added, other.lines_added),
        lines_deleted: add(one.lines_deleted, other.lines_deleted),
    }
}

fn add(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
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
