//! Where a credential comes from. Never an argument itself: arguments are visible to everybody on the machine.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use secrecy::SecretString;

use crate::teams::Offer;

/// What a team is connected with: a personal token unless another kind is named.
#[derive(Debug, Args)]
pub struct CredentialArguments {
    /// File that holds a personal token; `-` reads standard input. Without it, the token is the environment's GITHUB_TOKEN.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The token, from the environment only.
    #[arg(
        long = "github-token",
        env = "GITHUB_TOKEN",
        hide = true,
        hide_env_values = true
    )]
    token: Option<SecretString>,
    /// The GitHub App that an organization owner has installed; its key is in the settings.
    #[arg(long, conflicts_with_all = ["token_file", "oauth_file"])]
    app_installation: bool,
    /// File with an OAuth user token and its refresh token, as GitHub's token endpoint answers them in JSON; `-` reads standard
    /// input.
    #[arg(long, value_name = "FILE", conflicts_with = "token_file")]
    oauth_file: Option<PathBuf>,
}

impl CredentialArguments {
    pub(super) fn read(self) -> anyhow::Result<Offer> {
        if self.app_installation {
            return Ok(Offer::AppInstallation);
        }
        if let Some(path) = self.oauth_file {
            return Ok(Offer::oauth_tokens(&read(&path)?)?);
        }
        if let Some(path) = self.token_file {
            return Ok(Offer::PersonalToken(read(&path)?));
        }
        let token = self.token.context(
            "no token: give --token-file FILE (or -), --oauth-file FILE or --app-installation, or set GITHUB_TOKEN",
        )?;
        Ok(Offer::PersonalToken(token))
    }
}

fn read(path: &Path) -> anyhow::Result<SecretString> {
    let text = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())?
    } else {
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
    };
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "the token is empty");
    Ok(SecretString::from(text.to_owned()))
}
