//! What each schedule starts, and how its errors speak of it.

use temporalio_client::schedules::ScheduleAction;
use workflows::{
    regenerate_all_teams::{NightInput, RegenerateAllTeams},
    send_weekly_digests::{DigestInput, SendWeeklyDigests},
};

/// What a schedule starts. When is in the settings.
#[derive(Debug)]
pub struct Plan {
    /// Id of the schedule, and prefix of the workflow ids that it starts.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What they call one of its runs.
    pub run: &'static str,
    /// Which settings say when it runs.
    pub settings: &'static str,
    /// The command that shows it.
    pub show: &'static str,
    start: fn(id: &str, task_queue: &str) -> ScheduleAction,
}

/// The nightly run.
pub const NIGHTLY: Plan = Plan {
    id: "nightly-regenerate",
    name: "nightly schedule",
    run: "night",
    settings: "COFLOW_NIGHTLY_CRON and COFLOW_NIGHTLY_TIME_ZONE",
    show: "coflow schedule show",
    start: |id, task_queue| {
        let input = NightInput::default();
        ScheduleAction::start_workflow(RegenerateAllTeams::run, input, task_queue, id)
    },
};

/// The weekly digest.
pub const WEEKLY_DIGEST: Plan = Plan {
    id: "weekly-digest",
    name: "schedule of the weekly digest",
    run: "weekly digest",
    settings: "COFLOW_DIGEST_CRON and COFLOW_DIGEST_TIME_ZONE",
    show: "coflow schedule show --digest",
    start: |id, task_queue| {
        let input = DigestInput::default();
        ScheduleAction::start_workflow(SendWeeklyDigests::run, input, task_queue, id)
    },
};

impl Plan {
    /// What its schedule starts on this task queue.
    pub(super) fn action(&self, task_queue: &str) -> ScheduleAction {
        (self.start)(self.id, task_queue)
    }

    /// For whoever looks for a schedule that was never applied.
    pub fn is_missing(&self) -> String {
        format!("there is no {} yet: coflow schedule apply", self.name)
    }
}
