//! A simulated GitHub behind Prism, asked everything that coflow asks by REST: by the client where it asks so, and plainly where an
//! answer has to be one that the client never causes.

use std::fmt::Debug;

use activities::{
    clock,
    github::{Fetched, GithubClient, GithubFailure, ReportQuestion, Token},
};
use worker::dev::github_simulator::{
    AccessBarrier, BillingAnswer, Control, Fault, OrgSpec, RepositoryChange, RequestFilter, Role,
    Simulator, TokenSpec,
};
use workflows::domain::report::ReportKind;

use super::{
    endpoints::operations,
    prism::Prism,
    relay::{Exchange, Relay, Spoil},
};
use crate::support::{client_settings, simulate_github};

/// What every error of Prism's own has as its type.
const PRISMS_OWN: &str = "https://stoplight.io/prism/errors";

pub(super) struct Asking {
    pub(super) prism: Prism,
    control: Control,
    client: GithubClient,
    http: reqwest::Client,
    /// Before Prism, so that it keeps what Prism says.
    relay: Relay,
    /// Behind Prism.
    _spoiling: Relay,
    _simulator: Simulator,
}

impl Asking {
    /// `acme` with more seats than a page holds; `bare` without Copilot. `spoil` changes what reaches Prism.
    pub(super) async fn start(spoil: Option<Spoil>) -> Self {
        let simulator = simulate_github().await;
        let control = simulator.control();
        let acme = OrgSpec::named("acme").members(120).seats(120);
        control.create_organization(acme.pull_requests_per_repository(1));
        control.create_organization(OrgSpec::named("bare").without_copilot());
        let origin = simulator.api_url();
        let spoiling = Relay::start(origin, origin, spoil).await;
        let prism = Prism::start(&spoiling.url, &operations()).await;
        let relay = Relay::start(&prism.url, &spoiling.url, None).await;
        let mut settings = client_settings(&simulator);
        settings.api_url = relay.url.parse().expect("an address");
        Self {
            client: GithubClient::new(settings).expect("an HTTP client"),
            http: reqwest::Client::new(),
            prism,
            control,
            relay,
            _spoiling: spoiling,
            _simulator: simulator,
        }
    }

