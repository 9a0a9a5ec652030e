//! How the owner of a token is called and written to, asked for when they connect.

use serde::Deserialize;

use super::{GithubClient, GithubFailure, Token, account::parse, endpoint::EndpointClass, scopes};

/// What an account says of the person: `GET /user`, and `GET /user/emails` where the token may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Display name.
    pub name: Option<String>,
    /// The address the account shows to everybody, else its primary one, if that is verified.
    pub email: Option<String>,
}

/// `GET /user`, the part about the person.
#[derive(Deserialize)]
struct WireProfile {
    name: Option<String>,
    email: Option<String>,
}

/// One of `GET /user/emails`.
#[derive(Deserialize)]
struct WireEmail {
    email: String,
    primary: bool,
    verified: bool,
}

/// Scopes of a classic token that show hidden addresses.
const SHOW_ADDRESSES: [&str; 2] = ["user:email", "user"];

impl GithubClient {
    /// Who the token's owner is as a person. Installation tokens belong to nobody and are refused here.
    pub async fn fetch_profile(&self, token: &Token) -> Result<Profile, GithubFailure> {
        let endpoint = EndpointClass::User;
        let answer = self.get(endpoint, token, self.rest_url(&["user"])).await?;
        let profile: WireProfile = parse(endpoint, &answer)?;
        let email = profile.email.filter(|email| !email.is_empty());
        let scopes = scopes::held(&answer.headers).unwrap_or_default();
        let shows_addresses = scopes
            .iter()
            .any(|scope| SHOW_ADDRESSES.contains(&scope.as_str()));
        let email = match email {
            None if shows_addresses => self.fetch_primary_address(token).await?,
            known => known,
        };
        Ok(Profile {
            name: profile.name.filter(|name| !name.is_empty()),
            email,
        })
    }

    async fn fetch_primary_address(&self, token: &Token) -> Result<Option<String>, GithubFailure> {
        let endpoint = EndpointClass::User;
        let url = self.rest_url(&["user", "emails"]);
        let emails: Vec<WireEmail> = parse(endpoint, &self.get(endpoint, token, url).await?)?;
        let primary = emails
            .into_iter()
            .find(|email| email.primary && email.verified);
        Ok(primary.map(|email| email.email))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::test_server::TestServer;

    const EMAILS: &str = r#"[
        {"email": "old@example.com", "primary": false, "verified": true, "visibility": null},
        {"email": "ada@example.com", "primary": true, "verified": true, "visibility": "private"}]"#;

    /// Profile of an account that shows `email`, asked for with these scopes; and how often GitHub was asked.
    async fn profile(email: &str, scopes: &str) -> (Profile, usize) {
        let (email, scopes) = (email.to_owned(), scopes.to_owned());
        let server = TestServer::start(move |asked| {
            let headers = vec![("x-oauth-scopes", scopes.clone())];
            let body = match asked.target.as_str() {
                "/user" => format!(r#"{{"login": "ada", "id": 7, "name": "", "email": {email}}}"#),
                _ => EMAILS.to_owned(),
            };
            (200, headers, body)
        })
        .await;
        let profile = server
            .client(&[])
            .fetch_profile(&Token::new("ghp_canary"))
            .await;
        (profile.expect("a profile"), server.asked().len())
    }

    #[tokio::test]
    async fn the_shown_address_goes_before_the_hidden_one_which_needs_a_scope() {
        let (shown, asked) = profile("\"shown@example.com\"", "user:email").await;
        assert_eq!(
            (shown.email.as_deref(), asked),
            (Some("shown@example.com"), 1)
        );
        assert_eq!(shown.name, None, "an empty name is none");
        let (hidden, asked) = profile("null", "repo, user:email").await;
        assert_eq!(
            (hidden.email.as_deref(), asked),
            (Some("ada@example.com"), 2)
        );
        let (unknown, asked) = profile("null", "repo").await;
        assert_eq!((unknown.email, asked), (None, 1));
    }
}
