//! The e-mail outbox: queued in the transaction of what they tell, claimed by one worker at a time, marked with what came of them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use workflows::domain::{
    email::{EmailState, Template},
    team::TeamId,
};

use super::{
    Store, StoreError,
    column::{narrow, storable, storable_document},
};
use crate::{failure::MailDecision, mail::Email};

/// An e-mail that this worker may send now.
#[derive(Clone)]
pub struct ClaimedEmail {
    /// Row id.
    pub id: i64,
    /// What makes it one e-mail.
    pub idempotency_key: String,
    /// What it is about.
    pub template: Template,
    /// Address.
    pub recipient: String,
    /// How the greeting calls them.
    pub recipient_name: Option<String>,
    /// What it tells.
    pub fields: Value,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// Which attempt this is, from 1.
    pub attempts: u32,
}

/// An e-mail as the outbox shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEmail {
    /// Row id.
    pub id: i64,
    /// What it is about.
    pub template: Template,
    /// Address; empty when nobody's was known.
    pub recipient: String,
    /// How far it has got.
    pub state: EmailState,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// When the mail server took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// Attempts so far.
    pub attempts: u32,
    /// The latest of them.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// The next one, while it is queued.
    pub next_attempt_at: DateTime<Utc>,
    /// Why the latest attempt came to nothing.
    pub failure: Option<String>,
}

/// Numbers of the outbox over all teams.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// E-mails by what they are about and how far they have got.
    pub by_state: Vec<(Template, EmailState, u64)>,
    /// When the oldest of those that wait was queued.
    pub waiting_since: Option<DateTime<Utc>>,
}

impl OutboxCounts {
    /// E-mails in this state.
    pub fn count(&self, state: EmailState) -> u64 {
        let counts = self.by_state.iter().filter(|(_, one, _)| *one == state);
        counts.map(|(_, _, count)| count).sum()
    }
}

