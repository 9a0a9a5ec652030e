//! What the nights found of a team's licences, and what follows from it: how many in a row found too few.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{licence::LicenceFinding, team::TeamId};

use super::{
    Store, StoreError,
    column::{narrow, parse},
};

/// What is known of a team's licences over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LicenceHistory {
    /// Days in a row that found too few and no metrics. A day without a finding neither counts nor begins anew.
    pub nights_too_few: u32,
    /// The latest finding.
    pub latest: Option<LicenceFinding>,
    /// Its UTC day.
    pub latest_on: Option<NaiveDate>,
    /// Whether there ever were enough, or metrics, which come with enough.
    pub had_enough: bool,
}

impl Store {
    /// Keeps what a step found that began on this UTC day. Once more on the same day is the same finding.
    pub async fn record_licence_finding(
        &self,
        team: TeamId,
        day: NaiveDate,
        finding: LicenceFinding,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into licence_finding as f (team_id, day, finding, seen_at) values ($1, $2, $3, $4)
               on conflict (team_id, day, finding) do update set seen_at = greatest(f.seen_at, excluded.seen_at)"#,
            team.0,
            day,
            finding.as_str(),
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Loads what the nights found. Fewer seats than `minimum_seats` are too few.
    pub async fn load_licence_history(
        &self,
        team: TeamId,
        minimum_seats: i64,
    ) -> Result<LicenceHistory, StoreError> {
        let row = sqlx::query!(
            r#"select
                   (select count(distinct day) from licence_finding
                       where team_id = $1 and finding = 'too_few' and seen_at > coalesce(
                           (select max(seen_at) from licence_finding where team_id = $1 and finding <> 'too_few'),
                           '-infinity')) as "nights!",
                   (select finding from licence_finding where team_id = $1
                       order by seen_at desc limit 1) as latest,
                   (select day from licence_finding where team_id = $1
                       order by seen_at desc limit 1) as latest_on,
                   (exists (select from licence_finding where team_id = $1 and finding <> 'too_few')
                       or exists (select from copilot_organization_day where team_id = $1)
                       or exists (select from seat_snapshot where team_id = $1 and seats_total >= $2
                           and seat_management_setting <> 'disabled')) as "had_enough!""#,
            team.0,
            minimum_seats,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(LicenceHistory {
            nights_too_few: narrow(row.nights),
            latest: parse(row.latest)?,
            latest_on: row.latest_on,
            had_enough: row.had_enough,
        })
    }
}
