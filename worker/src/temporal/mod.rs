//! Temporal: connecting, running a worker, telling whether one polls, starting and signalling a team's runs, and the schedules.

pub mod connection;
pub mod night;
pub mod pollers;
pub mod runs;
pub mod schedule;
pub mod worker;
