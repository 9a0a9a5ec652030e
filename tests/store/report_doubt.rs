//! Reports that are not believed, days that a longer report fills, and how complete all of it is.

use std::collections::BTreeSet;

use activities::store::ReportCoverage;
use workflows::domain::{
    copilot::CopilotBilling,
    report::{MemberDay, OrganizationDay, ReportKind, ReportRows},
};

use super::{
    add_team, at, day, open_store,
    report::{
        NOW, ask, before, counters, member_day, organization_day, store_members, store_organization,
    },
};

fn billing(active: i64) -> CopilotBilling {
    CopilotBilling {
        seats_total: 6,
        added_this_cycle: None,
        pending_cancellation: None,
        pending_invitation: None,
        active_this_cycle: Some(active),
        inactive_this_cycle: None,
        seat_management_setting: "assign_selected".into(),
        plan_type: None,
    }
}

#[tokio::test]
async fn what_was_known_of_a_day_before_tells_whether_no_use_can_be_true() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let (users, text) = (ReportKind::UsersDay, "2026-11-12");
    let nothing = before(&store, team, users, text, NOW).await;
    assert_eq!(
        (nothing.has_use, nothing.has_active_seats),
        (false, false),
        "nobody knows of seats"
    );
    assert!(nothing.is_settled);
    let young = before(&store, team, users, "2026-11-16", NOW).await;
    assert!(!young.is_settled);

    let three = billing(3);
    let stored = store.store_billing(team, day("2026-11-19"), &three, at(NOW));
    stored.await.unwrap();
    assert!(
        before(&store, team, users, text, NOW)
            .await
            .has_active_seats
    );
    let long_ago = before(&store, team, users, "2026-10-18", NOW).await;
    assert!(!long_ago.has_active_seats, "another billing cycle");

    let quiet = MemberDay {
        counters: counters(0, 0),
        used_agent: Some(false),
        ai_credits_used: None,
        ..member_day(text, 1)
    };
    store_members(&store, team, text, &[quiet], NOW).await;
    assert!(!before(&store, team, users, text, NOW).await.has_use);
    store_members(&store, team, text, &[member_day(text, 1)], NOW).await;
    assert!(before(&store, team, users, text, NOW).await.has_use);
    store_organization(&store, team, &organization_day(text), NOW).await;
    let organization = ReportKind::OrganizationDay;
    assert!(before(&store, team, organization, text, NOW).await.has_use);
}

#[tokio::test]
async fn a_held_day_is_asked_for_again_and_counts_the_days_of_asking() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let (users, text) = (ReportKind::UsersDay, "2026-11-12");
    store_members(
        &store,
        team,
        text,
        &[member_day(text, 1)],
        "2026-11-14T04:00:00Z",
    )
    .await;
    let hold = async |now: &str| {
        let held = store.record_held(team, day(text), users, "zero_against_seats", at(now));
        held.await.unwrap();
    };
    let answers = async |now: &str| before(&store, team, users, text, now).await.held_answers;
    for now in ["2026-11-15T04:00:00Z", "2026-11-15T09:00:00Z"] {
        hold(now).await;
        assert_eq!(answers(now).await, 0, "an answer counts on later days");
    }
    assert_eq!(answers("2026-11-16T04:00:00Z").await, 1);
    hold("2026-11-16T04:00:00Z").await;
    assert_eq!(answers("2026-11-17T04:00:00Z").await, 2);
    assert!(ask(&store, team, NOW).await.contains(&"12 user".to_owned()));
    let gap = store.record_absent(team, day(text), users, "204", at("2026-11-17T04:00:00Z"));
    gap.await.unwrap();

    let coverage = async || {
        let coverage = store.load_report_coverage(team, day("2026-11-10"), day(text));
        let coverage: Vec<ReportCoverage> = coverage.await.unwrap();
        coverage.into_iter().find(|of| of.report == users).unwrap()
    };
    let held = coverage().await;
    assert_eq!(held.days_stored(), 0, "a held day is in doubt");
    assert_eq!((held.days, held.days_never_asked), (3, 2));
    assert_eq!(held.held.len(), 1);
    assert_eq!(
        (held.held[0].day, &*held.held[0].reason),
        (day(text), "zero_against_seats")
    );
    let measures = store
        .load_copilot_measures(team, day(text), day(text), day("2026-11-18"))
        .await
        .unwrap();
    assert_eq!(measures.active_users, None, "in doubt is not nobody");

    store_members(&store, team, text, &[member_day(text, 1)], NOW).await;
    assert_eq!(
        answers("2026-11-21T04:00:00Z").await,
        0,
        "doubt ends with it"
    );
    assert_eq!(coverage().await.days_final, 1);
}

