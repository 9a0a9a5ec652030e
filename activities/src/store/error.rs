//! What can go wrong with the database, named by what the caller does about it. No message holds a password or a token.

use workflows::domain::UnknownWord;

/// A failure of the store. Everything but `Query` needs a person; a failed query is tried again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or refuses this user.
    #[error(
        "cannot reach the database {address}: {reason}; start PostgreSQL there or correct DATABASE_URL"
    )]
    Unreachable {
        /// `host:port/database`, never the password.
        address: String,
        /// What the connection attempt ran into.
        reason: String,
    },
    /// `DATABASE_URL` is not a PostgreSQL address.
    #[error("DATABASE_URL is not a PostgreSQL address such as postgres://user@host:5432/database")]
    InvalidUrl,
    /// The database was migrated by a newer coflow.
    #[error(
        "the database has schema {database}, this coflow knows up to {binary}: start the newer coflow"
    )]
    SchemaNewer {
        /// Version in the database.
        database: i64,
        /// Newest version that this binary knows.
        binary: i64,
    },
    /// Migrations are missing.
    #[error("the database has schema {database}, this coflow needs {binary}: run coflow migrate")]
    SchemaOlder {
        /// Version in the database; 0 when it was never migrated.
        database: i64,
        /// Newest version that this binary knows.
        binary: i64,
    },
    /// A migration failed, or the database does not match the migrations.
    #[error("the migrations cannot be applied: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A team with this key, organization or GitHub id is already there.
    #[error("the team {key} is already there: coflow team show {key}")]
    TeamExists {
        /// Key of the team that is there.
        key: String,
    },
    /// No team has this id.
    #[error("there is no team {0} in the database: coflow team list")]
    TeamMissing(i64),
    /// A secret is to be stored and no key is configured.
    #[error(
        "no encryption key: set COFLOW_ENCRYPTION_KEY to 32 random bytes in base64 (openssl rand -base64 32)"
    )]
    NoKey,
    /// A stored secret was sealed with a key that is not configured.
    #[error("a stored secret needs the key {key_id}, which COFLOW_ENCRYPTION_KEY does not hold")]
    KeyMissing {
        /// Id of the key that is missing.
        key_id: String,
    },
    /// A stored secret does not open with its key: another key is given under its id, or it was changed, or belongs to another
    /// team or use.
    #[error(
        "the stored {purpose} of team {team} does not open with the key {key_id}: give the right key under this id in COFLOW_ENCRYPTION_KEY, or connect again"
    )]
    Unreadable {
        /// Id of the key that it should open with.
        key_id: String,
        /// Team whose secret it is.
        team: i64,
        /// What the secret is for.
        purpose: &'static str,
    },
    /// A stored word that this version does not know.
    #[error("the database holds {0}: start the coflow that wrote it")]
    UnknownWord(#[from] UnknownWord),
    /// A stored JSON document that this version cannot read.
    #[error("a stored document cannot be read: {0}")]
    Document(#[from] serde_json::Error),
    /// The database refused or lost a query.
    #[error("database query failed: {0}")]
    Query(#[from] sqlx::Error),
}
