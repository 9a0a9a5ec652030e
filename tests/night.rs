//! The nightly run: who is dispatched, who is left out and why, and that nobody's night touches another's.

use std::time::Duration;

use activities::clock;
use chrono::Days;
use worker::{
    dev::github_simulator::{Fault, LimitKind, NewPullRequest, OrgSpec, RequestFilter},
    teams::view,
};
use workflows::domain::{
    cause::Cause,
    night::{NightReport, NightSkip},
    pipeline::PipelineStatus,
    team::TeamRef,
};
use workflows::regenerate_all_teams::NightInput;

use crate::support::{App, PULL_REQUESTS};

fn organization(name: &str) -> OrgSpec {
    OrgSpec::named(name).repositories(1).without_copilot()
}

async fn onboard(app: &App, name: &str) -> TeamRef {
    let team = app.add_team_with_history(organization(name), 30).await;
    app.onboard(&team).await;
    team
}

/// Limits an organization's pages until the faults are cleared.
fn hold_walk(app: &App, name: &str) {
    let limit = LimitKind::Secondary {
        retry_after: Duration::from_secs(1),
    };
    let pages = RequestFilter::operation(PULL_REQUESTS).org(name);
    app.github().limit_next_matching(100_000, limit, pages);
}

fn assert_adds_up(report: &NightReport, teams: u32) {
    let skipped: u32 = report.skipped.values().sum();
    assert_eq!(report.dispatched + skipped, teams, "{report:?}");
    assert_eq!(
        report.succeeded + report.parked + report.failed,
        report.dispatched,
        "{report:?}"
    );
}

#[tokio::test]
async fn teams_that_are_not_ready_are_left_out_with_the_reason() {
    let app = App::start().await;
    onboard(&app, "ready").await;
    let held = app.add_team_with_history(organization("held"), 30).await;
    hold_walk(&app, "held");
    app.start_onboarding(&held).await;
    let dead = app.add_team_with_history(organization("dead"), 30).await;
    app.github().revoke_token(&app.github().admin_token("dead"));
    app.start_onboarding(&dead).await;
    app.add_team_with_history(organization("new"), 30).await;
    app.await_status(&held, PipelineStatus::Syncing).await;
    app.await_status(&dead, PipelineStatus::AwaitingReconnect)
        .await;
    let before = app.statuses(&held).await;

    let report = app.run_night().await;

    assert_adds_up(&report, 4);
    assert_eq!((report.dispatched, report.succeeded), (1, 1));
    for reason in [
        NightSkip::Onboarding,
        NightSkip::AwaitingReconnect,
        NightSkip::NotStarted,
    ] {
        assert_eq!(report.skipped.get(&reason), Some(&1), "{reason}");
    }
    assert_eq!(
        app.statuses(&held).await,
        before,
        "its pipeline was not taken forward"
    );
    let kept = app.store.load_latest_night().await.expect("stored");
    assert_eq!(kept.map(|night| night.report), Some(report));

    app.github().clear_faults();
    app.await_status(&held, PipelineStatus::Complete).await;
}

#[tokio::test]
async fn one_failing_team_touches_no_other() {
    let app = App::start().await;
    let good = onboard(&app, "good").await;
    let broken = onboard(&app, "broken").await;
    let also_good = onboard(&app, "zeta").await;
    let members = RequestFilter::operation("OrganizationMembers").org("broken");
    app.github().fail_next_matching(3, Fault::NotJson, members);

    let report = app.run_night().await;

    assert_adds_up(&report, 3);
    assert_eq!((report.succeeded, report.failed), (2, 1));
    for team in [good, also_good, broken.clone()] {
        let stored = app.team(&team).await;
        assert_eq!(
            (stored.pipeline_status, stored.pipeline_cause),
            (PipelineStatus::Complete, None),
            "{}: yesterday's data can still be read",
            team.key
        );
    }
    let card = view::card(&app.store, &broken, &app.activities.github.web_url).await;
    let card = card.expect("the database answers").to_string();
    let said = "failed, malformed_answer: GitHub's answer is not in a documented form.";
    assert!(card.contains(said), "{card}");
    assert!(card.contains("members answered 200"), "{card}");
    let nights = "select t.key || ' ' || n.outcome from team_night n \
                  join team t on t.id = n.team_id order by t.key";
    assert_eq!(
        app.select(nights).await,
        ["broken failed", "good succeeded", "zeta succeeded"]
    );
    let healed = app.run_night().await;
    assert_eq!((healed.succeeded, healed.failed), (3, 0));
    let card = view::card(&app.store, &broken, &app.activities.github.web_url).await;
    assert!(
        !card
            .expect("the database answers")
            .to_string()
            .contains("last night")
    );
}

