//! What the stories share: services on demand, a database and a namespace for each test, and the whole system in one value, `App`,
//! with verbs that let a test read as a story.

mod app;
mod attempt;
mod credentials;
mod database;
mod environment;
mod github;
mod litellm;
mod mail_server;
mod namespace;
mod pip;
mod rows;
mod runs;
mod teams;
mod waiting;

pub(crate) use app::{App, AppBuilder, TASK_QUEUE, client_settings, never, simulate_github};
pub(crate) use attempt::attempt_of;
pub(crate) use database::{TestDatabase, alone, database};
pub(crate) use environment::{services, test_folder, unique_name};
pub(crate) use github::PULL_REQUESTS;
pub(crate) use litellm::LiteLlm;
pub(crate) use mail_server::{Arrived, MailServer, SENDER, distinct_ids};
pub(crate) use waiting::{PATIENCE, until};

/// The key that seals credentials in tests: 32 zero bytes. A child process takes it as `COFLOW_ENCRYPTION_KEY`.
pub(crate) const KEY: &str = "test:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
