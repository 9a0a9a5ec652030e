//! Copilot's reports: which are asked for, how they are written, and what is measured of them.

use std::collections::BTreeSet;

use activities::store::{AbsentDays, DayBefore, ReportDraft, Store};
use serde_json::json;
use workflows::domain::{
    report::{
        CliTotals, MemberDay, OrganizationDay, PullRequestTotals, ReportKind, ReportRows,
        RepositoryDay, UsageBreakdown, UsageCounters, UserTeamDay,
    },
    team::TeamId,
};

use super::{add_team, at, day, open_store};

pub(super) const NOW: &str = "2026-11-20T04:00:00Z";

pub(super) fn counters(generations: i64, acceptances: i64) -> UsageCounters {
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

pub(super) fn organization_day(text: &str) -> OrganizationDay {
    OrganizationDay {
        day: day(text),
        counters: counters(10, 4),
        daily_active_users: Some(2),
        daily_active_cli_users: Some(1),
        cli: CliTotals {
            sessions: Some(3),
            output_tokens: Some(900),
            ..CliTotals::default()
        },
        pull_requests: PullRequestTotals {
            merged: Some(2),
            median_minutes_to_merge: Some(61.5),
            ..PullRequestTotals::default()
        },
        by_language: vec![
            breakdown("rust", "chat", 3),
            breakdown("rust", "code_completion", 3),
            breakdown("python", "chat", 5),
            breakdown("unknown", "chat", 50),
            breakdown("rust", "chat", 3),
        ],
        by_ide: vec![breakdown("vscode", "", 10)],
        by_feature_model: vec![breakdown("chat", "default", 10)],
        raw: json!({"day": text, "unknown_key": "kept\u{0}"}),
        ..OrganizationDay::default()
    }
}

pub(super) fn member_day(text: &str, id: i64) -> MemberDay {
    MemberDay {
        day: day(text),
        github_id: id,
        login: format!("user{id}"),
        counters: counters(1, 1),
        used_agent: Some(true),
        ai_credits_used: Some(2.5),
        raw: json!({ "user_id": id }),
        ..MemberDay::default()
    }
}

/// A draft of one day's report with these rows.
async fn draft(
    store: &Store,
    team: TeamId,
    report: ReportKind,
    text: &str,
    rows: ReportRows,
    now: &str,
) -> ReportDraft {
    let days = BTreeSet::from([day(text)]);
    let draft = store.draft_report(team, report, &days, at(now)).await;
    let mut draft = draft.unwrap();
    draft.add(rows).await.unwrap();
    draft
}

pub(super) async fn store_organization(
    store: &Store,
    team: TeamId,
    row: &OrganizationDay,
    now: &str,
) {
    let (report, rows) = (
        ReportKind::OrganizationDay,
        ReportRows::Organization(vec![row.clone()]),
    );
    let draft = draft(store, team, report, &row.day.to_string(), rows, now).await;
    draft.publish(row.day, 1).await.unwrap();
}

pub(super) async fn store_members(
    store: &Store,
    team: TeamId,
    text: &str,
    rows: &[MemberDay],
    now: &str,
) {
    let rows = ReportRows::Members(rows.to_vec());
    let draft = draft(store, team, ReportKind::UsersDay, text, rows, now).await;
    draft.publish(day(text), 1).await.unwrap();
}

/// The day before a report is read, seen by one that has no row.
pub(super) async fn before(
    store: &Store,
    team: TeamId,
    report: ReportKind,
    text: &str,
    now: &str,
) -> DayBefore {
    let days = BTreeSet::from([day(text)]);
    let draft = store.draft_report(team, report, &days, at(now)).await;
    let draft = draft.unwrap();
    let (_, has_use, before) = draft.days().next().unwrap();
    assert!(!has_use, "it has no row");
    before
}

pub(super) async fn ask(store: &Store, team: TeamId, asked_before: &str) -> Vec<String> {
    let (from, to) = (day("2026-11-10"), day("2026-11-12"));
    let days = store
        .days_to_fetch(team, from, to, at(asked_before), AbsentDays::Settled)
        .await
        .unwrap();
    let deciding = days.iter().filter(|(_, report)| report.decides_status());
    deciding
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
    let (text, now) = ("2026-11-15T04:00:00Z", at("2026-11-15T04:00:00Z"));
    let (users, organization) = (ReportKind::UsersDay, ReportKind::OrganizationDay);
    for _ in 0..2 {
        // Of the 12th GitHub may still change the report.
        store_organization(&store, team, &organization_day("2026-11-12"), text).await;
        store_organization(&store, team, &organization_day("2026-11-11"), text).await;
        for (text, report) in [("2026-11-12", users), ("2026-11-11", organization)] {
            // A gap does not hide what is stored.
            let absent = store.record_absent(team, day(text), report, "204", now);
            absent.await.unwrap();
        }
        let failed = store.record_report_failed(team, day("2026-11-10"), users, "not JSON", now);
        failed.await.unwrap();
    }
    assert_eq!(
        ask(&store, team, "2026-11-15T04:00:00Z").await,
        ["11 user", "10 orga"]
    );
    let expected = ["11 user", "10 orga", "12 orga", "12 user", "10 user"];
    assert_eq!(ask(&store, team, "2026-11-16T04:00:00Z").await, expected);
    let settled = at("2026-11-18T04:00:00Z");
    let absent = store.record_absent(team, day("2026-11-12"), users, "204", settled);
    absent.await.unwrap();
    assert!(!ask(&store, team, NOW).await.contains(&"12 user".to_owned()));
    assert_eq!(store.count_copilot_days(team).await.unwrap(), 2);
    assert_eq!(
        store.load_fresh_through(team).await.unwrap(),
        Some(day("2026-11-12"))
    );
}

#[tokio::test]
async fn each_report_is_asked_for_from_its_first_day_on_and_not_once_it_is_refused() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let (from, to) = (day("2026-04-30"), day("2026-07-01"));
    let ask = async |asked_before: &str| {
        store
            .days_to_fetch(team, from, to, at(asked_before), AbsentDays::Settled)
            .await
            .unwrap()
    };
    let counts = async |asked_before: &str| {
        let asked = ask(asked_before).await;
        ReportKind::DAILY.map(|kind| asked.iter().filter(|(_, other)| *other == kind).count())
    };
    assert_eq!(counts(NOW).await, [63, 63, 62, 1]);
    let order = ask(NOW).await;
    let first_extra = order.iter().position(|(_, kind)| !kind.decides_status());
    assert_eq!(first_extra, Some(126), "the others come last");

    let (teams, refused) = (ReportKind::UserTeamsDay, "permission_missing");
    let record = store.record_report_refused(team, to, teams, refused, at(NOW));
    record.await.unwrap();
    assert_eq!(counts(NOW).await, [63, 63, 0, 1], "not in the same step");
    assert_eq!(counts("2026-11-21T04:00:00Z").await, [63, 63, 62, 1]);
    let tally = store.tally_reports(team, at(NOW)).await.unwrap();
    assert_eq!(tally.failed_reason, None, "it decides nothing");
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
    let unknown = (
        nothing.generations,
        nothing.active_users,
        nothing.seats_idle,
    );
    assert_eq!(unknown, (None, None, None));

    for _ in 0..2 {
        let provisional = organization_day("2026-11-16");
        store_organization(&store, team, &provisional, "2026-11-19T04:00:00Z").await;
        store_organization(&store, team, &organization_day("2026-11-12"), NOW).await;
        let both = [member_day("2026-11-12", 1), member_day("2026-11-12", 2)];
        store_members(&store, team, "2026-11-12", &both, NOW).await;
        store_members(&store, team, "2026-11-12", &both[..1], NOW).await;
    }
    let measured = measure().await;
    let days = (
        measured.days_covered,
        measured.days_expected,
        measured.days_provisional,
    );
    assert_eq!(days, (2, 6, 1));
    assert_eq!(
        (measured.generations, measured.acceptance_rate),
        (Some(20), Some(0.4))
    );
    assert_eq!(
        (measured.lines_added, measured.active_users),
        (None, None),
        "of people, one of five days says too little"
    );
    assert_eq!(measured.top_language.as_deref(), Some("rust"));
}

