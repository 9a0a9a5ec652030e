//! An e-mail address: checked once, and never shown by accident.

use std::{fmt, str::FromStr};

/// An address that a mail server can be given. Its text is asked for by name, so that no log holds one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// Text that is no address. The text is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no e-mail address")]
pub struct InvalidAddress;

/// GitHub gives these away for commits; nothing that is sent there arrives.
const NO_MAILBOX: &str = "@users.noreply.github.com";

impl EmailAddress {
    /// The address.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is a mailbox behind it, as far as its text tells.
    pub fn has_mailbox(&self) -> bool {
        !self.0.to_ascii_lowercase().ends_with(NO_MAILBOX)
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let text = text.trim();
        // The database and the terminal show one line.
        let is_one_word =
            !text.contains(|letter: char| letter.is_whitespace() || letter.is_control());
        match text.parse::<lettre::Address>() {
            Ok(_) if is_one_word => Ok(Self(text.to_owned())),
            Ok(_) | Err(_) => Err(InvalidAddress),
        }
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_are_taken_and_none_is_shown() {
        let address: EmailAddress = " ada@example.com\n".parse().expect("an address");
        assert_eq!(address.expose(), "ada@example.com");
        assert_eq!(format!("{address:?}"), "EmailAddress(…)");
        for text in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "a b@example.com",
            "ada@example.com\r\nBcc: eve@example.com",
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(InvalidAddress), "{text}");
        }
    }

    #[test]
    fn an_address_for_commits_has_no_mailbox() {
        let has_mailbox = |text: &str| {
            text.parse::<EmailAddress>()
                .expect("an address")
                .has_mailbox()
        };
        assert!(!has_mailbox("17+ada@users.noreply.github.com"));
        assert!(has_mailbox("ada@github.com"));
    }
}
