//! Weekly metrics of a team.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
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
        let weeks: BTreeMap<NaiveDate, &TeamMeasures> = weeks
            .iter()
            .map(|week| (week.week_on, &week.measures))
            .collect();
        let mondays: Vec<NaiveDate> = weeks.keys().copied().collect();
        let count = |pick: fn(&TeamMeasures) -> i64| -> Vec<i64> {
            weeks.values().map(|m| pick(m)).collect()
        };
        let share = |pick: fn(&TeamMeasures) -> Option<f64>| -> Vec<Option<f64>> {
            weeks.values().map(|m| pick(m)).collect()
        };
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
            &mondays,
            &count(|m| m.opened_count),
            &count(|m| m.merged_count),
            &count(|m| m.closed_unmerged_count),
            &count(|m| m.contributor_count),
            &count(|m| m.review_count),
            &count(|m| m.reviewer_count),
            &share(|m| m.busiest_reviewer_share) as &[Option<f64>],
            &share(|m| m.median_cycle_hours) as &[Option<f64>],
            &share(|m| m.p90_cycle_hours) as &[Option<f64>],
            &share(|m| m.median_first_review_hours) as &[Option<f64>],
            &count(|m| m.merged_unreviewed_count),
            &share(|m| m.median_lines_changed) as &[Option<f64>],
            &count(|m| m.revert_count),
            &count(|m| m.bot_merged_count),
            &count(|m| m.ai_merged_count),
            &share(|m| m.median_cycle_hours_with_ai) as &[Option<f64>],
            &share(|m| m.median_cycle_hours_without_ai) as &[Option<f64>],
            &count(|m| m.sample_with_ai),
            &count(|m| m.sample_without_ai),
        )
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected())
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
                   sample_with_ai, sample_without_ai
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
                    ..TeamMeasures::default()
                },
            })
            .collect())
    }
}
