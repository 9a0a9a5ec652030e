//! Services on demand, for real: started, found again, started again after a kill, and stopped.
//! In a folder of its own, so that no other test loses its server.

use std::path::{Path, PathBuf};
use std::process::Command;

use secrecy::{ExposeSecret, SecretString};
use worker::dev::databases;
use worker::dev::services::{
    Durability, ServiceOptions, ServiceOrigin, Services, Stopped, ensure_running, stop,
};

use crate::{
    binary::{Coflow, TextFile},
    support::App,
};

/// The folder is removed and its servers are ended however the test ends.
struct PrivateFolder(PathBuf);

impl PrivateFolder {
    /// Not the usual temporary folder: as root, PostgreSQL's user has to reach it.
    fn new(name: &str) -> PrivateFolder {
        PrivateFolder(format!("/var/tmp/coflow-{name}-{}", std::process::id()).into())
    }

    fn options(&self) -> ServiceOptions {
        ServiceOptions {
            durability: Durability::NoFsync,
            namespaces: vec!["first".to_owned()],
            ..ServiceOptions::new(self.0.clone())
        }
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        for record in ["postgres.json", "temporal.json"] {
            if let Some(pid) = recorded_pid(&self.0.join(record)) {
                kill(pid);
            }
        }
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn recorded_pid(record: &Path) -> Option<u32> {
    let text = std::fs::read(record).ok()?;
    let record: serde_json::Value = serde_json::from_slice(&text).ok()?;
    u32::try_from(record["pid"].as_u64()?).ok()
}

fn kill(pid: u32) {
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.is_ok(), "there is a kill command");
}

fn started(origin: ServiceOrigin) -> u32 {
    match origin {
        ServiceOrigin::Started { pid } => pid,
        other => panic!("expected a server to be started, not {other:?}"),
    }
}

async fn ensure(options: &ServiceOptions) -> Services {
    ensure_running(options).await.expect("both services run")
}

#[tokio::test]
async fn services_are_started_once_reused_recovered_and_stopped() {
    let folder = PrivateFolder::new("services");
    let options = folder.options();
    let (left, right) = tokio::join!(ensure(&options), ensure(&options));
    let (first, second) = match left.postgres {
        ServiceOrigin::Started { .. } => (left, right),
        _ => (right, left),
    };
    let (postgres, temporal) = (started(first.postgres), started(first.temporal));
    assert_eq!(second.postgres, ServiceOrigin::Reused { pid: postgres });
    assert_eq!(second.temporal, ServiceOrigin::Reused { pid: temporal });
    databases_are_cloned_with_their_content(&first.database_url).await;

    kill(postgres);
    kill(temporal);
    let recovered = ensure(&options).await;
    let running = Stopped {
        postgres: Some(started(recovered.postgres)),
        temporal: Some(started(recovered.temporal)),
    };
    assert_eq!(
        recovered.temporal_address, first.temporal_address,
        "clients find it again"
    );
    assert_eq!(
        recovered.database_url.expose_secret(),
        first.database_url.expose_secret()
    );

    assert_eq!(stop(&folder.0).await.expect("both end"), running);
    assert_eq!(
        stop(&folder.0).await.expect("nothing to end"),
        Stopped::default()
    );
}

/// Part of the test above, which has a server to spare.
async fn databases_are_cloned_with_their_content(server: &SecretString) {
    use sqlx::Connection;
    let template = databases::create_database(server, "template_of_test")
        .await
        .expect("created");
    let mut connection = sqlx::PgConnection::connect(template.expose_secret())
        .await
        .expect("it is there");
    sqlx::raw_sql("create table seen (id int)")
        .execute(&mut connection)
        .await
        .expect("a table");
    connection
        .close()
        .await
        .expect("nobody may be connected to a template");

    let copy = databases::clone_database(server, "template_of_test", "copy")
        .await
        .expect("cloned");
    let mut connection = sqlx::PgConnection::connect(copy.expose_secret())
        .await
        .expect("the copy is there");
    sqlx::raw_sql("select id from seen")
        .execute(&mut connection)
        .await
        .expect("its table too");
    databases::drop_database(server, "copy")
        .await
        .expect("dropped although in use");
    sqlx::PgConnection::connect(copy.expose_secret())
        .await
        .expect_err("it is gone");
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_named_without_its_password() {
    let options = ServiceOptions {
        database_url: Some("postgres://me:hunter2@127.0.0.1:1/team".to_owned().into()),
        temporal_address: Some("127.0.0.1:1".to_owned()),
        ..ServiceOptions::new("/nowhere".into())
    };
    let message = ensure_running(&options)
        .await
        .expect_err("nothing listens there")
        .to_string();
    assert!(
        message.starts_with("DATABASE_URL does not answer at 127.0.0.1:1/team"),
        "{message}"
    );
    assert!(
        !message.contains("hunter2") && message.lines().count() == 1,
        "{message}"
    );
}

/// A profile with the address of a server, as `temporal.toml` has it.
fn profile_of(address: &str) -> TextFile {
    TextFile::holding(&format!("[profile.default]\naddress = \"{address}\"\n"))
}

#[tokio::test]
async fn a_server_of_temporals_own_configuration_is_used_and_no_private_one_started() {
    let app = App::builder().without_worker().start().await;
    let url = app.temporal.address.as_deref().expect("it has one");
    let address = url.trim_start_matches("http://");
    let coflow = Coflow::of(&app).without("TEMPORAL_ADDRESS");
    let with = |profile: &TextFile| coflow.clone().with("TEMPORAL_CONFIG_FILE", profile.path());

    let profile = profile_of(address);
    let dev = with(&profile).run(&["dev", "--json"]).await;
    let services: serde_json::Value = serde_json::from_str(dev.answer()).expect("JSON");
    assert_eq!(services["temporal_address"], address);
    assert!(services["temporal_ui_url"].is_null(), "{services}");

    let profile = profile_of("127.0.0.1:1");
    let dev = with(&profile).run(&["dev"]).await;
    assert!(dev.complaint().contains("127.0.0.1:1"), "{dev:?}");
}

#[tokio::test]
async fn machines_read_what_was_stopped() {
    let stopped = Coflow::alone().run(&["dev", "--stop", "--json"]).await;
    let stopped: serde_json::Value = serde_json::from_str(stopped.answer()).expect("JSON");
    let nothing = serde_json::json!({ "postgres": null, "temporal": null });
    assert_eq!(stopped, nothing);
}