/// Queues an e-mail for everybody whom the team's e-mails go to, in the transaction of what it tells. `event` names what happened: the
/// same event is told each of them once, however often this is called. Without recipients a row is left that shows it.
pub(super) async fn queue_email(
    tx: &mut PgConnection,
    team: TeamId,
    event: &str,
    email: &Email,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into email_outbox
               (team_id, idempotency_key, template, recipient, recipient_name, fields, queued_at, next_attempt_at)
           select $1, $2 || coalesce('/' || left(encode(sha256(convert_to(lower(r.address), 'utf8')), 'hex'), 16), ''),
               $3, coalesce(r.address, ''), r.name, $4, $5, $5
           from (select) as once left join email_recipient r on r.team_id = $1
           on conflict (idempotency_key) do nothing"#,
        team.0,
        event,
        email.template().as_str(),
        storable_document(&serde_json::to_value(email)?),
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// Takes the e-mail that is due first, for as long as the lease lasts; `None` when none is. Nobody is told that it works again
    /// before they are told that it does not: one person's e-mails leave in their order. The attempt is written down at once, so that
    /// a worker that dies during it leaves a trace.
    pub async fn claim_email(
        &self,
        lease: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Option<ClaimedEmail>, StoreError> {
        let row = sqlx::query!(
            r#"update email_outbox set attempts = attempts + 1, last_attempt_at = $1, next_attempt_at = $2
               where id = (
                   select e.id from email_outbox e where e.state = 'queued' and e.next_attempt_at <= $1
                       and not exists (select from email_outbox before
                           where before.team_id = e.team_id and before.recipient = e.recipient
                               and before.state = 'queued' and before.id < e.id)
                   order by e.next_attempt_at, e.id limit 1
                   for update of e skip locked)
               returning id, idempotency_key, template, recipient, recipient_name, fields, queued_at, attempts"#,
            now,
            now + lease,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(ClaimedEmail {
            id: row.id,
            idempotency_key: row.idempotency_key,
            template: row.template.parse()?,
            recipient: row.recipient,
            recipient_name: row.recipient_name,
            fields: row.fields,
            queued_at: row.queued_at,
            attempts: narrow(row.attempts),
        }))
    }

    /// The mail server took it: true whoever else has claimed it since.
    pub async fn mark_email_sent(
        &self,
        claimed: &ClaimedEmail,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update email_outbox set sent_at = coalesce(sent_at, $2), failed_at = null, failure = null where id = $1"#,
            claimed.id,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The mail server did not take it. Of a claim that another worker has taken over, nothing is written.
    pub async fn mark_email_untaken(
        &self,
        claimed: &ClaimedEmail,
        reason: &str,
        decision: MailDecision,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (next_attempt_at, failed_at) = match decision {
            MailDecision::Later(at) => (Some(at), None),
            MailDecision::GiveUp => (None, Some(now)),
        };
        sqlx::query!(
            r#"update email_outbox set failure = $3, failed_at = $4, next_attempt_at = coalesce($5, next_attempt_at)
               where id = $1 and attempts = $2 and state = 'queued'"#,
            claimed.id,
            narrow::<u32, i32>(claimed.attempts),
            storable(reason).into_owned(),
            failed_at,
            next_attempt_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The team's e-mails, newest first.
    pub async fn list_emails(&self, team: TeamId) -> Result<Vec<OutboxEmail>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, template, recipient, state, queued_at, sent_at, attempts, last_attempt_at, next_attempt_at,
                   failure
               from email_outbox where team_id = $1 order by id desc"#,
            team.0,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(OutboxEmail {
                    id: row.id,
                    template: row.template.parse()?,
                    recipient: row.recipient,
                    state: row.state.parse()?,
                    queued_at: row.queued_at,
                    sent_at: row.sent_at,
                    attempts: narrow(row.attempts),
                    last_attempt_at: row.last_attempt_at,
                    next_attempt_at: row.next_attempt_at,
                    failure: row.failure,
                })
            })
            .collect()
    }

    /// Queues anew what failed, for now and with all its patience, and what nobody's address was known for, for those whose is known
    /// now; not what asks to mend something that works again, nor the digest of somebody who wants it no more. Returns how many e-mails wait that did not.
    pub async fn retry_emails(&self, team: TeamId, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.pool.begin().await?;
        let failed = sqlx::query!(
            r#"update email_outbox set failed_at = null, failure = null, attempts = 0, queued_at = $2, next_attempt_at = $2
               where team_id = $1 and state = 'failed'
                   and (template <> 'reconnect_needed' or exists (select from incident i
                       where i.team_id = $1 and i.ended_at is null and i.id::text = split_part(idempotency_key, '/', 3)))
                   and (template <> 'weekly_digest' or exists (select from email_recipient r
                       where r.team_id = $1 and lower(r.address) = lower(recipient) and r.wants_digest))"#,
            team.0,
            now,
        )
        .execute(&mut *tx)
        .await?;
        let found = sqlx::query!(
            r#"insert into email_outbox
                   (team_id, idempotency_key, template, recipient, recipient_name, fields, queued_at, next_attempt_at)
               select e.team_id,
                   e.idempotency_key || '/' || left(encode(sha256(convert_to(lower(r.address), 'utf8')), 'hex'), 16),
                   e.template, r.address, r.name, e.fields, $2, $2
               from email_outbox e join email_recipient r on r.team_id = e.team_id
               where e.team_id = $1 and e.state = 'no_recipient'
                   and (e.template <> 'reconnect_needed' or exists (select from incident i
                       where i.team_id = $1 and i.ended_at is null and i.id::text = split_part(e.idempotency_key, '/', 3)))
               on conflict (idempotency_key) do nothing"#,
            team.0,
            now,
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            r#"delete from email_outbox where team_id = $1 and state = 'no_recipient'
                   and exists (select from email_recipient where team_id = $1)"#,
            team.0,
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(failed.rows_affected() + found.rows_affected())
    }

    /// How many e-mails there are in each state, and since when the oldest waits.
    pub async fn count_emails(&self) -> Result<OutboxCounts, StoreError> {
        let rows = sqlx::query!(
            r#"select template, state, count(*) as "count!", min(queued_at) as "oldest!"
               from email_outbox group by template, state order by template, state"#,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut counts = OutboxCounts::default();
        for row in rows {
            let state: EmailState = row.state.parse()?;
            if state == EmailState::Queued {
                let oldest = counts
                    .waiting_since
                    .map_or(row.oldest, |known| known.min(row.oldest));
                counts.waiting_since = Some(oldest);
            }
            counts
                .by_state
                .push((row.template.parse()?, state, narrow(row.count)));
        }
        Ok(counts)
    }
}
