//! Each way in which GitHub refuses, through the whole path: what it is taken for, what is kept of it, that a refusal of Copilot stops
//! no pipeline, and that the work goes on once it is gone.

use activities::store::{Evidence, StatusEventKind};
use worker::{
    dev::github_simulator::{AccessBarrier, BillingAnswer, Fault, OrgSpec, RequestFilter, Role},
    teams::evidence::{describe, history},
};
use workflows::domain::{
    cause::Cause, copilot::CopilotStatus, pipeline::PipelineStatus, team::TeamRef,
};

use crate::{binary::Coflow, support::App};

/// What stands in the way.
#[derive(Debug, Clone, Copy)]
enum Obstacle {
    Barrier(AccessBarrier),
    Policy,
    LostRole,
    Billing(BillingAnswer),
    Fault(Fault, &'static str),
}

impl Obstacle {
    fn put_up(self, app: &App) {
        self.change(app, true);
    }

    fn take_away(self, app: &App) {
        self.change(app, false);
    }

    fn change(self, app: &App, is_up: bool) {
        let github = app.github();
        match self {
            Self::Barrier(barrier) if is_up => github.set_barrier("acme", barrier),
            Self::Barrier(_) => github.set_barrier("acme", AccessBarrier::None),
            Self::Policy => github.set_policy("acme", !is_up),
            Self::LostRole => {
                let role = if is_up { Role::Member } else { Role::Admin };
                github.set_role("acme", &github.member_logins("acme")[0], role);
            }
            Self::Billing(answer) if is_up => github.set_billing("acme", answer),
            Self::Billing(_) => github.set_billing("acme", BillingAnswer::Normal),
            Self::Fault(fault, path) if is_up => {
                github.fail_next_matching(100_000, fault, RequestFilter::path(path));
            }
            Self::Fault(..) => github.clear_faults(),
        }
    }
}

async fn onboarded(app: &App) -> TeamRef {
    let acme = OrgSpec::named("acme").repositories(1);
    let team = app.add_team_with_history(acme, 30).await;
    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is onboarded");
    team
}

async fn chain(app: &App, team: &TeamRef, id: Option<i64>) -> Vec<Evidence> {
    let id = id.expect("the status has evidence");
    let chain = app.store.load_evidence_chain(team.id, id).await;
    chain.expect("the database answers")
}

/// Obstacle, what it is taken for, GitHub's status, and what GitHub said.
const OF_COPILOT: [(Obstacle, Cause, u16, &str); 10] = [
    (
        Obstacle::Policy,
        Cause::MetricsPolicyDisabled,
        403,
        "policy must be enabled",
    ),
    (
        Obstacle::LostRole,
        Cause::NotOrgAdmin,
        200,
        "an organization owner connects",
    ),
    (
        Obstacle::Billing(BillingAnswer::PaymentProblem422),
        Cause::BillingProblem,
        422,
        "payment method",
    ),
    (
        Obstacle::Fault(Fault::PermissionMissing, "/metrics/reports/"),
        Cause::PermissionMissing,
        403,
        "organization_copilot_metrics=read",
    ),
    (
        Obstacle::Fault(Fault::PermissionMissing, "/copilot/billing"),
        Cause::PermissionMissing,
        403,
        "not accessible by personal access token",
    ),
    (
        Obstacle::Fault(Fault::AdministrativeRules, "/metrics/reports/"),
        Cause::RequestRejected,
        403,
        "forbidden by administrative rules",
    ),
    (
        Obstacle::Fault(Fault::LegalReasons, "/metrics/reports/"),
        Cause::Unknown,
        451,
        "access blocked",
    ),
    (
        Obstacle::Fault(Fault::Status(403), "/metrics/reports/"),
        Cause::Unknown,
        403,
        "Simulated failure",
    ),
    (
        Obstacle::Fault(Fault::Status(403), "/copilot/billing"),
        Cause::Unknown,
        403,
        "Simulated failure",
    ),
    (
        Obstacle::Fault(Fault::Status(404), "/metrics/reports/"),
        Cause::Unknown,
        404,
        "Not Found",
    ),
];

#[tokio::test]
async fn what_refuses_copilot_is_named_stops_nothing_else_and_heals_in_the_next_night() {
    let app = App::start().await;
    let team = onboarded(&app).await;
    for (obstacle, cause, status, said) in OF_COPILOT {
        obstacle.put_up(&app);
        app.refresh(&team).await;
        let found = app.team(&team).await;
        assert_eq!(
            found.copilot_status,
            CopilotStatus::NeedsAttention,
            "{obstacle:?}"
        );
        assert_eq!(found.copilot_cause, Some(cause), "{obstacle:?}");
        assert_eq!(
            found.pipeline_status,
            PipelineStatus::Complete,
            "{obstacle:?}"
        );
        let kept = chain(&app, &team, found.copilot_evidence_id).await;
        assert_eq!(kept[0].evidence.http_status, Some(status), "{kept:#?}");
        assert!(kept[0].evidence.message.contains(said), "{kept:#?}");
        if status != 200 {
            assert!(kept[0].evidence.request_id.is_some(), "{kept:#?}");
        }
        if cause == Cause::Unknown {
            let asked: Vec<_> = kept.iter().map(|one| &*one.evidence.endpoint).collect();
            let ladder = ["copilot_billing", "membership", "organization"];
            assert_eq!(
                asked[1..],
                ladder,
                "{obstacle:?}: everything that was asked"
            );
        }

        obstacle.take_away(&app);
        app.refresh(&team).await;
        let healed = app.team(&team).await;
        let status = (healed.copilot_status, healed.copilot_cause);
        assert_eq!(status, (CopilotStatus::Connected, None), "{obstacle:?}");
    }
    let events = app.events(&team, StatusEventKind::Copilot).await;
    assert_eq!(
        events.len(),
        1 + 2 * OF_COPILOT.len(),
        "there and back, once each"
    );
    for event in events.iter().filter(|event| event.cause.is_some()) {
        assert!(event.evidence_id.is_some(), "{event:?}");
    }
}

#[tokio::test]
async fn after_the_policy_is_enabled_a_second_refusal_names_the_role() {
    let app = App::start().await;
    let team = onboarded(&app).await;
    Obstacle::Policy.put_up(&app);
    app.refresh(&team).await;
    Obstacle::LostRole.put_up(&app);
    // The billing is hidden from whoever is no owner; reports are asked for all the same.
    let policy = app.team(&team).await.copilot_cause;
    assert_eq!(policy, Some(Cause::MetricsPolicyDisabled));
    Obstacle::Policy.take_away(&app);
    app.refresh(&team).await;
    let found = app.team(&team).await.copilot_cause;
    assert_eq!(found, Some(Cause::NotOrgAdmin));
    Obstacle::LostRole.take_away(&app);
    app.refresh(&team).await;
    assert_eq!(
        app.team(&team).await.copilot_status,
        CopilotStatus::Connected
    );
}

#[tokio::test]
async fn what_refuses_the_pipeline_parks_it_and_a_probe_resumes_it() {
    for (barrier, cause, said) in [
        (
            AccessBarrier::SsoRequired,
            Cause::SsoRequired,
            "SAML enforcement",
        ),
        (
            AccessBarrier::IpAllowList,
            Cause::IpBlocked,
            "IP allow list enabled",
        ),
        (
            AccessBarrier::AppNotApproved,
            Cause::AppNotApproved,
            "OAuth App access restrictions",
        ),
    ] {
        let app = App::start().await;
        let acme = OrgSpec::named("acme").repositories(1);
        let team = app.add_team_with_history(acme, 30).await;
        Obstacle::Barrier(barrier).put_up(&app);
        app.start_onboarding(&team).await;
        let parked = app
            .await_status(&team, PipelineStatus::AwaitingReconnect)
            .await;
        assert_eq!(parked.pipeline_cause, Some(cause));
        let kept = chain(&app, &team, parked.pipeline_evidence_id).await;
        // GraphQL refuses within a 200.
        assert_eq!(kept[0].evidence.http_status, Some(200));
        assert!(kept[0].evidence.message.contains(said), "{kept:?}");

        // A probe with nothing mended finds the same again, by REST.
        app.signal_reconnected(&team).await;
        let again = app
            .await_team(&team, "probed again", |team| {
                team.pipeline_evidence_id > parked.pipeline_evidence_id
            })
            .await;
        assert_eq!(again.pipeline_cause, Some(cause));
        let kept = chain(&app, &team, again.pipeline_evidence_id).await;
        assert_eq!(kept[0].evidence.http_status, Some(403));
        assert_eq!(kept.len(), 2, "the probe and the first refusal: {kept:?}");
        if cause == Cause::SsoRequired {
            let address = "https://github.com/orgs/acme/sso?authorization_request=SIM";
            assert_eq!(kept[0].links.sso_url.as_deref(), Some(address));
            let at = kept[0].evidence.happened_at;
            assert!(describe(&kept[0], at).contains(address));
            let late = at + chrono::TimeDelta::minutes(61);
            assert!(
                !describe(&kept[0], late).contains(address),
                "it is valid for an hour"
            );
        }
        assert!(kept[0].links.documentation_url.is_some(), "{kept:?}");

        Obstacle::Barrier(barrier).take_away(&app);
        app.signal_reconnected(&team).await;
        app.await_status(&team, PipelineStatus::Complete).await;
        let told = history(&app.store, &team).await.expect("a history");
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        let park = told
            .iter()
            .find(|line| line.contains("-> awaiting_reconnect"));
        let park = park.expect("the history tells of it");
        assert!(
            park.contains(said) && park.contains("(request 51D0:"),
            "{park}"
        );
    }
}

#[tokio::test]
async fn a_refusal_that_nobody_knows_parks_after_the_probes_found_nothing() {
    let app = App::start().await;
    let acme = OrgSpec::named("acme").repositories(1);
    let team = app.add_team_with_history(acme, 30).await;
    let members = RequestFilter::operation("OrganizationMembers");
    app.github()
        .fail_next_matching(100_000, Fault::LegalReasons, members);
    app.start_onboarding(&team).await;
    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::Unknown));
    let kept = chain(&app, &team, parked.pipeline_evidence_id).await;
    assert_eq!(kept[0].evidence.http_status, Some(451));

    app.github().clear_faults();
    app.signal_reconnected(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;
}

