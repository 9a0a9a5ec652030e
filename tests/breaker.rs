//! The circuit breaker: many teams that fail alike at once are GitHub's trouble. Their work is held, no status changes, nobody has to
//! act, and everything goes on by itself. A few bad tokens are bad tokens, as ever.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use std::time::{Duration, Instant};

use activities::{BreakerSettings, failure::WaitReason, store::Breaker};
use worker::{
    dev::github_simulator::{Fault, OrgSpec, RequestFilter},
    web,
};
use workflows::domain::{
    cause::Cause,
    pipeline::PipelineStatus,
    team::TeamRef,
    trouble::{BreakerState, TroubleKind},
};

use crate::{
    binary::{Coflow, Signal},
    support::{App, until},
};

/// Far more than any test asks: until the faults are cleared.
pub(crate) const ALL: u64 = 100_000;
/// Long enough for all teams to have failed before the first is asked again.
const CONFIRM_AFTER: Duration = Duration::from_secs(6);
pub(crate) const SIX: [&str; 6] = ["ash", "birch", "cedar", "elm", "fir", "hazel"];

/// Of the teams, this many have Copilot connected: a month of reports for each of them would be most of the work.
const WITH_COPILOT: usize = 2;

pub(crate) async fn onboard(app: &App, names: &[&str]) -> Vec<TeamRef> {
    let mut teams = vec![];
    for name in names {
        let organization = OrgSpec::named(name).repositories(1);
        let team = app.add_team_with_history(organization, 30).await;
        if teams.len() < WITH_COPILOT {
            app.connect_copilot(&team).await;
        }
        app.start_onboarding(&team).await;
        teams.push(team);
    }
    for team in &teams {
        app.await_status(team, PipelineStatus::Complete).await;
        app.await_onboarding(team).await.unwrap();
    }
    teams
}

async fn breaker(app: &App, kind: TroubleKind) -> Breaker {
    let breakers = app.store.load_breakers().await.unwrap();
    breakers.into_iter().find(|one| one.kind == kind).unwrap()
}

pub(crate) async fn await_state(app: &App, kind: TroubleKind, state: BreakerState) -> Breaker {
    let look = || breaker(app, kind);
    until("the breaker", look, |breaker| breaker.state == state).await
}

/// What a storm must not touch.
pub(crate) async fn records(app: &App) -> Vec<String> {
    let teams = "select key || ' ' || pipeline_status || ' ' || copilot_status || ' '
                     || copilot_consecutive_failures || ' ' || coalesce(pipeline_cause, copilot_cause, 'well')
                 from team order by key";
    let mut records = app.select(teams).await;
    let revoked = "select team_id::text from credential where revoked_at is not null";
    records.extend(app.select(revoked).await);
    let bad = "select to_status from status_event
               where cause is not null or to_status in ('awaiting_reconnect', 'failed')";
    records.extend(app.select(bad).await);
    let emails = "select template from email_outbox where template not in ('welcome', 'ready')";
    records.extend(app.select(emails).await);
    records
}

fn all_well() -> Vec<String> {
    let (with, without) = SIX.split_at(WITH_COPILOT);
    let with = with
        .iter()
        .map(|name| format!("{name} complete connected 0 well"));
    let without = without
        .iter()
        .map(|name| format!("{name} complete disabled 0 well"));
    with.chain(without).collect()
}

async fn fetch(app: &App, path: &str) -> String {
    let server = web::start(app.store.clone(), "127.0.0.1:0".parse().unwrap()).await;
    let server = server.unwrap();
    let answer = reqwest::get(format!("http://{}{path}", server.addr())).await;
    let answer = answer.unwrap().error_for_status().unwrap();
    let text = answer.text().await.unwrap();
    server.shut_down().await;
    text
}

