//! A migrated database for each test, cloned from a template that is migrated once for each state of the migrations.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    str::FromStr,
};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::OnceCell;
use worker::dev::databases;

use super::environment::{is_left_behind, services, unique_name};

/// Any number will do, as long as nothing else in the maintenance database locks it.
const TEMPLATE_LOCK: i64 = 6_020_111;

/// A database of one test. It is dropped with this value, unless the test fails: then it stays to be looked at.
pub(crate) struct TestDatabase {
    pub(crate) url: SecretString,
    name: String,
    server: SecretString,
}

/// A migrated, empty database.
pub(crate) async fn database() -> TestDatabase {
    let server = services().await.database_url.clone();
    let template = template(&server).await;
    let name = unique_name();
    let url = databases::clone_database(&server, template, &name)
        .await
        .unwrap_or_else(|error| panic!("no database for the test: {error}"));
    TestDatabase { url, name, server }
}

/// Waits until no other program of tests does what this number stands for. The end of the connection is the end of the lock.
pub(crate) async fn alone(number: i64) -> PgConnection {
    let mut connection = connect(&services().await.database_url).await;
    lock(&mut connection, number).await;
    connection
}

async fn lock(connection: &mut PgConnection, number: i64) {
    sqlx::query("select pg_advisory_lock($1)")
        .bind(number)
        .execute(connection)
        .await
        .expect("the lock is free some time");
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the test's database is kept: {}", self.name);
            return;
        }
        let (server, name) = (self.server.clone(), self.name.clone());
        // Nobody waits for it; what the end of the process interrupts, the next run drops.
        std::thread::spawn(move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            {
                let _ = runtime.block_on(databases::drop_database(&server, &name));
            }
        });
    }
}

/// The template's name, after making sure that it exists: once a process, and under a lock of the server, for other processes.
async fn template(server: &SecretString) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let mut connection = connect(server).await;
            lock(&mut connection, TEMPLATE_LOCK).await;
            let template = migrate_template(server).await;
            drop_left_behind(server, &mut connection).await;
            // The end of the connection releases the lock.
            connection.close().await.expect("closed");
            template
        })
        .await
}

async fn migrate_template(server: &SecretString) -> String {
    let migrations = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations"));
    let name = format!("template_{:016x}", fingerprint(&migrations));
    databases::migrated_database(server, &name, &migrations)
        .await
        .unwrap_or_else(|error| panic!("the template cannot be migrated: {error}"));
    name
}

/// Changes when any migration does, so that a changed schema makes another template.
fn fingerprint(folder: &Path) -> u64 {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the migrations are there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hasher);
        std::fs::read(&file).expect("readable").hash(&mut hasher);
    }
    hasher.finish()
}

async fn drop_left_behind(server: &SecretString, connection: &mut PgConnection) {
    let names: Vec<String> = sqlx::query_scalar("select datname from pg_database")
        .fetch_all(connection)
        .await
        .expect("the server lists its databases");
    for name in names.iter().filter(|name| is_left_behind(name)) {
        // Another process may be doing the same.
        let _ = databases::drop_database(server, name).await;
    }
}

async fn connect(server: &SecretString) -> PgConnection {
    let options = PgConnectOptions::from_str(server.expose_secret())
        .expect("an address")
        .database("postgres")
        .disable_statement_logging();
    PgConnection::connect_with(&options)
        .await
        .expect("the server answers")
}