#[tokio::test]
async fn nothing_of_a_report_stays_that_is_not_published() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let text = "2026-11-12";
    store_members(&store, team, text, &[member_day(text, 1)], NOW).await;
    let rows = ReportRows::Members(vec![member_day(text, 2), member_day(text, 3)]);
    let mut unfinished = draft(&store, team, ReportKind::UsersDay, text, rows.clone(), NOW).await;
    let active = async || {
        store
            .load_copilot_measures(team, day(text), day(text), day("2026-11-18"))
            .await
            .unwrap()
            .active_users
    };
    unfinished.add(rows).await.unwrap();
    drop(unfinished);
    assert_eq!(active().await, Some(1), "the earlier report is there");
    store_members(&store, team, text, &[], NOW).await;
    assert_eq!(active().await, Some(0), "a published one replaces it");
}

#[tokio::test]
async fn what_comes_twice_is_joined_across_pieces_and_within_one() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let text = "2026-11-12";
    let other = MemberDay {
        used_chat: Some(true),
        raw: json!({ "user_id": 1, "file": 2 }),
        ..member_day(text, 1)
    };
    let largest = MemberDay {
        counters: counters(i64::MAX, 1),
        raw: json!({ "user_id": 1, "file": 3 }),
        ..member_day(text, 1)
    };
    let first = ReportRows::Members(vec![member_day(text, 1), member_day(text, 1)]);
    let users = ReportKind::UsersDay;
    let mut report = draft(&store, team, users, text, first.clone(), NOW).await;
    // Void, since the links expired.
    report.begin_anew().await.unwrap();
    for rows in [
        first.clone(),
        ReportRows::Members(vec![other.clone(), member_day("2026-11-13", 9)]),
        first,
        ReportRows::Members(vec![other, largest]),
    ] {
        report.add(rows).await.unwrap();
    }
    report.publish(day(text), 3).await.unwrap();
    let measures = store
        .load_copilot_measures(team, day(text), day(text), day("2026-11-18"))
        .await
        .unwrap();
    assert_eq!(
        measures.active_users,
        Some(1),
        "a row of another day is left out"
    );

    let repository = |merged: i64, file: i64| RepositoryDay {
        day: day(text),
        github_id: 7,
        name: "a\0pi".into(),
        pull_requests: PullRequestTotals {
            merged: Some(merged),
            ..PullRequestTotals::default()
        },
        raw: json!({ "file": file }),
        ..RepositoryDay::default()
    };
    let person = UserTeamDay {
        day: day(text),
        github_id: 1,
        login: "a\0nn".into(),
        github_team_id: 5,
        slug: "core".into(),
        raw: json!({}),
    };
    let people = ReportRows::UserTeams(vec![person.clone(), person]);
    let repositories = ReportRows::Repositories(vec![repository(2, 1), repository(3, 2)]);
    for (report, rows) in [
        (ReportKind::UserTeamsDay, people),
        (ReportKind::RepositoriesDay, repositories),
    ] {
        let mut twice = draft(&store, team, report, text, rows.clone(), NOW).await;
        twice.add(rows).await.unwrap();
        twice.publish(day(text), 2).await.unwrap();
        assert!(before(&store, team, report, text, NOW).await.has_use);
    }
}

#[tokio::test]
async fn a_name_with_a_character_that_the_database_does_not_know_is_stored() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let mut organization = organization_day("2026-11-12");
    organization.by_language = vec![breakdown("ru\0st", "ch\0at", 3)];
    organization.by_ide = vec![breakdown("vs\0code", "", 3)];
    organization.by_feature_model = vec![breakdown("ch\0at", "m\0", 3)];
    store_organization(&store, team, &organization, NOW).await;
    let mut member = member_day("2026-11-12", 1);
    member.login = "a\0nn".into();
    member.adoption_phase = Some("Phase\0 2".into());
    store_members(&store, team, "2026-11-12", &[member], NOW).await;
}
