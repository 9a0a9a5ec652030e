//! Creates, clones and drops whole databases on a server that is ours: for development and tests only.
//! The tables in them are the store's business.

use std::path::Path;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::service_error::ServiceError;

/// PostgreSQL's error code for a database that exists already.
const DUPLICATE_DATABASE: &str = "42P04";

/// Creates an empty database; one that exists is left as it is. Answers its URL.
pub async fn create_database(
    server_url: &SecretString,
    name: &str,
) -> Result<SecretString, ServiceError> {
    let statement = format!("create database {}", validated(name)?);
    match execute(server_url, &statement).await {
        Err(sqlx::Error::Database(error))
            if error.code().as_deref() == Some(DUPLICATE_DATABASE) => {}
        result => result.map_err(|error| refused("create", name, &error))?,
    }
    url_of(server_url, name)
}

/// Creates the database where it is missing and applies the migrations of that folder to it. They are read at run time,
/// so that a program that was built before can still apply a new one. Answers its URL.
pub async fn migrated_database(
    server_url: &SecretString,
    name: &str,
    migrations: &Path,
) -> Result<SecretString, ServiceError> {
    let url = create_database(server_url, name).await?;
    let failed = |error: &dyn std::error::Error| refused("migrate", name, error);
    let migrator = Migrator::new(migrations)
        .await
        .map_err(|error| failed(&error))?;
    let mut connection = PgConnection::connect_with(&parse(&url)?)
        .await
        .map_err(|error| failed(&error))?;
    migrator
        .run(&mut connection)
        .await
        .map_err(|error| failed(&error))?;
    connection.close().await.map_err(|error| failed(&error))?;
    Ok(url)
}

/// Creates a database as a copy of `template`, to which nobody may be connected. Answers its URL.
pub async fn clone_database(
    server_url: &SecretString,
    template: &str,
    name: &str,
) -> Result<SecretString, ServiceError> {
    let statement = format!(
        "create database {} template {}",
        validated(name)?,
        validated(template)?
    );
    execute(server_url, &statement)
        .await
        .map_err(|error| refused("create", name, &error))?;
    url_of(server_url, name)
}

/// Drops a database and ends the connections to it; one that does not exist is no error.
pub async fn drop_database(server_url: &SecretString, name: &str) -> Result<(), ServiceError> {
    let statement = format!("drop database if exists {} with (force)", validated(name)?);
    execute(server_url, &statement)
        .await
        .map_err(|error| refused("drop", name, &error))
}

/// A name that nobody else can claim on that server until this is dropped, or its process ends.
pub struct Claim {
    _connection: PgConnection,
}

/// Claims a name; `None` while somebody else has it.
pub async fn claim(server_url: &SecretString, name: &str) -> Result<Option<Claim>, ServiceError> {
    let failed = |error: sqlx::Error| refused("claim", name, &error);
    let mut connection = connect(server_url).await.map_err(failed)?;
    let is_ours: bool = sqlx::query_scalar("select pg_try_advisory_lock(hashtext($1))")
        .bind(name)
        .fetch_one(&mut connection)
        .await
        .map_err(failed)?;
    Ok(is_ours.then_some(Claim {
        _connection: connection,
    }))
}

/// The URL of another database on the same server.
pub fn url_of(server_url: &SecretString, name: &str) -> Result<SecretString, ServiceError> {
    let mut url = url::Url::parse(server_url.expose_secret()).map_err(|error| invalid(&error))?;
    url.set_path(validated(name)?);
    Ok(SecretString::from(url.to_string()))
}

/// What a URL says, with the statements of these connections kept out of the log.
pub(super) fn parse(url: &SecretString) -> Result<PgConnectOptions, ServiceError> {
    PgConnectOptions::from_str(url.expose_secret())
        .map(ConnectOptions::disable_statement_logging)
        .map_err(|error| invalid(&error))
}

/// Connects to the maintenance database, which nobody clones or drops.
async fn connect(server_url: &SecretString) -> Result<PgConnection, sqlx::Error> {
    let options = PgConnectOptions::from_str(server_url.expose_secret())?.database("postgres");
    PgConnection::connect_with(&options.disable_statement_logging()).await
}

/// Runs one statement in the maintenance database.
async fn execute(server_url: &SecretString, statement: &str) -> Result<(), sqlx::Error> {
    let mut connection = connect(server_url).await?;
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// Names cannot be bound as parameters, so only names that need no quotes are let through.
fn validated(name: &str) -> Result<&str, ServiceError> {
    let word =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let starts_well = name.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_');
    if starts_well && name.len() <= 63 && name.chars().all(word) {
        return Ok(name);
    }
    Err(ServiceError::InvalidDatabaseName {
        name: name.to_owned(),
    })
}

fn invalid(error: &dyn std::error::Error) -> ServiceError {
    ServiceError::InvalidAddress {
        setting: "DATABASE_URL",
        reason: error.to_string(),
    }
}

fn refused(action: &'static str, name: &str, error: &dyn std::error::Error) -> ServiceError {
    ServiceError::Database {
        action,
        name: name.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_need_no_quotes_pass() {
        assert!(validated("test_7f_copy").is_ok());
        let too_long = "a".repeat(64);
        for name in [
            "",
            "7up",
            "Team",
            "a-b",
            "a; drop table team",
            "\"a\"",
            too_long.as_str(),
        ] {
            assert!(validated(name).is_err(), "{name:?} passed");
        }
    }

    #[test]
    fn another_database_keeps_the_user_and_the_parameters() {
        let server = SecretString::from("postgres://u:p@127.0.0.1:5433/coflow?sslmode=disable");
        let url = url_of(&server, "test_1").expect("a valid name");
        assert_eq!(
            url.expose_secret(),
            "postgres://u:p@127.0.0.1:5433/test_1?sslmode=disable"
        );
    }
}
