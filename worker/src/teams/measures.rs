//! A team's measures for a window of days, as its insights are written from them, with what no insight is: breakdowns, and who leads
//! in the use of Copilot. Reads the database only.

use activities::{
    gather_insight::{History, MeasureSettings, Window, gather},
    measure::{
        Bottleneck, Champion, Compared, Comparison, NoChampions, Sample, bottleneck,
        choose_champions,
    },
    store::{CopilotBreakdown, Store, StoreError, Team},
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use workflows::domain::{
    insight::CopilotInput,
    metrics::{AiComparison, TeamMeasures},
};

/// The measures of one window.
#[derive(Debug, Clone, Serialize)]
pub struct WindowCard {
    /// Days in the window.
    pub window_days: u16,
    /// The last of them.
    pub last_day: NaiveDate,
    /// The measures that are compared, in reading order.
    pub compared: Vec<MeasureLine>,
    /// All measures of the window.
    pub current: TeamMeasures,
    /// Those of the equal window before; `None` when the history does not reach back that far.
    pub previous: Option<TeamMeasures>,
    /// Which stage takes longest; `None` when too few went through one.
    pub bottleneck: Option<Bottleneck>,
    /// With and without AI; `None` when nothing merged carries evidence of AI.
    pub ai: Option<AiComparison>,
    /// Copilot, or why it is left out.
    pub copilot: CopilotInput,
    /// What Copilot was used in and for; `None` where it is left out.
    pub breakdown: Option<CopilotBreakdown>,
    /// Who leads; `None` where Copilot is left out.
    pub champions: Option<Champions>,
}

/// One measure, now and before.
#[derive(Debug, Clone, Serialize)]
pub struct MeasureLine {
    /// Which.
    pub measure: Compared,
    /// In the window.
    pub now: Option<Sample>,
    /// In the window before.
    pub before: Option<Sample>,
    /// How it changed, where enough stands behind both.
    pub change: Option<Change>,
}

/// How a measure changed.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// In percent of the value before; negative when it fell.
    pub percent: f64,
    /// Such as "faster"; `None` when it is about the same.
    pub word: Option<&'static str>,
    /// `None` when it is about the same, and where neither way is better.
    pub is_better: Option<bool>,
}

/// Who leads in the use of Copilot, or why nobody is named.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Champions {
    /// Up to three.
    Named(Vec<Champion>),
    /// Nobody.
    Nobody(NoChampions),
}

/// Loads the windows of so many days; those that reach behind what was fetched are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn load(
    store: &Store,
    team: &Team,
    windows: &[u16],
    settings: MeasureSettings,
    now: DateTime<Utc>,
) -> Result<Vec<WindowCard>, StoreError> {
    let history = History::load(store, team.team.id, now).await?;
    let mut cards = vec![];
    for days in windows {
        let window = Window::before(now, *days);
        if history.covers(window) {
            cards.push(load_window(store, team, &history, window, settings).await?);
        }
    }
    Ok(cards)
}

async fn load_window(
    store: &Store,
    team: &Team,
    history: &History,
    window: Window,
    settings: MeasureSettings,
) -> Result<WindowCard, StoreError> {
    let input = gather(store, team, history, window, settings).await?;
    let (breakdown, champions) = match &input.copilot {
        CopilotInput::Measured { .. } => {
            let (breakdown, champions) = load_copilot(store, team, window).await?;
            (Some(breakdown), Some(champions))
        }
        CopilotInput::Incomplete { .. }
        | CopilotInput::Unavailable { .. }
        | CopilotInput::Skipped { .. } => (None, None),
    };
    Ok(WindowCard {
        window_days: window.days,
        last_day: last_day(window),
        compared: Compared::ALL
            .map(|measure| MeasureLine::of(measure, &input.current, input.previous.as_ref()))
            .into(),
        bottleneck: bottleneck(&input.current),
        current: input.current,
        previous: input.previous,
        ai: input.ai,
        copilot: input.copilot,
        breakdown,
        champions,
    })
}

async fn load_copilot(
    store: &Store,
    team: &Team,
    window: Window,
) -> Result<(CopilotBreakdown, Champions), StoreError> {
    let id = team.team.id;
    let (from, to, today) = (
        window.from().date_naive(),
        last_day(window),
        window.to.date_naive(),
    );
    let breakdown = store.load_copilot_breakdown(id, from, to).await?;
    let members = store.load_member_use(id, from, to).await?;
    let coverage = store.load_use_coverage(id, from, to, today).await?;
    let champions = match choose_champions(&members, coverage) {
        Ok(people) => Champions::Named(people),
        Err(reason) => Champions::Nobody(reason),
    };
    Ok((breakdown, champions))
}

fn last_day(window: Window) -> NaiveDate {
    window.to.date_naive() - Days::new(1)
}

impl MeasureLine {
    fn of(measure: Compared, current: &TeamMeasures, previous: Option<&TeamMeasures>) -> Self {
        let comparison = Comparison::of(measure, current, previous);
        Self {
            measure,
            now: measure.sample(current),
            before: previous.and_then(|previous| measure.sample(previous)),
            change: comparison.map(|comparison| Change {
                percent: comparison.change_percent,
                word: comparison.word(),
                is_better: comparison.is_better(),
            }),
        }
    }
}
