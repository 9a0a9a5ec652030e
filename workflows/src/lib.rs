//! What happens, and in which order: domain types, activity definitions and workflows. Deterministic: nothing here may reach a
//! database, a network or a clock, and no crate that could is in this crate's graph.

pub mod activity_definitions;
pub mod activity_options;
mod analysis_step;
mod card;
mod copilot_step;
pub mod domain;
pub mod onboard_team;
mod recovery;
pub mod refresh_team;
pub mod regenerate_all_teams;
pub mod search_attributes;
pub mod send_weekly_digests;
mod team_workflow;
mod wait;
