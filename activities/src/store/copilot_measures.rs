//! Copilot's measures for a window of days.

use chrono::{Duration, NaiveDate};
use workflows::domain::{metrics::CopilotMeasures, team::TeamId};

use super::{Store, StoreError};
use crate::measure;

impl Store {
    /// Measures the days `from` to `to`, both included, as known on `today`. What seats cost is left to whoever knows the prices.
    pub async fn load_copilot_measures(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
        today: NaiveDate,
    ) -> Result<CopilotMeasures, StoreError> {
        let usage = self
            .load_usage(team, from, to, today - Duration::days(DUE_AFTER_DAYS))
            .await?;
        let people = self.load_people(team, from, to, today).await?;
        let (seats_total, seats_idle) = self.count_seats(team, to).await?;
        let top_language = self.load_top_language(team, from, to).await?;
        let acceptance_rate = match (usage.acceptances, usage.generations) {
            (Some(accepted), Some(generated)) if generated > 0 => {
                Some(accepted as f64 / generated as f64)
            }
            _ => None,
        };
        Ok(CopilotMeasures {
            active_users: people.active,
            active_members: people.active_members,
            members: people.members,
            adoption_rate: people
                .active_members
                .filter(|_| people.members > 0)
                .map(|active| active as f64 / people.members as f64),
            acceptance_rate,
            seats_total,
            seats_idle,
            top_language,
            ..usage
        })
    }
}

/// A report comes within two full UTC days after its own; a day younger than that is expected only once it is there.
pub(super) const DUE_AFTER_DAYS: i64 = 3;

/// Who was active with Copilot; `None` when too few reports of members are stored to tell.
struct People {
    active: Option<i64>,
    active_members: Option<i64>,
    members: i64,
}

impl Store {
    /// The reports of members have gaps of their own, whatever the organization's cover: who was active only on a day that is missing
    /// would count as not active at all.
    async fn load_people(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
        today: NaiveDate,
    ) -> Result<People, StoreError> {
        let coverage = self.load_use_coverage(team, from, to, today).await?;
        let people = self.count_people(team, from, to).await?;
        if measure::is_complete_enough(coverage.days_covered, coverage.days_expected) {
            return Ok(people);
        }
        Ok(People {
            active: None,
            active_members: None,
            ..people
        })
    }

    async fn count_people(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<People, StoreError> {
        let people = sqlx::query_as!(
            People,
            r#"with active as (
                   select distinct github_id from copilot_member_day where team_id = $1 and day between $2 and $3
               ), known as (
                   select from copilot_ledger
                   where team_id = $1 and day between $2 and $3 and report = 'users-1-day'
                       and state in ('final', 'provisional')
               )
               select case when exists (select from known) then (select count(*) from active) end as active,
                   case when exists (select from known) then (
                       select count(*) from active join member m using (github_id)
                       where m.team_id = $1 and m.is_active) end as active_members,
                   (select count(*) from member where team_id = $1 and is_active) as "members!""#,
            team.0,
            from,
            to,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(people)
    }

    async fn load_usage(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
        due_through: NaiveDate,
    ) -> Result<CopilotMeasures, StoreError> {
        let row = sqlx::query!(
            r#"select count(o.day) as "covered!",
                   count(*) filter (where o.day is not null or d.day::date <= $4) as "expected!",
                   count(o.day) filter (where l.state = 'provisional') as "provisional!",
                   copilot_total(sum(o.generations)) as generations,
                   copilot_total(sum(o.acceptances)) as acceptances,
                   copilot_total(sum(o.lines_added)) as lines_added
               from generate_series($2::date, $3::date, interval '1 day') as d (day)
               left join copilot_organization_day o on o.team_id = $1 and o.day = d.day::date
               left join copilot_ledger l
                   on l.team_id = $1 and l.day = d.day::date and l.report = 'organization-1-day'"#,
            team.0,
            from,
            to,
            due_through,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(CopilotMeasures {
            days_covered: row.covered,
            days_expected: row.expected,
            days_provisional: row.provisional,
            generations: row.generations,
            acceptances: row.acceptances,
            lines_added: row.lines_added,
            ..CopilotMeasures::default()
        })
    }

    /// Seats of the latest snapshot, and of the seats listed now those that are idle on that day; both `None` before the first.
    async fn count_seats(
        &self,
        team: TeamId,
        on: NaiveDate,
    ) -> Result<(Option<i64>, Option<i64>), StoreError> {
        let billing = self.load_latest_billing(team).await?;
        let seats = self.load_seats(team).await?;
        let idle = seats.map(|seats| seats.iter().filter(|seat| seat.is_idle(on)).count());
        Ok((
            billing.map(|(_, billing)| billing.seats_total),
            idle.map(|count| i64::try_from(count).unwrap_or(i64::MAX)),
        ))
    }

    /// GitHub files what it cannot name under "unknown" and the rest under "others": neither is a language.
    async fn load_top_language(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Option<String>, StoreError> {
        let language = sqlx::query_scalar!(
            r#"select language from copilot_language_day
               where team_id = $1 and day between $2 and $3 and language not in ('', 'unknown', 'others')
               group by language
               having sum(generations) > 0
               order by sum(generations) desc, language
               limit 1"#,
            team.0,
            from,
            to,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(language)
    }
}
