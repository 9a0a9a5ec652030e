//! Copilot's reports, their ledger, seats and measures.

use activities::store::{AbsentDays, Store};
use workflows::domain::{
    cause::Cause,
    copilot::{
        CopilotSeat, CopilotStatus, LedgerState, MemberDay, OrganizationDay, ReportKind,
        UsageBreakdown, UsageCounters,
    },
    team::TeamId,
};

use super::{add_team, at, day, open_store, seat::seat};

pub(super) const STORED: LedgerState = LedgerState::Final;
const NOW: &str = "2026-11-20T04:00:00Z";

fn counters(generations: i64, acceptances: i64) -> UsageCounters {
    UsageCounters {
        generations: Some(generations),
        acceptances: Some(acceptances),
        ..UsageCounters::default()
    }
}

fn breakdown(name: &str, detail: &str, generations: i64) -> UsageBreakdown {
    UsageBreakdown {
        name: name.into(),
        detail: detail.into(),
        counters: counters(generations, 0),
    }
}

fn organization_day(text: &str) -> OrganizationDay {
    OrganizationDay {
        day: day(text),
        counters: counters(10, 4),
        daily_active_users: Some(2),
        weekly_active_users: None,
        monthly_active_users: None,
        by_language: vec![
            breakdown("rust", "chat", 3),
            breakdown("rust", "code_completion", 3),
            breakdown("python", "chat", 5),
            breakdown("unknown", "chat", 50),
            breakdown("rust", "chat", 3),
        ],
        by_ide: vec![breakdown("vscode", "", 10)],
        by_feature_model: vec![breakdown("chat", "default", 10)],
        raw: serde_json::json!({"day": text, "unknown_key": "kept\u{0}"}),
    }
}

pub(super) fn member_day(text: &str, id: i64) -> MemberDay {
    MemberDay {
        day: day(text),
        github_id: id,
        login: format!("user{id}"),
        counters: counters(1, 1),
        used_agent: Some(true),
        used_chat: None,
        raw: serde_json::json!({}),
    }
}

async fn ask(store: &Store, team: TeamId, asked_before: &str) -> Vec<String> {
    let days = store
        .days_to_fetch(
            team,
            day("2026-11-10"),
            day("2026-11-12"),
            at(asked_before),
            AbsentDays::Settled,
        )
        .await
        .unwrap();
    days.iter()
        .map(|(day, report)| format!("{} {}", day.format("%d"), &report.as_str()[..4]))
        .collect()
}

#[tokio::test]
async fn the_ledger_asks_for_what_is_missing_may_change_or_was_asked_too_soon() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let all = [
        "12 orga", "12 user", "11 orga", "11 user", "10 orga", "10 user",
    ];
    assert_eq!(ask(&store, team, NOW).await, all);
    for _ in 0..2 {
        let now = at("2026-11-13T04:00:00Z");
        let day_12 = organization_day("2026-11-12");
        store
            .store_organization_day(team, &day_12, LedgerState::Provisional, 1, now)
            .await
            .unwrap();
        let day_11 = organization_day("2026-11-11");
        store
            .store_organization_day(team, &day_11, LedgerState::Final, 2, now)
            .await
            .unwrap();
        store
            .record_absent(team, day("2026-11-12"), ReportKind::UsersDay, "204", now)
            .await
            .unwrap();
        store
            .record_report_failed(
                team,
                day("2026-11-10"),
                ReportKind::UsersDay,
                "not JSON",
                now,
            )
            .await
            .unwrap();
        // A gap does not hide what is stored.
        store
            .record_absent(
                team,
                day("2026-11-11"),
                ReportKind::OrganizationDay,
                "204",
                now,
            )
            .await
            .unwrap();
    }
    assert_eq!(
        ask(&store, team, "2026-11-13T04:00:00Z").await,
        ["11 user", "10 orga"]
    );
    let expected = ["11 user", "10 orga", "12 orga", "12 user", "10 user"];
    assert_eq!(ask(&store, team, "2026-11-14T04:00:00Z").await, expected);
    let settled = at("2026-11-18T04:00:00Z");
    store
        .record_absent(
            team,
            day("2026-11-12"),
            ReportKind::UsersDay,
            "204",
            settled,
        )
        .await
        .unwrap();
    assert!(!ask(&store, team, NOW).await.contains(&"12 user".to_owned()));
    assert_eq!(store.count_copilot_days(team).await.unwrap(), 2);
    assert_eq!(
        store.load_fresh_through(team).await.unwrap(),
        Some(day("2026-11-12"))
    );
}

