//! Measures of a team, computed from its pull requests and seats. Pure: no database, no clock, no text for readers beyond single words.

mod ai_comparison;
mod bottleneck;
mod champions;
mod compared;
mod comparison;
mod coverage;
mod hotfix;
mod input_hash;
mod review_rounds;
mod seat_changes;
mod seat_costs;
mod statistics;
mod tally;
mod team_measures;
mod weighted_side;

pub use ai_comparison::compare_ai;
pub use bottleneck::{Bottleneck, Stage, bottleneck};
pub use champions::{Champion, MemberUse, NoChampions, UseCoverage, choose_champions};
pub use compared::{Compared, LEAST_PEOPLE};
pub use comparison::{Comparison, MINIMUM_SAMPLE, Quantity, Sample};
pub use coverage::is_complete_enough;
pub use hotfix::is_hotfix;
pub use input_hash::input_hash;
pub use seat_changes::{SeatChange, SeatListing, seat_changes};
pub use seat_costs::{AmountError, SeatCost, SeatCosts, SeatPrices, UsCents, seat_costs};
pub use team_measures::{measure_weeks, measure_window};