/// A night over six teams in which GitHub refuses everybody, and then takes them again.
async fn weather(fault: Fault, kind: TroubleKind) {
    let app = App::builder().confirm_after(CONFIRM_AFTER).start().await;
    let teams = onboard(&app, &SIX).await;
    assert_eq!(records(&app).await, all_well());
    app.github().clear_requests();
    app.github().fail_next(ALL, fault);
    let night = app.start_night().await;

    let open = await_state(&app, kind, BreakerState::Open).await;
    assert!(open.teams >= 5, "{open:?}");
    let opened = Instant::now();
    let refused = || async { app.github().requests().len() };
    let refused_then = refused().await;
    // Long enough for those who failed before it opened to be asked a second time, if they were.
    until("tries", refused, |count| {
        *count >= refused_then + 3 && opened.elapsed() > CONFIRM_AFTER
    })
    .await;
    let tries = refused().await - refused_then;
    assert!(
        tries <= opened.elapsed().as_secs() as usize + 2,
        "one try a second: {tries} in {:?}",
        opened.elapsed()
    );
    assert_eq!(records(&app).await, all_well());
    let reason = WaitReason::Breaker(kind).as_str();
    for team in &teams {
        app.await_progress(team, "a named wait", |progress| {
            progress.waiting_reason.as_deref() == Some(reason)
        })
        .await;
    }
    let health = fetch(&app, "/health").await;
    assert!(
        health.contains("\"degraded\"") && health.contains(kind.as_str()),
        "{health}"
    );
    let metrics = fetch(&app, "/metrics").await;
    let gauge = format!("coflow_github_breaker_open{{kind=\"{kind}\"}} 1");
    assert!(metrics.contains(&gauge), "{metrics}");
    assert!(fetch(&app, "/").await.contains(kind.explanation()));

    app.github().clear_faults();
    let report = app.await_night(&night).await;
    assert_eq!((report.dispatched, report.succeeded), (6, 6), "{report:?}");
    assert_eq!(records(&app).await, all_well());
    let closed = await_state(&app, kind, BreakerState::Closed).await;
    assert_eq!(closed.openings, 1);
    assert!(fetch(&app, "/health").await.contains("\"ok\""));
    for team in &teams {
        assert_eq!(app.progress(team).await.waiting_until, None);
    }
}

#[tokio::test]
async fn a_storm_of_401s_is_held_and_leaves_no_trace() {
    weather(Fault::SpuriousUnauthorized, TroubleKind::Rejected).await;
}

#[tokio::test]
async fn so_is_an_outage() {
    weather(Fault::Status(503), TroubleKind::Unavailable).await;
}

#[tokio::test]
async fn a_few_revoked_tokens_among_many_teams_park_as_ever() {
    let app = App::start().await;
    let teams = onboard(&app, &SIX).await;
    for name in &SIX[..2] {
        app.github().revoke_token(&app.github().admin_token(name));
    }

    let report = app.run_night().await;

    assert_eq!((report.succeeded, report.parked), (4, 2));
    for team in &teams[..2] {
        let parked = app.await_status(team, PipelineStatus::AwaitingReconnect);
        assert_eq!(parked.await.pipeline_cause, Some(Cause::TokenRevoked));
    }
    let breaker = breaker(&app, TroubleKind::Rejected).await;
    assert_eq!((breaker.state, breaker.openings), (BreakerState::Closed, 0));
}

/// Those who failed are held together; the others go on as soon as one of them has shown that GitHub takes it.
#[tokio::test]
async fn trouble_of_some_teams_does_not_hold_the_others_for_long() {
    let app = App::builder().confirm_after(CONFIRM_AFTER).start().await;
    let mut names = SIX.to_vec();
    names.extend(["juniper", "larch"]);
    let teams = onboard(&app, &names).await;
    let (troubled, others) = teams.split_at(5);
    for name in &names[..5] {
        let token = app.github().admin_token(name);
        let only = RequestFilter::any().org(name).token(&token);
        app.github()
            .fail_next_matching(ALL, Fault::SpuriousUnauthorized, only);
    }
    for team in troubled {
        app.runs.start_refresh(team).await.unwrap();
    }
    await_state(&app, TroubleKind::Rejected, BreakerState::Open).await;

    for team in others {
        app.refresh(team).await;
    }
    let narrowed = breaker(&app, TroubleKind::Rejected).await;
    assert_eq!(narrowed.state, BreakerState::Narrowed, "{narrowed:?}");
    for team in troubled {
        let stored = app.team(team).await;
        assert_eq!(stored.pipeline_status, PipelineStatus::Complete);
    }

    app.github().clear_faults();
    for team in troubled {
        app.await_refresh_end(team).await;
    }
    await_state(&app, TroubleKind::Rejected, BreakerState::Closed).await;
    let nights = "select count(*) from team_night where outcome = 'succeeded'";
    assert_eq!(app.count(nights).await, 8);
}

