//! A schedule at Temporal: created or updated from the settings, paused and resumed by people. What it starts is its plan's.

mod plan;

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};
use temporalio_client::{
    Client,
    schedules::{
        CreateScheduleOptions, ScheduleBackfill, ScheduleDescription, ScheduleError,
        ScheduleHandle, ScheduleOverlapPolicy, ScheduleSpec,
    },
};

use super::{connection::TemporalError, runs::is_open};
pub use plan::{NIGHTLY, Plan, WEEKLY_DIGEST};

/// A run missed by less than this (Temporal was down) is still started.
const CATCHUP_WINDOW: Duration = Duration::from_secs(12 * 60 * 60);

/// A triggered run shows in the schedule's description within moments; a schedule that is behind is given this long.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// When its runs start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleTimes {
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
    /// Runs started so far.
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

/// A schedule on one server.
pub struct Schedule {
    client: Client,
    handle: ScheduleHandle<Client>,
    plan: &'static Plan,
}

impl Schedule {
    /// The schedule of this plan in the client's namespace.
    pub fn new(client: Client, plan: &'static Plan) -> Self {
        let handle = client.get_schedule_handle(plan.id);
        Self {
            client,
            handle,
            plan,
        }
    }

    /// What it starts.
    pub fn plan(&self) -> &'static Plan {
        self.plan
    }

    /// Creates the schedule or brings it up to date. Several workers may do so at once; a person's pause is left alone.
    ///
    /// # Errors
    /// When Temporal does not accept the cron expression or the time zone, or does not answer.
    pub async fn apply(
        &self,
        times: &ScheduleTimes,
        task_queue: &str,
    ) -> Result<Applied, TemporalError> {
        let options = CreateScheduleOptions::builder()
            .action(self.plan.action(task_queue))
            .spec(spec(times))
            .overlap_policy(ScheduleOverlapPolicy::Skip)
            .build();
        let applied = match self.client.create_schedule(self.plan.id, options).await {
            Ok(_) => Applied::Created,
            Err(ScheduleError::Rpc(status))
                if status.code() == temporalio_client::tonic::Code::AlreadyExists =>
            {
                Applied::Updated
            }
            Err(error) => return Err(self.refused(error, times)),
        };
        // The catch-up window can only be set by an update, so a new schedule is updated as well.
        let (spec, action) = (spec(times), self.plan.action(task_queue));
        self.handle
            .update(
                move |schedule| {
                    schedule
                        .set_spec(spec)
                        .set_action(action)
                        .set_overlap_policy(ScheduleOverlapPolicy::Skip)
                        .set_catchup_window(CATCHUP_WINDOW);
                },
                Default::default(),
            )
            .await
            .map_err(|error| self.refused(error, times))?;
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

    /// Starts a run now and returns its workflow id.
    ///
    /// # Errors
    /// When one is running already, the schedule does not exist or Temporal does not answer.
    pub async fn trigger_and_find(&self) -> Result<String, TemporalError> {
        let ends_at = Instant::now() + STARTS_WITHIN;
        let mut before = self.describe().await?;
        self.trigger().await?;
        loop {
            let now = self.describe().await?;
            if let Some(run) = run_since(&before, &now) {
                return Ok(run);
            }
            let is_skipped = now.overlap_skipped() > before.overlap_skipped();
            let is_late = Instant::now() >= ends_at;
            if is_skipped || is_late {
                self.refuse_beside_another(&now).await?;
            }
            if is_late {
                return Err(TemporalError::Schedule(format!(
                    "Temporal started no {} within {} s: see {}",
                    self.plan.run,
                    STARTS_WITHIN.as_secs(),
                    self.plan.show
                )));
            }
            // The schedule had not noticed yet that the run which it left this one out for has ended.
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
            .map_err(|error| self.not_applied(error))
    }

    /// An error that names the run which is on, if one of those that the schedule takes for running really is.
    async fn refuse_beside_another(
        &self,
        description: &ScheduleDescription,
    ) -> Result<(), TemporalError> {
        for action in description.running_actions() {
            if is_open(&self.client, &action.workflow_id).await? {
                return Err(TemporalError::Schedule(format!(
                    "no {} started: {} is running already, see {}",
                    self.plan.run, action.workflow_id, self.plan.show
                )));
            }
        }
        Ok(())
    }

    async fn describe(&self) -> Result<ScheduleDescription, TemporalError> {
        self.handle
            .describe(Default::default())
            .await
            .map_err(|error| self.not_applied(error))
    }

    /// Pauses the schedule until `resume`.
    ///
    /// # Errors
    /// When the schedule does not exist or Temporal does not answer.
    pub async fn pause(&self, note: &str) -> Result<(), TemporalError> {
        self.handle
            .pause(Some(note.to_owned()), Default::default())
            .await
            .map_err(|error| self.not_applied(error))
    }

    /// Lets the schedule run again.
    ///
    /// # Errors
    /// When the schedule does not exist or Temporal does not answer.
    pub async fn resume(&self, note: &str) -> Result<(), TemporalError> {
        self.handle
            .unpause(Some(note.to_owned()), Default::default())
            .await
            .map_err(|error| self.not_applied(error))
    }

    /// Starts the runs between two times that were missed, one after the other.
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
            .map_err(|error| self.not_applied(error))
    }

    fn refused(&self, error: ScheduleError, times: &ScheduleTimes) -> TemporalError {
        match error {
            ScheduleError::Rpc(status)
                if status.code() == temporalio_client::tonic::Code::InvalidArgument =>
            {
                TemporalError::Schedule(format!(
                    "the {} \"{}\" in time zone \"{}\" is not valid: {}; see {}",
                    self.plan.name,
                    times.cron,
                    times.time_zone,
                    status.message(),
                    self.plan.settings
                ))
            }
            other => TemporalError::refused(other),
        }
    }

    fn not_applied(&self, error: ScheduleError) -> TemporalError {
        match error {
            ScheduleError::Rpc(status)
                if status.code() == temporalio_client::tonic::Code::NotFound =>
            {
                TemporalError::Schedule(self.plan.is_missing())
            }
            other => TemporalError::refused(other),
        }
    }
}

fn spec(times: &ScheduleTimes) -> ScheduleSpec {
    ScheduleSpec::builder()
        .cron_strings(vec![times.cron.clone()])
        .timezone_name(times.time_zone.clone())
        .jitter(times.jitter)
        .build()
}

/// The workflow id of the run that started between two looks at the schedule. Runs are told apart by their run ids: the workflow id
/// ends with the second of the start, so two short ones may share it.
fn run_since(before: &ScheduleDescription, now: &ScheduleDescription) -> Option<String> {
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
