//! Credentials: one a team, sealed, replaced in place.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use workflows::domain::{cause::Cause, credential::CredentialKind, team::TeamId};

use super::{Store, StoreError};
use crate::github::Token;

/// A credential to store.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// Kind.
    pub kind: CredentialKind,
    /// The token.
    pub token: SecretString,
    /// Whose it is, when known.
    pub login: Option<String>,
    /// What it may do, when known.
    pub scopes: Vec<String>,
    /// When it ends, when known.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A credential, opened.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Kind.
    pub kind: CredentialKind,
    /// The token.
    pub token: Token,
    /// Whose it is, when known.
    pub login: Option<String>,
    /// What it may do, when known.
    pub scopes: Vec<String>,
    /// When it ends, when known.
    pub expires_at: Option<DateTime<Utc>>,
    /// Stored at: changes with every reconnect.
    pub stored_at: DateTime<Utc>,
    /// Marked as rejected at. The token is kept: a probe may find it working again.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why.
    pub revoked_cause: Option<Cause>,
}

impl Store {
    /// Replaces the team's credential in place and clears its mark of revocation.
    pub async fn replace_credential(
        &self,
        team: TeamId,
        new: &NewCredential,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Loads and opens the team's credential. Errors: `KeyMissing`, `Unreadable`.
    pub async fn load_credential(&self, team: TeamId) -> Result<Option<Credential>, StoreError> {
        unimplemented!()
    }

    /// Marks the team's credential as rejected. Its row stays, and so does the time of an earlier mark.
    pub async fn mark_revoked(
        &self,
        team: TeamId,
        cause: Cause,
        evidence_id: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
}
