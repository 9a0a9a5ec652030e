//! What measuring reads: pull requests with their commits and labels, whom Copilot's reports name, and what it was used for.

use activities::{
    gather_insight::{History, MeasureSettings, Window, gather},
    measure::{MemberUse, SeatPrices, UsCents, UseCoverage, measure_window},
    store::{InventedTeam, Store, UsageShare},
};
use workflows::domain::{
    insight::CopilotInput,
    member::{Member, MemberRole},
    metrics::{AiComparison, CopilotMeasures},
    pull_request::{PullRequest, PullRequestState},
    report::{MemberDay, OrganizationDay, UsageBreakdown, UsageCounters},
    repository::Repository,
    team::TeamId,
};

use super::{
    add_team, at, day,
    delivery::store_all,
    open_store, pull_request,
    report::{member_day, organization_day, store_members, store_organization},
    repository,
};

const NOW: &str = "2026-11-20T04:00:00Z";

#[tokio::test]
async fn labels_commits_and_absurd_sizes_reach_the_measures() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let labelled = PullRequest {
        labels: vec!["Hot-Fix".into()],
        additions: i64::MAX,
        deletions: i64::MAX,
        ..pull_request(1, "2026-11-19T12:00:00Z")
    };
    let draft = PullRequest {
        is_draft: true,
        commits: vec![],
        ..pull_request(2, "2026-11-19T13:00:00Z")
    };
    store_all(&store, team, NOW, vec![labelled, draft]).await;
    let since = at("2026-11-01T00:00:00Z");
    let measured = store
        .load_measured_pull_requests(team, since)
        .await
        .unwrap();
    let told: Vec<_> = measured
        .iter()
        .map(|one| (one.is_hotfix, one.is_draft, one.committed_at.clone()))
        .collect();
    let committed = vec![at("2026-11-19T12:00:00Z")];
    assert_eq!(told, [(true, false, committed), (false, true, vec![])]);
    assert_eq!(measured[0].lines_changed, i64::MAX);
    let measures = measure_window(&measured, since, at(NOW));
    assert_eq!((measures.hotfix_count, measures.merged_count), (1, 2));
    assert_eq!(measures.median_review_rounds, Some(1.0));
}

#[tokio::test]
async fn what_waits_for_a_review_is_measured_however_long_ago_it_changed() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let open = |number, reviewed: bool| {
        let mut one = PullRequest {
            state: PullRequestState::Open,
            merged_at: None,
            closed_at: None,
            ..pull_request(number, "2026-09-01T12:00:00Z")
        };
        if !reviewed {
            one.reviews.clear();
        }
        one
    };
    let merged = pull_request(3, "2026-09-01T12:00:00Z");
    store_all(
        &store,
        team,
        NOW,
        vec![open(1, false), open(2, true), merged],
    )
    .await;
    let since = at("2026-11-01T00:00:00Z");
    let measured = store
        .load_measured_pull_requests(team, since)
        .await
        .unwrap();
    let numbers: Vec<i64> = measured.iter().map(|one| one.number).collect();
    assert_eq!(numbers, [1]);
    assert_eq!(measure_window(&measured, since, at(NOW)).waiting_count, 1);
    for (is_archived, is_disabled, is_measured) in [
        (true, false, false),
        (false, true, false),
        (false, false, true),
    ] {
        let listed = Repository {
            is_archived,
            is_disabled,
            ..repository(1, 9, None)
        };
        store
            .store_repositories(team, &[listed], at(NOW))
            .await
            .unwrap();
        let measured = store
            .load_measured_pull_requests(team, since)
            .await
            .unwrap();
        assert_eq!(!measured.is_empty(), is_measured, "nobody can review there");
    }
}

async fn store_people(store: &Store, team: TeamId, ids: std::ops::RangeInclusive<i64>) {
    let members: Vec<Member> = ids
        .map(|id| Member {
            github_id: id,
            login: format!("user{id}"),
            name: None,
            email: None,
            role: MemberRole::Member,
        })
        .collect();
    store
        .store_member_page(team, &members, at(NOW))
        .await
        .unwrap();
}

