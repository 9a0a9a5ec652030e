//! Whom a team's e-mails go to.

use activities::{
    github::{GithubClient, GithubFailure, Token},
    mail::EmailAddress,
    store::{DigestWish, Recipient, RecipientSource},
};
use secrecy::{ExposeSecret, SecretString};

/// Somebody whose address was given by hand.
pub fn given(address: EmailAddress) -> Recipient {
    Recipient {
        address,
        name: None,
        source: RecipientSource::Given,
        digest: DigestWish::Unwanted,
    }
}

/// The person whose token it is, if GitHub tells where they are written to. Nobody's connection fails for this: a caller goes on
/// without.
///
/// # Errors
/// When GitHub does not tell now.
pub async fn of_token(
    github: &GithubClient,
    token: &SecretString,
    login: &str,
) -> Result<Option<Recipient>, GithubFailure> {
    let profile = github
        .fetch_profile(&Token::new(token.expose_secret()))
        .await?;
    let address = profile
        .email
        .and_then(|email| email.parse::<EmailAddress>().ok());
    let address = address.filter(EmailAddress::has_mailbox);
    Ok(address.map(|address| Recipient {
        address,
        name: Some(profile.name.unwrap_or_else(|| login.to_owned())),
        source: RecipientSource::Connection,
        digest: DigestWish::Unwanted,
    }))
}
