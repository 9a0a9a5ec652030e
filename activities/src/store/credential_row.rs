//! A credential's row: sealing into its columns, and opening it into what it stands for.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use workflows::domain::{credential::CredentialKind, team::TeamId};

use super::{
    StoreError,
    column::parse,
    credential::{Credential, Grant, PURPOSE, REFRESH_PURPOSE},
    sealing::{KeyRing, Sealed},
};
use crate::github::{Permissions, RefreshToken, Token};

/// The columns of a refresh token.
#[derive(Default)]
pub(super) struct SealedRefresh {
    pub(super) key_id: Option<String>,
    pub(super) ciphertext: Option<Vec<u8>>,
    pub(super) expires_at: Option<DateTime<Utc>>,
}

impl SealedRefresh {
    pub(super) fn of(
        keys: &KeyRing,
        team: TeamId,
        refresh: Option<&RefreshToken>,
    ) -> Result<Self, StoreError> {
        let Some(refresh) = refresh else {
            return Ok(Self::default());
        };
        let sealed = keys.seal(team, REFRESH_PURPOSE, refresh.token.expose())?;
        Ok(Self {
            key_id: Some(sealed.key_id),
            ciphertext: Some(sealed.ciphertext),
            expires_at: refresh.expires_at,
        })
    }
}

/// A row with its installation.
pub(super) struct CredentialRow {
    pub(super) kind: String,
    pub(super) key_id: String,
    pub(super) ciphertext: Vec<u8>,
    pub(super) login: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) stored_at: DateTime<Utc>,
    pub(super) issued_at: DateTime<Utc>,
    pub(super) revoked_at: Option<DateTime<Utc>>,
    pub(super) revoked_cause: Option<String>,
    pub(super) refresh_key_id: Option<String>,
    pub(super) refresh_ciphertext: Option<Vec<u8>>,
    pub(super) refresh_expires_at: Option<DateTime<Utc>>,
    pub(super) installation_id: Option<i64>,
    pub(super) permissions: Option<Json<Permissions>>,
}

impl CredentialRow {
    /// The credential; `None` when it is of an installation that is not stored.
    pub(super) fn open(
        self,
        keys: &KeyRing,
        team: TeamId,
    ) -> Result<Option<Credential>, StoreError> {
        let grant = match self.kind.parse()? {
            CredentialKind::PersonalToken => Grant::PersonalToken,
            CredentialKind::OauthUserToken => Grant::OauthUserToken {
                refresh: self.open_refresh(keys, team)?,
            },
            CredentialKind::AppInstallation => {
                let Some(github_id) = self.installation_id else {
                    return Ok(None);
                };
                Grant::AppInstallation {
                    github_id,
                    permissions: self.permissions.map(|json| json.0).unwrap_or_default(),
                }
            }
        };
        let sealed = Sealed {
            key_id: self.key_id,
            ciphertext: self.ciphertext,
        };
        Ok(Some(Credential {
            grant,
            token: Token::new(keys.open(team, PURPOSE, &sealed)?),
            login: self.login,
            scopes: self.scopes,
            expires_at: self.expires_at,
            issued_at: self.issued_at,
            stored_at: self.stored_at,
            revoked_at: self.revoked_at,
            revoked_cause: parse(self.revoked_cause)?,
        }))
    }

    fn open_refresh(
        &self,
        keys: &KeyRing,
        team: TeamId,
    ) -> Result<Option<RefreshToken>, StoreError> {
        let (Some(key_id), Some(ciphertext)) = (&self.refresh_key_id, &self.refresh_ciphertext)
        else {
            return Ok(None);
        };
        let sealed = Sealed {
            key_id: key_id.clone(),
            ciphertext: ciphertext.clone(),
        };
        Ok(Some(RefreshToken {
            token: Token::new(keys.open(team, REFRESH_PURPOSE, &sealed)?),
            expires_at: self.refresh_expires_at,
        }))
    }
}
