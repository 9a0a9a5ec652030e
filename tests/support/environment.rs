//! The services that all tests of a process share, started once and reused by the next run. Settings are read here and nowhere else
//! in the tests, by the same parser as the binary's.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use activities::clock;
use clap::Parser;
use tokio::sync::OnceCell;
use worker::{
    config::Settings,
    dev::services::{self, Durability, ServiceOptions, Services},
};

/// What the environment says: everything the binary reads, and where the tests keep their private services.
#[derive(Debug, Parser)]
pub(crate) struct Environment {
    #[command(flatten)]
    pub(crate) settings: Settings,

    /// Folder of the private services of the tests. Default: /var/tmp/coflow-test-UID.
    #[arg(long, env = "COFLOW_TEST_DIR")]
    test_dir: Option<PathBuf>,
}

/// Reads the environment; the arguments of the test binary are not ours.
pub(crate) fn environment() -> Environment {
    Environment::parse_from(["tests"])
}

/// Where the tests keep what they install and start.
pub(crate) fn test_folder() -> PathBuf {
    folder(environment().test_dir)
}

fn folder(test_dir: Option<PathBuf>) -> PathBuf {
    test_dir.unwrap_or_else(|| {
        PathBuf::from(format!("/var/tmp/coflow-test-{}", services::current_uid()))
    })
}

/// Both services. Plain data: the runtime that started them ends with its test.
pub(crate) async fn services() -> &'static Services {
    static SERVICES: OnceCell<Services> = OnceCell::const_new();
    SERVICES
        .get_or_init(|| async {
            let Environment { settings, test_dir } = environment();
            let folder = folder(test_dir);
            let options = ServiceOptions {
                database_url: settings.database_url,
                temporal_address: settings.temporal_address,
                pg_bin: settings.pg_bin,
                temporal_cli: settings.temporal_cli,
                durability: Durability::NoFsync,
                ..ServiceOptions::new(folder)
            };
            services::ensure_running(&options)
                .await
                .unwrap_or_else(|error| panic!("the tests have no services: {error}"))
        })
        .await
}

/// A name that no other test of this or another run has. It says when and by which process it was made.
pub(crate) fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!(
        "test_{}_{}_{}",
        clock::now().timestamp(),
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// Whether a unique name was left behind by a process that is gone. Young names are left alone: they may be another machine's.
pub(crate) fn is_left_behind(name: &str) -> bool {
    const YOUNG_SECONDS: i64 = 300;
    let mut parts = name.split('_').skip(1).map(str::parse::<i64>);
    let (Some(Ok(made_at)), Some(Ok(process)), Some(Ok(_)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_running = i32::try_from(process)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .is_some_and(|process| rustix::process::test_kill_process(process).is_ok());
    !is_running && clock::now().timestamp() - made_at > YOUNG_SECONDS
}