    /// All requests so far, with what came back through Prism.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.relay.exchanges()
    }

    /// What Prism objects to.
    pub(super) fn violations(&self) -> Vec<String> {
        let exchanges = self.exchanges().into_iter();
        let objected = exchanges.filter(|exchange| {
            let kind = exchange.answered["type"].as_str().unwrap_or_default();
            kind.starts_with(PRISMS_OWN)
        });
        objected
            .map(|exchange| {
                let Exchange { method, path, .. } = &exchange;
                let said = &exchange.answered;
                let found = said.get("validation").unwrap_or(said);
                format!("{method} {path}: {found}")
            })
            .collect()
    }

    /// What the client was told.
    fn told<T>(&self, answer: Result<T, GithubFailure>) -> T {
        let violations = self.violations();
        answer.unwrap_or_else(|failure| panic!("{failure:?}\n{violations:#?}"))
    }

    fn refused<T: Debug>(&self, answer: Result<T, GithubFailure>) {
        answer.expect_err("it is refused");
    }

    /// Asks without the client, for what comes back.
    pub(super) async fn ask(&self, method: &str, path: &str, token: &str) {
        let method = method.parse().expect("a method");
        let request = self
            .http
            .request(method, format!("{}{path}", self.relay.url))
            .bearer_auth(token)
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .header("user-agent", "coflow-test");
        request.send().await.expect("an answer");
    }

    async fn get(&self, path: &str, token: &str) {
        self.ask("GET", path, token).await;
    }

    fn owner(&self) -> Token {
        Token::new(self.control.admin_token("acme"))
    }

    /// A token of the first owner with these scopes.
    fn token_with(&self, scopes: &[&str]) -> Token {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Token::new(self.control.issue_token_with(TokenSpec {
            org: "acme".to_owned(),
            scopes: Some(scopes),
            ..TokenSpec::default()
        }))
    }

    /// A team's owner, from the connection to the night.
    pub(super) async fn ask_as_owner(&self) {
        let (client, owner) = (&self.client, &self.owner());
        self.told(client.fetch_user(owner).await);
        self.told(client.fetch_profile(owner).await);
        self.told(client.fetch_rate_limits(owner).await);
        self.told(client.fetch_organization(owner, "acme").await);
        self.told(client.fetch_standing(owner, "acme").await);
        self.told(client.fetch_billing(owner, "acme").await);
        let seats = self.told(client.fetch_seats(owner, "acme").await);
        assert_eq!(seats.len(), 120, "both pages");
        self.get("/user/emails", owner.expose()).await;
    }

    /// The App, and an installation token of it.
    pub(super) async fn ask_as_app(&self) {
        let client = &self.client;
        self.told(client.fetch_app_url().await);
        let found = self.told(client.fetch_organization_installation("acme").await);
        let id = found.github_id;
        self.told(client.fetch_installation(id).await);
        let minted = self.told(client.mint_installation_token(id).await);
        self.told(client.fetch_organization(&minted.token, "acme").await);
        self.told(client.fetch_billing(&minted.token, "acme").await);
        self.told(client.fetch_seats(&minted.token, "acme").await);
        for path in ["/user", "/user/emails"] {
            self.get(path, minted.token.expose()).await;
        }

        self.control.suspend_installation("acme");
        self.told(client.fetch_installation(id).await);
        self.refused(client.mint_installation_token(id).await);
        self.control.uninstall("acme");
        self.refused(client.fetch_installation(id).await);
        self.refused(client.fetch_organization_installation("acme").await);
        self.refused(client.mint_installation_token(id).await);
        self.control.unsuspend_installation("acme");
    }

    /// People who may less, and organizations that let nobody in.
    pub(super) async fn ask_as_others(&self) {
        let (client, owner) = (&self.client, &self.owner());
        self.told(client.fetch_standing(owner, "nobody").await);
        self.refused(client.fetch_organization(owner, "nobody").await);
        self.control.set_barrier("acme", AccessBarrier::AppBlocked);
        self.told(client.fetch_standing(owner, "acme").await);
        for barrier in [
            AccessBarrier::SsoRequired,
            AccessBarrier::IpAllowList,
            AccessBarrier::AppNotApproved,
        ] {
            self.control.set_barrier("acme", barrier);
            self.refused(client.fetch_organization(owner, "acme").await);
        }
        self.control.set_barrier("acme", AccessBarrier::None);
        for role in [Role::Member, Role::PendingAdmin, Role::Admin] {
            let logins = self.control.member_logins("acme");
            self.control.set_role("acme", &logins[0], role);
            self.told(client.fetch_standing(owner, "acme").await);
        }
        self.control.create_organization(OrgSpec::named("former"));
        let token = Token::new(self.control.admin_token("former"));
        self.control.rename_organization("former", "latter");
        self.get("/orgs/former", token.expose()).await;
        let exchanges = self.exchanges();
        let followed = exchanges.last().expect("the redirect was followed");
        assert_eq!(followed.answered["login"], "latter");
    }

    /// A repository that is there, renamed, behind a barrier, and nowhere.
    pub(super) async fn ask_for_single_repositories(&self) {
        let owner = self.owner();
        let name = self.control.repository_names("acme").remove(0);
        let repository = format!("/repos/acme/{name}");
        self.get(&repository, owner.expose()).await;
        self.get("/repos/acme/nothing", owner.expose()).await;
        self.control.set_barrier("acme", AccessBarrier::SsoRequired);
        self.get(&repository, owner.expose()).await;
        self.control.set_barrier("acme", AccessBarrier::None);
        self.control.rename_repository("acme", &name, "renamed");
        self.get(&repository, owner.expose()).await;
        let exchanges = self.exchanges();
        let followed = exchanges.last().expect("the redirect was followed");
        assert_eq!(followed.answered["name"], "renamed");
    }

    /// A member, one who left, one whom nobody knows; and a repository as the client asks for it.
    pub(super) async fn look_up(&self) {
        let (client, owner) = (&self.client, &self.owner());
        let id = self.control.add_member("acme", "leaver") as i64;
        let look_up =
            async |id, login| self.told(client.look_up_member(owner, "acme", id, login).await);
        look_up(id, "leaver").await;
        // Under a former login it is found by its id.
        look_up(id, "formerly").await;
        self.control.remove_member("acme", "leaver");
        look_up(id, "leaver").await;
        look_up(1, "nobody").await;
        self.control.set_barrier("acme", AccessBarrier::SsoRequired);
        self.refused(client.look_up_member(owner, "acme", id, "leaver").await);
        self.control.set_barrier("acme", AccessBarrier::None);
        let name = self.control.repository_names("acme").remove(0);
        for change in [RepositoryChange::Block, RepositoryChange::Unblock] {
            self.control.change_repository("acme", &name, change);
            self.told(client.look_up_repository(owner, "acme", &name, 1).await);
        }
    }

    /// Seats and billing, in every state that GitHub has an answer for.
    pub(super) async fn ask_about_seats(&self) {
        let owner = self.owner();
        let blind = self.token_with(&["repo"]);
        for path in ["billing", "billing/seats"] {
            let path = format!("/orgs/acme/copilot/{path}");
            self.get(&path, blind.expose()).await;
            self.control.set_billing("acme", BillingAnswer::NotFound);
            self.get(&path, owner.expose()).await;
            self.control.set_billing("acme", BillingAnswer::Normal);
            self.fail_once(&path, owner.expose()).await;
        }
        for answer in [
            BillingAnswer::PaymentProblem422,
            BillingAnswer::NotEnabled422,
        ] {
            self.control.set_billing("acme", answer);
            self.refused(self.client.fetch_billing(&owner, "acme").await);
        }
        self.control.set_billing("acme", BillingAnswer::Normal);
        for setting in ["assign_all", "disabled", "unconfigured"] {
            self.control.set_seat_management("acme", setting);
            self.told(self.client.fetch_billing(&owner, "acme").await);
        }
        let ends_on = "2030-01-01".parse().ok();
        self.control.cancel_seats("acme", 2, ends_on);
        self.control.set_plan("acme", "enterprise");
        let seats = self.told(self.client.fetch_seats(&owner, "acme").await);
        let ending = seats
            .iter()
            .filter(|seat| seat.pending_cancellation_on == ends_on);
        assert_eq!(ending.count(), 2);
        let billing = self.told(self.client.fetch_billing(&owner, "acme").await);
        assert_eq!(billing.pending_cancellation, Some(2));
        assert_eq!(billing.plan_type.as_deref(), Some("enterprise"));
    }

    /// Each kind of report: there, not there yet, and refused.
    pub(super) async fn ask_for_reports(&self) {
        let owner = self.owner();
        let blind = self.token_with(&["repo"]);
        let stranger = Token::new(self.control.admin_token("bare"));
        let today = clock::now().date_naive();
        let published = today - chrono::Days::new(3);
        for kind in ReportKind::ALL {
            let question = ReportQuestion {
                token: &owner,
                org: "acme",
                kind: *kind,
                day: published,
                today,
            };
            let report = self.told(self.client.open_report(question).await);
            assert!(matches!(report, Fetched::Data(_)), "{kind}");
        }
        for (_, template) in operations() {
            let Some((_, report)) = template.split_once("/metrics/reports/") else {
                continue;
            };
            let of = |org: &str, day: chrono::NaiveDate| {
                let path = format!("/orgs/{org}/copilot/metrics/reports/{report}");
                match report.ends_with("/latest") {
                    true => path,
                    false => format!("{path}?day={day}"),
                }
            };
            self.get(&of("acme", published), owner.expose()).await;
            self.get(&of("acme", today), owner.expose()).await;
            self.get(&of("acme", published), blind.expose()).await;
            self.get(&of("bare", published), stranger.expose()).await;
            self.control.set_policy("acme", false);
            self.get(&of("acme", published), owner.expose()).await;
            self.control.set_policy("acme", true);
            self.control.set_report_minimum_seats("acme", 1_000);
            self.get(&of("acme", published), owner.expose()).await;
            self.control.set_report_minimum_seats("acme", 5);
            self.fail_once(&of("acme", published), owner.expose()).await;
        }
    }

    /// Every operation with a token that is none.
    pub(super) async fn ask_with_bad_credentials(&self) {
        for (method, template) in operations() {
            let path = template
                .replace("{org}", "acme")
                .replace("{installation_id}", "1")
                .replace("{owner}/{repo}", "acme/renamed")
                .replace("{username}", "somebody")
                .replace("{account_id}", "1400001");
            let day = if template.ends_with("-1-day") {
                "?day=2026-11-20"
            } else {
                ""
            };
            self.ask(method, &format!("{path}{day}"), "bad").await;
        }
    }

    async fn fail_once(&self, path: &str, token: &str) {
        let (only, _) = path.split_once('?').unwrap_or((path, ""));
        let filter = RequestFilter::path(only);
        self.control
            .fail_next_matching(1, Fault::Status(500), filter);
        self.get(path, token).await;
    }
}
