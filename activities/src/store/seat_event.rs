//! What happened to single seats: GitHub keeps no history, so the differences between listings are ours.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use workflows::domain::{licence::SeatEventKind, team::TeamId};

use super::{Store, StoreError, column::storable};
use crate::measure::SeatChange;

/// One thing that happened to one seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatEvent {
    /// Day of the listing that showed it.
    pub day: NaiveDate,
    /// Numeric id of the person.
    pub assignee_github_id: i64,
    /// Login at that time.
    pub assignee_login: String,
    /// What happened.
    pub kind: SeatEventKind,
    /// What changed to what, or the day of the cancellation; empty where the kind says all.
    pub detail: String,
}

impl Store {
    /// The team's latest seat events, newest day first.
    pub async fn load_seat_events(
        &self,
        team: TeamId,
        limit: u32,
    ) -> Result<Vec<SeatEvent>, StoreError> {
        let rows = sqlx::query!(
            r#"select day, assignee_github_id, assignee_login, kind, detail
               from seat_event where team_id = $1
               order by day desc, assignee_github_id, kind
               limit $2"#,
            team.0,
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(SeatEvent {
                    day: row.day,
                    assignee_github_id: row.assignee_github_id,
                    assignee_login: row.assignee_login,
                    kind: row.kind.parse()?,
                    detail: row.detail,
                })
            })
            .collect()
    }
}

/// Notes the changes that a listing of this day showed. Of several changes of a kind on one day the last one counts.
pub(super) async fn write_changes(
    tx: &mut PgConnection,
    team: TeamId,
    day: NaiveDate,
    changes: &[SeatChange],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let ids: Vec<i64> = changes.iter().map(|one| one.assignee_github_id).collect();
    let logins: Vec<_> = changes
        .iter()
        .map(|one| storable(&one.assignee_login))
        .collect();
    let kinds: Vec<&str> = changes.iter().map(|one| one.kind.as_str()).collect();
    let details: Vec<_> = changes.iter().map(|one| storable(&one.detail)).collect();
    sqlx::query!(
        r#"insert into seat_event (team_id, day, happened_at, assignee_github_id, assignee_login, kind, detail)
           select $1, $2, $3, * from unnest($4::bigint[], $5::text[], $6::text[], $7::text[])
           on conflict (team_id, day, assignee_github_id, kind) do update set
               detail = excluded.detail, happened_at = excluded.happened_at"#,
        team.0,
        day,
        now,
        &ids,
        &logins as &[std::borrow::Cow<'_, str>],
        &kinds as &[&str],
        &details as &[std::borrow::Cow<'_, str>],
    )
    .execute(tx)
    .await?;
    Ok(())
}
