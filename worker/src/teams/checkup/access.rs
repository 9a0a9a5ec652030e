//! Whether the team's credential works: what GitHub says of it now, of the organization, of the role, of permissions and limits.

use activities::{
    clock,
    credentials::{CredentialError, open_credential},
    github::{FailureClass, Granted, Purpose, RateLimit, Standing, Token},
    permission_diff::{PermissionDiff, installation_page, token_page},
    store::{Credential, Grant, StoreError},
};
use workflows::domain::{
    cause::Cause,
    credential::{CredentialKind, ExpiryNotice},
};

use super::{Checkup, Finding, Verdict};
use crate::teams::view;

/// A budget of which less than this share is left is worth a look.
const SCARCE: i64 = 10;

/// A credential that GitHub takes, with what it is granted.
pub(super) struct Access {
    pub(super) token: Token,
    /// `None` when GitHub did not say.
    pub(super) standing: Option<Standing>,
    granted: Granted,
    /// Where more is granted.
    approve_at: String,
}

impl Checkup<'_> {
    /// Everything that needs no Copilot. `None` when GitHub does not take the credential: then nothing else can be asked.
    pub(super) async fn check_access(&mut self) -> Result<Option<Access>, StoreError> {
        let Some(credential) = self.open().await? else {
            return Ok(None);
        };
        let Some((granted, approve_at)) = self.check_credential(&credential).await? else {
            return Ok(None);
        };
        self.check_organization(&credential.token).await;
        let mut access = Access {
            standing: None,
            token: credential.token.clone(),
            granted,
            approve_at,
        };
        access.standing = self.check_role(&credential).await;
        self.check_permissions("permissions", &access, Purpose::Delivery);
        self.check_limits(&access.token).await;
        Ok(Some(access))
    }

    async fn open(&mut self) -> Result<Option<Credential>, StoreError> {
        let asked = self.asked.clone();
        match open_credential(self.store, self.github, self.team.team.id).await {
            Ok(Some(credential)) => return Ok(Some(credential)),
            Ok(None) => {
                let cause = Cause::CredentialMissing;
                self.find(Finding::of_cause("credential", cause, &asked));
            }
            Err(CredentialError::Github(failure)) => {
                self.find(Finding::of_refusal("credential", &failure, &asked));
            }
            // The text names the key, and so says more than a cause.
            Err(CredentialError::Store(
                error @ (StoreError::NoKey
                | StoreError::KeyMissing { .. }
                | StoreError::Unreadable { .. }),
            )) => {
                let cause = Cause::CredentialUnreadable;
                let finding = Finding::of_cause("credential", cause, &asked);
                self.find(finding.known_from(error));
            }
            Err(CredentialError::Store(error)) => return Err(error),
        }
        Ok(None)
    }

    /// Whose it is and when it ends; and what it is granted, which the answers tell.
    async fn check_credential(
        &mut self,
        credential: &Credential,
    ) -> Result<Option<(Granted, String)>, StoreError> {
        let asked = self.asked.clone();
        let answered = match &credential.grant {
            Grant::AppInstallation { github_id, .. } => {
                let installation = self.github.fetch_installation(*github_id).await;
                installation.map(|installation| {
                    let page = installation_page(self.github, &installation);
                    let granted = Granted::Permissions(installation.permissions);
                    (granted, page, installation.suspended_at)
                })
            }
            Grant::PersonalToken | Grant::OauthUserToken { .. } => {
                let owner = self.github.fetch_user(&credential.token).await;
                owner.map(|_| {
                    let token = &credential.token;
                    let page = token_page(self.github, &credential.grant, token.expose());
                    (Granted::to_token(token), page, None)
                })
            }
        };
        let (granted, page, suspended_at) = match answered {
            Ok(answered) => answered,
            Err(failure) => {
                self.find(Finding::of_refusal("credential", &failure, &asked));
                return Ok(None);
            }
        };
        if let Some(suspended_at) = suspended_at {
            let finding = Finding::of_cause("credential", Cause::AppSuspended, &asked);
            let since = suspended_at.format("%Y-%m-%d %H:%M:%S UTC");
            let evidence = format!("GitHub says that the installation is suspended since {since}");
            self.find(finding.known_from(evidence).click(page));
            return Ok(None);
        }
        let finding = self.describe_credential(credential, &page).await?;
        self.find(finding);
        Ok(Some((granted, page)))
    }

    async fn describe_credential(
        &self,
        credential: &Credential,
        page: &str,
    ) -> Result<Finding, StoreError> {
        let facts = self.store.load_credential_facts(self.team.team.id).await?;
        let Some(mut facts) = facts else {
            return Ok(Finding::skipped("credential", "it was removed meanwhile"));
        };
        // GitHub has just taken it, and has said when it ends.
        facts.revoked_at = None;
        if facts.kind == CredentialKind::PersonalToken {
            facts.ends_at = credential.token.facts().expires_at.or(facts.ends_at);
        }
        let now = clock::now();
        let sentence = view::describe_credential(&facts, now);
        let notice = facts.ends_at.and_then(|at| ExpiryNotice::due(at, now));
        Ok(match notice {
            None => Finding::new("credential", Verdict::Ok, sentence),
            Some(_) => Finding::new("credential", Verdict::Attention, sentence)
                .next(format!(
                    "before it ends, make another and: coflow team reconnect {}",
                    self.team.slug
                ))
                .click(page),
        })
    }

    async fn check_organization(&mut self, token: &Token) {
        let slug = self.team.slug.clone();
        let finding = match self.github.fetch_organization(token, &slug).await {
            Ok(identity)
                if self
                    .team
                    .github_id
                    .is_some_and(|id| id != identity.github_id) =>
            {
                Finding::of_cause("organization", Cause::OrgNotFound, &self.asked).known_from(
                    format!(
                        "{slug} is organization {} by now, and not the one that was connected",
                        identity.github_id
                    ),
                )
            }
            Ok(identity) if !identity.login.eq_ignore_ascii_case(&slug) => Finding::new(
                "organization",
                Verdict::Attention,
                format!("it is called {} by now", identity.login),
            )
            .next("nothing: the next run follows it"),
            Ok(identity) => Finding::new("organization", Verdict::Ok, identity.login),
            Err(failure) => Finding::of_refusal("organization", &failure, &self.asked),
        };
        self.find(finding);
    }

    /// Delivery is for members; Copilot is for owners, and only where it is connected a missing role is a fault.
    async fn check_role(&mut self, credential: &Credential) -> Option<Standing> {
        let slug = self.team.slug.clone();
        let standing = match self.github.fetch_standing(&credential.token, &slug).await {
            Ok(standing) => standing,
            Err(failure) => {
                self.find(Finding::of_refusal("role", &failure, &self.asked));
                return None;
            }
        };
        let login = credential.login.as_deref().unwrap_or("the token's owner");
        let sentence = standing.explain(login, &slug);
        let finding = match standing.obstacle() {
            None => Finding::new("role", Verdict::Ok, sentence),
            Some(_) if standing.is_inside() && !self.is_copilot_connected() => {
                Finding::new("role", Verdict::Ok, format!("{sentence}, for Copilot"))
            }
            Some(cause) => Finding {
                finding: format!("{cause}: {sentence}"),
                ..Finding::of_cause("role", cause, &self.asked)
            },
        };
        self.find(finding);
        Some(standing)
    }

    /// What is granted against what a purpose needs.
    pub(super) fn check_permissions(
        &mut self,
        check: &'static str,
        access: &Access,
        purpose: Purpose,
    ) {
        let page = access.approve_at.clone();
        let diff = PermissionDiff::new(&access.granted, &[purpose], page);
        let verdict = match (&diff.missing, diff.prevents_sync()) {
            (_, true) => Verdict::NotOk,
            (Some(missing), false) if !missing.is_empty() => Verdict::Attention,
            (Some(_) | None, false) => Verdict::Ok,
        };
        let finding = Finding::new(check, verdict, diff.to_string());
        self.find(match verdict {
            Verdict::Ok | Verdict::Skipped => finding,
            Verdict::Attention | Verdict::NotOk => finding.click(&diff.approve_at),
        });
    }

    async fn check_limits(&mut self, token: &Token) {
        let limits = match self.github.fetch_rate_limits(token).await {
            Ok(limits) => limits,
            Err(failure) if failure.class == FailureClass::RequestRejected => {
                self.find(Finding::new("limits", Verdict::Ok, "this server has none"));
                return;
            }
            Err(failure) => {
                let finding = Finding::of_refusal("limits", &failure, &self.asked);
                self.find(finding);
                return;
            }
        };
        self.find(of_limit("REST limit", "requests", limits.core));
        if let Some(graphql) = limits.graphql {
            self.find(of_limit("GraphQL limit", "points", graphql));
        }
    }
}

fn of_limit(check: &'static str, unit: &str, limit: RateLimit) -> Finding {
    let RateLimit {
        limit: of,
        remaining,
        reset_at,
    } = limit;
    let reset = reset_at.format("%H:%M:%S UTC");
    let sentence = format!("{remaining} of {of} {unit} left until {reset}");
    if remaining > of / SCARCE {
        return Finding::new(check, Verdict::Ok, sentence);
    }
    Finding::new(check, Verdict::Attention, sentence).next(format!(
        "nothing: runs wait for {reset} by themselves. If it is so every night, something else uses the same credential"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_that_is_nearly_spent_is_worth_a_look() {
        let limit = |remaining| RateLimit {
            limit: 5_000,
            remaining,
            reset_at: "2026-11-27T10:00:00Z".parse().expect("a time"),
        };
        let verdict = |remaining| of_limit("REST limit", "requests", limit(remaining)).verdict;
        assert_eq!(verdict(501), Verdict::Ok);
        assert_eq!(verdict(500), Verdict::Attention);
        assert_eq!(verdict(0), Verdict::Attention);
    }
}
