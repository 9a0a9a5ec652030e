//! The projection of a team's pipeline, and the history of a team's statuses.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::{
    activity_definitions::{RecordStatus, RecordStep},
    domain::{
        UnknownWord,
        cause::Cause,
        pipeline::{Phase, PipelineStatus, Step},
        team::TeamId,
    },
};

use super::{
    Store, StoreError,
    column::parse,
    incident::{self, Scope},
    milestone, receipt,
    walk_plan::give_up_walk,
};

/// What a status event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusEventKind {
    /// The pipeline.
    Pipeline,
    /// The Copilot connection.
    Copilot,
    /// The credential.
    Credential,
    /// The organization's login.
    Slug,
}

/// One change in a team's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusEvent {
    /// What changed.
    pub kind: StatusEventKind,
    /// Word before; `None` for a beginning.
    pub from_status: Option<String>,
    /// Word after.
    pub to_status: String,
    /// Cause.
    pub cause: Option<Cause>,
    /// Evidence behind the cause.
    pub evidence_id: Option<i64>,
    /// When.
    pub happened_at: DateTime<Utc>,
}

impl Store {
    /// Projects the beginning of a step: the status that shows it, phase and step. Ends an open receipt of another step and a
    /// wait. A night's step shows a parked team as complete again, if it was onboarded.
    pub async fn record_step(
        &self,
        record: &RecordStep,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        project_step(&mut tx, record.team.id, record.phase, record.step, now).await?;
        Ok(tx.commit().await?)
    }

    /// Projects a status that is not a step. The step stays on record while the team is parked or failed.
    pub async fn record_status(
        &self,
        record: &RecordStatus,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let team = record.team.id;
        let mut tx = self.pool.begin().await?;
        let current = lock_status(&mut tx, team).await?;
        let wanted = Projection {
            status: record.status,
            cause: record.cause,
            evidence_id: record.evidence_id,
            is_onboarded: current.is_onboarded,
        };
        let wanted = if completes_by_night(&mut tx, team, &current, record.status).await? {
            current.clone()
        } else {
            wanted
        };
        let is_change = current.status != wanted.status || current.cause != wanted.cause;
        write_status(&mut tx, team, &current, &wanted, now).await?;
        if is_change {
            receipt::close(&mut tx, team, None, now).await?;
        }
        tell(&mut tx, team, &current, &wanted, now).await?;
        let keeps_step = matches!(
            record.status,
            PipelineStatus::AwaitingReconnect | PipelineStatus::Failed
        );
        sqlx::query!(
            r#"update team_progress set
                   step = case when $2 then step end,
                   step_started_at = case when $2 then step_started_at end,
                   waiting_until = null, waiting_reason = null
               where team_id = $1"#,
            team.0,
            keeps_step,
        )
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// The team's latest status events, newest first.
    pub async fn status_events(
        &self,
        team: TeamId,
        limit: u32,
    ) -> Result<Vec<StatusEvent>, StoreError> {
        let rows = sqlx::query!(
            r#"select kind, from_status, to_status, cause, evidence_id, happened_at
               from status_event where team_id = $1 order by id desc limit $2"#,
            team.0,
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(StatusEvent {
                    kind: row.kind.parse()?,
                    from_status: row.from_status,
                    to_status: row.to_status,
                    cause: parse(row.cause)?,
                    evidence_id: row.evidence_id,
                    happened_at: row.happened_at,
                })
            })
            .collect()
    }
}

impl StatusEventKind {
    /// The word for histories.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::Copilot => "copilot",
            Self::Credential => "credential",
            Self::Slug => "slug",
        }
    }
}

impl FromStr for StatusEventKind {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [Self::Pipeline, Self::Copilot, Self::Credential, Self::Slug]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| UnknownWord {
                kind: "StatusEventKind",
                word: word.to_owned(),
            })
    }
}

/// A change to write down.
pub(super) struct Change<'a> {
    pub(super) kind: StatusEventKind,
    pub(super) from: Option<&'a str>,
    pub(super) to: &'a str,
    pub(super) cause: Option<Cause>,
    pub(super) evidence_id: Option<i64>,
}

