//! Every GraphQL document that coflow sends is valid by GitHub's schema, and the simulated GitHub answers it in the schema's shape.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use activities::github::{EndpointClass, GithubClient, Token};
use worker::dev::github_simulator::{
    AccessBarrier, Control, Fault, LimitKind, NewPullRequest, OrgSpec, PullRequestAuthor, Simulator,
};

use super::{
    relay::{Exchange, Relay},
    schema,
};
use crate::support::{client_settings, simulate_github};

/// A simulated GitHub with everything a team may have, and a client before it.
pub(super) struct Asked {
    pub(super) control: Control,
    pub(super) client: GithubClient,
    pub(super) token: Token,
    pub(super) relay: Relay,
    _simulator: Simulator,
}

impl Asked {
    pub(super) async fn start() -> Self {
        let simulator = simulate_github().await;
        let control = simulator.control();
        let acme = OrgSpec::named("acme").members(120).with_overflow();
        control.create_organization(acme.with_special_repositories());
        let relay = Relay::start(simulator.api_url(), simulator.api_url(), None).await;
        let mut settings = client_settings(&simulator);
        settings.api_url = relay.url.parse().expect("an address");
        Self {
            client: GithubClient::new(settings).expect("an HTTP client"),
            token: Token::new(control.admin_token("acme")),
            control,
            relay,
            _simulator: simulator,
        }
    }

    /// Everything, page by page.
    async fn list_all(&self) {
        let mut cursor: Option<String> = None;
        loop {
            let page = self
                .client
                .fetch_members(&self.token, "acme", cursor.as_deref());
            cursor = page.await.expect("GitHub lists the members").next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let listed = self.client.fetch_repositories(&self.token, "acme", None);
        let listed = listed.await.expect("GitHub lists the repositories");
        for repository in listed.repositories {
            self.list_pull_requests(&repository.full_name).await;
        }
    }

    async fn list_pull_requests(&self, full_name: &str) {
        let (owner, name) = full_name.split_once('/').expect("owner and name");
        let mut cursor: Option<String> = None;
        loop {
            let page = self
                .client
                .fetch_pull_requests(&self.token, owner, name, 7, cursor.as_deref())
                .await
                .expect("GitHub lists the pull requests");
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
    }

    /// What has no page: every answer is a refusal of its own.
    async fn be_refused(&self) {
        let members = async |org| {
            let refused = self.client.fetch_members(&self.token, org, None).await;
            refused.expect_err("it is refused");
        };
        members("nobody").await;
        for barrier in [
            AccessBarrier::SsoRequired,
            AccessBarrier::IpAllowList,
            AccessBarrier::AppNotApproved,
        ] {
            self.control.set_barrier("acme", barrier);
            members("acme").await;
        }
        self.control.set_barrier("acme", AccessBarrier::None);
        let reset_in = Duration::from_secs(60);
        self.control
            .limit_next(1, LimitKind::GraphqlPrimary { reset_in });
        members("acme").await;
        self.control.fail_next(1, Fault::Status(502));
        members("acme").await;
        let nowhere = self
            .client
            .fetch_pull_requests(&self.token, "acme", "nothing", 1, None);
        nowhere.await.expect_err("there is no such repository");
    }

    async fn have_gaps(&self) {
        let name = &self.control.repository_names("acme")[0];
        self.control.fail_next(1, Fault::NullNode);
        let page = self
            .client
            .fetch_pull_request_with_gaps(&self.token, "acme", name, None)
            .await;
        assert!(page.expect("null is left out").has_gaps);
    }
}

/// The documents of some exchanges.
fn documents(exchanges: &[Exchange]) -> BTreeSet<String> {
    let sent = exchanges
        .iter()
        .map(|exchange| exchange.sent["query"].as_str());
    let sent = sent.map(|text| text.expect("a document").to_owned());
    sent.collect()
}

/// The files of the client's folder of queries.
fn files() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../activities/src/github/queries");
    let files = fs::read_dir(folder).expect("the folder of queries");
    files
        .map(|file| fs::read_to_string(file.expect("an entry").path()).expect("a text"))
        .collect()
}

#[tokio::test]
async fn every_document_and_every_answer_keeps_to_githubs_schema() {
    let asked = Asked::start().await;
    for author in [
        PullRequestAuthor::Deleted,
        PullRequestAuthor::Bot("copilot-swe-agent".to_owned()),
    ] {
        let repository = &asked.control.repository_names("acme")[0];
        let pull_request = NewPullRequest {
            author,
            reviews: 2,
            labels: vec!["new".to_owned()],
            ..NewPullRequest::default()
        };
        asked
            .control
            .add_pull_request("acme", repository, pull_request);
    }

    asked.list_all().await;
    asked.be_refused().await;
    asked.have_gaps().await;

    let exchanges = asked.relay.exchanges();
    assert_eq!(
        documents(&exchanges),
        files(),
        "what is sent is what lies in the folder of queries, all of it"
    );
    let classes = EndpointClass::ALL.iter().filter(|one| one.is_graphql());
    assert_eq!(classes.count(), files().len(), "each class has a document");
    let found = schema::problems(&exchanges).await.concat();
    assert!(found.is_empty(), "{found:#?}");
}
