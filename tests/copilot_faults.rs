//! Copilot's step when GitHub answers badly for a moment or for a day, and when a person changes their mind while it works.

use std::time::Duration;

use activities::{
    clock,
    github::{Fetched, ReportQuestion, Token},
    store::StatusEventKind,
};
use chrono::{Days, NaiveDate};
use worker::dev::github_simulator::{
    BillingAnswer, Fault, LimitKind, LinkKind, OrgSpec, RequestFilter,
};
use workflows::domain::{
    cause::Cause, copilot::CopilotStatus, pipeline::PipelineStatus, report::ReportKind,
    team::TeamRef,
};

use crate::support::{App, until};

/// Path of GitHub's envelopes for the organization's days.
const ORGANIZATION_DAY: &str = "organization-1-day";
const CONNECTED: (CopilotStatus, Option<Cause>) = (CopilotStatus::Connected, None);

fn acme() -> OrgSpec {
    OrgSpec::named("acme").repositories(1)
}

/// A team that has connected Copilot and is not onboarded yet.
async fn add_connected(app: &App, organization: OrgSpec) -> TeamRef {
    let team = app.add_team_with_history(organization, 30).await;
    app.connect_copilot(&team).await;
    team
}

async fn status_of(app: &App, team: &TeamRef) -> (CopilotStatus, Option<Cause>) {
    let team = app.team(team).await;
    (team.copilot_status, team.copilot_cause)
}

/// Path of the file with the organization's report of a day.
async fn file_of(app: &App, day: NaiveDate) -> String {
    let question = ReportQuestion {
        token: &Token::new(app.github().issue_token("acme")),
        org: "acme",
        kind: ReportKind::OrganizationDay,
        day,
        today: clock::now().date_naive(),
    };
    let report = app.github.open_report(question).await;
    let Ok(Fetched::Data(mut report)) = report else {
        panic!("GitHub has the report: {report:?}");
    };
    report.next().await.expect("a file");
    let requests = app.github().requests();
    let file = requests.into_iter().rev().map(|request| request.path);
    let mut files = file.filter(|path| path.starts_with("/reports/"));
    files.next().expect("a file was downloaded")
}

/// Days of the organization's reports in this state.
async fn days_in(app: &App, state: &str) -> Vec<String> {
    app.select(&format!(
        "select day || ' ' || coalesce(reason, '') from copilot_ledger
         where state = '{state}' and report = '{ORGANIZATION_DAY}' order by day"
    ))
    .await
}

#[tokio::test]
async fn one_bad_copilot_report_stops_no_other_and_is_asked_for_again() {
    let app = App::start().await;
    let team = add_connected(&app, acme()).await;
    let today = clock::now().date_naive();
    let (broken, failing) = (today - Days::new(20), today - Days::new(12));
    for (day, fault) in [(broken, Fault::NotJson), (failing, Fault::Status(500))] {
        let file = RequestFilter::path(&file_of(&app, day).await);
        app.github().fail_next_matching(1000, fault, file);
    }
    // It would fill both days.
    let latest = RequestFilter::path("organization-28-day");
    app.github()
        .fail_next_matching(1000, Fault::Status(500), latest);
    app.onboard(&team).await;

    assert_eq!(status_of(&app, &team).await, CONNECTED);
    assert_eq!(
        days_in(&app, "failed").await,
        [
            format!("{broken} malformed_answer"),
            format!("{failing} transient")
        ]
    );
    let days = app.overview(&team).await.copilot_days;
    assert!(days >= 25, "{days} other days are there");

    app.github().clear_faults();
    app.refresh(&team).await;
    assert!(days_in(&app, "failed").await.is_empty());
    assert_eq!(app.overview(&team).await.copilot_days, days + 2);
}

/// A team that is onboarded and connects Copilot now, whose reports meet these faults, so that one step meets them.
async fn connect_late(app: &App, faults: impl Fn(RequestFilter)) -> TeamRef {
    let team = app.add_team_with_history(acme(), 30).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is done");
    faults(RequestFilter::path("/metrics/reports/"));
    app.connect_copilot(&team).await;
    app.await_refresh_end(&team).await;
    team
}

