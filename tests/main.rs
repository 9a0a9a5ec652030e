//! The tests of the whole system, in one binary: a real PostgreSQL, a real Temporal server, the real worker, and GitHub simulated
//! behind real HTTP. One file per story; `support` holds what they share.

mod app_installation;
mod architecture;
mod bad_input;
mod binary;
mod cancelled;
mod command_line;
mod compose;
mod contract;
mod copilot_faults;
mod copilot_status;
mod copilot_step;
mod copilot_token;
mod crash;
mod demo;
mod dump;
mod emails;
mod expiry;
mod keys;
mod listings;
mod migrations;
mod night;
mod night_schedule;
mod oauth_token;
mod obstacles;
mod rate_limits;
mod reconnect;
mod renamed_organization;
mod replay;
mod revoked_token;
mod secrets;
mod services;
mod store;
mod support;
mod twice;
mod two_phases;
