//! The tests of the whole system, in one binary: a real PostgreSQL, a real Temporal server, the real worker, and GitHub simulated
//! behind real HTTP. One file per story; `support` holds what they share.

mod compose;
mod copilot_faults;
mod copilot_status;
mod copilot_step;
mod night;
mod night_schedule;
mod rate_limits;
mod reconnect;
mod revoked_token;
mod services;
mod store;
mod support;
mod two_phases;
