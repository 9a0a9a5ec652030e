//! The e-mails of a team's beginning: welcome, and ready, with the numbers of the moment.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::domain::team::TeamId;

use super::{
    StoreError, column::narrow, outbox::queue_email, recipient::write_recipient, team::NewTeam,
};
use crate::mail::{Email, Headline, Ready, Welcome};

/// Welcomes whoever is to be written to about a team that is being added.
pub(super) async fn welcome(
    tx: &mut PgConnection,
    team: TeamId,
    new: &NewTeam,
    connected_by: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for recipient in &new.recipients {
        write_recipient(tx, team, recipient, now).await?;
    }
    let email = Email::Welcome(Welcome {
        organization: new.slug.clone(),
        connected_by: connected_by.map(str::to_owned),
        history_days: new.history_days,
    });
    queue_email(tx, team, &format!("welcome/{team}"), &email, now).await
}

/// Tells that the onboarding ended, which it does once.
pub(super) async fn ready(
    tx: &mut PgConnection,
    team: TeamId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = sqlx::query!(
        r#"select t.slug, t.history_days, t.copilot_status <> 'disabled' as "has_copilot!",
               (select count(*) from pull_request p where p.team_id = t.id) as "pull_requests!",
               (select count(distinct coalesce(p.author_github_id::text, p.author_login)) from pull_request p
                   where p.team_id = t.id and not p.author_is_bot) as "contributors!",
               (select count(*) from copilot_organization_day d where d.team_id = t.id) as "copilot_days!",
               (select to_jsonb(i) from (select window_days, headline as text from insight
                   where team_id = t.id order by window_days desc, day desc limit 1) i) as headline
           from team t where t.id = $1"#,
        team.0,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(StoreError::TeamMissing(team.0))?;
    let headline: Option<Headline> = row.headline.map(serde_json::from_value).transpose()?;
    let email = Email::Ready(Ready {
        organization: row.slug,
        history_days: narrow(row.history_days),
        pull_requests: narrow(row.pull_requests),
        contributors: narrow(row.contributors),
        copilot_days: row.has_copilot.then(|| narrow(row.copilot_days)),
        headline,
    });
    queue_email(
        tx,
        team,
        &format!("ready/{team}/{}", now.timestamp_millis()),
        &email,
        now,
    )
    .await
}