#[tokio::test]
async fn coverage_counts_by_state_and_reason() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let organization = ReportKind::OrganizationDay;
    store_organization(&store, team, &organization_day("2026-11-11"), NOW).await;
    store_organization(&store, team, &organization_day("2026-11-18"), NOW).await;
    for text in ["2026-11-12", "2026-11-13"] {
        let absent = store.record_absent(team, day(text), organization, "no_content", at(NOW));
        absent.await.unwrap();
    }
    let failed = store.record_report_failed(
        team,
        day("2026-11-14"),
        organization,
        "malformed_answer",
        at(NOW),
    );
    failed.await.unwrap();
    let coverage = store.load_report_coverage(team, day("2026-11-10"), day("2026-11-19"));
    let coverage = coverage.await.unwrap();
    let kinds: Vec<ReportKind> = coverage.iter().map(|of| of.report).collect();
    assert_eq!(kinds, ReportKind::DAILY);
    let of = &coverage[0];
    assert_eq!((of.days, of.days_final, of.days_provisional), (10, 1, 1));
    assert_eq!((of.absent.len(), of.absent[0].days), (1, 2));
    assert_eq!(of.failed[0].reason, "malformed_answer");
    assert_eq!(of.days_never_asked, 5);
}

#[tokio::test]
async fn a_report_of_28_days_fills_only_what_is_missing() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let (daily, latest) = (ReportKind::OrganizationDay, ReportKind::Organization28Days);
    let (from, to) = (day("2026-11-01"), day("2026-11-17"));
    let gaps = async |asked_before: &str| {
        let gaps = store.gaps_to_fill(team, latest, from, to, at(asked_before));
        let gaps = gaps.await.unwrap();
        gaps.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for text in ["2026-11-12", "2026-11-13"] {
        let absent = store.record_absent(team, day(text), daily, "no_content", at(NOW));
        absent.await.unwrap();
    }
    assert!(
        gaps(NOW).await.is_empty(),
        "GitHub has nothing of this team"
    );
    store_organization(&store, team, &organization_day("2026-11-11"), NOW).await;
    assert_eq!(gaps(NOW).await, ["2026-11-12", "2026-11-13"]);

    let days = BTreeSet::from([day("2026-11-12"), day("2026-11-13")]);
    let report = store.draft_report(team, latest, &days, at(NOW)).await;
    let mut report = report.unwrap();
    let changed = OrganizationDay {
        counters: counters(99, 99),
        ..organization_day("2026-11-11")
    };
    let rows = vec![changed, organization_day("2026-11-12")];
    report.add(ReportRows::Organization(rows)).await.unwrap();
    report.leave_out(day("2026-11-13")).await.unwrap();
    report.publish(day("2026-11-17"), 1).await.unwrap();
    assert!(gaps(NOW).await.is_empty(), "once a step");
    assert_eq!(gaps("2026-11-21T04:00:00Z").await, ["2026-11-13"]);
    let measures = store.load_copilot_measures(team, from, to, to).await;
    let measures = measures.unwrap();
    assert_eq!(measures.days_covered, 2);
    assert_eq!(
        measures.generations,
        Some(20),
        "a stored day stays as it is"
    );
}

#[tokio::test]
async fn a_backfill_is_wanted_from_the_earliest_day_on() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    assert_eq!(store.load_copilot_backfill(team).await.unwrap(), None);
    for (from, wanted) in [
        ("2026-03-01", "2026-03-01"),
        ("2026-02-01", "2026-02-01"),
        ("2026-05-01", "2026-02-01"),
    ] {
        let found = store.want_copilot_backfill(team, day(from)).await.unwrap();
        assert_eq!(found, day(wanted));
        let stored = store.load_copilot_backfill(team).await.unwrap();
        assert_eq!(stored, Some(day(wanted)));
    }
}
