//! The schedule `nightly-regenerate`: created or updated from the settings, paused and resumed by people.

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};
use temporalio_client::{
    Client,
    schedules::{
        CreateScheduleOptions, ScheduleAction, ScheduleBackfill, ScheduleDescription,
        ScheduleError, ScheduleHandle, ScheduleOverlapPolicy, ScheduleSpec,
    },
};
use workflows::regenerate_all_teams::{NightInput, RegenerateAllTeams};

use super::{connection::TemporalError, runs::is_open};

/// Id of the schedule, and prefix of the workflow ids that it starts.
pub const SCHEDULE_ID: &str = "nightly-regenerate";

/// A night missed by less than this (Temporal was down) is still run.
const CATCHUP_WINDOW: Duration = Duration::from_secs(12 * 60 * 60);

/// A triggered night shows in the schedule's description within moments; a schedule that is behind is given this long.
const STARTS_WITHIN: Duration = Duration::from_secs(10);
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// When the nightly run starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightlyTimes {
    /// Cron expression.
    pub cron: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Spread of the start.
    pub jitter: Duration,
}

/// What the schedule looks like.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ScheduleState {
    /// Paused by a person.
    pub is_paused: bool,
    /// Their note.
    pub note: Option<String>,
    /// The next starts, soonest first.
    pub next_starts: Vec<DateTime<Utc>>,
    /// The latest starts, oldest first.
    pub recent_starts: Vec<DateTime<Utc>>,
    /// Nights started so far.
    pub started_count: i64,
}

/// Whether `apply` made or changed the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It did not exist.
    Created,
    /// It existed and now follows the settings. A person's pause stays.
    Updated,
}

/// The nightly schedule on one server.
pub struct NightlySchedule {
    client: Client,
    handle: ScheduleHandle<Client>,
}

impl NightlySchedule {
    /// The schedule of the client's namespace.
    pub fn new(client: Client) -> Self {
        let handle = client.get_schedule_handle(SCHEDULE_ID);
        Self { client, handle }
    }

    /// Creates the schedule or brings it up to date. Several workers may do so at once; a person's pause is left alone.
    ///
    /// # Errors
    /// When Temporal does not accept the cron expression or the time zone, or does not answer.
    pub async fn apply(
        &self,
        times: &NightlyTimes,
        task_queue: &str,
    ) -> Result<Applied, TemporalError> {
        let options = CreateScheduleOptions::builder()
            .action(action(task_queue))
            .spec(spec(times))
            .overlap_policy(ScheduleOverlapPolicy::Skip)
            .build();
        let applied = match self.client.create_schedule(SCHEDULE_ID, options).await {
            Ok(_) => Applied::Created,
            Err(ScheduleError::Rpc(status))
                if status.code() == temporalio_client::tonic::Code::AlreadyExists =>
            {
                Applied::Updated
            }
            Err(error) => return Err(refused(error, times)),
        };
        // The catch-up window can only be set by an update, so a new schedule is updated as well.
        let (times, task_queue) = (times.clone(), task_queue.to_owned());
        let on_error = times.clone();
        self.handle
            .update(
                move |schedule| {
                    schedule
                        .set_spec(spec(&times))
                        .set_action(action(&task_queue))
                        .set_overlap_policy(ScheduleOverlapPolicy::Skip)
                        .set_catchup_window(CATCHUP_WINDOW);
                },
                Default::default(),
            )
            .await
            .map_err(|error| refused(error, &on_error))?;
        Ok(applied)
    }

    /// What the schedule looks like; `None` when it was never applied.
    ///
    /// # Errors
    /// When Temporal does not answer.
    pub async fn load(&self) -> Result<Option<ScheduleState>, TemporalError> {
        match self.handle.describe(Default::default()).await {
            Ok(description) => Ok(Some(state(&description))),
            Err(ScheduleError::Rpc(status))
                if status.code() == temporalio_client::tonic::Code::NotFound =>
            {
                Ok(None)
            }
            Err(error) => Err(TemporalError::refused(error)),
        }
    }

