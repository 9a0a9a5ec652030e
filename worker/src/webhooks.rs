//! Acts on the deliveries that `coflow serve` has stored, those too that another process left behind: the run of the team asks GitHub
//! how it stands, and what GitHub answers decides. No delivery sets a status.

use std::{sync::Arc, time::Duration};

use activities::{
    clock,
    store::{OpenDelivery, Store, StoreError},
};
use chrono::TimeDelta;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};
use workflows::domain::{
    team::TeamId,
    webhook::{Delivery, DeliveryOutcome, Meaning},
};

use crate::temporal::{
    connection::{self, TemporalError, TemporalTarget},
    runs::{Signalled, TeamRuns},
};

/// How long this rests when nothing arrives: deliveries of other processes are found then.
const POLL: Duration = Duration::from_secs(5);
/// Deliveries taken up at once.
const AT_ONCE: u32 = 20;
/// A delivery that was taken up and not finished within this time is somebody else's.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The longest time between two attempts at a delivery.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// GitHub lets deliveries of three days be sent again; these are kept for people to look at.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Why a delivery was not acted on.
#[derive(Debug, thiserror::Error)]
enum DeliveryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Temporal(#[from] TemporalError),
}

/// Deliveries being acted on.
pub struct Deliveries {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Deliveries {
    /// Acts on them on this runtime, on those that `arrived` tells of at once. Temporal may be away: they wait for it.
    pub fn start(
        store: Store,
        temporal: TemporalTarget,
        task_queue: String,
        arrived: Arc<Notify>,
    ) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let desk = Desk {
            store,
            temporal,
            task_queue,
        };
        let task = tokio::spawn(async move {
            while !*stopped.borrow() {
                if desk.act_on_some().await {
                    continue;
                }
                tokio::select! {
                    () = arrived.notified() => {}
                    () = tokio::time::sleep(POLL) => {}
                    _ = stopped.changed() => {}
                }
            }
        });
        Self { stop, task }
    }

    /// Finishes the delivery in hand and stops.
    pub async fn shut_down(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

struct Desk {
    store: Store,
    temporal: TemporalTarget,
    task_queue: String,
}

impl Desk {
    /// `true`: there may be more at once.
    async fn act_on_some(&self) -> bool {
        let now = clock::now();
        let taken = self.store.take_deliveries(AT_ONCE, now + LEASE, now).await;
        let taken = match taken {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(error = %error, "webhooks wait for the database");
                return false;
            }
        };
        // One connection for all of them, made when the first needs it.
        let mut runs = None;
        let count = taken.len();
        for open in taken {
            if let Err(error) = self.act_on(&open.delivery, &mut runs).await {
                self.postpone(&open, &error).await;
            }
        }
        if count > 0
            && let Err(error) = self.store.forget_deliveries(now - KEPT).await
        {
            tracing::warn!(error = %error, "old webhooks could not be forgotten");
        }
        count == AT_ONCE as usize
    }

    async fn act_on(
        &self,
        delivery: &Delivery,
        runs: &mut Option<TeamRuns>,
    ) -> Result<(), DeliveryError> {
        let outcome = match delivery.meaning() {
            Meaning::Note => DeliveryOutcome::Noted,
            Meaning::Nothing => DeliveryOutcome::UnknownEvent,
            Meaning::Ask => {
                if let Some((organization, installation)) = delivery.new_installation() {
                    self.store
                        .replace_installation(organization, installation, clock::now())
                        .await?;
                }
                let teams = self.store.find_concerned_teams(delivery).await?;
                self.ask(&teams, runs).await?
            }
            Meaning::AskForSender => {
                let teams = match delivery.sender_id {
                    Some(sender) => self.store.find_teams_of_sender(sender).await?,
                    None => vec![],
                };
                self.ask(&teams, runs).await?
            }
        };
        self.store
            .finish_delivery(&delivery.id, outcome, clock::now())
            .await?;
        tracing::info!(
            webhook.id = delivery.id,
            webhook.event = delivery.event,
            webhook.action = delivery.action,
            outcome = outcome.as_str(),
            "a webhook was acted on"
        );
        Ok(())
    }

    /// Lets the run of each team ask GitHub. A team that was never onboarded and is not being onboarded has none, and needs none.
    async fn ask(
        &self,
        teams: &[TeamId],
        runs: &mut Option<TeamRuns>,
    ) -> Result<DeliveryOutcome, DeliveryError> {
        let mut outcome = DeliveryOutcome::UnknownTeam;
        for team in teams {
            let Some(stored) = self.store.load_team(*team).await? else {
                continue;
            };
            let runs = match runs {
                Some(runs) => runs,
                None => {
                    let client = connection::connect(&self.temporal).await?;
                    runs.insert(TeamRuns::new(client, self.task_queue.clone()))
                }
            };
            outcome = match (runs.ask_again(&stored).await?, outcome) {
                (Signalled::Onboarding | Signalled::Refresh, _) | (_, DeliveryOutcome::Asking) => {
                    DeliveryOutcome::Asking
                }
                (Signalled::Nothing, _) => DeliveryOutcome::Noted,
            };
        }
        Ok(outcome)
    }

    async fn postpone(&self, open: &OpenDelivery, error: &DeliveryError) {
        let id = &open.delivery.id;
        tracing::warn!(webhook.id = id, error = %error, "a webhook waits for another attempt");
        let pause = TimeDelta::seconds(1 << open.attempts.min(10)).min(LONGEST_PAUSE);
        if let Err(error) = self.store.postpone_delivery(id, clock::now() + pause).await {
            tracing::warn!(webhook.id = id, error = %error, "a webhook waits for the database");
        }
    }
}
