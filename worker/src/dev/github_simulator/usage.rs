//! Who used Copilot on a day and how much: pure arithmetic over seed, person and day. Reports
//! and seats are both projected from it, so that they never contradict each other.

use chrono::{Datelike, NaiveDate};
use rand::RngExt;

use super::{
    generate::random_for,
    model::{Organization, Seat},
};

/// The names of the seven counters, in the order of [`Metrics`].
pub(crate) const METRICS7: [&str; 7] = [
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_suggested_to_delete_sum",
    "loc_added_sum",
    "loc_deleted_sum",
];

/// The seven counters.
pub(crate) type Metrics = [u64; 7];

/// What a person did on a day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Activity {
    pub(crate) chat: bool,
    pub(crate) agent: bool,
    pub(crate) cli: bool,
}

/// The smallest portion of usage: every breakdown is a sum over these.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) ide: &'static str,
    pub(crate) feature: &'static str,
    pub(crate) language: &'static str,
    pub(crate) model: &'static str,
    pub(crate) metrics: Metrics,
}

/// Usage of the command line tool.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CliUse {
    pub(crate) sessions: u64,
    pub(crate) requests: u64,
    pub(crate) prompt_tokens: u64,
    pub(crate) output_tokens: u64,
}

const LANGUAGES: [&str; 5] = ["rust", "typescript", "python", "go", "markdown"];
const MODELS: [&str; 4] = ["gpt-5.2", "claude-sonnet-4.6", "gemini-3-pro", "auto"];

/// The usage of one organization.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage<'a> {
    seed: u64,
    pub(crate) organization: &'a Organization,
}

impl<'a> Usage<'a> {
    pub(crate) fn new(seed: u64, organization: &'a Organization) -> Self {
        Self { seed, organization }
    }

    /// The holders of seats who were active, with what they did, as the reports tell it.
    pub(crate) fn active(&self, day: NaiveDate) -> Vec<(&'a Seat, Activity)> {
        if self.organization.copilot.zeros.contains(&day) {
            return Vec::new();
        }
        let seats = self.organization.copilot.seats.iter();
        seats
            .filter_map(|seat| Some((seat, self.activity(seat, day)?)))
            .collect()
    }

    /// What one person did, if anything. Data that came late adds the first person who had
    /// none.
    pub(crate) fn activity(&self, seat: &Seat, day: NaiveDate) -> Option<Activity> {
        if let Some(activity) = self.punctual_activity(seat, day) {
            return Some(activity);
        }
        let copilot = &self.organization.copilot;
        copilot.late.get(&day)?;
        let mut quiet = copilot
            .seats
            .iter()
            .filter(|other| !other.is_idle && self.punctual_activity(other, day).is_none());
        let is_late = quiet
            .next()
            .is_some_and(|first| first.assignee.id == seat.assignee.id);
        is_late.then_some(Activity {
            chat: true,
            agent: false,
            cli: false,
        })
    }

    fn punctual_activity(&self, seat: &Seat, day: NaiveDate) -> Option<Activity> {
        if seat.is_idle || day < self.organization.copilot.since {
            return None;
        }
        let mut rng = self.random(seat, day, 0);
        let is_weekend = day.weekday().number_from_monday() > 5;
        let is_active = rng.random_bool(if is_weekend { 0.12 } else { 0.86 });
        is_active.then(|| Activity {
            chat: rng.random_bool(0.7),
            agent: rng.random_bool(0.45),
            cli: seat.assignee.id % 4 == 1 && rng.random_bool(0.6),
        })
    }

    /// The portions of one person's day.
    pub(crate) fn cells(&self, seat: &Seat, day: NaiveDate, activity: Activity) -> Vec<Cell> {
        let mut rng = self.random(seat, day, 1);
        let mut features = vec!["code_completion"];
        if activity.chat {
            features.push("chat_panel_ask_mode");
        }
        if activity.agent {
            features.extend(["chat_panel_agent_mode", "agent_edit"]);
        }
        let late = self
            .organization
            .copilot
            .late
            .get(&day)
            .copied()
            .unwrap_or(0) as usize;
        let person = seat.assignee.id as usize;
        let mut cells = Vec::new();
        for feature in features {
            for at in 0..2 + late {
                cells.push(Cell {
                    ide: if person.is_multiple_of(3) {
                        "jetbrains"
                    } else {
                        "vscode"
                    },
                    feature,
                    language: LANGUAGES[(person + at) % LANGUAGES.len()],
                    model: model(feature, rng.random_range(0..MODELS.len())),
                    metrics: metrics(feature, &mut rng),
                });
            }
        }
        cells
    }

    /// The command line tool's part of a person's day.
    pub(crate) fn cli(&self, seat: &Seat, day: NaiveDate, activity: Activity) -> Option<CliUse> {
        let mut rng = self.random(seat, day, 2);
        activity.cli.then(|| {
            let sessions = rng.random_range(1..5);
            let requests = sessions * rng.random_range(3..12);
            CliUse {
                sessions,
                requests,
                prompt_tokens: requests * rng.random_range(800..2_400),
                output_tokens: requests * rng.random_range(120..600),
            }
        })
    }

    /// Credits of a person's day, in hundredths.
    pub(crate) fn credits(&self, seat: &Seat, day: NaiveDate, activity: Activity) -> u64 {
        let base = self.random(seat, day, 3).random_range(40..300);
        if activity.agent { base * 4 } else { base }
    }

    fn random(&self, seat: &Seat, day: NaiveDate, part: u64) -> rand_chacha::ChaCha8Rng {
        let day = day.num_days_from_ce() as u64;
        random_for(
            self.seed,
            &[self.organization.id, seat.assignee.id, day, part],
        )
    }
}

fn model(feature: &str, drawn: usize) -> &'static str {
    if feature == "code_completion" {
        "gpt-41-copilot"
    } else {
        MODELS[drawn]
    }
}

/// Accepted is never more than suggested, added never more than suggested to add.
fn metrics(feature: &str, rng: &mut rand_chacha::ChaCha8Rng) -> Metrics {
    let generated = rng.random_range(4..40);
    let accepted = generated * rng.random_range(20..45) / 100;
    let suggested = generated * rng.random_range(2..9);
    let added = suggested * rng.random_range(25..60) / 100;
    match feature {
        "code_completion" => [0, generated, accepted, suggested, 0, added, 0],
        "chat_panel_ask_mode" => [
            generated / 3 + 1,
            generated / 2 + 1,
            accepted / 3,
            suggested / 2,
            0,
            added / 4,
            0,
        ],
        "agent_edit" => [
            0,
            generated,
            0,
            suggested * 2,
            suggested / 3,
            added * 2,
            added / 3,
        ],
        _ => [
            generated / 4 + 1,
            generated / 3 + 1,
            0,
            suggested,
            suggested / 4,
            0,
            0,
        ],
    }
}
