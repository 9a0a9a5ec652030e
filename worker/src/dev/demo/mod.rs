//! The demo: services, a simulated GitHub, a simulated language model, a worker and the web pages in one process, and seven teams that live through what real ones
//! do. Its clock is moved forward, so that a fortnight takes a minute.

mod checks;
mod mailbox;
mod narrator;
mod report;
mod stage;
mod story;

use std::path::PathBuf;

pub use checks::Checked;
pub use mailbox::SentEmail;
pub use report::DemoReport;
pub use stage::{Stage, StageOptions};
pub use story::{
    Coverage, InsightsStory, InstallationStory, LateReportStory, LicencesNight, RefreshStory,
    Stories, StormStory,
};

/// What the demo is asked to show.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Seed of the invented organizations.
    pub seed: u64,
    /// Recorded pull requests for the healthy team, instead of invented ones.
    pub data: Option<PathBuf>,
    /// Days of history of the healthy team.
    pub history_days: u16,
}

impl DemoOptions {
    /// Days of history of any team: only the healthy one's are chosen.
    fn history_days_of(&self, organization: &str) -> u16 {
        if organization == "aurora" {
            self.history_days
        } else {
            90
        }
    }
}

/// Plays the whole story on a stage, tells it line by line with `say`, and reports how every team ended.
///
/// # Errors
/// When a service fails or something of the story does not come; what is not as it should be with a team is in the report instead.
pub async fn play(
    stage: &Stage,
    options: &DemoOptions,
    say: fn(&str),
) -> anyhow::Result<DemoReport> {
    story::play(stage, options, say).await
}
