//! How GitHub is reached, as the settings have it: its addresses, and the App with its keys.

use std::time::Duration;

use activities::github::{AppKey, GithubSettings, OauthClient};
use anyhow::{Context as _, bail};
use secrecy::SecretString;

use super::context::Context;

impl Context {
    pub(super) fn github_settings(&self) -> anyhow::Result<GithubSettings> {
        let total = Duration::from_secs(self.settings.github_timeout_seconds);
        Ok(GithubSettings {
            api_url: self.settings.github_api_url.clone(),
            web_url: self.settings.github_web_url.clone(),
            app_key: self.app_key()?,
            oauth_client: self.oauth_client()?,
            download_hosts: self.settings.download_hosts.clone(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            total_timeout: total,
            max_body_bytes: 64 * 1024 * 1024,
            max_report_bytes: 1024 * 1024 * 1024,
        })
    }

    /// A half of the App's settings is a mistake that is better found now than by the first team that needs the other half.
    fn app_key(&self) -> anyhow::Result<Option<AppKey>> {
        match (&self.settings.github_app_id, self.app_private_key()?) {
            (None, None) => Ok(None),
            (Some(_), None) => bail!(
                "GITHUB_APP_ID is set without a key: set GITHUB_APP_PRIVATE_KEY_FILE, or GITHUB_APP_PRIVATE_KEY"
            ),
            (None, Some(_)) => {
                bail!("the private key of the GitHub App is set without its id: set GITHUB_APP_ID")
            }
            (Some(id), Some(pem)) => Ok(Some(AppKey::from_pem(id, &pem)?)),
        }
    }

    fn app_private_key(&self) -> anyhow::Result<Option<SecretString>> {
        let file = &self.settings.github_app_private_key_file;
        match (file, &self.settings.github_app_private_key) {
            (Some(_), Some(_)) => bail!(
                "both GITHUB_APP_PRIVATE_KEY_FILE and GITHUB_APP_PRIVATE_KEY are set: keep one of them"
            ),
            (None, text) => Ok(text.clone()),
            (Some(path), None) => {
                let text = std::fs::read_to_string(path).with_context(|| {
                    format!(
                        "GITHUB_APP_PRIVATE_KEY_FILE: cannot read {}",
                        path.display()
                    )
                })?;
                Ok(Some(SecretString::from(text)))
            }
        }
    }

    fn oauth_client(&self) -> anyhow::Result<Option<OauthClient>> {
        let secret = &self.settings.github_app_client_secret;
        match (&self.settings.github_app_client_id, secret) {
            (None, None) => Ok(None),
            (Some(id), Some(secret)) => Ok(Some(OauthClient {
                id: id.clone(),
                secret: secret.clone(),
            })),
            (Some(_), None) => {
                bail!("GITHUB_APP_CLIENT_ID is set without GITHUB_APP_CLIENT_SECRET")
            }
            (None, Some(_)) => {
                bail!("GITHUB_APP_CLIENT_SECRET is set without GITHUB_APP_CLIENT_ID")
            }
        }
    }
}
