//! A GitHub token in memory. It is wiped when dropped, and no formatting of it shows its text.

use secrecy::{ExposeSecret, SecretString};

/// A token of any kind, as it goes into an `Authorization` header.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// Wraps a token's text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The token's text: for the `Authorization` header and for encryption, nothing else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn debug_shows_nothing_of_the_text() {
        let token = Token::new("ghp_canary");
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(token.expose(), "ghp_canary");
    }
}
