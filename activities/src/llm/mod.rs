//! Writers of analyses and insights: given measured facts, they choose words. No writer computes a measure.

pub mod rule_based;
