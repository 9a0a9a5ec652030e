//! Sealing of secrets before they are stored. Each is bound to its team and its use: a ciphertext copied to another row does
//! not open.

use std::{collections::BTreeMap, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use workflows::domain::team::TeamId;

use super::{StoreError, key_file};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

type Key = SecretBox<[u8; KEY_BYTES]>;

/// The keys that secrets are sealed and opened with.
pub struct KeyRing {
    current: String,
    keys: BTreeMap<String, Key>,
}

/// Why no key ring could be made. No message holds any part of a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// Not base64.
    #[error(
        "COFLOW_ENCRYPTION_KEY: key {position} is not base64; make one with: openssl rand -base64 32"
    )]
    NotBase64 {
        /// Position in the list, from 1.
        position: usize,
    },
    /// Not 32 bytes.
    #[error(
        "COFLOW_ENCRYPTION_KEY: key {position} has {bytes} bytes instead of 32; make one with: openssl rand -base64 32"
    )]
    WrongLength {
        /// Position in the list, from 1.
        position: usize,
        /// Bytes found.
        bytes: usize,
    },
    /// Two keys share an id, so that one of them could never be found.
    #[error("COFLOW_ENCRYPTION_KEY: the key id \"{id}\" is empty or used twice")]
    InvalidId {
        /// The id.
        id: String,
    },
    /// The key file may be read by others.
    #[error("the key file {path} may be read by others (mode {mode:o}): chmod 600 {path}")]
    OpenToOthers {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file cannot be read or written.
    #[error("the key file {path} cannot be used: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// A sealed secret as stored.
pub(super) struct Sealed {
    /// Which key opens it.
    pub(super) key_id: String,
    /// Nonce, then ciphertext with its tag.
    pub(super) ciphertext: Vec<u8>,
}

impl KeyRing {
    /// Reads `COFLOW_ENCRYPTION_KEY`: base64 of 32 bytes, optionally as `id:base64`; several are separated by commas, the first
    /// seals and all open.
    pub fn from_setting(setting: &SecretString) -> Result<Self, KeyRingError> {
        let mut ring = Self {
            current: String::new(),
            keys: BTreeMap::new(),
        };
        for (index, part) in setting.expose_secret().split(',').enumerate() {
            let (id, key) = parse_key(part.trim(), index + 1)?;
            if index == 0 {
                ring.current.clone_from(&id);
            }
            if id.is_empty() || ring.keys.contains_key(&id) {
                return Err(KeyRingError::InvalidId { id });
            }
            ring.keys.insert(id, key);
        }
        Ok(ring)
    }

    /// Reads a key file, or generates one of mode 0600 when there is none. For development.
    pub fn from_file_or_generate(path: &Path) -> Result<Self, KeyRingError> {
        let fresh = <[u8; KEY_BYTES]>::generate();
        let text = key_file::read_or_create(path, &STANDARD.encode(fresh))?;
        Self::from_setting(&text)
    }

    /// A ring without a key, for work that touches no secret: sealing and opening are refused.
    pub fn without_keys() -> Self {
        Self {
            current: String::new(),
            keys: BTreeMap::new(),
        }
    }

    /// Id of the key that seals; `None` for a ring without keys.
    pub(super) fn current(&self) -> Option<&str> {
        (!self.keys.is_empty()).then_some(&*self.current)
    }

    /// Ids of all keys.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// Seals a secret with the current key. Errors: `NoKey` without one.
    pub(super) fn seal(
        &self,
        team: TeamId,
        purpose: &'static str,
        secret: &str,
    ) -> Result<Sealed, StoreError> {
        if self.keys.is_empty() {
            return Err(StoreError::NoKey);
        }
        let nonce = XNonce::generate();
        let aad = associated_data(team, purpose);
        let payload = Payload {
            msg: secret.as_bytes(),
            aad: aad.as_bytes(),
        };
        let sealed = self
            .cipher(&self.current)?
            .encrypt(&nonce, payload)
            .map_err(|_| StoreError::Unreadable {
                key_id: self.current.clone(),
                team: team.0,
                purpose,
            })?;
        let mut ciphertext = nonce.to_vec();
        ciphertext.extend(sealed);
        Ok(Sealed {
            key_id: self.current.clone(),
            ciphertext,
        })
    }

    /// Opens a sealed secret. Errors: `KeyMissing` without its key, `Unreadable` when it does not open.
    pub(super) fn open(
        &self,
        team: TeamId,
        purpose: &'static str,
        sealed: &Sealed,
    ) -> Result<String, StoreError> {
        let unreadable = || StoreError::Unreadable {
            key_id: sealed.key_id.clone(),
            team: team.0,
            purpose,
        };
        let cipher = self.cipher(&sealed.key_id)?;
        let (nonce, body) = sealed
            .ciphertext
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(unreadable)?;
        let aad = associated_data(team, purpose);
        let payload = Payload {
            msg: body,
            aad: aad.as_bytes(),
        };
        let opened = cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| unreadable())?;
        String::from_utf8(opened).map_err(|_| unreadable())
    }

    fn cipher(&self, key_id: &str) -> Result<XChaCha20Poly1305, StoreError> {
        let key = self
            .keys
            .get(key_id)
            .ok_or_else(|| StoreError::KeyMissing {
                key_id: key_id.to_owned(),
            })?;
        Ok(XChaCha20Poly1305::new(key.expose_secret().into()))
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("ids", &self.keys.keys())
            .finish_non_exhaustive()
    }
}

fn associated_data(team: TeamId, purpose: &str) -> String {
    format!("coflow/{purpose}/team/{team}")
}

fn parse_key(part: &str, position: usize) -> Result<(String, Key), KeyRingError> {
    let (id, text) = match part.split_once(':') {
        Some((id, text)) => (Some(id.trim().to_owned()), text.trim()),
        None => (None, part),
    };
    let bytes = STANDARD
        .decode(text)
        .map_err(|_| KeyRingError::NotBase64 { position })?;
    let length = bytes.len();
    let key: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| KeyRingError::WrongLength {
        position,
        bytes: length,
    })?;
    let id = id.unwrap_or_else(|| derived_id(&key));
    Ok((id, SecretBox::new(Box::new(key))))
}

/// A name for a key that has none: four bytes of the tag over an empty message. They tell nothing of the key, and the all-zero
/// nonce is used for nothing else.
fn derived_id(key: &[u8; KEY_BYTES]) -> String {
    let payload = Payload {
        msg: b"",
        aad: b"coflow/key-id",
    };
    let tag = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from([0; NONCE_BYTES]), payload)
        .unwrap_or_default();
    tag.iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
#[path = "sealing_tests.rs"]
mod tests;
