//! Copilot's billing and seats: a snapshot a day, the seats of now, and who got or lost one.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    copilot::{CopilotBilling, CopilotSeat},
    team::TeamId,
};

use super::{Store, StoreError, column::storable};

impl Store {
    /// Stores the day's billing; a later one of the same day replaces it.
    pub async fn store_billing(
        &self,
        team: TeamId,
        day: NaiveDate,
        billing: &CopilotBilling,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into seat_snapshot (team_id, day, seats_total, added_this_cycle, pending_cancellation,
                   pending_invitation, active_this_cycle, inactive_this_cycle, seat_management_setting, plan_type,
                   taken_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               on conflict (team_id, day) do update set
                   seats_total = excluded.seats_total, added_this_cycle = excluded.added_this_cycle,
                   pending_cancellation = excluded.pending_cancellation,
                   pending_invitation = excluded.pending_invitation,
                   active_this_cycle = excluded.active_this_cycle,
                   inactive_this_cycle = excluded.inactive_this_cycle,
                   seat_management_setting = excluded.seat_management_setting, plan_type = excluded.plan_type,
                   taken_at = excluded.taken_at"#,
            team.0,
            day,
            billing.seats_total,
            billing.added_this_cycle,
            billing.pending_cancellation,
            billing.pending_invitation,
            billing.active_this_cycle,
            billing.inactive_this_cycle,
            billing.seat_management_setting,
            billing.plan_type,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The day's billing, when it was taken at or after `since`.
    pub async fn load_billing(
        &self,
        team: TeamId,
        day: NaiveDate,
        since: DateTime<Utc>,
    ) -> Result<Option<CopilotBilling>, StoreError> {
        let billing = sqlx::query_as!(
            CopilotBilling,
            r#"select seats_total, added_this_cycle, pending_cancellation, pending_invitation, active_this_cycle,
                   inactive_this_cycle, seat_management_setting, plan_type
               from seat_snapshot where team_id = $1 and day = $2 and taken_at >= $3"#,
            team.0,
            day,
            since,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(billing)
    }

    /// Stores the complete list of seats, removes those that are gone, and notes who was added or removed. The first
    /// listing of a team adds nobody.
    pub async fn store_seats(
        &self,
        team: TeamId,
        day: NaiveDate,
        seats: &[CopilotSeat],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let seats: BTreeMap<i64, &CopilotSeat> = seats
            .iter()
            .map(|seat| (seat.assignee_github_id, seat))
            .collect();
        let seats: Vec<&CopilotSeat> = seats.into_values().collect();
        let mut tx = self.pool.begin().await?;
        let is_first = !note_listing(&mut tx, team, day).await?;
        let removed = remove_vanished(&mut tx, team, &seats).await?;
        let added = write_seats(&mut tx, team, day, &seats).await?;
        if !is_first {
            write_events(&mut tx, team, day, "removed", &removed, now).await?;
            write_events(&mut tx, team, day, "added", &added, now).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// A seat given or taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatEvent {
    /// Day of the listing that showed it.
    pub day: NaiveDate,
    /// Numeric id of the person.
    pub assignee_github_id: i64,
    /// Login at that time.
    pub assignee_login: String,
    /// Given, else taken.
    pub is_added: bool,
}

impl Store {
    /// The team's latest seat events, newest day first.
    pub async fn load_seat_events(
        &self,
        team: TeamId,
        limit: u32,
    ) -> Result<Vec<SeatEvent>, StoreError> {
        let events = sqlx::query_as!(
            SeatEvent,
            r#"select day, assignee_github_id, assignee_login, kind = 'added' as "is_added!"
               from seat_event where team_id = $1
               order by day desc, assignee_github_id, kind
               limit $2"#,
            team.0,
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(events)
    }
}

/// Who got or lost a seat.
type Holder = (i64, String);

/// Notes that the seats were listed; `true` when they had been before. Also keeps two listings of a team apart.
async fn note_listing(
    tx: &mut PgConnection,
    team: TeamId,
    day: NaiveDate,
) -> Result<bool, StoreError> {
    let was_listed = sqlx::query_scalar!(
        r#"insert into seat_listing as l (team_id, first_listed_on, last_listed_on) values ($1, $2, $2)
           on conflict (team_id) do update set last_listed_on = greatest(l.last_listed_on, excluded.last_listed_on)
           returning xmax <> 0 as "was_listed!""#,
        team.0,
        day,
    )
    .fetch_one(tx)
    .await?;
    Ok(was_listed)
}

async fn remove_vanished(
    tx: &mut PgConnection,
    team: TeamId,
    seats: &[&CopilotSeat],
) -> Result<Vec<Holder>, StoreError> {
    let ids: Vec<i64> = seats.iter().map(|seat| seat.assignee_github_id).collect();
    let rows = sqlx::query!(
        r#"delete from seat where team_id = $1 and assignee_github_id <> all($2)
           returning assignee_github_id, assignee_login"#,
        team.0,
        &ids,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.assignee_github_id, row.assignee_login))
        .collect())
}

/// Writes the seats and returns those that were not there before.
async fn write_seats(
    tx: &mut PgConnection,
    team: TeamId,
    day: NaiveDate,
    seats: &[&CopilotSeat],
) -> Result<Vec<Holder>, StoreError> {
    let ids: Vec<i64> = seats.iter().map(|seat| seat.assignee_github_id).collect();
    let logins: Vec<Cow<'_, str>> = seats
        .iter()
        .map(|seat| storable(&seat.assignee_login))
        .collect();
    let created: Vec<Option<DateTime<Utc>>> = seats.iter().map(|seat| seat.created_at).collect();
    let active: Vec<Option<DateTime<Utc>>> =
        seats.iter().map(|seat| seat.last_activity_at).collect();
    let editors: Vec<Option<Cow<'_, str>>> = seats
        .iter()
        .map(|seat| seat.last_activity_editor.as_deref().map(storable))
        .collect();
    let endings: Vec<Option<NaiveDate>> = seats
        .iter()
        .map(|seat| seat.pending_cancellation_on)
        .collect();
    let plans: Vec<Option<&str>> = seats.iter().map(|seat| seat.plan_type.as_deref()).collect();
    let rows = sqlx::query!(
        r#"insert into seat (team_id, seen_on, assignee_github_id, assignee_login, created_at, last_activity_at,
               last_activity_editor, pending_cancellation_on, plan_type)
           select $1, $2, *
           from unnest($3::bigint[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::date[],
               $9::text[])
           on conflict (team_id, assignee_github_id) do update set
               assignee_login = excluded.assignee_login, created_at = excluded.created_at,
               last_activity_at = excluded.last_activity_at, last_activity_editor = excluded.last_activity_editor,
               pending_cancellation_on = excluded.pending_cancellation_on, plan_type = excluded.plan_type,
               seen_on = excluded.seen_on
           returning assignee_github_id, assignee_login, xmax = 0 as "is_new!""#,
        team.0,
        day,
        &ids,
        &logins as &[Cow<'_, str>],
        &created as &[Option<DateTime<Utc>>],
        &active as &[Option<DateTime<Utc>>],
        &editors as &[Option<Cow<'_, str>>],
        &endings as &[Option<NaiveDate>],
        &plans as &[Option<&str>],
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.is_new)
        .map(|row| (row.assignee_github_id, row.assignee_login))
        .collect())
}

async fn write_events(
    tx: &mut PgConnection,
    team: TeamId,
    day: NaiveDate,
    kind: &str,
    holders: &[Holder],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let ids: Vec<i64> = holders.iter().map(|(id, _)| *id).collect();
    let logins: Vec<&str> = holders.iter().map(|(_, login)| login.as_str()).collect();
    sqlx::query!(
        r#"insert into seat_event (team_id, day, kind, happened_at, assignee_github_id, assignee_login)
           select $1, $2, $3, $4, * from unnest($5::bigint[], $6::text[])
           on conflict (team_id, day, assignee_github_id, kind) do nothing"#,
        team.0,
        day,
        kind,
        now,
        &ids,
        &logins as &[&str],
    )
    .execute(tx)
    .await?;
    Ok(())
}
