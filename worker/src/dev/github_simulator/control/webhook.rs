//! Webhooks, as GitHub delivers them: signed with the secret that the App's maker has set.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Control;

/// One delivery to make.
#[derive(Clone, Debug)]
pub struct Webhook {
    event: &'static str,
    payload: Value,
}

impl Control {
    /// What GitHub tells of the App's installation in an organization, such as `suspend` or `unsuspend`.
    ///
    /// # Panics
    /// When there is no such organization.
    pub fn installation_webhook(&self, org: &str, action: &str) -> Webhook {
        let world = self.state.world();
        let organization = world
            .organization(org)
            .unwrap_or_else(|| panic!("the simulator has no organization '{org}'"));
        let account = json!({ "id": organization.id, "login": organization.login });
        let sender = organization.admin().map(|admin| admin.actor.id);
        Webhook {
            event: "installation",
            payload: json!({
                "action": action,
                "installation": { "id": organization.installation.id, "account": account },
                "sender": { "id": sender },
            }),
        }
    }
}

impl Webhook {
    /// Delivers it once, under a new delivery id; returns the status of the answer.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn deliver(&self, url: &str, secret: &SecretString) -> Result<u16, reqwest::Error> {
        let body = self.payload.to_string();
        let answer = Client::new()
            .post(url)
            .header("content-type", "application/json")
            .header("x-github-event", self.event)
            .header(
                "x-github-delivery",
                format!("{:032x}", rand::random::<u128>()),
            )
            .header("x-hub-signature-256", signature(secret, body.as_bytes()))
            .body(body)
            .send()
            .await?;
        Ok(answer.status().as_u16())
    }
}

/// `sha256=` and the HMAC of the body, in hexadecimal digits.
fn signature(secret: &SecretString, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("a key of any length is taken");
    let digest = mac.chain_update(body).finalize().into_bytes();
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation.
    #[test]
    fn bodies_are_signed_as_github_signs_them() {
        let secret = SecretString::from("It's a Secret to Everybody");
        assert_eq!(
            signature(&secret, b"Hello, World!"),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }
}