    /// Starts a night now and returns its workflow id.
    ///
    /// # Errors
    /// When a night is running already, the schedule does not exist or Temporal does not answer.
    pub async fn trigger_and_find(&self) -> Result<String, TemporalError> {
        let ends_at = Instant::now() + STARTS_WITHIN;
        let mut before = self.describe().await?;
        self.trigger().await?;
        loop {
            let now = self.describe().await?;
            if let Some(night) = night_since(&before, &now) {
                return Ok(night);
            }
            let is_skipped = now.overlap_skipped() > before.overlap_skipped();
            let is_late = Instant::now() >= ends_at;
            if is_skipped || is_late {
                self.refuse_beside_another(&now).await?;
            }
            if is_late {
                return Err(TemporalError::Schedule(format!(
                    "Temporal started no night within {} s: see coflow schedule show",
                    STARTS_WITHIN.as_secs()
                )));
            }
            // The schedule had not noticed yet that the night which it left this one out for has ended.
            if is_skipped {
                before = now;
                self.trigger().await?;
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    }

    async fn trigger(&self) -> Result<(), TemporalError> {
        self.handle
            .trigger(ScheduleOverlapPolicy::Skip, Default::default())
            .await
            .map_err(not_applied)
    }

    /// An error that names the night which is running, if one of those that the schedule takes for running really is.
    async fn refuse_beside_another(
        &self,
        description: &ScheduleDescription,
    ) -> Result<(), TemporalError> {
        for action in description.running_actions() {
            if is_open(&self.client, &action.workflow_id).await? {
                return Err(TemporalError::Schedule(format!(
                    "no night started: {} is running already, see coflow schedule show",
                    action.workflow_id
                )));
            }
        }
        Ok(())
    }

    async fn describe(&self) -> Result<ScheduleDescription, TemporalError> {
        self.handle
            .describe(Default::default())
            .await
            .map_err(not_applied)
    }

    /// Pauses the schedule until `resume`.
    ///
    /// # Errors
    /// When the schedule does not exist or Temporal does not answer.
    pub async fn pause(&self, note: &str) -> Result<(), TemporalError> {
        self.handle
            .pause(Some(note.to_owned()), Default::default())
            .await
            .map_err(not_applied)
    }

    /// Lets the schedule run again.
    ///
    /// # Errors
    /// When the schedule does not exist or Temporal does not answer.
    pub async fn resume(&self, note: &str) -> Result<(), TemporalError> {
        self.handle
            .unpause(Some(note.to_owned()), Default::default())
            .await
            .map_err(not_applied)
    }

    /// Runs the nights between two times that were missed, one after the other.
    ///
    /// # Errors
    /// When the schedule does not exist or Temporal does not answer.
    pub async fn backfill(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<(), TemporalError> {
        let range = ScheduleBackfill::new(SystemTime::from(from), SystemTime::from(to))
            .overlap_policy(ScheduleOverlapPolicy::BufferAll)
            .build();
        self.handle
            .backfill([range], Default::default())
            .await
            .map_err(not_applied)
    }
}

fn action(task_queue: &str) -> ScheduleAction {
    ScheduleAction::start_workflow(
        RegenerateAllTeams::run,
        NightInput::default(),
        task_queue,
        SCHEDULE_ID,
    )
}

fn spec(times: &NightlyTimes) -> ScheduleSpec {
    ScheduleSpec::builder()
        .cron_strings(vec![times.cron.clone()])
        .timezone_name(times.time_zone.clone())
        .jitter(times.jitter)
        .build()
}

/// The workflow id of the night that started between two looks at the schedule. Nights are told apart by their run ids: the
/// workflow id ends with the second of the start, so two short nights may share it.
fn night_since(before: &ScheduleDescription, now: &ScheduleDescription) -> Option<String> {
    let known = before.recent_actions();
    let is_new = |run_id: &str| known.iter().all(|action| action.run_id != run_id);
    let started = now.recent_actions().into_iter();
    let mut new = started.filter(|action| is_new(&action.run_id));
    new.next().map(|action| action.workflow_id)
}

fn state(description: &ScheduleDescription) -> ScheduleState {
    ScheduleState {
        is_paused: description.paused(),
        note: description
            .note()
            .filter(|note| !note.is_empty())
            .map(str::to_owned),
        next_starts: description
            .future_action_times()
            .into_iter()
            .map(DateTime::from)
            .collect(),
        recent_starts: description
            .recent_actions()
            .into_iter()
            .filter_map(|action| action.actual_time.or(action.schedule_time))
            .map(DateTime::from)
            .collect(),
        started_count: description.action_count(),
    }
}

fn refused(error: ScheduleError, times: &NightlyTimes) -> TemporalError {
    match error {
        ScheduleError::Rpc(status)
            if status.code() == temporalio_client::tonic::Code::InvalidArgument =>
        {
            TemporalError::Schedule(format!(
                "the nightly schedule \"{}\" in time zone \"{}\" is not valid: {}; see COFLOW_NIGHTLY_CRON and COFLOW_NIGHTLY_TIME_ZONE",
                times.cron,
                times.time_zone,
                status.message()
            ))
        }
        other => TemporalError::refused(other),
    }
}

fn not_applied(error: ScheduleError) -> TemporalError {
    match error {
        ScheduleError::Rpc(status) if status.code() == temporalio_client::tonic::Code::NotFound => {
            TemporalError::Schedule(
                "there is no nightly schedule yet: coflow schedule apply".to_owned(),
            )
        }
        other => TemporalError::refused(other),
    }
}
