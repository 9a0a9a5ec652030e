//! Measures of a team, computed from its pull requests. Pure: no database, no clock, no text for readers beyond single words.

mod comparison;
mod input_hash;
mod statistics;
mod tally;
mod team_measures;

pub use comparison::{Comparison, MINIMUM_SAMPLE, Quantity, Sample};
pub use input_hash::input_hash;
pub use team_measures::{measure_weeks, measure_window};
