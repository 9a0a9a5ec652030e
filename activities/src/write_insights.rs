//! Writes the insights for 7, 30 and 90 days whose input has changed. A window that reaches behind what was fetched is left out: it
//! would claim that nothing happened there. The quick start has so only the short ones, unless it read a history to its end.

mod one;

use workflows::{
    activity_definitions::{StepInput, StepSlice},
    domain::insight::WINDOWS,
};

use crate::{
    Activities, clock,
    failure::Failure,
    gather_insight::{History, Window, gather},
};

pub(crate) async fn run(
    activities: &Activities,
    input: &StepInput,
    attempt: u32,
) -> Result<StepSlice, Failure> {
    let store = &activities.store;
    let now = clock::now();
    let day = now.date_naive();
    let Some(team) = store.load_team(input.team.id).await? else {
        return Ok(StepSlice {
            has_more: false,
            written: 0,
        });
    };
    let history = History::load(store, input.team.id, now).await?;
    let settings = activities.settings.measures();
    let mut written = 0;
    for window_days in WINDOWS {
        let window = Window::before(now, window_days);
        if !history.covers(window) {
            continue;
        }
        let input = gather(store, &team, &history, window, settings).await?;
        written += u64::from(one::write(activities, &team.team, &input, day, attempt).await?);
    }
    Ok(StepSlice {
        has_more: false,
        written,
    })
}
