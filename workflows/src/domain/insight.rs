//! Insights: what a team reads about a window of days.

use serde::{Deserialize, Serialize};

use super::{
    copilot::{CopilotSkipReason, CopilotStatus},
    llm::FallbackReason,
    metrics::{AiComparison, CopilotMeasures, TeamMeasures},
};

/// The windows that insights are written for, in days.
pub const WINDOWS: [u16; 3] = [7, 30, 90];

/// Everything a writer may use. Its hash decides whether a new insight is needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InsightInput {
    /// Days in the window: whole ones, UTC, the last of them yesterday.
    pub window_days: u16,
    /// The window's measures.
    pub current: TeamMeasures,
    /// The measures of the equal window before it; `None` when history does not reach back that far.
    pub previous: Option<TeamMeasures>,
    /// Cycle time with and without AI; `None` when no merged pull request of the window carries evidence of AI.
    pub ai: Option<AiComparison>,
    /// Copilot, or why it is left out.
    pub copilot: CopilotInput,
}

/// Copilot's part of an insight's input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one of it in an input, which is larger still"
)]
pub enum CopilotInput {
    /// Connected, with what was measured.
    Measured {
        /// The window's Copilot measures.
        measures: CopilotMeasures,
    },
    /// Connected, but too few days of the window are there to speak of it.
    Incomplete {
        /// Days of the window for which a report is stored.
        days_covered: i64,
        /// Days for which one could exist by now.
        days_expected: i64,
    },
    /// Connected once, not now.
    Unavailable {
        /// Status that says why.
        status: CopilotStatus,
    },
    /// Never connected.
    Skipped {
        /// Why.
        reason: CopilotSkipReason,
    },
}

/// A written insight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insight {
    /// One line.
    pub headline: String,
    /// A few sentences.
    pub detail: String,
    /// One thing to try.
    pub recommendation: String,
    /// Two or three concrete actions.
    pub actions: Vec<String>,
    /// Who wrote it: a model and prompt version, or the rules and theirs, such as `rules-1`.
    pub written_by: String,
    /// Why the rules wrote it although a model was to; `None` when whoever was to write it did.
    pub fallback: Option<FallbackReason>,
}
