//! What happens, and in which order: domain types, activity definitions and workflows. Deterministic: nothing here may reach a
//! database, a network or a clock, and no crate that could is in this crate's graph.

pub mod activity_definitions;
pub mod domain;
