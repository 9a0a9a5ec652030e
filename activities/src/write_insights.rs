//! Writes the insights for 7, 30 and 90 days whose input has changed. A window that reaches behind what was fetched is left out: it
//! would claim that nothing happened there. The quick start has so only the short ones, unless it read a history to its end.

use chrono::{DateTime, Days, NaiveTime, Utc};
use workflows::{
    activity_definitions::{StepInput, StepSlice},
    domain::{
        copilot::{CopilotSkipReason, CopilotStatus},
        insight::{CopilotInput, InsightInput, WINDOWS},
        metrics::MeasuredPullRequest,
    },
};

use crate::{Activities, clock, failure::Failure, llm::rule_based, measure, store::Team};

pub(crate) async fn run(activities: &Activities, input: &StepInput) -> Result<StepSlice, Failure> {
    let store = &activities.store;
    let now = clock::now();
    let day = now.date_naive();
    // Windows end with the day, so that a second run on the same day has the same input.
    let to = (day + Days::new(1)).and_time(NaiveTime::MIN).and_utc();
    let Some(team) = store.load_team(input.team.id).await? else {
        return Ok(StepSlice {
            has_more: false,
            written: 0,
        });
    };
    let longest = WINDOWS.into_iter().max().unwrap_or_default();
    let pull_requests = store
        .load_measured_pull_requests(input.team.id, days_before(to, 2 * longest))
        .await?;
    let covered = store.earliest_covered(input.team.id).await?;
    let mut written = 0;
    for window_days in WINDOWS {
        if covered.is_none_or(|covered| covered > days_before(to, window_days)) {
            continue;
        }
        let insight_input =
            gather(activities, &team, &pull_requests, covered, window_days, to).await?;
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

async fn gather(
    activities: &Activities,
    team: &Team,
    pull_requests: &[MeasuredPullRequest],
    covered: Option<DateTime<Utc>>,
    window_days: u16,
    to: DateTime<Utc>,
) -> Result<InsightInput, Failure> {
    let from = days_before(to, window_days);
    let before = days_before(from, window_days);
    let has_previous = covered.is_some_and(|covered| covered <= before);
    Ok(InsightInput {
        window_days,
        current: measure::measure_window(pull_requests, from, to),
        previous: has_previous.then(|| measure::measure_window(pull_requests, before, from)),
        copilot: gather_copilot(activities, team, from, to).await?,
    })
}

async fn gather_copilot(
    activities: &Activities,
    team: &Team,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<CopilotInput, Failure> {
    match team.copilot_status {
        CopilotStatus::Disabled => Ok(CopilotInput::Skipped {
            reason: CopilotSkipReason::NotConnected,
        }),
        CopilotStatus::Connected => {
            let today = clock::now().date_naive();
            let last_day = to.date_naive() - Days::new(1);
            let measures = activities
                .store
                .load_copilot_measures(team.team.id, from.date_naive(), last_day, today)
                .await?;
            Ok(CopilotInput::Measured { measures })
        }
        status @ (CopilotStatus::InsufficientLicenses
        | CopilotStatus::TokenRevoked
        | CopilotStatus::NeedsAttention) => Ok(CopilotInput::Unavailable { status }),
    }
}

fn days_before(time: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    time - Days::new(u64::from(days))
}
