//! The tests of the whole system, in one binary: a real PostgreSQL, a real Temporal server, the real worker, and GitHub simulated
//! behind real HTTP. One file per story; `support` holds what they share.

mod architecture;
mod binary;
mod compose;
mod services;
mod store;
mod support;

mod bad_input;
mod crash;
mod migrations;
mod replay;
mod revoked_token;
mod secrets;
mod twice;
