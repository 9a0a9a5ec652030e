//! Writers of analyses and insights: given measured facts, they choose words. No writer computes a measure.

pub mod client;
mod question;
pub mod rule_based;

pub use question::Question;
