//! Incidents: what somebody has to mend, told once, and told to be over once. Written in the transaction of the status that shows it,
//! by which the team's row is locked.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    cause::{Actor, Cause},
    team::TeamId,
};

use super::{StoreError, column::narrow, outbox::queue_email};
use crate::mail::{Email, ExpiryNotice, Healed, HealedScope, ReconnectNeeded, Said};

/// What an incident is about. Each has at most one open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The team's access to GitHub: whatever a parked pipeline waits for, and what its Copilot status shows of the same.
    Connection,
    /// Copilot alone.
    Copilot,
}

impl Scope {
    fn as_str(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Copilot => "copilot",
        }
    }

    /// What a Copilot status with this cause is about. A token that is refused is refused for everything.
    pub(super) fn of_copilot(cause: Cause) -> Self {
        match cause {
            Cause::TokenRevoked
            | Cause::CredentialMissing
            | Cause::CredentialUnreadable
            | Cause::AppSuspended
            | Cause::AppUninstalled
            | Cause::AppKeyRejected
            | Cause::SsoRequired
            | Cause::IpBlocked
            | Cause::AppNotApproved
            | Cause::OrgNotFound
            | Cause::LoginThrottled
            | Cause::RateLimited => Self::Connection,
            Cause::MetricsPolicyDisabled
            | Cause::PermissionMissing
            | Cause::NotOrgAdmin
            | Cause::BillingProblem
            | Cause::InsufficientLicenses
            | Cause::RepositoryBlocked
            | Cause::ForeignDownloadHost
            | Cause::MalformedAnswer
            | Cause::RequestRejected
            | Cause::GithubUnreachable
            | Cause::RecordRefused
            | Cause::StepTimedOut
            | Cause::Cancelled
            | Cause::Unknown => Self::Copilot,
        }
    }
}

/// What the team's people are told of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// When it begins, and when it is over.
    Both,
    /// When it is over: nothing is wrong, and it heals by itself.
    End,
    /// Nothing: they cannot mend it.
    Nothing,
}

fn telling(cause: Cause) -> Telling {
    match (cause, cause.actor()) {
        (Cause::InsufficientLicenses, _) => Telling::End,
        (
            _,
            Actor::TeamAdmin | Actor::OrganizationOwner | Actor::TokenOwner | Actor::BillingManager,
        ) => Telling::Both,
        (_, Actor::Operator | Actor::CoflowDevelopers | Actor::Nobody) => Telling::Nothing,
    }
}

/// A status says that somebody has to act: opens an incident unless one is open, and writes to the team's people unless they were
/// written to. An incident whose cause changes is told again, once a cause: what has to be done is another thing then.
pub(super) async fn report(
    tx: &mut PgConnection,
    team: TeamId,
    scope: Scope,
    cause: Cause,
    evidence_id: Option<i64>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let telling = telling(cause);
    if telling == Telling::Nothing {
        return Ok(());
    }
    let incident = open_incident(tx, team, scope, cause, now).await?;
    if telling == Telling::End {
        return Ok(());
    }
    let email = Email::ReconnectNeeded(ReconnectNeeded {
        organization: organization(tx, team).await?,
        cause,
        since: now,
        evidence: said(tx, team, evidence_id).await?,
    });
    let event = format!("reconnect/{team}/{incident}/{cause}");
    queue_email(tx, team, &event, &email, now).await
}

/// It was seen working: ends the incident, if one is open, and writes to the team's people.
pub(super) async fn heal(
    tx: &mut PgConnection,
    team: TeamId,
    scope: Scope,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(ended) = end_incident(tx, team, scope, now).await? else {
        return Ok(());
    };
    let email = Email::Healed(Healed {
        organization: organization(tx, team).await?,
        scope: healed_scope(tx, team, scope).await?,
        cause: ended.cause,
        began_at: ended.began_at,
        healed_at: now,
    });
    queue_email(
        tx,
        team,
        &format!("healed/{team}/{}", ended.id),
        &email,
        now,
    )
    .await
}

