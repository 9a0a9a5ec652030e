//! Weekly metrics, insights and nights come back as they were stored.

use std::collections::BTreeMap;

use activities::{
    failure::{Decision, Failure},
    store::NewInsight,
};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};
use workflows::{
    activity_definitions::RecordNight,
    domain::{
        cause::Cause,
        copilot::CopilotSkipReason,
        insight::{CopilotInput, Insight, InsightInput},
        metrics::{TeamMeasures, WeeklyMetrics},
        night::{NightReport, NightSkip},
    },
};

use super::{add_team, at, day, open_store};

const NOW: &str = "2026-11-20T04:00:00Z";

#[tokio::test]
async fn weeks_are_replaced_not_added() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let week = |text: &str, merged_count| WeeklyMetrics {
        week_on: day(text),
        measures: TeamMeasures {
            merged_count,
            median_cycle_hours: Some(2.5),
            sample_without_ai: 7,
            first_review_count: 11,
            median_review_to_merge_hours: Some(3.5),
            review_to_merge_count: 12,
            median_review_rounds: Some(1.5),
            review_rounds_count: 13,
            hotfix_count: 14,
            busiest_author_share: Some(0.25),
            busiest_repository_share: Some(0.75),
            waiting_count: 15,
            ..TeamMeasures::default()
        },
    };
    store
        .store_weekly(
            team,
            &[week("2026-11-09", 1), week("2026-11-16", 2)],
            at(NOW),
        )
        .await
        .unwrap();
    assert_eq!(
        store
            .store_weekly(team, &[week("2026-11-16", 3)], at(NOW))
            .await
            .unwrap(),
        1
    );
    let weeks = store.load_weekly(team, day("2026-11-01")).await.unwrap();
    assert_eq!(weeks, [week("2026-11-09", 1), week("2026-11-16", 3)]);
}

#[tokio::test]
async fn a_record_that_is_refused_stays_so_and_a_table_that_is_missing_does_not() {
    let (database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let week_on = |text: &str| WeeklyMetrics {
        week_on: day(text),
        measures: TeamMeasures::default(),
    };
    let decide = async |text: &str| {
        let refused = store.store_weekly(team, &[week_on(text)], at(NOW)).await;
        Failure::from(refused.unwrap_err()).decide(1, at(NOW))
    };
    let tuesday = decide("2026-11-17").await;
    assert_eq!(tuesday, Decision::Fail(Cause::RecordRefused));

    let mut connection = PgConnection::connect(database.url.expose_secret())
        .await
        .unwrap();
    sqlx::query("alter table weekly_metrics rename to not_there_yet")
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(decide("2026-11-16").await, Decision::Retry);
}

#[tokio::test]
async fn the_latest_insight_of_each_window_is_shown() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let insight = |headline: &str| Insight {
        headline: headline.into(),
        detail: "Detail.".into(),
        recommendation: "Try it.".into(),
        actions: vec!["One".into(), "Two".into()],
        written_by: "rules-1".into(),
        fallback: None,
    };
    let input = InsightInput {
        window_days: 7,
        current: TeamMeasures::default(),
        previous: None,
        ai: None,
        copilot: CopilotInput::Skipped {
            reason: CopilotSkipReason::NotConnected,
        },
    };
    let written = [
        (30, "2026-11-19", "thirty"),
        (7, "2026-11-18", "old"),
        (7, "2026-11-19", "seven"),
        (7, "2026-11-19", "seven"),
    ];
    for (window, text, headline) in written {
        store
            .store_insight(
                team,
                &NewInsight {
                    day: day(text),
                    insight: &insight(headline),
                    input: &InsightInput {
                        window_days: window,
                        ..input.clone()
                    },
                    input_hash: headline,
                },
                at(NOW),
            )
            .await
            .unwrap();
    }
    let origin = |window| store.load_insight_origin(team, window, day("2026-11-18"));
    let old = origin(7).await.unwrap().unwrap();
    assert_eq!(
        (old.input_hash.as_str(), old.day),
        ("old", day("2026-11-18"))
    );
    assert_eq!(origin(90).await.unwrap(), None);
    let latest = store.load_latest_insights(team).await.unwrap();
    let latest: Vec<_> = latest.iter().map(|i| (i.window_days, &i.insight)).collect();
    assert_eq!(latest, [(7, &insight("seven")), (30, &insight("thirty"))]);
    let overview = store.list_teams().await.unwrap();
    assert_eq!(
        (overview[0].insights, overview[0].headline.as_deref()),
        (2, Some("seven"))
    );
}

#[tokio::test]
async fn a_night_recorded_twice_is_one_night() {
    let (_database, store) = open_store().await;
    assert_eq!(store.load_latest_night().await.unwrap(), None);
    let record = RecordNight {
        workflow_id: "night-1".into(),
        report: NightReport {
            dispatched: 3,
            succeeded: 2,
            skipped: BTreeMap::from([(NightSkip::Onboarding, 4)]),
            parked: 1,
            failed: 0,
            duration_seconds: 12,
        },
    };
    for now in [NOW, "2026-11-20T05:00:00Z"] {
        store.record_night(&record, at(now)).await.unwrap();
    }
    let night = store.load_latest_night().await.unwrap().unwrap();
    assert_eq!((night.report, night.finished_at), (record.report, at(NOW)));
}
