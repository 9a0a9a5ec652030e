//! A measure now against the same measure before: how much it changed, and whether that is good.

use serde::Serialize;
use workflows::domain::metrics::TeamMeasures;

use super::compared::Compared;

/// Below this many observations nothing is claimed about a change.
pub const MINIMUM_SAMPLE: i64 = 5;

/// Smaller changes than this, in percent, count as none: a median of a few dozen pull requests moves that much by chance.
const STEADY_PERCENT: f64 = 5.0;

/// What is compared; decides which way is better and which words are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Hours of waiting: fewer are better.
    Hours,
    /// Things done: more are better.
    Count,
    /// Lines in a change: neither way is better.
    Size,
    /// Rounds of review: fewer are better.
    Rounds,
    /// A share of what went wrong, or of work that hangs on one person or place: lower is better.
    Share,
    /// Things left waiting: fewer are better.
    Backlog,
}

impl Quantity {
    /// A count is its own sample: there is nothing else to observe.
    fn is_its_own_sample(self) -> bool {
        match self {
            Self::Count | Self::Backlog => true,
            Self::Hours | Self::Size | Self::Rounds | Self::Share => false,
        }
    }
}

/// A value and the number of observations behind it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sample {
    /// The median, or the count itself.
    pub value: f64,
    /// Observations; a count is its own.
    pub n: i64,
}

/// A change that is worth a claim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// What is compared.
    pub quantity: Quantity,
    /// The value now.
    pub current: f64,
    /// The value before; never zero.
    pub previous: f64,
    /// `(current - previous) / previous`, in percent: negative when the value fell.
    pub change_percent: f64,
}

impl Comparison {
    /// Compares two samples. `None` when one is missing, the base is zero or negative, or fewer than [`MINIMUM_SAMPLE`]
    /// observations stand behind either side. Of counts only the base must reach the minimum, so that a fall to nothing shows.
    pub fn new(
        quantity: Quantity,
        current: Option<Sample>,
        previous: Option<Sample>,
    ) -> Option<Self> {
        let (current, previous) = (current?, previous?);
        let current_suffices = quantity.is_its_own_sample() || current.n >= MINIMUM_SAMPLE;
        let is_sound = previous.value > 0.0 && previous.value.is_finite() && current.value >= 0.0;
        (current_suffices && previous.n >= MINIMUM_SAMPLE && is_sound).then(|| Self {
            quantity,
            current: current.value,
            previous: previous.value,
            change_percent: (current.value - previous.value) / previous.value * 100.0,
        })
    }

    /// A measure against that of the window before.
    pub fn of(
        compared: Compared,
        current: &TeamMeasures,
        previous: Option<&TeamMeasures>,
    ) -> Option<Self> {
        Self::new(
            compared.quantity(),
            compared.sample(current),
            compared.sample(previous?),
        )
    }

    /// Whether at least half of people's merged pull requests have a cycle time.
    pub fn is_mostly_timed(measures: &TeamMeasures) -> bool {
        let timed = measures.sample_with_ai + measures.sample_without_ai;
        2 * timed >= measures.merged_count - measures.bot_merged_count
    }

    /// The change is too small to speak of (under five percent).
    pub fn is_steady(&self) -> bool {
        self.change_percent.abs() < STEADY_PERCENT
    }

    /// Whether the change is for the better; `None` for a steady value and where neither way is better.
    pub fn is_better(&self) -> Option<bool> {
        let rose = self.change_percent > 0.0;
        match self.quantity {
            _ if self.is_steady() => None,
            Quantity::Hours | Quantity::Rounds | Quantity::Share | Quantity::Backlog => Some(!rose),
            Quantity::Count => Some(rose),
            Quantity::Size => None,
        }
    }

    /// The word for the direction, as in "12% faster"; `None` for a steady value.
    pub fn word(&self) -> Option<&'static str> {
        let rose = self.change_percent > 0.0;
        match (self.quantity, rose) {
            _ if self.is_steady() => None,
            (Quantity::Hours, false) => Some("faster"),
            (Quantity::Hours, true) => Some("slower"),
            (Quantity::Count | Quantity::Rounds | Quantity::Backlog, true) => Some("more"),
            (Quantity::Count | Quantity::Rounds | Quantity::Backlog, false) => Some("fewer"),
            (Quantity::Size, true) => Some("larger"),
            (Quantity::Size, false) => Some("smaller"),
            (Quantity::Share, true) => Some("higher"),
            (Quantity::Share, false) => Some("lower"),
        }
    }
}

#[cfg(test)]
#[path = "comparison_tests.rs"]
mod tests;
