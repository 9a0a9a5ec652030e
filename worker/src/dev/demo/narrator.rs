//! Tells what happens as it happens, from the teams' history in the database.

use std::{collections::BTreeMap, time::Duration};

use activities::store::{Store, Team};
use anyhow::bail;
use workflows::domain::{pipeline::PipelineStatus, team::TeamRef};

const POLL: Duration = Duration::from_millis(100);

/// Tells each change of a team's status once.
pub(super) struct Narrator<'a> {
    store: &'a Store,
    say: fn(&str),
    told: BTreeMap<String, usize>,
}

impl<'a> Narrator<'a> {
    pub(super) fn new(store: &'a Store, say: fn(&str)) -> Self {
        Self {
            store,
            say,
            told: BTreeMap::new(),
        }
    }

    /// One line about the story itself.
    pub(super) fn say(&self, text: &str) {
        (self.say)(text);
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
            let mut waiting = vec![];
            for team in teams {
                self.tell(team).await?;
                match self.store.load_team(team.id).await? {
                    Some(stored) if is_reached(&stored) => {}
                    Some(stored) => {
                        waiting.push(format!("{} is {}", stored.slug, stored.pipeline_status))
                    }
                    None => bail!("the team {} is gone", team.key),
                }
            }
            if waiting.is_empty() {
                return Ok(());
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

    /// Tells what is new in a team's history.
    pub(super) async fn tell(&mut self, team: &TeamRef) -> anyhow::Result<()> {
        let mut events = self.store.status_events(team.id, 200).await?;
        events.reverse();
        let told = self.told.entry(team.key.clone()).or_default();
        let fresh = events.split_off(events.len().min(*told));
        *told += fresh.len();
        for event in fresh {
            let cause = event
                .cause
                .map(|cause| format!("  {cause}: {}", cause.explanation()))
                .unwrap_or_default();
            let mark = if is_quiet(&event.to_status) { " " } else { "*" };
            let time = event.happened_at.format("%H:%M:%S");
            self.say(&format!(
                "  {time} {mark} {:<8} {:<10} {}{cause}",
                team.key,
                event.kind.as_str(),
                event.to_status
            ));
        }
        Ok(())
    }
}

/// Steps are told quietly; ends and troubles are marked.
fn is_quiet(word: &str) -> bool {
    let loud = [
        PipelineStatus::Complete,
        PipelineStatus::AwaitingReconnect,
        PipelineStatus::Failed,
    ];
    word.parse()
        .is_ok_and(|status: PipelineStatus| !loud.contains(&status))
}
