//! Measures of a team, computed from its pull requests and seats. Pure: no database, no clock, no text for readers beyond single words.

mod comparison;
mod input_hash;
mod seat_changes;
mod seat_costs;
mod statistics;
mod tally;
mod team_measures;

pub use comparison::{Comparison, MINIMUM_SAMPLE, Quantity, Sample};
pub use input_hash::input_hash;
pub use seat_changes::{SeatChange, SeatListing, seat_changes};
pub use seat_costs::{AmountError, SeatCost, SeatCosts, SeatPrices, UsCents, seat_costs};
pub use team_measures::{measure_weeks, measure_window};