/// The same for the team's access to GitHub after work that ended well. Copilot may have been refused meanwhile, which stops no
/// work: then it is not over.
pub(super) async fn heal_connection_unless_copilot_is_refused(
    tx: &mut PgConnection,
    team: TeamId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    // Locked like by every other writer, so that no two wait for each other.
    let cause = sqlx::query_scalar!(
        "select copilot_cause from team where id = $1 for no key update",
        team.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let cause: Option<Cause> = super::column::parse(cause.flatten())?;
    match cause.map(Scope::of_copilot) {
        Some(Scope::Connection) => Ok(()),
        Some(Scope::Copilot) | None => heal(tx, team, Scope::Connection, now).await,
    }
}

/// Somebody no longer wants it: nothing is left to mend, and nobody has to be told.
pub(super) async fn drop_incident(
    tx: &mut PgConnection,
    team: TeamId,
    scope: Scope,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    end_incident(tx, team, scope, now).await.map(drop)
}

/// Writes of a credential that ends soon, once for each number of days.
pub(super) async fn warn_of_expiry(
    tx: &mut PgConnection,
    team: TeamId,
    days_left: u16,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let credential = sqlx::query!(
        "select kind, login from credential where team_id = $1",
        team.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let kind = credential.as_ref().map(|stored| stored.kind.parse());
    // A credential may have been connected when less was left than the notice stands for.
    let left = u16::try_from((expires_at - now).num_hours() / 24 + 1).unwrap_or(days_left);
    let email = Email::ExpiryNotice(ExpiryNotice {
        organization: organization(tx, team).await?,
        kind: kind.transpose()?,
        login: credential.and_then(|stored| stored.login),
        days_left: left.min(days_left),
        expires_at,
    });
    let event = format!("expiry/{team}/{}/{days_left}", expires_at.timestamp());
    queue_email(tx, team, &event, &email, now).await
}

async fn open_incident(
    tx: &mut PgConnection,
    team: TeamId,
    scope: Scope,
    cause: Cause,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    // It is told as what it came to be: an incident may begin with a cause that nobody is written of.
    let id = sqlx::query_scalar!(
        r#"insert into incident (team_id, scope, cause, began_at) values ($1, $2, $3, $4)
           on conflict (team_id, scope) where ended_at is null do update set cause = excluded.cause
           returning id"#,
        team.0,
        scope.as_str(),
        cause.as_str(),
        now,
    )
    .fetch_one(tx)
    .await?;
    Ok(id)
}

struct Ended {
    id: i64,
    cause: Cause,
    began_at: DateTime<Utc>,
}

async fn end_incident(
    tx: &mut PgConnection,
    team: TeamId,
    scope: Scope,
    now: DateTime<Utc>,
) -> Result<Option<Ended>, StoreError> {
    let row = sqlx::query!(
        r#"update incident set ended_at = $3 where team_id = $1 and scope = $2 and ended_at is null
           returning id, cause, began_at"#,
        team.0,
        scope.as_str(),
        now,
    )
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Ended {
        id: row.id,
        cause: row.cause.parse()?,
        began_at: row.began_at,
    }))
}

async fn organization(tx: &mut PgConnection, team: TeamId) -> Result<String, StoreError> {
    sqlx::query_scalar!("select slug from team where id = $1", team.0)
        .fetch_optional(tx)
        .await?
        .ok_or(StoreError::TeamMissing(team.0))
}

async fn said(
    tx: &mut PgConnection,
    team: TeamId,
    evidence_id: Option<i64>,
) -> Result<Option<Said>, StoreError> {
    let row = sqlx::query!(
        "select http_status, message, request_id from failure_evidence where team_id = $1 and id = $2",
        team.0,
        evidence_id,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Said {
        http_status: row.http_status.map(narrow),
        message: row.message,
        request_id: Some(row.request_id).filter(|id| !id.is_empty()),
    }))
}

async fn healed_scope(
    tx: &mut PgConnection,
    team: TeamId,
    scope: Scope,
) -> Result<HealedScope, StoreError> {
    let row = sqlx::query!(
        r#"select (select count(*) from pull_request where team_id = $1) as "pull_requests!",
               (select seats_total from seat_snapshot where team_id = $1 order by day desc limit 1) as seats,
               (select max(day) from copilot_organization_day where team_id = $1) as fresh_through"#,
        team.0,
    )
    .fetch_one(tx)
    .await?;
    Ok(match scope {
        Scope::Connection => HealedScope::Connection {
            kept_pull_requests: narrow(row.pull_requests),
        },
        Scope::Copilot => HealedScope::Copilot {
            seats: row.seats.map(narrow),
            fresh_through: row.fresh_through,
        },
    })
}
