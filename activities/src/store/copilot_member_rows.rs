//! The rows of the reports about people and repositories: one statement a table. The rows of a day were deleted before, so that one
//! that is there already comes from the same report: equal records count once, different ones add up.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use workflows::domain::{
    report::{MemberDay, ReportKind, RepositoryDay, UserTeamDay},
    team::TeamId,
};

use super::{
    StoreError,
    column::{storable, storable_document},
    copilot_rows::{Column, Counters},
};

type Texts<'a> = Vec<Cow<'a, str>>;

/// Deletes the rows of these days. An organization's day is replaced by its own statement.
pub(super) async fn delete_rows(
    tx: &mut PgConnection,
    team: TeamId,
    report: ReportKind,
    days: &[NaiveDate],
) -> Result<(), StoreError> {
    let deletion = match report.daily() {
        ReportKind::UsersDay | ReportKind::Users28Days => sqlx::query!(
            "delete from copilot_member_day where team_id = $1 and day = any($2)",
            team.0,
            days,
        ),
        ReportKind::UserTeamsDay => sqlx::query!(
            "delete from copilot_user_team_day where team_id = $1 and day = any($2)",
            team.0,
            days,
        ),
        ReportKind::RepositoriesDay => sqlx::query!(
            "delete from copilot_repository_day where team_id = $1 and day = any($2)",
            team.0,
            days,
        ),
        ReportKind::OrganizationDay | ReportKind::Organization28Days => return Ok(()),
    };
    deletion.execute(tx).await?;
    Ok(())
}

