//! The rows of Copilot's reports: one statement a table.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use workflows::domain::{
    copilot::{MemberDay, OrganizationDay, UsageBreakdown, UsageCounters},
    team::TeamId,
};

use super::{
    StoreError,
    column::{storable, storable_document},
};

/// Writes the organization's day; a later report of the same day replaces it.
pub(super) async fn write_organization_day(
    tx: &mut PgConnection,
    team: TeamId,
    day: &OrganizationDay,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let counters = &day.counters;
    sqlx::query!(
        r#"insert into copilot_organization_day (team_id, day, interactions, generations, acceptances, lines_suggested_to_add,
               lines_suggested_to_delete, lines_added, lines_deleted,
               daily_active_users, weekly_active_users, monthly_active_users, raw, stored_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           on conflict (team_id, day) do update set
               interactions = excluded.interactions, generations = excluded.generations,
               acceptances = excluded.acceptances, lines_suggested_to_add = excluded.lines_suggested_to_add,
               lines_suggested_to_delete = excluded.lines_suggested_to_delete,
               lines_added = excluded.lines_added, lines_deleted = excluded.lines_deleted,
               daily_active_users = excluded.daily_active_users, weekly_active_users = excluded.weekly_active_users,
               monthly_active_users = excluded.monthly_active_users, raw = excluded.raw,
               stored_at = excluded.stored_at"#,
        team.0,
        day.day,
        counters.interactions,
        counters.generations,
        counters.acceptances,
        counters.lines_suggested_to_add,
        counters.lines_suggested_to_delete,
        counters.lines_added,
        counters.lines_deleted,
        day.daily_active_users,
        day.weekly_active_users,
        day.monthly_active_users,
        storable_document(&day.raw),
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes all rows of members for a day and removes those that the report no longer has.
pub(super) async fn write_member_days(
    tx: &mut PgConnection,
    team: TeamId,
    day: NaiveDate,
    rows: &[&MemberDay],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.github_id).collect();
    sqlx::query!(
        "delete from copilot_member_day where team_id = $1 and day = $2 and github_id <> all($3)",
        team.0,
        day,
        &ids,
    )
    .execute(&mut *tx)
    .await?;
    let logins: Vec<Cow<'_, str>> = rows.iter().map(|row| storable(&row.login)).collect();
    let counters = Counters::of(rows.iter().map(|row| &row.counters));
    let agents: Vec<Option<bool>> = rows.iter().map(|row| row.used_agent).collect();
    let chats: Vec<Option<bool>> = rows.iter().map(|row| row.used_chat).collect();
    let raw: Vec<Value> = rows.iter().map(|row| storable_document(&row.raw)).collect();
    sqlx::query!(
        r#"insert into copilot_member_day (team_id, day, stored_at, github_id, login, interactions, generations, acceptances, lines_suggested_to_add,
               lines_suggested_to_delete, lines_added, lines_deleted,
               used_agent, used_chat, raw)
           select $1, $2, $3, *
           from unnest($4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
               $10::bigint[], $11::bigint[], $12::bigint[], $13::bool[], $14::bool[], $15::jsonb[])
           on conflict (team_id, github_id, day) do update set
               login = excluded.login,
               interactions = excluded.interactions, generations = excluded.generations,
               acceptances = excluded.acceptances, lines_suggested_to_add = excluded.lines_suggested_to_add,
               lines_suggested_to_delete = excluded.lines_suggested_to_delete,
               lines_added = excluded.lines_added, lines_deleted = excluded.lines_deleted,
               used_agent = excluded.used_agent, used_chat = excluded.used_chat, raw = excluded.raw,
               stored_at = excluded.stored_at"#,
        team.0,
        day,
        now,
        &ids,
        &logins as &[Cow<'_, str>],
        &counters.interactions as Column<'_>,
        &counters.generations as Column<'_>,
        &counters.acceptances as Column<'_>,
        &counters.lines_suggested_to_add as Column<'_>,
        &counters.lines_suggested_to_delete as Column<'_>,
        &counters.lines_added as Column<'_>,
        &counters.lines_deleted as Column<'_>,
        &agents as &[Option<bool>],
        &chats as &[Option<bool>],
        &raw,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Replaces the breakdowns of the organization's day.
pub(super) async fn write_breakdowns(
    tx: &mut PgConnection,
    team: TeamId,
    day: &OrganizationDay,
) -> Result<(), StoreError> {
    write_language(tx, team, day).await?;
    write_ide(tx, team, day).await?;
    write_feature_model(tx, team, day).await
}

async fn write_language(
    tx: &mut PgConnection,
    team: TeamId,
    day: &OrganizationDay,
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from copilot_language_day where team_id = $1 and day = $2",
        team.0,
        day.day
    )
    .execute(&mut *tx)
    .await?;
    let rows = distinct(&day.by_language);
    let names: Vec<Cow<'_, str>> = rows.iter().map(|row| storable(&row.name)).collect();
    let details: Vec<Cow<'_, str>> = rows.iter().map(|row| storable(&row.detail)).collect();
    let counters = Counters::of(rows.iter().map(|row| &row.counters));
    sqlx::query!(
        r#"insert into copilot_language_day (team_id, day, language, feature, interactions, generations, acceptances, lines_suggested_to_add,
               lines_suggested_to_delete, lines_added, lines_deleted)
           select $1, $2, * from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
               $10::bigint[], $11::bigint[])"#,
        team.0,
        day.day,
        &names as &[Cow<'_, str>],
        &details as &[Cow<'_, str>],
        &counters.interactions as Column<'_>,
        &counters.generations as Column<'_>,
        &counters.acceptances as Column<'_>,
        &counters.lines_suggested_to_add as Column<'_>,
        &counters.lines_suggested_to_delete as Column<'_>,
        &counters.lines_added as Column<'_>,
        &counters.lines_deleted as Column<'_>,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn write_ide(
    tx: &mut PgConnection,
    team: TeamId,
    day: &OrganizationDay,
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from copilot_ide_day where team_id = $1 and day = $2",
        team.0,
        day.day
    )
    .execute(&mut *tx)
    .await?;
    let rows = distinct(&day.by_ide);
    let names: Vec<Cow<'_, str>> = rows.iter().map(|row| storable(&row.name)).collect();
    let counters = Counters::of(rows.iter().map(|row| &row.counters));
    sqlx::query!(
        r#"insert into copilot_ide_day (team_id, day, ide, interactions, generations, acceptances, lines_suggested_to_add,
               lines_suggested_to_delete, lines_added, lines_deleted)
           select $1, $2, * from unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
               $10::bigint[])"#,
        team.0,
        day.day,
        &names as &[Cow<'_, str>],
        &counters.interactions as Column<'_>,
        &counters.generations as Column<'_>,
        &counters.acceptances as Column<'_>,
        &counters.lines_suggested_to_add as Column<'_>,
        &counters.lines_suggested_to_delete as Column<'_>,
        &counters.lines_added as Column<'_>,
        &counters.lines_deleted as Column<'_>,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn write_feature_model(
    tx: &mut PgConnection,
    team: TeamId,
    day: &OrganizationDay,
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from copilot_feature_model_day where team_id = $1 and day = $2",
        team.0,
        day.day
    )
    .execute(&mut *tx)
    .await?;
    let rows = distinct(&day.by_feature_model);
    let names: Vec<Cow<'_, str>> = rows.iter().map(|row| storable(&row.name)).collect();
    let details: Vec<Cow<'_, str>> = rows.iter().map(|row| storable(&row.detail)).collect();
    let counters = Counters::of(rows.iter().map(|row| &row.counters));
    sqlx::query!(
        r#"insert into copilot_feature_model_day (team_id, day, feature, model, interactions, generations, acceptances, lines_suggested_to_add,
               lines_suggested_to_delete, lines_added, lines_deleted)
           select $1, $2, * from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
               $10::bigint[], $11::bigint[])"#,
        team.0,
        day.day,
        &names as &[Cow<'_, str>],
        &details as &[Cow<'_, str>],
        &counters.interactions as Column<'_>,
        &counters.generations as Column<'_>,
        &counters.acceptances as Column<'_>,
        &counters.lines_suggested_to_add as Column<'_>,
        &counters.lines_suggested_to_delete as Column<'_>,
        &counters.lines_added as Column<'_>,
        &counters.lines_deleted as Column<'_>,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A report that names a row twice keeps the last: its natural key allows one.
fn distinct(rows: &[UsageBreakdown]) -> Vec<&UsageBreakdown> {
    let rows: BTreeMap<_, &UsageBreakdown> = rows
        .iter()
        .map(|row| ((storable(&row.name), storable(&row.detail)), row))
        .collect();
    rows.into_values().collect()
}

type Column<'a> = &'a [Option<i64>];

/// The seven counters as columns.
#[derive(Default)]
struct Counters {
    interactions: Vec<Option<i64>>,
    generations: Vec<Option<i64>>,
    acceptances: Vec<Option<i64>>,
    lines_suggested_to_add: Vec<Option<i64>>,
    lines_suggested_to_delete: Vec<Option<i64>>,
    lines_added: Vec<Option<i64>>,
    lines_deleted: Vec<Option<i64>>,
}

impl Counters {
    fn of<'a>(rows: impl Iterator<Item = &'a UsageCounters>) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.interactions.push(row.interactions);
            columns.generations.push(row.generations);
            columns.acceptances.push(row.acceptances);
            columns
                .lines_suggested_to_add
                .push(row.lines_suggested_to_add);
            columns
                .lines_suggested_to_delete
                .push(row.lines_suggested_to_delete);
            columns.lines_added.push(row.lines_added);
            columns.lines_deleted.push(row.lines_deleted);
        }
        columns
    }
}
