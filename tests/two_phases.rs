//! The first sync: both phases in their order, all of GitHub's peculiar things in it, and numbers that agree with a direct count.

use std::{collections::BTreeMap, time::Duration};

use activities::{clock, store::beginning_of_history};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use worker::dev::github_simulator::{
    Fault, LimitKind, NewPullRequest, OrgSpec, PullRequestAuthor, RequestFilter,
};
use workflows::domain::{
    pipeline::PipelineStatus,
    pull_request::{PullRequest, PullRequestState},
};

use crate::support::{App, PULL_REQUESTS};

const IN_ORDER: [&str; 12] = [
    "syncing_members",
    "syncing",
    "syncing_copilot",
    "llm_processing",
    "computing_metrics",
    "computing_insights",
    "phase1_complete",
    "background_syncing",
    "background_llm",
    "background_metrics",
    "background_insights",
    "complete",
];

fn acme() -> OrgSpec {
    OrgSpec::named("acme").repositories(1).without_copilot()
}

#[tokio::test]
async fn the_dashboard_opens_after_30_days_and_the_rest_follows() {
    let app = App::builder().page_size(10).start().await;
    let spec = acme().pull_requests_per_repository(40).history_days(80);
    let team = app.add_team(spec).await;
    let measuring = app.hold_table("weekly_metrics").await;
    app.start_onboarding(&team).await;
    app.await_status(&team, PipelineStatus::ComputingMetrics)
        .await;
    // The quick start has walked; the background phase cannot.
    let limit = LimitKind::Secondary {
        retry_after: Duration::from_secs(1),
    };
    let pages = RequestFilter::operation(PULL_REQUESTS);
    app.github().limit_next_matching(1000, limit, pages);
    measuring.release().await;
    app.await_status(&team, PipelineStatus::BackgroundSyncing)
        .await;
    let windows = "select window_days::text from insight order by insight.window_days";
    assert_eq!(
        app.select(windows).await,
        ["7", "30"],
        "a dashboard of 30 days makes no claim about 90"
    );
    let edge = beginning_of_history(clock::now(), 30);
    let weeks = format!(
        "select count(*) from weekly_metrics where week_on < '{}'",
        edge.date_naive()
    );
    assert_eq!(app.count(&weeks).await, 0, "nor about older weeks");

    app.github().clear_faults();
    let stored = app.await_status(&team, PipelineStatus::Complete).await;
    // Before the test itself asks.
    let mut pages = app.pages_answered();
    assert!(stored.onboarded_at.is_some());
    assert_eq!(app.statuses(&team).await, IN_ORDER);
    assert_eq!(app.select(windows).await, ["7", "30", "90"]);
    let held = app.pull_requests_at_github(&team).await;
    let old = held.iter().filter(|(_, one)| one.updated_at < edge).count();
    assert!(old > 10, "the background phase has work: {old}");
    assert_eq!(app.overview(&team).await.pull_requests, 40);
    let all = pages.len();
    pages.sort();
    pages.dedup();
    assert_eq!(pages.len(), all, "no page was asked for by both phases");
}

#[tokio::test]
async fn a_page_that_holds_a_whole_repository_is_asked_for_once() {
    let app = App::start().await;
    let spec = acme().pull_requests_per_repository(20).history_days(300);
    let team = app.add_team(spec).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is done");
    assert_eq!(app.pages_answered().len(), 1);
    let edge = beginning_of_history(clock::now(), 90);
    let held = app.pull_requests_at_github(&team).await;
    let inside = held.iter().filter(|(_, one)| one.updated_at >= edge);
    let inside = inside.count();
    assert!(inside < held.len(), "the history cuts the page: {inside}");
    assert_eq!(app.overview(&team).await.pull_requests, inside as u64);
}

#[tokio::test]
async fn slices_of_one_page_end_with_the_same_data() {
    let whole = App::builder().page_size(10).start().await;
    let spec = acme().pull_requests_per_repository(30).with_overflow();
    let team = whole.add_team_with_history(spec, 30).await;
    whole.onboard(&team).await;

    let sliced = App::builder()
        .page_size(10)
        .slice(Duration::ZERO)
        .beside(&whole)
        .start()
        .await;
    let token = sliced.github().issue_token("acme");
    let team = sliced.connect("acme", &token, 30).await.expect("added");
    sliced.onboard(&team).await;

    let tables = [
        "pull_request",
        "review",
        "pull_request_commit",
        "pull_request_file",
    ];
    assert_eq!(sliced.rows(&tables).await, whole.rows(&tables).await);
    let activities = sliced.activities_of(&team.onboard_workflow_id()).await;
    let walks = |all: &[String]| {
        all.iter()
            .filter(|one| *one == "sync_pull_requests")
            .count()
    };
    assert!(walks(&activities) >= 4, "{activities:?}");
}

