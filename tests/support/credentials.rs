//! Teams that are connected otherwise than by a personal token, and what becomes of their tokens.

use std::{collections::BTreeSet, time::Duration};

use activities::{
    credentials::open_credential,
    store::{Credential, Grant},
};
use worker::{
    dev::github_simulator::{OrgSpec, RequestFilter},
    teams::{
        Offer,
        connect_github::{ConnectError, ConnectGithub, Connected},
    },
};
use workflows::domain::team::TeamRef;

use super::{app::App, waiting::until};

impl App {
    /// Invents the organization at GitHub and connects it by the App's installation, with 90 days of history.
    pub(crate) async fn add_team_by_installation(&self, organization: OrgSpec) -> TeamRef {
        let login = organization.login.clone();
        self.github().create_organization(organization);
        self.connect_with(&login, Offer::AppInstallation)
            .await
            .unwrap_or_else(|error| panic!("{login} cannot be added: {error}"));
        self.team_called(&login).await
    }

    /// Connects an organization that exists at GitHub with any kind of credential.
    pub(crate) async fn connect_with(
        &self,
        login: &str,
        offer: Offer,
    ) -> Result<Connected, ConnectError> {
        let connections = ConnectGithub {
            store: &self.store,
            github: &self.github,
        };
        let added = connections.add_team(login, offer, 90, &[]).await?;
        Ok(added.connected)
    }

    /// Puts any kind of credential in the place of the team's.
    pub(crate) async fn replace_with(
        &self,
        team: &TeamRef,
        offer: Offer,
    ) -> Result<Connected, ConnectError> {
        let connections = ConnectGithub {
            store: &self.store,
            github: &self.github,
        };
        connections.replace_token(team, offer).await
    }

    /// The team of an organization.
    pub(crate) async fn team_called(&self, login: &str) -> TeamRef {
        let stored = self.store.load_team_by_slug(login).await;
        let stored = stored.expect("the database answers");
        stored.expect("the team is there").team
    }

    /// The tokens that several workers get which open the team's credential at once.
    pub(crate) async fn tokens_of_workers_that_meet(&self, team: &TeamRef) -> BTreeSet<String> {
        // As slow as GitHub is, so that all of them meet the ended token.
        self.github().set_latency(Duration::from_millis(200));
        let openers = (0..8).map(|_| open_credential(&self.store, &self.github, team.id));
        let opened = futures::future::join_all(openers).await.into_iter();
        opened
            .map(|opened| opened.expect("it opens").expect("it is there"))
            .map(|credential| credential.token.expose().to_owned())
            .collect()
    }

    /// Uses the refresh token elsewhere: what is stored is worth nothing any more.
    pub(crate) async fn use_refresh_token(&self, credential: &Credential) {
        let Grant::OauthUserToken {
            refresh: Some(refresh),
        } = &credential.grant
        else {
            panic!("no refresh token: {:?}", credential.grant);
        };
        let used = self.github.refresh_user_token(&refresh.token).await;
        used.expect("it is good for one use");
    }

    /// Waits until the stored token is as wanted.
    pub(crate) async fn await_stored_token(&self, team: &TeamRef, is_so: impl Fn(&str) -> bool) {
        let look = || async {
            let stored = self.store.load_credential(team.id).await;
            let stored = stored.expect("it opens").expect("it is there");
            stored.token.expose().to_owned()
        };
        until("another token to be stored", look, |token| is_so(token)).await;
    }

    /// Waits until GitHub was asked like this.
    pub(crate) async fn await_request(&self, filter: &RequestFilter) {
        let look = || async { self.github().request_count(filter) };
        until("a request", look, |count| *count > 0).await;
    }

    /// Waits until the store knows that the team's installation is suspended.
    pub(crate) async fn await_suspension_kept(&self, team: &TeamRef) {
        let sql = format!(
            "select count(*) from installation where team_id = {} and suspended_at is not null",
            team.id
        );
        until("the suspension", || self.count(&sql), |count| *count == 1).await;
    }
}
