//! "Your token ends soon": before anything breaks.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use workflows::domain::credential::CredentialKind;

use super::{
    Sites,
    letter::Letter,
    wording::{count, time},
};

/// What the e-mail tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiryNotice {
    /// Login of the organization.
    pub organization: String,
    /// What kind of credential it is; unknown in what was queued by an earlier coflow.
    #[serde(default)]
    pub kind: Option<CredentialKind>,
    /// Whose it is, when known.
    pub login: Option<String>,
    /// Days that are left, the last one begun: 14 at most.
    pub days_left: u16,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

pub(super) fn write(fields: &ExpiryNotice, sites: &Sites) -> Letter {
    let organization = &fields.organization;
    let left = count(fields.days_left.into(), "day", "days");
    Letter::new(format!("The GitHub token of {organization} ends in {left}"))
        .paragraph(format!(
            "The GitHub token that {organization} is connected with ends soon. Everything works until then, and nothing is lost \
             after it: the work waits for a new token."
        ))
        .facts([
            ("Ends", Some(time(fields.expires_at))),
            ("Whose token", fields.login.clone()),
            ("Who can do it", Some("the token's owner, or anybody else who may see the organization's repositories".to_owned())),
        ])
        .paragraph("Make a new token at GitHub and put it in the old one's place; nothing is fetched twice:")
        .command(command(fields))
        .link("Tokens at GitHub", page(fields, sites))
}

fn command(fields: &ExpiryNotice) -> String {
    let organization = &fields.organization;
    match fields.kind {
        Some(CredentialKind::OauthUserToken) => {
            format!("coflow team reconnect {organization} --oauth-file FILE")
        }
        Some(CredentialKind::PersonalToken | CredentialKind::AppInstallation) | None => {
            format!("coflow team reconnect {organization} --token-file FILE")
        }
    }
}

/// Personal tokens are made on a page of GitHub's; an OAuth token is what an App's log-in brings.
fn page(fields: &ExpiryNotice, sites: &Sites) -> Option<String> {
    let base = sites.github.as_str().trim_end_matches('/');
    let is_made_there = fields.kind != Some(CredentialKind::OauthUserToken);
    is_made_there.then(|| format!("{base}/settings/tokens"))
}
