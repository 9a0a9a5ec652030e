//! An attempt at an activity, for activities that a test calls without a workflow.

use std::time::{Duration, SystemTime};

use activities::Activities;
use temporalio_sdk::{
    activities::ActivityInfo,
    testing::{ActivityEnvironment, TestActivityInfoOptions},
};

/// Activities that are given this much time. Temporal gives a whole attempt's, or less when that of the step ends before.
pub(crate) fn attempt_of(activities: Activities, time: Duration) -> ActivityEnvironment {
    let started = SystemTime::UNIX_EPOCH;
    let info: ActivityInfo = TestActivityInfoOptions::builder()
        .started_time(Some(started))
        .deadline(Some(started + time))
        .build();
    ActivityEnvironment::builder_with_default()
        .register_activities(activities)
        .info(info)
        .build()
}
