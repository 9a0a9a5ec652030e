//! The rows of an organization's report: one statement a table.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    report::{OrganizationDay, UsageBreakdown, UsageCounters},
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
    let (counters, cli, pulls) = (&day.counters, &day.cli, &day.pull_requests);
    sqlx::query!(
        r#"insert into copilot_organization_day (team_id, day, interactions, generations, acceptances, lines_suggested_to_add, lines_suggested_to_delete, lines_added, lines_deleted,
               daily_active_users, weekly_active_users, monthly_active_users, monthly_active_chat_users,
               monthly_active_agent_users, daily_active_cli_users, cli_sessions, cli_requests, cli_prompts,
               cli_prompt_tokens, cli_output_tokens, pull_requests_created, pull_requests_reviewed, pull_requests_merged,
               median_minutes_to_merge, pull_requests_created_by_copilot, pull_requests_reviewed_by_copilot,
               pull_requests_merged_by_copilot, median_minutes_to_merge_by_copilot, raw, stored_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
               $28, $29, $30)
           on conflict (team_id, day) do update set
               interactions = excluded.interactions, generations = excluded.generations, acceptances = excluded.acceptances,
               lines_suggested_to_add = excluded.lines_suggested_to_add, lines_suggested_to_delete =
               excluded.lines_suggested_to_delete, lines_added = excluded.lines_added, lines_deleted =
               excluded.lines_deleted, daily_active_users = excluded.daily_active_users, weekly_active_users =
               excluded.weekly_active_users, monthly_active_users = excluded.monthly_active_users, monthly_active_chat_users
               = excluded.monthly_active_chat_users, monthly_active_agent_users = excluded.monthly_active_agent_users,
               daily_active_cli_users = excluded.daily_active_cli_users, cli_sessions = excluded.cli_sessions, cli_requests =
               excluded.cli_requests, cli_prompts = excluded.cli_prompts, cli_prompt_tokens = excluded.cli_prompt_tokens,
               cli_output_tokens = excluded.cli_output_tokens, pull_requests_created = excluded.pull_requests_created,
               pull_requests_reviewed = excluded.pull_requests_reviewed, pull_requests_merged =
               excluded.pull_requests_merged, median_minutes_to_merge = excluded.median_minutes_to_merge,
               pull_requests_created_by_copilot = excluded.pull_requests_created_by_copilot,
               pull_requests_reviewed_by_copilot = excluded.pull_requests_reviewed_by_copilot,
               pull_requests_merged_by_copilot = excluded.pull_requests_merged_by_copilot, median_minutes_to_merge_by_copilot
               = excluded.median_minutes_to_merge_by_copilot, raw = excluded.raw, stored_at = excluded.stored_at"#,
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
        day.monthly_active_chat_users,
        day.monthly_active_agent_users,
        day.daily_active_cli_users,
        cli.sessions,
        cli.requests,
        cli.prompts,
        cli.prompt_tokens,
        cli.output_tokens,
        pulls.created,
        pulls.reviewed,
        pulls.merged,
        pulls.median_minutes_to_merge,
        pulls.created_by_copilot,
        pulls.reviewed_by_copilot,
        pulls.merged_by_copilot,
        pulls.median_minutes_to_merge_by_copilot,
        storable_document(&day.raw),
        now,
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

pub(super) type Column<'a> = &'a [Option<i64>];

/// The seven counters as columns.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) interactions: Vec<Option<i64>>,
    pub(super) generations: Vec<Option<i64>>,
    pub(super) acceptances: Vec<Option<i64>>,
    pub(super) lines_suggested_to_add: Vec<Option<i64>>,
    pub(super) lines_suggested_to_delete: Vec<Option<i64>>,
    pub(super) lines_added: Vec<Option<i64>>,
    pub(super) lines_deleted: Vec<Option<i64>>,
}

impl Counters {
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a UsageCounters>) -> Self {
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
