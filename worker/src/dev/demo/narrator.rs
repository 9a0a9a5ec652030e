//! Tells what happens as it happens, from the teams' history in the database.

use std::{collections::BTreeMap, time::Duration};

use activities::{
    clock,
    store::{StatusEvent, StatusEventKind, Store, Team},
};
use anyhow::bail;
use chrono::{DateTime, Utc};
use workflows::domain::{
    copilot::CopilotStatus,
    pipeline::PipelineStatus,
    team::{TeamId, TeamRef},
};

const POLL: Duration = Duration::from_millis(100);

/// More than a team's history grows to in the demo.
pub(super) const ALL_EVENTS: u32 = 1_000;

/// Tells each change of a team's status once.
pub(super) struct Narrator<'a> {
    store: &'a Store,
    say: fn(&str),
    told: BTreeMap<TeamId, usize>,
}

impl<'a> Narrator<'a> {
    pub(super) fn new(store: &'a Store, say: fn(&str)) -> Self {
        Self {
            store,
            say,
            told: BTreeMap::new(),
        }
    }

    /// A new day or night begins.
    pub(super) fn heading(&self, title: &str, at: DateTime<Utc>) {
        (self.say)("");
        (self.say)(&format!(
            "{title}  ({})",
            at.format("%a %d %b %Y, %H:%M UTC")
        ));
    }

    /// One line about the story itself.
    pub(super) fn say(&self, text: &str) {
        (self.say)(&format!("  {text}"));
    }

    /// One line about a team, as of now.
    pub(super) fn note(&self, team: &str, text: &str) {
        self.line(clock::now(), team, text);
    }

    fn line(&self, at: DateTime<Utc>, team: &str, text: &str) {
        self.say(&format!("{}  {team:<7} {text}", at.format("%H:%M:%S")));
    }

    /// Follows the teams until `is_reached` holds for each, at most for `patience`.
    pub(super) async fn follow(
        &mut self,
        teams: &[TeamRef],
        patience: Duration,
        is_reached: impl Fn(&Team) -> bool,
    ) -> anyhow::Result<()> {
        let ends_at = tokio::time::Instant::now() + patience;
        loop {
            self.tell(teams).await?;
            let mut waiting = vec![];
            for team in teams {
                match self.store.load_team(team.id).await? {
                    Some(stored) if is_reached(&stored) => {}
                    Some(stored) => {
                        waiting.push(format!("{} is {}", stored.slug, stored.pipeline_status))
                    }
                    None => bail!("the team {} is gone", team.key),
                }
            }
            if waiting.is_empty() {
                // What was written between the telling and the look.
                return self.tell(teams).await;
            }
            if tokio::time::Instant::now() >= ends_at {
                bail!(
                    "after {} seconds {}",
                    patience.as_secs(),
                    waiting.join(", ")
                );
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Tells what is new in the teams' history, in the order in which it happened.
    pub(super) async fn tell(&mut self, teams: &[TeamRef]) -> anyhow::Result<()> {
        let mut fresh = vec![];
        for team in teams {
            let mut events = self.store.status_events(team.id, ALL_EVENTS).await?;
            events.reverse();
            let told = self.told.entry(team.id).or_default();
            let new = events.split_off(events.len().min(*told));
            *told += new.len();
            fresh.extend(new.into_iter().map(|event| (team.key.as_str(), event)));
        }
        fresh.sort_by_key(|(_, event)| event.happened_at);
        for (team, event) in fresh {
            if let Some(sentence) = sentence(&event) {
                self.line(event.happened_at, team, &sentence);
            }
        }
        Ok(())
    }
}

/// A change in words; `None` for the steps of a sync, which are many, and for what another line tells.
fn sentence(event: &StatusEvent) -> Option<String> {
    let to = event.to_status.as_str();
    let because = match event.cause {
        None => String::new(),
        Some(cause) if cause.as_str() == to => format!(": {}", cause.explanation()),
        Some(cause) => format!(" because of {cause}: {}", cause.explanation()),
    };
    match event.kind {
        StatusEventKind::Pipeline => pipeline_sentence(event, &because),
        StatusEventKind::Copilot if is_connecting(event) => None,
        StatusEventKind::Copilot => Some(format!("Copilot is {to}{because}")),
        // The pipeline waits for it, or goes on.
        StatusEventKind::Credential => None,
        StatusEventKind::Slug => Some(format!("is called {to} now")),
    }
}

fn is_connecting(event: &StatusEvent) -> bool {
    event.from_status.as_deref() == Some(CopilotStatus::Disabled.as_str())
}

fn pipeline_sentence(event: &StatusEvent, because: &str) -> Option<String> {
    use PipelineStatus as S;
    let parse = |word: &str| word.parse::<S>().ok();
    let (to, from) = (
        parse(&event.to_status)?,
        event.from_status.as_deref().and_then(parse),
    );
    match (from, to) {
        (_, S::AwaitingReconnect) => Some(format!("WAITS FOR ITS ADMIN{because}")),
        (_, S::Failed) => Some(format!("FAILED{because}")),
        (Some(S::AwaitingReconnect), _) => Some("works again and goes on".to_owned()),
        (_, S::Phase1Complete) => {
            Some("the last 30 days are there: its dashboard opens".to_owned())
        }
        (_, S::Complete) => Some("its first sync is complete".to_owned()),
        _ => None,
    }
}