/// Adds one event to the team's history. Callers write it only on a change, in the change's own transaction.
pub(super) async fn write_event(
    tx: &mut PgConnection,
    team: TeamId,
    change: &Change<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into status_event (team_id, kind, from_status, to_status, cause, evidence_id, happened_at)
           values ($1, $2, $3, $4, $5, $6, $7)"#,
        team.0,
        change.kind.as_str(),
        change.from,
        change.to,
        change.cause.map(Cause::as_str),
        change.evidence_id,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Tells the team's people what the new status means for them. A repeated write tells nothing twice.
async fn tell(
    tx: &mut PgConnection,
    team: TeamId,
    before: &Projection,
    wanted: &Projection,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    use PipelineStatus as S;
    match (wanted.status, wanted.cause) {
        (S::AwaitingReconnect, Some(cause)) => {
            incident::report(tx, team, Scope::Connection, cause, wanted.evidence_id, now).await
        }
        (S::Phase1Complete | S::Complete, _) if !before.is_onboarded => {
            incident::heal_connection_unless_copilot_is_refused(tx, team, now).await
        }
        _ => Ok(()),
    }
}

/// Shows a step as in work: status, phase, step. Ends a wait and the receipt of any other step.
pub(super) async fn project_step(
    tx: &mut PgConnection,
    team: TeamId,
    phase: Phase,
    step: Step,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let current = lock_status(tx, team).await?;
    let status = step
        .status(phase)
        .unwrap_or_else(|| status_without_step(phase, current.status));
    let wanted = Projection {
        status,
        cause: None,
        evidence_id: None,
        is_onboarded: current.is_onboarded,
    };
    let wanted = if phase == Phase::Night && !current.is_onboarded {
        // A night does not do an onboarding's work: what the onboarding came to stays to be seen.
        current.clone()
    } else {
        wanted
    };
    write_status(tx, team, &current, &wanted, now).await?;
    // A night begins with the members. One that parked in a later step goes on there, with its own walk.
    if (phase, step) == (Phase::Night, Step::Members) {
        give_up_walk(tx, team, phase).await?;
    }
    sqlx::query!(
        r#"insert into team_progress as p (team_id, phase, step, step_started_at) values ($1, $2, $3, $4)
           on conflict (team_id) do update set
               step_started_at = case when p.phase = excluded.phase and p.step = excluded.step
                   then p.step_started_at else excluded.step_started_at end,
               phase = excluded.phase, step = excluded.step, waiting_until = null, waiting_reason = null"#,
        team.0,
        phase.as_str(),
        step.as_str(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    receipt::close(tx, team, Some((phase, step)), now).await
}

/// Whether a night wants to show a team as complete that was never onboarded: only an onboarding may.
async fn completes_by_night(
    tx: &mut PgConnection,
    team: TeamId,
    current: &Projection,
    wanted: PipelineStatus,
) -> Result<bool, StoreError> {
    if current.is_onboarded || wanted != PipelineStatus::Complete {
        return Ok(false);
    }
    let is_night = sqlx::query_scalar!(
        r#"select exists (select from team_progress where team_id = $1 and phase = 'night') as "is_night!""#,
        team.0,
    )
    .fetch_one(tx)
    .await?;
    Ok(is_night)
}

/// The status for a step that has none of its own: it stays, unless it says that nothing is in work.
fn status_without_step(phase: Phase, current: PipelineStatus) -> PipelineStatus {
    use PipelineStatus as S;
    match (current, phase) {
        (S::AwaitingReconnect | S::Failed | S::NotStarted, Phase::Night) => S::Complete,
        (S::AwaitingReconnect | S::Failed | S::NotStarted, Phase::Background) => {
            S::BackgroundSyncing
        }
        (S::AwaitingReconnect | S::Failed | S::NotStarted, Phase::QuickStart) => S::Syncing,
        (current, _) => current,
    }
}

#[derive(Clone)]
struct Projection {
    status: PipelineStatus,
    cause: Option<Cause>,
    evidence_id: Option<i64>,
    is_onboarded: bool,
}

/// Reads the status and locks the team's row, so that two writers cannot both see the same "before".
async fn lock_status(tx: &mut PgConnection, team: TeamId) -> Result<Projection, StoreError> {
    let row = sqlx::query!(
        r#"select pipeline_status, pipeline_cause, pipeline_evidence_id, onboarded_at is not null as "is_onboarded!"
           from team where id = $1 for no key update"#,
        team.0,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(StoreError::TeamMissing(team.0))?;
    Ok(Projection {
        status: row.pipeline_status.parse()?,
        cause: parse(row.pipeline_cause)?,
        evidence_id: row.pipeline_evidence_id,
        is_onboarded: row.is_onboarded,
    })
}

async fn write_status(
    tx: &mut PgConnection,
    team: TeamId,
    current: &Projection,
    wanted: &Projection,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if current.status == wanted.status
        && current.cause == wanted.cause
        && current.evidence_id == wanted.evidence_id
    {
        return Ok(());
    }
    sqlx::query!(
        r#"update team set
               pipeline_changed_at = case when pipeline_status = $2 then pipeline_changed_at else $5 end,
               pipeline_status = $2, pipeline_cause = $3, pipeline_evidence_id = $4,
               onboarded_at = case when $2 = 'complete' then coalesce(onboarded_at, $5) else onboarded_at end
           where id = $1"#,
        team.0,
        wanted.status.as_str(),
        wanted.cause.map(Cause::as_str),
        wanted.evidence_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    if current.status == wanted.status && current.cause == wanted.cause {
        return Ok(());
    }
    if wanted.status == PipelineStatus::Complete && !current.is_onboarded {
        milestone::ready(tx, team, now).await?;
    }
    let change = Change {
        kind: StatusEventKind::Pipeline,
        from: Some(current.status.as_str()),
        to: wanted.status.as_str(),
        cause: wanted.cause,
        evidence_id: wanted.evidence_id,
    };
    write_event(tx, team, &change, now).await
}
