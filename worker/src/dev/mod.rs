//! Services for development, demo and tests; nothing here is used in production.
pub mod github_simulator;
