//! Weekly metrics of a team.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    metrics::{TeamMeasures, WeeklyMetrics},
    team::TeamId,
};

use super::{Store, StoreError};

impl Store {
    /// Stores weeks, replacing what was measured of them before. Returns the weeks written.
    pub async fn store_weekly(
        &self,
        team: TeamId,
        weeks: &[WeeklyMetrics],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let columns = Columns::of(weeks);
        let mut tx = self.pool.begin().await?;
        let written = write_weeks(&mut tx, team, &columns, now).await?;
        write_flow(&mut tx, team, &columns).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// Weeks since the Monday `since`, oldest first.
    pub async fn load_weekly(
        &self,
        team: TeamId,
        since: NaiveDate,
    ) -> Result<Vec<WeeklyMetrics>, StoreError> {
        let rows = sqlx::query!(
            r#"select week_on, opened_count, merged_count, closed_unmerged_count, contributor_count, review_count,
                   reviewer_count, busiest_reviewer_share, median_cycle_hours, p90_cycle_hours,
                   median_first_review_hours, merged_unreviewed_count, median_lines_changed, revert_count,
                   bot_merged_count, ai_merged_count, median_cycle_hours_with_ai, median_cycle_hours_without_ai,
                   sample_with_ai, sample_without_ai, first_review_count, median_review_to_merge_hours,
                   review_to_merge_count, median_review_rounds, review_rounds_count, hotfix_count,
                   busiest_author_share, busiest_repository_share, waiting_count
               from weekly_metrics where team_id = $1 and week_on >= $2 order by week_on"#,
            team.0,
            since,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| WeeklyMetrics {
                week_on: row.week_on,
                measures: TeamMeasures {
                    opened_count: row.opened_count,
                    merged_count: row.merged_count,
                    closed_unmerged_count: row.closed_unmerged_count,
                    contributor_count: row.contributor_count,
                    review_count: row.review_count,
                    reviewer_count: row.reviewer_count,
                    busiest_reviewer_share: row.busiest_reviewer_share,
                    median_cycle_hours: row.median_cycle_hours,
                    p90_cycle_hours: row.p90_cycle_hours,
                    median_first_review_hours: row.median_first_review_hours,
                    merged_unreviewed_count: row.merged_unreviewed_count,
                    median_lines_changed: row.median_lines_changed,
                    revert_count: row.revert_count,
                    bot_merged_count: row.bot_merged_count,
                    ai_merged_count: row.ai_merged_count,
                    median_cycle_hours_with_ai: row.median_cycle_hours_with_ai,
                    median_cycle_hours_without_ai: row.median_cycle_hours_without_ai,
                    sample_with_ai: row.sample_with_ai,
                    sample_without_ai: row.sample_without_ai,
                    first_review_count: row.first_review_count,
                    median_review_to_merge_hours: row.median_review_to_merge_hours,
                    review_to_merge_count: row.review_to_merge_count,
                    median_review_rounds: row.median_review_rounds,
                    review_rounds_count: row.review_rounds_count,
                    hotfix_count: row.hotfix_count,
                    busiest_author_share: row.busiest_author_share,
                    busiest_repository_share: row.busiest_repository_share,
                    waiting_count: row.waiting_count,
                },
            })
            .collect())
    }
}

/// Weeks as the columns of a statement: each week once, the last one given of it.
struct Columns<'a>(BTreeMap<NaiveDate, &'a TeamMeasures>);

impl<'a> Columns<'a> {
    fn of(weeks: &'a [WeeklyMetrics]) -> Self {
        let weeks = weeks.iter();
        Self(weeks.map(|week| (week.week_on, &week.measures)).collect())
    }

    fn mondays(&self) -> Vec<NaiveDate> {
        self.0.keys().copied().collect()
    }

    fn column<T>(&self, pick: fn(&TeamMeasures) -> T) -> Vec<T> {
        self.0.values().map(|measures| pick(measures)).collect()
    }
}