/// Adds rows of members.
pub(super) async fn write_member_days(
    tx: &mut PgConnection,
    team: TeamId,
    rows: Vec<MemberDay>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows = distinct(rows, |row| (row.day, row.github_id), MemberDay::join);
    let days: Vec<NaiveDate> = rows.iter().map(|row| row.day).collect();
    let ids: Vec<i64> = rows.iter().map(|row| row.github_id).collect();
    let logins: Texts<'_> = rows.iter().map(|row| storable(&row.login)).collect();
    let counters = Counters::of(rows.iter().map(|row| &row.counters));
    let agents: Vec<Option<bool>> = rows.iter().map(|row| row.used_agent).collect();
    let chats: Vec<Option<bool>> = rows.iter().map(|row| row.used_chat).collect();
    let clis: Vec<Option<bool>> = rows.iter().map(|row| row.used_cli).collect();
    let credits: Vec<Option<f64>> = rows.iter().map(|row| row.ai_credits_used).collect();
    let numbers: Vec<Option<i64>> = rows.iter().map(|row| row.adoption_phase_number).collect();
    let phases: Vec<Option<Cow<'_, str>>> = rows
        .iter()
        .map(|row| row.adoption_phase.as_deref().map(storable))
        .collect();
    let raw: Vec<Value> = rows.iter().map(|row| storable_document(&row.raw)).collect();
    sqlx::query!(
        r#"insert into copilot_member_day as d (team_id, stored_at, day, github_id, login, interactions, generations, acceptances, lines_suggested_to_add, lines_suggested_to_delete, lines_added, lines_deleted,
               used_agent, used_chat, used_cli, ai_credits_used, adoption_phase_number, adoption_phase, raw)
           select $1, $2, *
           from unnest($3::date[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
               $10::bigint[], $11::bigint[], $12::bigint[], $13::bool[], $14::bool[], $15::bool[], $16::float8[], $17::bigint[],
               $18::text[], $19::jsonb[])
           on conflict (team_id, github_id, day) do update set
               interactions = copilot_sum(d.interactions, excluded.interactions), generations = copilot_sum(d.generations,
               excluded.generations), acceptances = copilot_sum(d.acceptances, excluded.acceptances), lines_suggested_to_add
               = copilot_sum(d.lines_suggested_to_add, excluded.lines_suggested_to_add), lines_suggested_to_delete =
               copilot_sum(d.lines_suggested_to_delete, excluded.lines_suggested_to_delete), lines_added =
               copilot_sum(d.lines_added, excluded.lines_added), lines_deleted = copilot_sum(d.lines_deleted,
               excluded.lines_deleted),
               used_agent = greatest(d.used_agent, excluded.used_agent), used_chat = greatest(d.used_chat, excluded.used_chat),
               used_cli = greatest(d.used_cli, excluded.used_cli),
               ai_credits_used = coalesce(d.ai_credits_used + excluded.ai_credits_used, d.ai_credits_used, excluded.ai_credits_used),
               adoption_phase_number = greatest(d.adoption_phase_number, excluded.adoption_phase_number),
               adoption_phase = case when d.adoption_phase_number >= excluded.adoption_phase_number then d.adoption_phase
                   else coalesce(excluded.adoption_phase, d.adoption_phase) end,
               raw = case jsonb_typeof(d.raw) when 'array' then d.raw else jsonb_build_array(d.raw) end || excluded.raw
           where not copilot_holds(d.raw, excluded.raw)"#,
        team.0,
        now,
        &days,
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
        &clis as &[Option<bool>],
        &credits as &[Option<f64>],
        &numbers as Column<'_>,
        &phases as &[Option<Cow<'_, str>>],
        &raw,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Adds rows of users' teams. Who is twice in one stays as first read.
pub(super) async fn write_user_teams(
    tx: &mut PgConnection,
    team: TeamId,
    rows: Vec<UserTeamDay>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let days: Vec<NaiveDate> = rows.iter().map(|row| row.day).collect();
    let ids: Vec<i64> = rows.iter().map(|row| row.github_id).collect();
    let teams: Vec<i64> = rows.iter().map(|row| row.github_team_id).collect();
    let logins: Texts<'_> = rows.iter().map(|row| storable(&row.login)).collect();
    let slugs: Texts<'_> = rows.iter().map(|row| storable(&row.slug)).collect();
    let raw: Vec<Value> = rows.iter().map(|row| storable_document(&row.raw)).collect();
    sqlx::query!(
        r#"insert into copilot_user_team_day (team_id, stored_at, day, github_id, github_team_id, login, slug, raw)
           select $1, $2, * from unnest($3::date[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::jsonb[])
           on conflict (team_id, day, github_id, github_team_id) do nothing"#,
        team.0,
        now,
        &days,
        &ids,
        &teams,
        &logins as &[Cow<'_, str>],
        &slugs as &[Cow<'_, str>],
        &raw,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Adds rows of repositories.
pub(super) async fn write_repository_days(
    tx: &mut PgConnection,
    team: TeamId,
    rows: Vec<RepositoryDay>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows = distinct(rows, |row| (row.day, row.github_id), RepositoryDay::join);
    let days: Vec<NaiveDate> = rows.iter().map(|row| row.day).collect();
    let ids: Vec<i64> = rows.iter().map(|row| row.github_id).collect();
    let names: Texts<'_> = rows.iter().map(|row| storable(&row.name)).collect();
    let counters = Counters::of(rows.iter().map(|row| &row.counters));
    let pulls = PullRequests::of(&rows);
    let raw: Vec<Value> = rows.iter().map(|row| storable_document(&row.raw)).collect();
    sqlx::query!(
        r#"insert into copilot_repository_day as d (team_id, stored_at, day, github_id, name, interactions, generations, acceptances, lines_suggested_to_add, lines_suggested_to_delete, lines_added, lines_deleted,
               pull_requests_created, pull_requests_reviewed, pull_requests_merged, pull_requests_created_by_copilot,
               pull_requests_reviewed_by_copilot, pull_requests_merged_by_copilot, median_minutes_to_merge,
               median_minutes_to_merge_by_copilot, raw)
           select $1, $2, *
           from unnest($3::date[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
               $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[],
               $19::float8[], $20::float8[], $21::jsonb[])
           on conflict (team_id, day, github_id) do update set
               interactions = copilot_sum(d.interactions, excluded.interactions), generations = copilot_sum(d.generations,
               excluded.generations), acceptances = copilot_sum(d.acceptances, excluded.acceptances), lines_suggested_to_add
               = copilot_sum(d.lines_suggested_to_add, excluded.lines_suggested_to_add), lines_suggested_to_delete =
               copilot_sum(d.lines_suggested_to_delete, excluded.lines_suggested_to_delete), lines_added =
               copilot_sum(d.lines_added, excluded.lines_added), lines_deleted = copilot_sum(d.lines_deleted,
               excluded.lines_deleted),
               pull_requests_created = copilot_sum(d.pull_requests_created, excluded.pull_requests_created), pull_requests_reviewed =
               copilot_sum(d.pull_requests_reviewed, excluded.pull_requests_reviewed), pull_requests_merged =
               copilot_sum(d.pull_requests_merged, excluded.pull_requests_merged), pull_requests_created_by_copilot =
               copilot_sum(d.pull_requests_created_by_copilot, excluded.pull_requests_created_by_copilot),
               pull_requests_reviewed_by_copilot = copilot_sum(d.pull_requests_reviewed_by_copilot,
               excluded.pull_requests_reviewed_by_copilot), pull_requests_merged_by_copilot =
               copilot_sum(d.pull_requests_merged_by_copilot, excluded.pull_requests_merged_by_copilot),
               median_minutes_to_merge = case when d.median_minutes_to_merge is null then excluded.median_minutes_to_merge
                   when excluded.median_minutes_to_merge is null then d.median_minutes_to_merge end,
               median_minutes_to_merge_by_copilot = case
                   when d.median_minutes_to_merge_by_copilot is null then excluded.median_minutes_to_merge_by_copilot
                   when excluded.median_minutes_to_merge_by_copilot is null then d.median_minutes_to_merge_by_copilot end,
               raw = case jsonb_typeof(d.raw) when 'array' then d.raw else jsonb_build_array(d.raw) end || excluded.raw
           where not copilot_holds(d.raw, excluded.raw)"#,
        team.0,
        now,
        &days,
        &ids,
        &names as &[Cow<'_, str>],
        &counters.interactions as Column<'_>,
        &counters.generations as Column<'_>,
        &counters.acceptances as Column<'_>,
        &counters.lines_suggested_to_add as Column<'_>,
        &counters.lines_suggested_to_delete as Column<'_>,
        &counters.lines_added as Column<'_>,
        &counters.lines_deleted as Column<'_>,
        &pulls.created as Column<'_>,
        &pulls.reviewed as Column<'_>,
        &pulls.merged as Column<'_>,
        &pulls.created_by_copilot as Column<'_>,
        &pulls.reviewed_by_copilot as Column<'_>,
        &pulls.merged_by_copilot as Column<'_>,
        &pulls.median as &[Option<f64>],
        &pulls.median_by_copilot as &[Option<f64>],
        &raw,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Joins rows of the same key: one statement cannot touch a row twice.
fn distinct<T, K: Ord>(rows: Vec<T>, key: impl Fn(&T) -> K, join: impl Fn(T, T) -> T) -> Vec<T> {
    let mut distinct = BTreeMap::new();
    for row in rows {
        let key = key(&row);
        let joined = match distinct.remove(&key) {
            Some(earlier) => join(earlier, row),
            None => row,
        };
        distinct.insert(key, joined);
    }
    distinct.into_values().collect()
}

/// The pull requests of repositories as columns.
#[derive(Default)]
struct PullRequests {
    created: Vec<Option<i64>>,
    reviewed: Vec<Option<i64>>,
    merged: Vec<Option<i64>>,
    created_by_copilot: Vec<Option<i64>>,
    reviewed_by_copilot: Vec<Option<i64>>,
    merged_by_copilot: Vec<Option<i64>>,
    median: Vec<Option<f64>>,
    median_by_copilot: Vec<Option<f64>>,
}

impl PullRequests {
    fn of(rows: &[RepositoryDay]) -> Self {
        let mut columns = Self::default();
        for totals in rows.iter().map(|row| &row.pull_requests) {
            columns.created.push(totals.created);
            columns.reviewed.push(totals.reviewed);
            columns.merged.push(totals.merged);
            columns.created_by_copilot.push(totals.created_by_copilot);
            columns.reviewed_by_copilot.push(totals.reviewed_by_copilot);
            columns.merged_by_copilot.push(totals.merged_by_copilot);
            columns.median.push(totals.median_minutes_to_merge);
            let by_copilot = totals.median_minutes_to_merge_by_copilot;
            columns.median_by_copilot.push(by_copilot);
        }
        columns
    }
}
