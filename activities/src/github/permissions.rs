//! What coflow has to be granted, for which data, in GitHub's two languages: scopes of classic tokens, permissions of an App. And
//! the difference to what is granted, so that it can be told before the first sync.

use super::{Permissions, Token, scopes};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Members and pull requests.
    Delivery,
    /// Copilot's seats and metrics.
    Copilot,
}

/// What is lost without a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// This data; the sync goes on.
    Data,
    /// The sync cannot work at all.
    Sync,
}

/// A row of the table.
struct Need {
    purpose: Purpose,
    /// For people.
    data: &'static str,
    /// Any of these scopes, as GitHub documents them.
    scopes: &'static [&'static str],
    without_scopes: Loss,
    /// This permission of an App, to read; `None` when none of its own is needed.
    permission: Option<&'static str>,
    without_permission: Loss,
}

const NEEDS: &[Need] = &[
    Need {
        purpose: Purpose::Delivery,
        data: "members",
        scopes: &["read:org"],
        without_scopes: Loss::Sync,
        permission: Some("members"),
        without_permission: Loss::Sync,
    },
    Need {
        purpose: Purpose::Delivery,
        data: "members' e-mail addresses",
        // GitHub refuses the whole query for want of it.
        scopes: &["user:email", "read:user"],
        without_scopes: Loss::Sync,
        permission: None,
        without_permission: Loss::Data,
    },
    Need {
        purpose: Purpose::Delivery,
        data: "repositories",
        scopes: &["repo"],
        // Public repositories are seen without it.
        without_scopes: Loss::Data,
        permission: Some("metadata"),
        without_permission: Loss::Sync,
    },
    Need {
        purpose: Purpose::Delivery,
        data: "pull requests and reviews",
        scopes: &["repo"],
        without_scopes: Loss::Data,
        permission: Some("pull_requests"),
        without_permission: Loss::Sync,
    },
    Need {
        purpose: Purpose::Delivery,
        data: "commits and changed files",
        scopes: &["repo"],
        without_scopes: Loss::Data,
        permission: Some("contents"),
        without_permission: Loss::Data,
    },
    Need {
        purpose: Purpose::Copilot,
        data: "Copilot's usage metrics",
        scopes: &["read:org"],
        without_scopes: Loss::Sync,
        permission: Some("organization_copilot_metrics"),
        without_permission: Loss::Sync,
    },
    Need {
        purpose: Purpose::Copilot,
        data: "Copilot's seats and billing",
        scopes: &["manage_billing:copilot", "read:org"],
        without_scopes: Loss::Sync,
        permission: Some("organization_copilot_seat_management"),
        without_permission: Loss::Sync,
    },
];

/// What a credential is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// Scopes of a classic or OAuth token.
    Scopes(Vec<String>),
    /// Permissions of an installation.
    Permissions(Permissions),
    /// GitHub does not tell: a fine-grained token, or a user token of an App, shows what it may only when it is refused.
    Untold,
}

/// One grant that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its name at GitHub: `read:org`, `members: read`.
    pub grant: String,
    /// What it is needed for.
    pub data: Vec<&'static str>,
    /// What is lost without it.
    pub loss: Loss,
}

impl Granted {
    /// What a person's token is granted, as its answers so far have told.
    pub fn to_token(token: &Token) -> Self {
        // GitHub sends an empty list of scopes with a user token of an App, which has none.
        let has_no_scopes = ["ghu_", "github_pat_"]
            .iter()
            .any(|prefix| token.expose().starts_with(prefix));
        match token.facts().scopes {
            Some(scopes) if !has_no_scopes => Self::Scopes(scopes),
            Some(_) | None => Self::Untold,
        }
    }