async fn write_weeks(
    tx: &mut PgConnection,
    team: TeamId,
    columns: &Columns<'_>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let written = sqlx::query!(
        r#"insert into weekly_metrics (team_id, measured_at, week_on,
               opened_count, merged_count, closed_unmerged_count, contributor_count, review_count,
               reviewer_count, busiest_reviewer_share, median_cycle_hours, p90_cycle_hours,
               median_first_review_hours, merged_unreviewed_count, median_lines_changed, revert_count,
               bot_merged_count, ai_merged_count, median_cycle_hours_with_ai, median_cycle_hours_without_ai,
               sample_with_ai, sample_without_ai)
           select $1, $2, *
           from unnest($3::date[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
               $9::bigint[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::bigint[],
               $15::float8[], $16::bigint[], $17::bigint[], $18::bigint[], $19::float8[], $20::float8[],
               $21::bigint[], $22::bigint[])
           on conflict (team_id, week_on) do update set
               measured_at = excluded.measured_at, opened_count = excluded.opened_count,
               merged_count = excluded.merged_count, closed_unmerged_count = excluded.closed_unmerged_count,
               contributor_count = excluded.contributor_count, review_count = excluded.review_count,
               reviewer_count = excluded.reviewer_count,
               busiest_reviewer_share = excluded.busiest_reviewer_share,
               median_cycle_hours = excluded.median_cycle_hours, p90_cycle_hours = excluded.p90_cycle_hours,
               median_first_review_hours = excluded.median_first_review_hours,
               merged_unreviewed_count = excluded.merged_unreviewed_count,
               median_lines_changed = excluded.median_lines_changed, revert_count = excluded.revert_count,
               bot_merged_count = excluded.bot_merged_count, ai_merged_count = excluded.ai_merged_count,
               median_cycle_hours_with_ai = excluded.median_cycle_hours_with_ai,
               median_cycle_hours_without_ai = excluded.median_cycle_hours_without_ai,
               sample_with_ai = excluded.sample_with_ai, sample_without_ai = excluded.sample_without_ai"#,
        team.0,
        now,
        &columns.mondays(),
        &columns.column(|m| m.opened_count),
        &columns.column(|m| m.merged_count),
        &columns.column(|m| m.closed_unmerged_count),
        &columns.column(|m| m.contributor_count),
        &columns.column(|m| m.review_count),
        &columns.column(|m| m.reviewer_count),
        &columns.column(|m| m.busiest_reviewer_share) as &[Option<f64>],
        &columns.column(|m| m.median_cycle_hours) as &[Option<f64>],
        &columns.column(|m| m.p90_cycle_hours) as &[Option<f64>],
        &columns.column(|m| m.median_first_review_hours) as &[Option<f64>],
        &columns.column(|m| m.merged_unreviewed_count),
        &columns.column(|m| m.median_lines_changed) as &[Option<f64>],
        &columns.column(|m| m.revert_count),
        &columns.column(|m| m.bot_merged_count),
        &columns.column(|m| m.ai_merged_count),
        &columns.column(|m| m.median_cycle_hours_with_ai) as &[Option<f64>],
        &columns.column(|m| m.median_cycle_hours_without_ai) as &[Option<f64>],
        &columns.column(|m| m.sample_with_ai),
        &columns.column(|m| m.sample_without_ai),
    )
    .execute(tx)
    .await?;
    Ok(written.rows_affected())
}

/// How work flows, into the rows of these weeks.
async fn write_flow(
    tx: &mut PgConnection,
    team: TeamId,
    columns: &Columns<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"update weekly_metrics w set
               first_review_count = f.first_review_count,
               median_review_to_merge_hours = f.median_review_to_merge_hours,
               review_to_merge_count = f.review_to_merge_count,
               median_review_rounds = f.median_review_rounds,
               review_rounds_count = f.review_rounds_count,
               hotfix_count = f.hotfix_count,
               busiest_author_share = f.busiest_author_share,
               busiest_repository_share = f.busiest_repository_share,
               waiting_count = f.waiting_count
           from unnest($2::date[], $3::bigint[], $4::float8[], $5::bigint[], $6::float8[],
               $7::bigint[], $8::bigint[], $9::float8[], $10::float8[], $11::bigint[])
               as f (week_on, first_review_count, median_review_to_merge_hours, review_to_merge_count,
                   median_review_rounds, review_rounds_count, hotfix_count, busiest_author_share,
                   busiest_repository_share, waiting_count)
           where w.team_id = $1 and w.week_on = f.week_on"#,
        team.0,
        &columns.mondays(),
        &columns.column(|m| m.first_review_count),
        &columns.column(|m| m.median_review_to_merge_hours) as &[Option<f64>],
        &columns.column(|m| m.review_to_merge_count),
        &columns.column(|m| m.median_review_rounds) as &[Option<f64>],
        &columns.column(|m| m.review_rounds_count),
        &columns.column(|m| m.hotfix_count),
        &columns.column(|m| m.busiest_author_share) as &[Option<f64>],
        &columns.column(|m| m.busiest_repository_share) as &[Option<f64>],
        &columns.column(|m| m.waiting_count),
    )
    .execute(tx)
    .await?;
    Ok(())
}