#[tokio::test]
async fn a_worker_that_is_killed_leaves_it_open_and_another_closes_it() {
    let app = App::builder().without_worker().start().await;
    let coflow = Coflow::of(&app)
        .with("COFLOW_BREAKER_PROBE_SECONDS", "1")
        .with("COFLOW_CONFIRM_AFTER_SECONDS", "6");
    let worker = coflow.start_worker().await;
    let teams = onboard(&app, &SIX).await;
    app.github().fail_next(ALL, Fault::SpuriousUnauthorized);
    for team in &teams {
        app.runs.start_refresh(team).await.unwrap();
    }
    await_state(&app, TroubleKind::Rejected, BreakerState::Open).await;
    let waiting = "select key from team join team_progress p on p.team_id = team.id
                   where waiting_reason = 'many_teams_rejected'";
    let look = || app.select(waiting);
    let waiting = until("a wait", look, |teams| !teams.is_empty()).await;
    worker.await_log("the circuit breaker opens").await;
    worker.signal(Signal::KILL);
    worker.end().await;
    let card = coflow.run(&["team", "show", &waiting[0]]).await;
    let card = card.answer();
    assert!(card.contains("many_teams_rejected until"), "{card}");
    assert!(card.contains("credentials of many teams"), "{card}");

    let worker = coflow.start_worker().await;
    app.github().clear_requests();
    let asked = || async { app.github().requests().len() };
    until("a try of the second worker", asked, |count| *count > 0).await;
    assert_eq!(records(&app).await, all_well());
    app.github().clear_faults();
    for team in &teams {
        app.await_refresh_end(team).await;
    }
    assert_eq!(records(&app).await, all_well());
    worker.await_log("the circuit breaker closes").await;
    let (_, log) = {
        worker.signal(Signal::TERM);
        worker.end().await
    };
    assert_eq!(log.matches("the circuit breaker closes").count(), 1);
    assert!(!log.contains("the circuit breaker opens"), "once: {log}");
    let nights = "select count(*) from team_night where outcome = 'succeeded'";
    assert_eq!(app.count(nights).await, 6);
}

/// Row 4 of the refusals: our key is no team's status, and no team without the App is concerned.
#[tokio::test]
async fn the_apps_key_refused_holds_the_apps_teams_and_nobody_else() {
    let app = App::start().await;
    let acme = app.add_team_by_installation(OrgSpec::named("acme")).await;
    app.onboard(&acme).await;
    app.await_onboarding(&acme).await.unwrap();
    let other = onboard(&app, &["ash"]).await.remove(0);
    let before = records(&app).await;
    app.select(
        "update credential set expires_at = now() where kind = 'app_installation' returning kind",
    )
    .await;
    let minting = RequestFilter::path("/access_tokens");
    app.github()
        .fail_next_matching(ALL, Fault::SpuriousUnauthorized, minting);
    app.runs.start_refresh(&acme).await.unwrap();

    let open = await_state(&app, TroubleKind::AppKey, BreakerState::Open).await;
    assert_eq!(open.teams, 1, "one is enough");
    app.await_progress(&acme, "a named wait", |progress| {
        progress.waiting_reason.as_deref() == Some("app_key_rejected")
    })
    .await;
    app.refresh(&other).await;
    assert!(breaker(&app, TroubleKind::AppKey).await.is_open());
    assert_eq!(records(&app).await, before);

    app.github().clear_faults();
    app.await_refresh_end(&acme).await;
    await_state(&app, TroubleKind::AppKey, BreakerState::Closed).await;
    assert_eq!(records(&app).await, before);
    let nights = "select count(*) from team_night where outcome = 'succeeded'";
    assert_eq!(app.count(nights).await, 2);
}

#[tokio::test]
async fn with_no_threshold_nothing_is_ever_held() {
    let off = BreakerSettings {
        teams: 0,
        window: Duration::from_secs(300),
        probe_every: Duration::from_secs(1),
    };
    let app = App::builder().breaker(off).start().await;
    let teams = onboard(&app, &SIX).await;
    for name in SIX {
        app.github().revoke_token(&app.github().admin_token(name));
    }
    let report = app.run_night().await;
    assert_eq!(report.parked, 6);
    for team in &teams {
        app.await_status(team, PipelineStatus::AwaitingReconnect)
            .await;
    }
}