#[tokio::test]
async fn locked_log_ins_are_waited_for_and_revoke_nothing() {
    let app = App::start().await;
    let acme = OrgSpec::named("acme").repositories(1);
    let team = app.add_team_with_history(acme, 30).await;
    app.github().fail_next(100_000, Fault::LoginAttempts);
    app.start_onboarding(&team).await;
    let waiting = app
        .await_progress(&team, "a wait", |progress| progress.waiting_until.is_some())
        .await;
    assert_eq!(waiting.waiting_reason.as_deref(), Some("login_throttled"));
    let until = waiting.waiting_until.expect("it is named");
    let left = until - activities::clock::now();
    assert!(left > chrono::TimeDelta::minutes(8), "{left}");
    let stored = app.team(&team).await;
    assert_eq!(stored.pipeline_status, PipelineStatus::SyncingMembers);
    assert_eq!(stored.pipeline_cause, None);
    let asked = app
        .github()
        .request_count(&RequestFilter::any().status(403));
    assert_eq!(asked, 1, "GitHub is left alone meanwhile");
}

#[tokio::test]
async fn without_any_copilot_path_a_new_team_awaits_licences() {
    let app = App::start().await;
    let acme = OrgSpec::named("acme").repositories(1);
    let team = app.add_team_with_history(acme, 30).await;
    let copilot = Obstacle::Fault(Fault::Status(404), "/copilot/");
    copilot.put_up(&app);
    app.connect_copilot(&team).await;
    let stored = app.onboard(&team).await;
    assert_eq!(stored.copilot_status, CopilotStatus::InsufficientLicenses);
    assert_eq!(stored.pipeline_cause, None);

    copilot.take_away(&app);
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(
        app.team(&team).await.copilot_status,
        CopilotStatus::Connected
    );
}