#[tokio::test]
async fn adoption_is_of_members_and_champions_are_chosen_from_them() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    store_people(&store, team, 1..=4).await;
    let (from, to, today) = (day("2026-11-09"), day("2026-11-15"), day("2026-11-20"));
    let measure = async || {
        let loaded = store.load_copilot_measures(team, from, to, today).await;
        loaded.unwrap()
    };
    let people = |of: &CopilotMeasures| (of.active_users, of.active_members, of.adoption_rate);
    let unknown = measure().await;
    assert_eq!(
        (people(&unknown), unknown.members),
        ((None, None, None), 4),
        "before a report, nobody is known to be active or not"
    );
    // A Friday and a Saturday; user 9 is no member.
    let unreported = MemberDay {
        counters: UsageCounters::default(),
        ..member_day("2026-11-14", 2)
    };
    let friday = [1, 2, 9].map(|id| member_day("2026-11-13", id));
    store_members(&store, team, "2026-11-13", &friday, NOW).await;
    store_members(&store, team, "2026-11-14", &[unreported], NOW).await;
    for text in ["2026-11-09", "2026-11-10"] {
        store_organization(&store, team, &organization_day(text), NOW).await;
        store_members(&store, team, text, &[], NOW).await;
        let few = "fewer than seven days of ten are no measure";
        assert_eq!(people(&measure().await), (None, None, None), "{few}");
    }
    store_members(&store, team, "2026-11-11", &[], NOW).await;
    let enough = measure().await;
    assert_eq!(people(&enough), (Some(3), Some(2), Some(0.5)));
    let member = |login: &str, active_days| MemberUse {
        login: login.into(),
        active_days,
        active_working_days: 1,
        acceptances: Some(1),
    };
    assert_eq!(
        store.load_member_use(team, from, to).await.unwrap(),
        [member("user1", 1), member("user2", 2)]
    );
    let coverage = UseCoverage {
        days_covered: 5,
        days_expected: 7,
        working_days_covered: 4,
    };
    let loaded = store
        .load_use_coverage(team, from, to, today)
        .await
        .unwrap();
    assert_eq!(loaded, coverage);
}

#[tokio::test]
async fn the_most_used_of_each_kind_come_first_and_absent_is_not_zero() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let used = |name: &str, detail: &str, generations, acceptances| UsageBreakdown {
        name: name.into(),
        detail: detail.into(),
        counters: UsageCounters {
            generations,
            acceptances,
            ..UsageCounters::default()
        },
    };
    let ides = (0..10).map(|n| used(&format!("ide{n}"), "", Some(n), Some(0)));
    let row = |text: &str| OrganizationDay {
        by_ide: ides.clone().collect(),
        by_language: vec![used("rust", "chat", Some(6), Some(3))],
        by_feature_model: vec![
            used("chat", "gpt", None, None),
            used("agent", "gpt", Some(i64::MAX), Some(1)),
            used("agent", "", Some(1), Some(1)),
        ],
        ..organization_day(text)
    };
    for text in ["2026-11-12", "2026-11-13", "2026-10-01"] {
        store_organization(&store, team, &row(text), NOW).await;
    }
    let (from, to) = (day("2026-11-09"), day("2026-11-15"));
    let breakdown = store.load_copilot_breakdown(team, from, to).await.unwrap();
    let names = |shares: &[UsageShare]| -> Vec<String> {
        shares.iter().map(|share| share.name.clone()).collect()
    };
    assert_eq!(breakdown.ides.len(), 8);
    assert_eq!(names(&breakdown.ides)[..2], ["ide9", "ide8"]);
    assert_eq!(names(&breakdown.features), ["agent", "chat"]);
    assert_eq!(
        names(&breakdown.models),
        ["gpt"],
        "a name that is empty is none"
    );
    let rust = &breakdown.languages[0];
    assert_eq!(
        (
            rust.generations,
            rust.acceptances,
            rust.acceptance_rate,
            rust.interactions
        ),
        (Some(12), Some(6), Some(0.5), None)
    );
    let chat = &breakdown.features[1];
    assert_eq!((chat.generations, chat.acceptance_rate), (None, None));
    assert_eq!(
        breakdown.features[0].generations,
        Some(i64::MAX),
        "a sum that ends"
    );
}

#[tokio::test]
async fn an_invented_team_is_always_the_same_and_is_compared_in_every_window() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "invented").await.id;
    let invented = InventedTeam {
        pull_requests: 600,
        repositories: 2,
        people: 12,
        days: 90,
    };
    for _ in 0..2 {
        store
            .invent_pull_requests(team, invented, at(NOW))
            .await
            .unwrap();
    }
    let history = History::load(&store, team, at(NOW)).await.unwrap();
    assert_eq!(history.pull_requests.len(), 600);
    let first = &history.pull_requests[0];
    assert_eq!((first.reviews.len(), first.committed_at.len()), (2, 3));
    let stored = store.load_team(team).await.unwrap().unwrap();
    let settings = MeasureSettings {
        comparison_minimum: 10,
        seat_prices: SeatPrices {
            business: UsCents(1900),
            enterprise: UsCents(3900),
        },
    };
    for days in [30, 90] {
        let window = Window::before(at(NOW), days);
        let input = gather(&store, &stored, &history, window, settings)
            .await
            .unwrap();
        assert!(input.previous.is_some(), "{days}");
        assert!(
            matches!(input.ai, Some(AiComparison::Measured { .. })),
            "{input:?}"
        );
        assert!(matches!(input.copilot, CopilotInput::Skipped { .. }));
        let again = gather(&store, &stored, &history, window, settings)
            .await
            .unwrap();
        assert_eq!(input, again);
    }
}