    /// What is missing of what the purposes need; `None` when it cannot be told.
    pub fn lacks(&self, purposes: &[Purpose]) -> Option<Vec<Missing>> {
        if *self == Self::Untold {
            return None;
        }
        let needs = NEEDS.iter().filter(|need| purposes.contains(&need.purpose));
        let mut missing: Vec<Missing> = Vec::new();
        for (grant, need, loss) in needs.filter_map(|need| self.lack(need)) {
            match missing.iter_mut().find(|known| known.grant == grant) {
                Some(known) => {
                    known.data.push(need.data);
                    known.loss = known.loss.max(loss);
                }
                None => missing.push(Missing {
                    grant,
                    data: vec![need.data],
                    loss,
                }),
            }
        }
        Some(missing)
    }

    fn lack<'n>(&self, need: &'n Need) -> Option<(String, &'n Need, Loss)> {
        match self {
            Self::Scopes(held) => {
                let is_covered = need
                    .scopes
                    .iter()
                    .any(|wanted| held.iter().any(|scope| scopes::covers(scope, wanted)));
                (!is_covered).then(|| (need.scopes.join(" or "), need, need.without_scopes))
            }
            Self::Permissions(held) => {
                let wanted = need.permission?;
                let is_read = held
                    .get(wanted)
                    .is_some_and(|level| matches!(level.as_str(), "read" | "write" | "admin"));
                (!is_read).then(|| (format!("{wanted}: read"), need, need.without_permission))
            }
            Self::Untold => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Purpose; 2] = [Purpose::Delivery, Purpose::Copilot];

    fn scopes(names: &[&str]) -> Granted {
        Granted::Scopes(names.iter().map(|name| (*name).to_owned()).collect())
    }

    fn names(granted: &Granted, purposes: &[Purpose]) -> Vec<(String, Loss)> {
        let missing = granted.lacks(purposes).expect("it can be told");
        missing
            .into_iter()
            .map(|one| (one.grant, one.loss))
            .collect()
    }

    #[test]
    fn what_the_readme_asks_of_a_token_is_enough_and_wider_scopes_are_too() {
        let readme = [
            "repo",
            "read:org",
            "read:user",
            "user:email",
            "manage_billing:copilot",
        ];
        assert_eq!(names(&scopes(&readme), &ALL), []);
        assert_eq!(names(&scopes(&["repo", "admin:org", "user"]), &ALL), []);
    }

    #[test]
    fn each_missing_scope_is_named_once_with_all_that_it_is_for() {
        let granted = scopes(&["read:org", "read:user"]);
        let missing = granted.lacks(&ALL).expect("it can be told");
        assert_eq!(missing.len(), 1, "{missing:?}");
        assert_eq!(
            (missing[0].grant.as_str(), missing[0].loss),
            ("repo", Loss::Data)
        );
        assert_eq!(missing[0].data.len(), 3);
        let nothing = names(&scopes(&[]), &[Purpose::Copilot]);
        let sync = |name: &str| (name.to_owned(), Loss::Sync);
        let expected = [sync("read:org"), sync("manage_billing:copilot or read:org")];
        assert_eq!(nothing, expected);
    }

    #[test]
    fn an_installation_is_told_by_its_permissions_and_their_levels() {
        let granted = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            Granted::Permissions(
                pairs
                    .map(|(name, level)| ((*name).to_owned(), (*level).to_owned()))
                    .collect(),
            )
        };
        let delivery = granted(&[
            ("members", "write"),
            ("metadata", "read"),
            ("pull_requests", "read"),
        ]);
        assert_eq!(
            names(&delivery, &ALL),
            [
                ("contents: read".to_owned(), Loss::Data),
                ("organization_copilot_metrics: read".to_owned(), Loss::Sync),
                (
                    "organization_copilot_seat_management: read".to_owned(),
                    Loss::Sync
                ),
            ]
        );
        let none = granted(&[("members", "none")]);
        assert_eq!(names(&none, &[Purpose::Delivery])[0].0, "members: read");
    }

    #[test]
    fn a_token_without_scopes_cannot_be_told() {
        assert_eq!(
            Granted::to_token(&Token::new("github_pat_1")),
            Granted::Untold
        );
        assert_eq!(Granted::Untold.lacks(&ALL), None);
    }
}
