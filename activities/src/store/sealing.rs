//! Sealing of secrets before they are stored. Each is bound to its team and its use: a ciphertext copied to another row does
//! not open.

use std::{collections::BTreeMap, path::Path};

use secrecy::SecretString;
use workflows::domain::team::TeamId;

use super::StoreError;

/// The keys that secrets are sealed and opened with.
pub struct KeyRing {
    current: String,
    keys: BTreeMap<String, [u8; 32]>,
}

/// Why no key ring could be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {}

impl KeyRing {
    /// Reads `COFLOW_ENCRYPTION_KEY`: base64 of 32 bytes, optionally as `id:base64`; several are separated by commas, the first
    /// seals and all open.
    pub fn from_setting(setting: &SecretString) -> Result<Self, KeyRingError> {
        unimplemented!()
    }

    /// Reads a key file, or generates one of mode 0600 when there is none. For development.
    pub fn from_file_or_generate(path: &Path) -> Result<Self, KeyRingError> {
        unimplemented!()
    }
}
