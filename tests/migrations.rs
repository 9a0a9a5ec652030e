//! The migrations on a real PostgreSQL: from nothing, again, and by two processes at once.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use activities::store::{KeyRing, Store, StoreError};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};
use worker::dev::databases;

use crate::support::{KEY, services, unique_name};

/// A database without any table, dropped with the value.
struct EmptyDatabase {
    url: SecretString,
    name: String,
}

impl EmptyDatabase {
    async fn create() -> EmptyDatabase {
        let name = unique_name();
        let url = databases::create_database(&services().await.database_url, &name).await;
        let url = url.unwrap();
        EmptyDatabase { url, name }
    }

    async fn store(&self) -> Store {
        let keys = KeyRing::from_setting(&KEY.into()).unwrap();
        Store::connect(&self.url, keys, 2).await.unwrap()
    }

    async fn select<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'a> sqlx::Decode<'a, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        let mut connection = PgConnection::connect(self.url.expose_secret())
            .await
            .unwrap();
        let rows = sqlx::query_scalar(sql).fetch_all(&mut connection).await;
        connection.close().await.unwrap();
        rows.unwrap()
    }

    async fn drop(self) {
        let server = &services().await.database_url;
        databases::drop_database(server, &self.name).await.unwrap();
    }
}

/// Versions of the files, from their names.
fn versions() -> Vec<i64> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
    let mut versions: Vec<i64> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .map(|name| name.split_once('_').unwrap().0.parse().unwrap())
        .collect();
    versions.sort_unstable();
    versions
}

const APPLIED: &str = "select version from _sqlx_migrations where success order by version";
const TABLES: &str = "select table_name::text from information_schema.tables where table_schema = 'public' order by 1";

#[tokio::test]
async fn an_empty_database_is_migrated_and_migrating_again_changes_nothing() {
    let database = EmptyDatabase::create().await;
    let store = database.store().await;
    let newest = *versions().last().unwrap();
    let older = store.check_schema().await.unwrap_err();
    assert!(
        matches!(older, StoreError::SchemaOlder { database: 0, binary } if binary == newest),
        "{older}"
    );

    assert_eq!(store.migrate().await.unwrap(), newest);
    store.check_schema().await.unwrap();
    assert_eq!(database.select::<i64>(APPLIED).await, versions());
    let tables = database.select::<String>(TABLES).await;
    assert!(
        tables.iter().any(|table| table == "pull_request"),
        "{tables:?}"
    );

    const TIMES: &str = "select installed_on::text from _sqlx_migrations order by version";
    let times = database.select::<String>(TIMES).await;
    assert_eq!(store.migrate().await.unwrap(), newest);
    assert_eq!(database.select::<i64>(APPLIED).await, versions());
    assert_eq!(
        database.select::<String>(TIMES).await,
        times,
        "nothing was applied again"
    );
    assert_eq!(database.select::<String>(TABLES).await, tables);
    store.close().await;
    database.drop().await;
}

#[tokio::test]
async fn two_processes_may_migrate_at_once() {
    let database = EmptyDatabase::create().await;
    let (left, right) = (database.store().await, database.store().await);
    let (first, second) = tokio::join!(left.migrate(), right.migrate());
    assert_eq!((first.unwrap(), second.unwrap()), {
        let newest = *versions().last().unwrap();
        (newest, newest)
    });
    assert_eq!(database.select::<i64>(APPLIED).await, versions());
    left.close().await;
    right.close().await;
    database.drop().await;
}

/// A newer coflow has migrated it: this one neither works with it nor touches it.
#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let database = EmptyDatabase::create().await;
    let store = database.store().await;
    store.migrate().await.unwrap();
    database
        .select::<i64>(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'of the future', true, '', 0) returning version",
        )
        .await;
    for result in [store.check_schema().await, store.migrate().await.map(drop)] {
        let error = result.unwrap_err();
        assert!(
            matches!(error, StoreError::SchemaNewer { database: 9999, .. }),
            "{error}"
        );
    }
    store.close().await;
    database.drop().await;
}
