//! Writes the insights for 7, 30 and 90 days whose input has changed. A window that reaches behind what was fetched is left out: it
//! would claim that nothing happened there. The quick start has so only the short ones, unless it read a history to its end.

use workflows::{
    activity_definitions::{StepInput, StepSlice},
    domain::insight::WINDOWS,
};

use crate::{
    Activities, clock,
    failure::Failure,
    gather_insight::{History, Window, gather},
    llm::rule_based,
    measure,
};

pub(crate) async fn run(activities: &Activities, input: &StepInput) -> Result<StepSlice, Failure> {
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
        let insight_input = gather(store, &team, &history, window, settings).await?;
        let hash = measure::input_hash(&insight_input);
        if store
            .load_insight_hash(input.team.id, window_days, day)
            .await?
            .as_ref()
            == Some(&hash)
        {
            continue;
        }
        let insight = rule_based::write_insight(&insight_input);
        store
            .store_insight(
                input.team.id,
                window_days,
                day,
                &insight,
                &hash,
                &insight_input,
                now,
            )
            .await?;
        written += 1;
    }
    Ok(StepSlice {
        has_more: false,
        written,
    })
}
