//! What each member did with Copilot in a window of days, and how complete the reports of members are.

use chrono::{Duration, NaiveDate};
use workflows::domain::team::TeamId;

use super::{Store, StoreError, copilot_measures::DUE_AFTER_DAYS};
use crate::measure::{MemberUse, UseCoverage};

impl Store {
    /// The use of everybody who is a member now and was active on a day `from` to `to`, both included, whose report is not in doubt.
    pub async fn load_member_use(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<MemberUse>, StoreError> {
        let members = sqlx::query_as!(
            MemberUse,
            r#"select m.login, count(*) as "active_days!",
                   count(*) filter (where extract(isodow from d.day) < 6) as "active_working_days!",
                   copilot_total(sum(d.acceptances)) as acceptances
               from copilot_member_day d
               join member m on m.team_id = d.team_id and m.github_id = d.github_id and m.is_active
               join copilot_ledger l on l.team_id = d.team_id and l.day = d.day and l.report = 'users-1-day'
                   and l.state in ('final', 'provisional')
               where d.team_id = $1 and d.day between $2 and $3
               group by m.github_id, m.login
               order by m.login, m.github_id"#,
            team.0,
            from,
            to,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(members)
    }

    /// How many of these days have a report of members, as known on `today`.
    pub async fn load_use_coverage(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
        today: NaiveDate,
    ) -> Result<UseCoverage, StoreError> {
        let coverage = sqlx::query_as!(
            UseCoverage,
            r#"select count(l.day) as "days_covered!",
                   count(*) filter (where l.day is not null or d.day::date <= $4) as "days_expected!",
                   count(l.day) filter (where extract(isodow from d.day) < 6) as "working_days_covered!"
               from generate_series($2::date, $3::date, interval '1 day') as d (day)
               left join copilot_ledger l on l.team_id = $1 and l.day = d.day::date and l.report = 'users-1-day'
                   and l.state in ('final', 'provisional')"#,
            team.0,
            from,
            to,
            today - Duration::days(DUE_AFTER_DAYS),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(coverage)
    }
}