/// Nobody has to start it again: what it failed of may have passed.
#[tokio::test]
async fn an_onboarding_that_failed_is_started_again_by_the_night() {
    let app = App::start().await;
    let team = app.add_team_with_history(organization("acme"), 30).await;
    let members = RequestFilter::operation("OrganizationMembers");
    app.github()
        .fail_next_matching(3, Fault::NotJson, members.clone());
    app.start_onboarding(&team).await;
    app.await_onboarding(&team).await.expect_err("it failed");
    let failed = app.team(&team).await;
    let status = (failed.pipeline_status, failed.pipeline_cause);
    let malformed = Some(Cause::MalformedAnswer);
    assert_eq!(status, (PipelineStatus::Failed, malformed));

    // The trouble lasts for another night.
    app.github().fail_next_matching(3, Fault::NotJson, members);
    for goes_well in [false, true] {
        let report = app.run_night().await;
        assert_adds_up(&report, 1);
        let again = report.skipped.get(&NightSkip::OnboardingFailed);
        assert_eq!(again, Some(&1));
        let onboarding = app.await_onboarding(&team).await;
        assert_eq!(onboarding.is_ok(), goes_well, "{onboarding:?}");
    }

    let stored = app.team(&team).await;
    let status = (stored.pipeline_status, stored.pipeline_cause);
    assert_eq!(status, (PipelineStatus::Complete, None));
    assert!(stored.onboarded_at.is_some());
    let report = app.run_night().await;
    assert_eq!((report.dispatched, report.succeeded), (1, 1));
}

#[tokio::test]
async fn an_unchanged_night_is_cheap_and_writes_nothing_new() {
    let app = App::start().await;
    let team = onboard(&app, "acme").await;
    let written =
        "select window_days || ' ' || written_at || ' ' || input_hash from insight order by 1";
    let insights = app.select(written).await;
    let pull_requests = app.rows(&["pull_request", "review", "member"]).await;
    app.github().clear_requests();

    assert_eq!(app.run_night().await.succeeded, 1);

    let asked = app.github().requests();
    assert!((1..=6).contains(&asked.len()), "{asked:?}");
    let pages = RequestFilter::operation(PULL_REQUESTS);
    assert_eq!(app.github().request_count(&pages), 0, "nothing changed");
    assert_eq!(insights.len(), 3);
    assert_eq!(app.select(written).await, insights);
    assert_eq!(
        app.rows(&["pull_request", "review", "member"]).await,
        pull_requests
    );
    let activities = app.activities_of(&team.refresh_workflow_id()).await;
    assert!(activities.len() <= 6, "{activities:?}");
}

#[tokio::test]
async fn what_changed_arrives_and_the_insights_follow() {
    let app = App::start().await;
    let team = onboard(&app, "acme").await;
    let before = app.overview(&team).await;
    let merged = "select input->'current'->>'merged_count' from insight where window_days = 7";
    let merged_before: i64 = app.select(merged).await[0].parse().expect("a number");
    let repository = app.github().repository_names("acme")[0].clone();
    // Merged yesterday, since insights are of whole days, and commented on today.
    let new = NewPullRequest {
        title: "Teach the parser to count".to_owned(),
        reviews: 2,
        created_at: Some(clock::now() - Days::new(2)),
        merged_at: Some(clock::now() - Days::new(1)),
        ..NewPullRequest::default()
    };
    let number = app.github().add_pull_request("acme", &repository, new);
    app.github()
        .update_pull_request("acme", &repository, number);
    app.github().clear_requests();

    assert_eq!(app.run_night().await.succeeded, 1);

    let after = app.overview(&team).await;
    assert_eq!(after.pull_requests, before.pull_requests + 1);
    let stored = "select state from pull_request where title = 'Teach the parser to count'";
    assert_eq!(app.select(stored).await, ["merged"]);
    let merged_after: i64 = app.select(merged).await[0].parse().expect("a number");
    assert_eq!(merged_after, merged_before + 1);
    assert_eq!(app.pages_answered().len(), 1, "one page of one repository");
}