#[tokio::test]
async fn measures_tell_absent_from_zero() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let measure = async || {
        let (from, to) = (day("2026-11-11"), day("2026-11-17"));
        store
            .load_copilot_measures(team, from, to, day("2026-11-18"))
            .await
            .unwrap()
    };
    let nothing = measure().await;
    assert_eq!((nothing.days_covered, nothing.days_expected), (0, 5));
    assert_eq!(
        (
            nothing.generations,
            nothing.active_users,
            nothing.seats_idle
        ),
        (None, None, None)
    );

    for _ in 0..2 {
        let provisional = organization_day("2026-11-16");
        store
            .store_organization_day(team, &provisional, LedgerState::Provisional, 1, at(NOW))
            .await
            .unwrap();
        store
            .store_organization_day(team, &organization_day("2026-11-12"), STORED, 1, at(NOW))
            .await
            .unwrap();
        let both = [member_day("2026-11-12", 1), member_day("2026-11-12", 2)];
        store
            .store_member_days(team, day("2026-11-12"), &both, STORED, 1, at(NOW))
            .await
            .unwrap();
        store
            .store_member_days(team, day("2026-11-12"), &both[..1], STORED, 1, at(NOW))
            .await
            .unwrap();
    }
    let measured = measure().await;
    assert_eq!(
        (
            measured.days_covered,
            measured.days_expected,
            measured.days_provisional
        ),
        (2, 6, 1)
    );
    assert_eq!(
        (measured.generations, measured.acceptance_rate),
        (Some(20), Some(0.4))
    );
    assert_eq!(
        (measured.lines_added, measured.active_users),
        (None, Some(1))
    );
    assert_eq!(measured.top_language.as_deref(), Some("rust"));
}

#[tokio::test]
async fn an_empty_report_of_users_replaces_no_rows() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let members = [member_day("2026-11-12", 1)];
    let (full, empty) = (day("2026-11-12"), day("2026-11-13"));
    for (day, members) in [(full, &members[..]), (full, &[]), (empty, &[])] {
        store
            .store_member_days(team, day, members, STORED, 1, at(NOW))
            .await
            .unwrap();
    }
    let active = async |text: &str| {
        store
            .load_copilot_measures(team, day(text), day(text), day("2026-11-18"))
            .await
            .unwrap()
            .active_users
    };
    assert_eq!(active("2026-11-12").await, Some(1), "the rows are kept");
    assert_eq!(active("2026-11-13").await, Some(0), "nobody was active");
}

#[tokio::test]
async fn a_run_does_not_connect_what_a_person_disconnected() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let settle = async |status, cause| {
        store
            .settle_copilot_status(team, status, cause, None, at(NOW))
            .await
            .unwrap()
    };
    let status = async || store.load_team(team).await.unwrap().unwrap().copilot_status;
    let revoked = (CopilotStatus::TokenRevoked, Some(Cause::TokenRevoked));
    assert!(!settle(revoked.0, revoked.1).await);
    assert_eq!(status().await, CopilotStatus::Disabled);

    let connected = CopilotStatus::Connected;
    store
        .set_copilot_status(team, connected, at(NOW))
        .await
        .unwrap();
    assert!(settle(revoked.0, revoked.1).await);
    assert_eq!(status().await, CopilotStatus::TokenRevoked);
    let disabled = CopilotStatus::Disabled;
    store
        .set_copilot_status(team, disabled, at(NOW))
        .await
        .unwrap();
    assert!(!settle(connected, None).await);
    assert_eq!(status().await, disabled);
}

#[tokio::test]
async fn a_name_with_a_character_that_the_database_does_not_know_is_stored() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let mut organization = organization_day("2026-11-12");
    organization.by_language = vec![breakdown("ru\0st", "ch\0at", 3)];
    organization.by_ide = vec![breakdown("vs\0code", "", 3)];
    organization.by_feature_model = vec![breakdown("ch\0at", "m\0", 3)];
    let stored = store.store_organization_day(team, &organization, STORED, 1, at(NOW));
    stored.await.unwrap();
    let mut member = member_day("2026-11-12", 1);
    member.login = "a\0nn".into();
    let members = [member];
    let stored = store.store_member_days(team, organization.day, &members, STORED, 1, at(NOW));
    stored.await.unwrap();
    let seats = [CopilotSeat {
        assignee_login: "a\0nn".into(),
        last_activity_editor: Some("vs\0code".into()),
        ..seat(1, None)
    }];
    let stored = store.store_seats(team, organization.day, &seats, at(NOW));
    stored.await.unwrap();
}
