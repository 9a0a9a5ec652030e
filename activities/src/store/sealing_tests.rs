//! What sealing promises, without a database.

use std::os::unix::fs::PermissionsExt;

use super::*;

const PURPOSE: &str = "credential";

fn ring(setting: &str) -> KeyRing {
    KeyRing::from_setting(&SecretString::from(setting)).unwrap()
}

fn key(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

#[test]
fn opens_what_it_sealed_and_never_seals_alike() {
    let ring = ring(&key(1));
    let first = ring.seal(TeamId(7), PURPOSE, "ghp_secret").unwrap();
    let second = ring.seal(TeamId(7), PURPOSE, "ghp_secret").unwrap();
    assert_ne!(first.ciphertext, second.ciphertext);
    assert_eq!(ring.open(TeamId(7), PURPOSE, &first).unwrap(), "ghp_secret");
    assert!(!first.ciphertext.windows(10).any(|w| w == b"ghp_secret"));
}

#[test]
fn a_missing_key_is_named_by_its_id() {
    let sealed = ring(&format!("old:{}", key(1)))
        .seal(TeamId(7), PURPOSE, "x")
        .unwrap();
    let error = ring(&format!("new:{}", key(2)))
        .open(TeamId(7), PURPOSE, &sealed)
        .unwrap_err();
    assert!(matches!(error, StoreError::KeyMissing { key_id } if key_id == "old"));
}

#[test]
fn the_first_key_seals_and_all_open() {
    let sealed = ring(&format!("old:{}", key(1)))
        .seal(TeamId(7), PURPOSE, "x")
        .unwrap();
    let both = ring(&format!("new:{}, old:{}", key(2), key(1)));
    assert_eq!(both.open(TeamId(7), PURPOSE, &sealed).unwrap(), "x");
    assert_eq!(both.seal(TeamId(7), PURPOSE, "x").unwrap().key_id, "new");
}

#[test]
fn a_changed_ciphertext_does_not_open() {
    let ring = ring(&key(1));
    let sealed = ring.seal(TeamId(7), PURPOSE, "ghp_secret").unwrap();
    for position in 0..sealed.ciphertext.len() {
        let mut ciphertext = sealed.ciphertext.clone();
        ciphertext[position] ^= 1;
        let changed = Sealed {
            key_id: sealed.key_id.clone(),
            ciphertext,
        };
        assert!(matches!(
            ring.open(TeamId(7), PURPOSE, &changed),
            Err(StoreError::Unreadable { .. })
        ));
    }
    let cut = Sealed {
        key_id: sealed.key_id,
        ciphertext: vec![0; 5],
    };
    assert!(matches!(
        ring.open(TeamId(7), PURPOSE, &cut),
        Err(StoreError::Unreadable { .. })
    ));
}

#[test]
fn another_team_or_use_does_not_open() {
    let ring = ring(&key(1));
    let sealed = ring.seal(TeamId(7), PURPOSE, "x").unwrap();
    assert!(matches!(
        ring.open(TeamId(8), PURPOSE, &sealed),
        Err(StoreError::Unreadable { team: 8, .. })
    ));
    assert!(matches!(
        ring.open(TeamId(7), "refresh", &sealed),
        Err(StoreError::Unreadable { .. })
    ));
}

#[test]
fn a_bad_setting_is_named_without_showing_it() {
    let refuse = |setting: &str| {
        KeyRing::from_setting(&SecretString::from(setting))
            .unwrap_err()
            .to_string()
    };
    assert!(refuse("hunter2!").contains("key 1 is not base64"));
    assert!(!refuse("hunter2!").contains("hunter2"));
    assert!(refuse(&format!("{},AAAA", key(1))).contains("key 2 has 3 bytes"));
    assert!(refuse(&format!("a:{},a:{}", key(1), key(2))).contains("\"a\""));
    assert!(refuse(&format!(":{}", key(1))).contains("empty"));
}

#[test]
fn derived_ids_tell_keys_apart_and_stay() {
    assert_eq!(ring(&key(1)).current, ring(&key(1)).current);
    assert_ne!(ring(&key(1)).current, ring(&key(2)).current);
    assert_eq!(ring(&key(1)).current.len(), 8);
}

#[test]
fn debug_shows_ids_only() {
    let shown = format!("{:?}", ring(&format!("main:{}", key(0x41))));
    assert!(
        shown.contains("main") && !shown.contains("65") && !shown.contains("QUFB"),
        "{shown}"
    );
}

#[test]
fn a_key_file_is_made_once_and_must_be_private() {
    let folder = std::env::temp_dir().join(format!("coflow-key-{}", std::process::id()));
    let path = folder.join("key");
    let first = KeyRing::from_file_or_generate(&path).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        KeyRing::from_file_or_generate(&path).unwrap().current,
        first.current
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(
        KeyRing::from_file_or_generate(&path),
        Err(KeyRingError::OpenToOthers { .. })
    ));
    std::fs::remove_dir_all(&folder).unwrap();
}