#[tokio::test]
async fn the_length_of_history_is_each_teams_own() {
    for (history_days, is_whole) in [(30_u16, false), (365, true)] {
        let app = App::start().await;
        let spec = acme().pull_requests_per_repository(40).history_days(300);
        let team = app.add_team_with_history(spec, history_days).await;
        app.onboard(&team).await;
        let edge = beginning_of_history(clock::now(), history_days.into());
        let held = app.pull_requests_at_github(&team).await;
        let inside = held
            .iter()
            .filter(|(_, one)| one.updated_at >= edge)
            .count();
        assert_eq!(app.overview(&team).await.pull_requests, inside as u64);
        assert_eq!(inside == held.len(), is_whole, "{inside} of {}", held.len());
        assert!(inside > 0);
    }
}

#[tokio::test]
async fn a_longer_history_brings_what_the_shorter_one_left_out() {
    // One page, which the shorter history cuts, and several, of which it cuts the last.
    for pull_requests in [20, 60] {
        let all = pull_requests as u64;
        for is_night in [true, false] {
            let app = App::start().await;
            let spec = acme()
                .pull_requests_per_repository(pull_requests)
                .history_days(300);
            let team = app.add_team_with_history(spec, 30).await;
            app.onboard(&team).await;
            app.await_onboarding(&team).await.expect("it is done");
            let held = app.overview(&team).await.pull_requests;
            assert!(held < all, "{held}");

            let longer = app.store.set_history_days(team.id, 365).await;
            longer.expect("the team is there");
            if is_night {
                app.refresh(&team).await;
            } else {
                app.start_onboarding(&team).await;
                app.await_onboarding(&team).await.expect("it is done");
            }
            assert_eq!(
                app.overview(&team).await.pull_requests,
                all,
                "by night: {is_night}"
            );
        }
    }
}

#[tokio::test]
async fn what_was_not_fetched_is_neither_a_week_nor_a_window() {
    let app = App::start().await;
    let spec = acme().pull_requests_per_repository(60).history_days(120);
    let team = app.add_team_with_history(spec, 30).await;
    app.onboard(&team).await;
    let windows = "select window_days::text from insight order by insight.window_days";
    assert_eq!(app.select(windows).await, ["7", "30"]);
    let covered = "(select covered_back_to from tracked_repository)";
    let weeks = "select count(*) from weekly_metrics";
    assert!(app.count(weeks).await >= 4);
    let early = format!("{weeks} where week_on::timestamp at time zone 'UTC' < {covered}");
    assert_eq!(app.count(&early).await, 0);
}

#[tokio::test]
async fn archived_empty_forked_and_renamed_repositories_are_synced_too() {
    let app = App::start().await;
    let team = app.add_team(acme().with_special_repositories()).await;
    app.onboard(&team).await;
    let flags = "select split_part(full_name, '/', 2) || ' ' || is_archived || ' ' || is_empty || ' ' || is_fork \
                 from tracked_repository where is_archived or is_empty or is_fork order by 1";
    assert_eq!(
        app.select(flags).await,
        [
            "attic true false false",
            "blank-page false true false",
            "forked-parser false false true",
        ]
    );
    let edge = beginning_of_history(clock::now(), 90);
    let held = app.pull_requests_at_github(&team).await;
    let inside = held
        .iter()
        .filter(|(_, one)| one.updated_at >= edge)
        .count();
    assert_eq!(app.overview(&team).await.pull_requests, inside as u64);

    let first = app.github().repository_names("acme")[0].clone();
    app.github().rename_repository("acme", &first, "brand-new");
    let number = app
        .github()
        .add_pull_request("acme", "brand-new", NewPullRequest::default());
    assert_eq!(app.run_night().await.succeeded, 1);
    let renamed = "select count(*) from pull_request p join tracked_repository r \
                   on (r.team_id, r.github_id) = (p.team_id, p.repository_github_id) \
                   where r.full_name = 'acme/brand-new'";
    assert_eq!(app.count(renamed).await, 11, "ten before, and #{number}");
}

#[tokio::test]
async fn deleted_and_bot_authors_are_stored_and_are_no_members() {
    let app = App::start().await;
    let team = app.add_team(acme().members(6)).await;
    let repository = app.github().repository_names("acme")[0].clone();
    for (title, author) in [
        ("By nobody", PullRequestAuthor::Deleted),
        (
            "By a bot",
            PullRequestAuthor::Bot("copilot-swe-agent".to_owned()),
        ),
    ] {
        let new = NewPullRequest {
            title: title.to_owned(),
            author,
            ..NewPullRequest::default()
        };
        app.github().add_pull_request("acme", &repository, new);
    }
    app.onboard(&team).await;
    let authors = "select title || ': ' || coalesce(author_login, 'null') || ' ' || coalesce(author_is_bot::text, 'null') \
                   || ' ' || ai_evidence from pull_request where title like 'By %' order by 1";
    assert_eq!(
        app.select(authors).await,
        [
            "By a bot: copilot-swe-agent true authored_by_agent",
            "By nobody: null null none",
        ]
    );
    let logins = app.select("select login from member order by login").await;
    assert_eq!(logins.len(), 6);
    assert!(!logins.contains(&"copilot-swe-agent".to_owned()));
}