#[tokio::test]
async fn an_outage_of_copilot_reports_ends_the_step_and_leaves_them_to_the_next_night() {
    // A short slice must not begin to count anew.
    let app = App::builder().slice(Duration::ZERO).start().await;
    let team = connect_late(&app, |reports| {
        app.github()
            .fail_next_matching(100_000, Fault::Status(500), reports);
    })
    .await;

    let asked = app.asked("/metrics/reports/");
    assert_eq!(asked, 18, "thrice three of each kind");
    assert_eq!(status_of(&app, &team).await, CONNECTED);
    assert_eq!(app.team(&team).await.copilot_consecutive_failures, 1);
    assert_eq!(days_in(&app, "failed").await.len(), 3);

    app.github().clear_faults();
    app.refresh(&team).await;
    assert!(days_in(&app, "failed").await.is_empty());
    assert!(app.overview(&team).await.copilot_days >= 25);
    assert_eq!(app.team(&team).await.copilot_consecutive_failures, 0);
}

#[tokio::test]
async fn an_outage_of_one_kind_of_copilot_reports_keeps_no_other_out() {
    // In short slices the other kind is through before the last of the failing reports were tried.
    for slice in [Duration::ZERO, Duration::from_mins(10)] {
        let app = App::builder().slice(slice).start().await;
        let team = connect_late(&app, |_| {
            let users = RequestFilter::path("users-1-day");
            app.github()
                .fail_next_matching(100_000, Fault::Status(500), users);
        })
        .await;

        let unread = "select count(*) from copilot_ledger
            where report = 'organization-1-day' and state = 'failed'";
        assert_eq!(app.count(unread).await, 0, "{slice:?}");
        assert_eq!(app.asked(ORGANIZATION_DAY), 30, "{slice:?}");
        let days = app.overview(&team).await.copilot_days;
        assert!(days >= 28, "{slice:?}: {days} of 30 days");
        let found = app.team(&team).await;
        let status = (found.copilot_status, found.copilot_cause);
        assert_eq!(status, CONNECTED, "{slice:?}");
        assert_eq!(found.copilot_consecutive_failures, 0, "{slice:?}");
        assert!(found.copilot_last_sync_at.is_some(), "{slice:?}");
        let in_vain = app.asked("users-1-day");
        let most = if slice.is_zero() { 3 * 31 } else { 3 };
        assert!((3..=most).contains(&in_vain), "{slice:?}: {in_vain}");

        app.github().clear_faults();
        app.refresh(&team).await;
        let users = "select count(*) from copilot_ledger
            where report = 'users-1-day' and state in ('final', 'provisional')";
        assert!(app.count(users).await >= 28, "{slice:?}");
    }
}

#[tokio::test]
async fn one_bad_answer_after_waits_costs_no_copilot_report() {
    let app = App::start().await;
    let limit = LimitKind::Secondary {
        retry_after: Duration::from_secs(1),
    };
    connect_late(&app, |reports| {
        let github = app.github();
        github.limit_next_matching(2, limit, reports.clone());
        github.fail_next_matching(1, Fault::Status(500), reports);
    })
    .await;

    let met = RequestFilter::path("/metrics/reports/");
    assert_eq!(app.github().request_count(&met.clone().status(403)), 2);
    assert_eq!(app.github().request_count(&met.status(500)), 1);
    let failed = "select count(*) from copilot_ledger where state = 'failed'";
    assert_eq!(app.count(failed).await, 0, "it was asked for again");
}

#[tokio::test]
async fn copilot_reports_that_nobody_can_read_are_a_cause() {
    let app = App::start().await;
    let token = app.github().create_organization(acme());
    app.github().set_download_links("acme", LinkKind::NotJson);
    let team = app.connect("acme", &token, 30).await.expect("added");
    app.connect_copilot(&team).await;
    let stored = app.onboard(&team).await;

    let found = (stored.copilot_status, stored.copilot_cause);
    let malformed = Some(Cause::MalformedAnswer);
    assert_eq!(found, (CopilotStatus::NeedsAttention, malformed));
    let evidence = app.evidence(&team, stored.copilot_evidence_id).await;
    assert!(!evidence.evidence.message.is_empty());
    assert!(days_in(&app, "failed").await.len() >= 25, "all were tried");
}

#[tokio::test]
async fn copilot_disconnected_while_it_is_synced_stays_so() {
    let app = App::start().await;
    let team = add_connected(&app, acme()).await;
    // The licences are looked at before, and with them the days that are stored.
    let hold = app.hold_table("copilot_language_day").await;
    app.start_onboarding(&team).await;
    // The first report is downloaded, and its row waits.
    // The API's paths have the word in them as well; the download host's begin with it.
    let downloads = || async {
        let envelopes = app.asked("/metrics/reports/");
        app.asked("/reports/") - envelopes
    };
    until("a report", downloads, |downloads| *downloads > 0).await;
    app.disconnect_copilot(&team).await;
    app.github().clear_requests();
    hold.release().await;
    app.await_status(&team, PipelineStatus::Complete).await;

    assert_eq!(app.asked("copilot"), 0, "nothing more is asked for");
    assert_eq!(
        status_of(&app, &team).await,
        (CopilotStatus::Disabled, None)
    );
    let events = app.events(&team, StatusEventKind::Copilot).await;
    let words: Vec<&str> = events.iter().map(|event| &*event.to_status).collect();
    assert_eq!(words, ["connected", "disabled"]);
}

