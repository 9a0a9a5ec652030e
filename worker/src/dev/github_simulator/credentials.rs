//! Tokens the simulated GitHub has issued: whose they are, what they may, what is left of
//! their hourly budget. It decides 401; it does not know roles.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    model::{Actor, World},
    oauth::RefreshGrants,
};

/// What a classic token of an organization's admin is granted unless a test says otherwise.
pub(crate) const DEFAULT_SCOPES: [&str; 5] = [
    "manage_billing:copilot",
    "read:org",
    "read:user",
    "repo",
    "user:email",
];

/// The two budgets GitHub counts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Core,
    Graphql,
}

impl Resource {
    /// The name in `x-ratelimit-resource`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
        }
    }
}

/// On whose behalf a token acts.
#[derive(Clone, Debug)]
pub(crate) enum Grant {
    /// A token of a person.
    Person {
        user: Arc<Actor>,
        /// Of a classic token; `None` for tokens that have permissions instead, of which nothing is told beforehand.
        scopes: Option<Vec<String>>,
    },
    /// An installation token of the App: it has permissions and no human role.
    Installation {
        installation_id: u64,
        permissions: Vec<(String, String)>,
    },
}

/// The facts of a token that never change.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    pub(crate) grant: Grant,
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

impl Viewer {
    /// The number GitHub names in "API rate limit exceeded for user ID".
    pub(crate) fn id(&self) -> u64 {
        match &self.grant {
            Grant::Person { user, .. } => user.id,
            Grant::Installation {
                installation_id, ..
            } => *installation_id,
        }
    }

    /// Whether one of the scopes is granted; permissions are checked apart.
    pub(crate) fn has_scope(&self, wanted: &[&str]) -> bool {
        match &self.grant {
            Grant::Person {
                scopes: Some(scopes),
                ..
            } => scopes.iter().any(|scope| wanted.contains(&scope.as_str())),
            Grant::Person { scopes: None, .. } | Grant::Installation { .. } => true,
        }
    }
}

/// Kills a token after a number of requests.
#[derive(Debug)]
struct Fuse {
    left: u64,
    operation: Option<String>,
}

#[derive(Debug)]
struct Token {
    viewer: Arc<Viewer>,
    is_revoked: bool,
    fuse: Option<Fuse>,
    /// Window and points used, for core and GraphQL.
    used: [(i64, u64); 2],
}

/// One budget as the rate-limit headers show it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    pub(crate) resource: Resource,
    pub(crate) limit: u64,
    pub(crate) used: u64,
    pub(crate) reset_at: DateTime<Utc>,
    pub(crate) is_exceeded: bool,
}

impl Quota {
    pub(crate) fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

/// All tokens ever issued.
#[derive(Debug)]
pub(crate) struct Credentials {
    tokens: HashMap<String, Token>,
    pub(super) refresh_grants: RefreshGrants,
    issued: u64,
    /// Points an hour for each token: core and GraphQL.
    pub(crate) hourly_limits: [u64; 2],
    /// Whether all tokens are rejected, as in an outage of GitHub's.
    pub(crate) rejects_all: bool,
}

impl Credentials {
    /// One admin token for each organization: `sim-<org>-admin`.
    pub(crate) fn for_world(world: &World) -> Self {
        let mut credentials = Self {
            tokens: HashMap::new(),
            refresh_grants: RefreshGrants::new(),
            issued: 0,
            hourly_limits: [5_000, 5_000],
            rejects_all: false,
        };
        for organization in &world.organizations {
            if let Some(admin) = organization.admin() {
                credentials.issue_admin(&organization.login, &admin.actor);
            }
        }
        credentials
    }

    /// The well-known token of an organization's admin.
    pub(crate) fn issue_admin(&mut self, login: &str, admin: &Arc<Actor>) {
        let scopes = DEFAULT_SCOPES.map(str::to_owned).to_vec();
        let grant = Grant::Person {
            user: Arc::clone(admin),
            scopes: Some(scopes),
        };
        self.insert(
            format!("sim-{login}-admin"),
            Viewer {
                grant,
                expires_at: None,
            },
        );
    }

    /// A fresh token with a value never used before.
    pub(crate) fn issue(&mut self, prefix: &str, viewer: Viewer) -> String {
        self.issued += 1;
        let value = format!("{prefix}{:04}", self.issued);
        self.insert(value.clone(), viewer);
        value
    }

    fn insert(&mut self, value: String, viewer: Viewer) {
        let viewer = Arc::new(viewer);
        let token = Token {
            viewer,
            is_revoked: false,
            fuse: None,
            used: [(0, 0); 2],
        };
        self.tokens.insert(value, token);
    }

    /// The holder of a token that is known, not revoked and not expired. Counts the request
    /// against the token's fuse.
    pub(crate) fn authenticate(
        &mut self,
        value: &str,
        operation: Option<&str>,
        now: DateTime<Utc>,
    ) -> Option<Arc<Viewer>> {
        if self.rejects_all {
            return None;
        }
        let token = self.tokens.get_mut(value)?;
        if let Some(fuse) = &mut token.fuse {
            let counts = fuse
                .operation
                .as_deref()
                .is_none_or(|only| Some(only) == operation);
            match fuse.left {
                0 if counts => {
                    token.is_revoked = true;
                    token.fuse = None;
                }
                _ if counts => fuse.left -= 1,
                _ => {}
            }
        }
        let is_expired = token
            .viewer
            .expires_at
            .is_some_and(|expires_at| expires_at <= now);
        (!token.is_revoked && !is_expired).then(|| Arc::clone(&token.viewer))
    }

    /// Revokes or restores a token; `false` when it was never issued.
    pub(crate) fn set_revoked(&mut self, value: &str, is_revoked: bool) -> bool {
        let Some(token) = self.tokens.get_mut(value) else {
            return false;
        };
        token.is_revoked = is_revoked;
        token.fuse = None;
        true
    }

    /// Lets a token live for `left` more requests, of one operation if one is named.
    pub(crate) fn set_fuse(&mut self, value: &str, left: u64, operation: Option<String>) -> bool {
        let Some(token) = self.tokens.get_mut(value) else {
            return false;
        };
        token.fuse = Some(Fuse { left, operation });
        true
    }

    /// Takes `cost` from a token's budget of the hour; nothing is taken when too little is left.
    pub(crate) fn spend(
        &mut self,
        value: &str,
        resource: Resource,
        cost: u64,
        (base, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Quota {
        let limit = self.hourly_limits[resource as usize];
        let window = (now - base).num_hours();
        let reset_at = base + TimeDelta::hours(window + 1);
        let mut quota = Quota {
            resource,
            limit,
            used: 0,
            reset_at,
            is_exceeded: false,
        };
        let Some(token) = self.tokens.get_mut(value) else {
            return quota;
        };
        let used = &mut token.used[resource as usize];
        if used.0 != window {
            *used = (window, 0);
        }
        quota.is_exceeded = used.1 + cost > limit;
        if !quota.is_exceeded {
            used.1 += cost;
        }
        quota.used = used.1;
        quota
    }

    /// The tokens' values with whether they are revoked, sorted.
    pub(crate) fn list(&self) -> Vec<(&str, bool)> {
        let mut list: Vec<_> = self
            .tokens
            .iter()
            .map(|(value, token)| (value.as_str(), token.is_revoked))
            .collect();
        list.sort_unstable();
        list
    }
}