#[tokio::test]
async fn who_leaves_becomes_inactive_and_keeps_their_work() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme().members(6), 30).await;
    app.onboard(&team).await;
    let pull_requests = app.overview(&team).await.pull_requests;
    let leaver = app.github().member_logins("acme")[3].clone();
    app.github().remove_member("acme", &leaver);
    app.github().add_member("acme", "newcomer");
    assert_eq!(app.run_night().await.succeeded, 1);

    let inactive = "select login from member where not is_active";
    assert_eq!(app.select(inactive).await, [leaver]);
    let line = app.overview(&team).await;
    assert_eq!((line.members, line.pull_requests), (6, pull_requests));
}

#[tokio::test]
async fn an_unavailable_repository_is_listed_and_the_others_go_on() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme().repositories(3), 30).await;
    let names = app.github().repository_names("acme");
    let blocked = RequestFilter::operation(PULL_REQUESTS).repository(&names[1]);
    app.github()
        .fail_next_matching(100, Fault::Status(451), blocked);
    let stored = app.onboard(&team).await;

    assert_eq!(stored.pipeline_status, PipelineStatus::Complete);
    assert_eq!(app.overview(&team).await.pull_requests, 20);
    assert_eq!(app.progress(&team).await.repositories_failed, 1);
    let failed = "select full_name || ' ' || failed_cause || ' ' || (watermark_at is null) \
                  from tracked_repository where walk_state = 'failed'";
    assert_eq!(
        app.select(failed).await,
        [format!("acme/{} repository_blocked true", names[1])],
        "and its watermark has not moved"
    );
    app.github().clear_faults();
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(app.overview(&team).await.pull_requests, 30);
}

/// Reviews by somebody else than the author, bots left out.
fn reviews(one: &PullRequest) -> impl Iterator<Item = DateTime<Utc>> {
    let author = one.author.as_ref().map(|author| author.login.clone());
    let counted = one.reviews.iter().filter(move |review| {
        review
            .author
            .as_ref()
            .is_none_or(|reviewer| !reviewer.is_bot && Some(&reviewer.login) != author.as_ref())
    });
    counted.map(|review| review.submitted_at)
}

/// Opened, merged, closed unmerged, reviewed, of what happened at times that fit.
fn count(held: &[(String, PullRequest)], fits: impl Fn(DateTime<Utc>) -> bool) -> [usize; 4] {
    let mut counts = [0; 4];
    for (_, one) in held {
        let is_closed = one.state == PullRequestState::Closed;
        counts[0] += usize::from(fits(one.created_at));
        counts[1] += usize::from(one.merged_at.is_some_and(&fits));
        counts[2] += usize::from(is_closed && one.closed_at.is_some_and(&fits));
        counts[3] += reviews(one).filter(|at| fits(*at)).count();
    }
    counts
}

fn monday(at: DateTime<Utc>) -> NaiveDate {
    let day = at.date_naive();
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

#[tokio::test]
async fn weeks_and_windows_agree_with_a_direct_count() {
    let app = App::start().await;
    let spec = acme()
        .repositories(2)
        .pull_requests_per_repository(50)
        .history_days(100);
    let team = app.add_team_with_history(spec, 365).await;
    app.onboard(&team).await;
    let held = app.pull_requests_at_github(&team).await;
    let columns = "opened_count || ' ' || merged_count || ' ' || closed_unmerged_count || ' ' || review_count";

    let stored = app
        .select(&format!(
            "select week_on || ' ' || {columns} from weekly_metrics order by week_on"
        ))
        .await;
    let mut weeks = BTreeMap::new();
    for (_, one) in &held {
        let events = [Some(one.created_at), one.closed_at, one.merged_at];
        for at in events.into_iter().flatten().chain(reviews(one)) {
            weeks.entry(monday(at)).or_insert_with(String::new);
        }
    }
    for (week, line) in &mut weeks {
        let [opened, merged, closed, reviewed] = count(&held, |at| monday(at) == *week);
        *line = format!("{week} {opened} {merged} {closed} {reviewed}");
    }
    assert!(weeks.len() > 12, "{} weeks", weeks.len());
    assert_eq!(stored, weeks.into_values().collect::<Vec<_>>());

    let to = clock::now().date_naive().and_time(NaiveTime::MIN).and_utc();
    for days in [7, 30, 90] {
        let fields = ["opened", "merged", "closed_unmerged", "review"]
            .map(|name| format!("(input->'current'->>'{name}_count')"))
            .join(" || ' ' || ");
        let written = app
            .select(&format!(
                "select {fields} from insight where window_days = {days}"
            ))
            .await;
        let from = to - Days::new(days);
        let expected = count(&held, |at| from <= at && at < to).map(|n| n.to_string());
        assert_eq!(written, [expected.join(" ")], "{days} days");
    }
}
