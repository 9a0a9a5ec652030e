//! Copilot's billing and seats: a snapshot a day, and the seats of now.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    copilot::{CopilotBilling, CopilotSeat},
    team::TeamId,
};

use super::{Store, StoreError, column::storable, seat_event};
use crate::measure::{SeatListing, seat_changes};

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

    /// The latest billing that was taken, with its day.
    pub async fn load_latest_billing(
        &self,
        team: TeamId,
    ) -> Result<Option<(NaiveDate, CopilotBilling)>, StoreError> {
        let day = sqlx::query_scalar!(
            "select max(day) from seat_snapshot where team_id = $1",
            team.0
        )
        .fetch_one(&self.pool)
        .await?;
        let Some(day) = day else { return Ok(None) };
        let billing = self.load_billing(team, day, DateTime::UNIX_EPOCH).await?;
        Ok(billing.map(|billing| (day, billing)))
    }

    /// Stores the complete list of seats, removes those that are gone, and notes what happened to each since the listing before. The
    /// first listing of a team adds nobody, and the same listing once more notes nothing.
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
        let seats: Vec<CopilotSeat> = seats.into_values().cloned().collect();
        let mut tx = self.pool.begin().await?;
        let listed_before = note_listing(&mut tx, team, day).await?;
        if let Some(listed_on) = listed_before {
            let before = read_seats(&mut tx, team).await?;
            let before = SeatListing {
                seats: &before,
                day: listed_on,
            };
            let after = SeatListing { seats: &seats, day };
            let changes = seat_changes(before, after);
            seat_event::write_changes(&mut tx, team, day, &changes, now).await?;
        }
        remove_vanished(&mut tx, team, &seats).await?;
        write_seats(&mut tx, team, day, &seats).await?;
        Ok(tx.commit().await?)
    }

    /// The seats of the latest listing, by login; `None` before the first.
    pub async fn load_seats(&self, team: TeamId) -> Result<Option<Vec<CopilotSeat>>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let is_listed = sqlx::query_scalar!(
            r#"select exists (select from seat_listing where team_id = $1) as "is_listed!""#,
            team.0,
        )
        .fetch_one(&mut *connection)
        .await?;
        Ok(match is_listed {
            true => Some(read_seats(&mut connection, team).await?),
            false => None,
        })
    }
}

/// Notes that the seats were listed; the day of the listing before, if there was one. Also keeps two listings of a team apart.
async fn note_listing(
    tx: &mut PgConnection,
    team: TeamId,
    day: NaiveDate,
) -> Result<Option<NaiveDate>, StoreError> {
    // Locked first, so that the listing before is not another's that is being written.
    let listed_before = sqlx::query_scalar!(
        "select last_listed_on from seat_listing where team_id = $1 for update",
        team.0,
    )
    .fetch_optional(&mut *tx)
    .await?;
    sqlx::query!(
        r#"insert into seat_listing as l (team_id, first_listed_on, last_listed_on) values ($1, $2, $2)
           on conflict (team_id) do update set last_listed_on = greatest(l.last_listed_on, excluded.last_listed_on)"#,
        team.0,
        day,
    )
    .execute(tx)
    .await?;
    Ok(listed_before)
}

async fn read_seats(
    connection: &mut PgConnection,
    team: TeamId,
) -> Result<Vec<CopilotSeat>, StoreError> {
    let seats = sqlx::query_as!(
        CopilotSeat,
        r#"select assignee_github_id, assignee_login, created_at, last_activity_at, last_activity_editor,
               pending_cancellation_on, plan_type
           from seat where team_id = $1 order by assignee_login, assignee_github_id"#,
        team.0,
    )
    .fetch_all(connection)
    .await?;
    Ok(seats)
}

async fn remove_vanished(
    tx: &mut PgConnection,
    team: TeamId,
    seats: &[CopilotSeat],
) -> Result<(), StoreError> {
    let ids: Vec<i64> = seats.iter().map(|seat| seat.assignee_github_id).collect();
    sqlx::query!(
        "delete from seat where team_id = $1 and assignee_github_id <> all($2)",
        team.0,
        &ids,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn write_seats(
    tx: &mut PgConnection,
    team: TeamId,
    day: NaiveDate,
    seats: &[CopilotSeat],
) -> Result<(), StoreError> {
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
    sqlx::query!(
        r#"insert into seat (team_id, seen_on, assignee_github_id, assignee_login, created_at, last_activity_at,
               last_activity_editor, pending_cancellation_on, plan_type)
           select $1, $2, *
           from unnest($3::bigint[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::date[],
               $9::text[])
           on conflict (team_id, assignee_github_id) do update set
               assignee_login = excluded.assignee_login, created_at = excluded.created_at,
               last_activity_at = excluded.last_activity_at, last_activity_editor = excluded.last_activity_editor,
               pending_cancellation_on = excluded.pending_cancellation_on, plan_type = excluded.plan_type,
               seen_on = excluded.seen_on"#,
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
    .execute(tx)
    .await?;
    Ok(())
}
