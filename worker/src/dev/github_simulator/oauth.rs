//! OAuth user tokens: pairs that live eight hours and six months, and the token endpoint on the web address that makes a new pair of
//! a refresh token, once. The former pair ends with it.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    app_key::{CLIENT_ID, CLIENT_SECRET},
    credentials::{Credentials, Grant, Viewer},
    http::{Answer, Call},
    model::Actor,
    state::State,
};

const PATH: &str = "/login/oauth/access_token";
const TOKEN_SECONDS: i64 = 8 * 60 * 60;
const REFRESH_SECONDS: i64 = 15_811_200;

/// What a refresh token stands for.
#[derive(Debug)]
pub(crate) struct RefreshGrant {
    user: Arc<Actor>,
    expires_at: DateTime<Utc>,
    /// The user token that it came with.
    access_token: String,
    is_used: bool,
}

/// All refresh tokens ever issued.
pub(crate) type RefreshGrants = HashMap<String, RefreshGrant>;

impl Credentials {
    /// A new pair for a person, in the form of the token endpoint's answer.
    pub(crate) fn issue_pair(&mut self, user: &Arc<Actor>, now: DateTime<Utc>) -> Value {
        let viewer = Viewer {
            grant: Grant::Person {
                user: Arc::clone(user),
                scopes: None,
            },
            expires_at: Some(now + TimeDelta::seconds(TOKEN_SECONDS)),
        };
        let access_token = self.issue("ghu_simulated-", viewer);
        let refresh_token = format!("ghr_simulated-{:04}", self.refresh_grants.len() + 1);
        let grant = RefreshGrant {
            user: Arc::clone(user),
            expires_at: now + TimeDelta::seconds(REFRESH_SECONDS),
            access_token: access_token.clone(),
            is_used: false,
        };
        self.refresh_grants.insert(refresh_token.clone(), grant);
        json!({
            "access_token": access_token,
            "expires_in": TOKEN_SECONDS,
            "refresh_token": refresh_token,
            "refresh_token_expires_in": REFRESH_SECONDS,
            "scope": "",
            "token_type": "bearer",
        })
    }

    /// Uses a refresh token: `None` when it is unknown, used or too old.
    fn refresh(&mut self, refresh_token: &str, now: DateTime<Utc>) -> Option<Value> {
        let grant = self.refresh_grants.get_mut(refresh_token)?;
        if grant.is_used || grant.expires_at <= now {
            return None;
        }
        grant.is_used = true;
        let (user, former) = (Arc::clone(&grant.user), grant.access_token.clone());
        self.set_revoked(&former, true);
        Some(self.issue_pair(&user, now))
    }
}

/// Answers the token endpoint; `None` for every other path. A refusal is a 200, as GitHub's is.
pub(crate) fn answer_oauth(state: &State, call: &Call) -> Option<Answer> {
    if call.path != PATH {
        return None;
    }
    let given = |name: &str| call.body[name].as_str().unwrap_or_default();
    let refused = |error, description| {
        Answer::ok(&json!({
            "error": error,
            "error_description": description,
            "error_uri": "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/",
        }))
    };
    if (given("client_id"), given("client_secret")) != (CLIENT_ID, CLIENT_SECRET) {
        let description = "The client_id and/or client_secret passed are incorrect.";
        return Some(refused("incorrect_client_credentials", description));
    }
    if given("grant_type") != "refresh_token" {
        let description = "The grant_type is not supported.";
        return Some(refused("unsupported_grant_type", description));
    }
    let now = state.clock.now();
    let pair = state.credentials().refresh(given("refresh_token"), now);
    Some(match pair {
        Some(pair) => Answer::ok(&pair),
        None => refused(
            "bad_refresh_token",
            "The refresh token passed is incorrect or expired.",
        ),
    })
}