#[tokio::test]
async fn a_night_does_not_go_on_with_the_walk_of_one_that_was_ended() {
    let app = App::start().await;
    let two = organization("acme").repositories(2);
    let team = app.add_team_with_history(two, 30).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is done");
    let before = app.overview(&team).await.pull_requests;
    let repositories = app.github().repository_names("acme");
    let open_in = |repository: &str| {
        let new = NewPullRequest::default();
        app.github().add_pull_request("acme", repository, new)
    };
    open_in(&repositories[0]);
    hold_walk(&app, "acme");
    let started = app.runs.start_refresh(&team).await;
    started.expect("it starts");
    app.await_progress(&team, "a wait in the walk", |progress| {
        progress.waiting_until.is_some() && progress.repositories_total == 1
    })
    .await;
    let ended = app.runs.terminate(&team).await;
    ended.expect("it is open");

    app.github().clear_faults();
    open_in(&repositories[1]);
    app.refresh(&team).await;
    assert_eq!(
        app.overview(&team).await.pull_requests,
        before + 2,
        "the second night lists the repositories itself"
    );
}

#[tokio::test]
async fn a_team_that_parks_is_reported_and_does_not_hold_the_night_up() {
    let app = App::start().await;
    let parked = onboard(&app, "acme").await;
    onboard(&app, "globex").await;
    app.github().revoke_token(&app.github().admin_token("acme"));

    let report = app.run_night().await;

    assert_adds_up(&report, 2);
    assert_eq!((report.succeeded, report.parked), (1, 1));
    let refresh = parked.refresh_workflow_id();
    assert!(app.runs.is_open(&refresh).await.expect("Temporal answers"));
    app.await_status(&parked, PipelineStatus::AwaitingReconnect)
        .await;
    let next = app.run_night().await;
    assert_eq!(next.skipped.get(&NightSkip::AwaitingReconnect), Some(&1));

    app.reconnect(&parked).await;
    app.await_status(&parked, PipelineStatus::Complete).await;
    app.await_refresh_end(&parked).await;
    let healed = app.run_night().await;
    assert_eq!((healed.dispatched, healed.succeeded), (2, 2));
}

/// More teams than one page and one run hold: the night continues as new, twice, and its counts are of all of them.
#[tokio::test]
async fn a_long_night_continues_as_new_and_leaves_nobody_out() {
    let app = App::start().await;
    for name in ["ash", "birch", "cedar", "elm"] {
        onboard(&app, name).await;
    }
    app.add_team_with_history(organization("fir"), 30).await;
    let input = NightInput {
        window: Some(1),
        page_size: Some(2),
        children_per_run: Some(2),
        ..NightInput::default()
    };

    let report = app.run_night_of(input).await;

    assert_adds_up(&report, 5);
    assert_eq!(report.succeeded, 4);
    assert_eq!(report.skipped.get(&NightSkip::NotStarted), Some(&1));
    let runs = "WorkflowType = 'RegenerateAllTeams'";
    let ids = ["a-long-night"; 3].map(str::to_owned);
    app.await_found(runs, &ids).await;
    let nights = "select outcome from team_night";
    assert_eq!(app.select(nights).await, ["succeeded"; 4]);
    assert_eq!(app.count("select count(*) from night_run").await, 1);
}

#[tokio::test]
async fn a_refresh_that_runs_already_is_left_alone() {
    let app = App::start().await;
    let team = onboard(&app, "acme").await;
    let hold = app.hold_table("member").await;
    let started = app.runs.start_refresh(&team).await;
    started.expect("it starts");

    let report = app.run_night().await;
    assert_adds_up(&report, 1);
    assert_eq!(report.skipped.get(&NightSkip::AlreadyRunning), Some(&1));
    hold.release().await;
    app.await_refresh_end(&team).await;
}