#[tokio::test]
async fn the_card_and_the_history_say_who_can_mend_it_where_and_what_github_said() {
    let app = App::start().await;
    let team = onboarded(&app).await;
    Obstacle::Policy.put_up(&app);
    app.refresh(&team).await;
    let coflow = Coflow::of(&app);
    let card = coflow.run(&["team", "show", "acme"]).await;
    for word in [
        "metrics_policy_disabled",
        "For an organization owner: enable \"Copilot usage metrics\"",
        "Where: https://github.com/organizations/acme/settings/copilot/policies",
        "coflow checks every night",
        "The 'Copilot usage metrics' policy must be enabled",
        "https://docs.github.com/copilot/concepts/copilot-metrics",
    ] {
        assert!(card.answer().contains(word), "{word}: {card:?}");
    }
    let told = coflow.run(&["team", "show", "acme", "--history"]).await;
    let line = "connected -> needs_attention (metrics_policy_disabled)\n    organization_day_report answered 403:";
    assert!(told.answer().contains(line), "{told:?}");
    let told = coflow
        .run(&["team", "show", "acme", "--history", "--json"])
        .await;
    let told: serde_json::Value = serde_json::from_str(told.answer()).expect("JSON");
    assert_eq!(told[0]["cause"], "metrics_policy_disabled");
    assert_eq!(told[0]["evidence"].as_array().map(Vec::len), Some(1));

    let addr = "127.0.0.1:0".parse().expect("an address");
    let web = worker::web::start(app.store.clone(), addr).await;
    let web = web.expect("the port is free");
    let metrics = reqwest::get(format!("http://{}/metrics", web.addr())).await;
    let metrics = metrics.expect("an answer").text().await.expect("a text");
    for line in [
        "coflow_teams_by_cause{cause=\"metrics_policy_disabled\",actor=\"organization_owner\"} 1\n",
        "coflow_teams_by_cause{cause=\"token_revoked\",actor=\"team_admin\"} 0\n",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    web.shut_down().await;
}