#[tokio::test]
async fn copilot_not_enabled_is_a_licence_problem_only_without_metrics() {
    let app = App::start().await;
    let token = app.github().create_organization(acme());
    app.github()
        .set_billing("acme", BillingAnswer::NotEnabled422);
    app.github().set_report_minimum_seats("acme", 1000);
    let team = app.connect("acme", &token, 30).await.expect("added");
    app.connect_copilot(&team).await;
    let stored = app.onboard(&team).await;
    assert_eq!(stored.copilot_status, CopilotStatus::InsufficientLicenses);
    let evidence = app.evidence(&team, stored.copilot_evidence_id).await;
    assert_eq!(evidence.evidence.http_status, Some(422));

    // The licences are held elsewhere, and the metrics arrive here.
    let team = add_connected(&app, OrgSpec::named("globex").repositories(1)).await;
    app.github()
        .set_billing("globex", BillingAnswer::NotEnabled422);
    app.onboard(&team).await;
    assert_eq!(status_of(&app, &team).await, CONNECTED);
    assert!(app.overview(&team).await.copilot_days >= 25);

    // So do they when GitHub knows of no report of the members.
    let users = RequestFilter::path("users-1-day");
    app.github()
        .fail_next_matching(100_000, Fault::Status(404), users);
    let team = add_connected(&app, OrgSpec::named("initech").repositories(1)).await;
    app.github()
        .set_billing("initech", BillingAnswer::NotEnabled422);
    app.onboard(&team).await;
    assert_eq!(status_of(&app, &team).await, CONNECTED);
    assert!(app.overview(&team).await.copilot_days >= 25);
}

#[tokio::test]
async fn copilot_licences_are_asked_for_once_a_step() {
    let app = App::builder().slice(Duration::ZERO).start().await;
    let team = add_connected(&app, acme()).await;
    app.onboard(&team).await;
    app.github().clear_requests();
    app.refresh(&team).await;

    let slices = app.activities_of(&team.refresh_workflow_id()).await;
    let slices = slices.iter().filter(|name| *name == "sync_copilot").count();
    assert!(slices > 3, "{slices} slices");
    assert_eq!(app.asked("/copilot/billing/seats"), 1);
    assert_eq!(app.asked("/copilot/billing"), 2, "billing and its seats");
    assert_eq!(status_of(&app, &team).await, CONNECTED);
}

#[tokio::test]
async fn copilot_connected_late_gets_the_whole_history_and_then_quiet_nights() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 90).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is done");
    app.connect_copilot(&team).await;
    app.await_team(&team, "synced", |team| team.copilot_last_sync_at.is_some())
        .await;
    app.await_refresh_end(&team).await;
    let days = app.overview(&team).await.copilot_days;
    assert!(days >= 80, "{days} of 90 days");

    app.github().clear_requests();
    app.refresh(&team).await;
    let asked = app.asked(ORGANIZATION_DAY);
    assert!(
        (1..=4).contains(&asked),
        "{asked}: only what is not settled"
    );
}

#[tokio::test]
async fn one_doubtful_refusal_of_copilot_settles_nothing() {
    let app = App::start().await;
    let team = add_connected(&app, acme()).await;
    app.onboard(&team).await;
    let refuse = |times, status| {
        let reports = RequestFilter::path(ORGANIZATION_DAY);
        app.github()
            .fail_next_matching(times, Fault::Status(status), reports);
    };
    for statuses in [&[404][..], &[403], &[404, 403]] {
        statuses.iter().for_each(|status| refuse(1, *status));
        app.refresh(&team).await;
        assert_eq!(status_of(&app, &team).await, CONNECTED, "{statuses:?}");
    }
    for status in [404, 403] {
        refuse(2, status);
        app.refresh(&team).await;
        assert_eq!(
            status_of(&app, &team).await,
            (CopilotStatus::NeedsAttention, Some(Cause::Unknown)),
            "{status}"
        );
    }
    app.refresh(&team).await;
    assert_eq!(status_of(&app, &team).await, CONNECTED);
}
