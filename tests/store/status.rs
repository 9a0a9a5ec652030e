//! Statuses of pipeline and Copilot, receipts and evidence.

use activities::store::{NewEvidence, StatusEventKind};
use workflows::{
    activity_definitions::{LoadNightPage, RecordResumed, RecordStatus, RecordStep},
    domain::{
        cause::Cause,
        copilot::{CopilotPlan, CopilotSkipReason, CopilotStatus},
        member::{Member, MemberRole},
        night::NightSkip,
        pipeline::{Phase, PipelineStatus, Step},
        team::TeamRef,
    },
};

use super::{add_team, at, open_store};

const NOW: &str = "2026-11-20T04:00:00Z";

fn status(team: &TeamRef, status: PipelineStatus, cause: Option<Cause>) -> RecordStatus {
    RecordStatus {
        team: team.clone(),
        status,
        cause,
        evidence_id: None,
    }
}

#[tokio::test]
async fn a_wait_and_a_park_are_shown_with_their_step() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    let step = |phase, step| RecordStep {
        team: team.clone(),
        phase,
        step,
    };
    let syncing = step(Phase::QuickStart, Step::PullRequests);
    store
        .record_step(&syncing, at("2026-11-20T04:00:00Z"))
        .await
        .unwrap();
    store
        .record_step(&syncing, at("2026-11-20T05:00:00Z"))
        .await
        .unwrap();
    let begun = store.load_progress(team.id).await.unwrap();
    assert_eq!(begun.step_started_at, Some(at("2026-11-20T04:00:00Z")));

    store
        .record_wait(team.id, at("2026-11-20T06:00:00Z"), "primary rate limit")
        .await
        .unwrap();
    assert!(
        store
            .load_progress(team.id)
            .await
            .unwrap()
            .waiting_until
            .is_some()
    );
    let parked = status(
        &team,
        PipelineStatus::AwaitingReconnect,
        Some(Cause::TokenRevoked),
    );
    for _ in 0..2 {
        store.record_status(&parked, at(NOW)).await.unwrap();
    }
    let shown = store.load_progress(team.id).await.unwrap();
    assert_eq!(
        (shown.step, shown.waiting_until),
        (Some(Step::PullRequests), None)
    );
}

#[tokio::test]
async fn a_reconnect_leaves_one_receipt_that_ends_with_its_step() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    let step = |phase, step| RecordStep {
        team: team.clone(),
        phase,
        step,
    };
    let syncing = step(Phase::QuickStart, Step::PullRequests);
    store.record_step(&syncing, at(NOW)).await.unwrap();
    let parked = status(
        &team,
        PipelineStatus::AwaitingReconnect,
        Some(Cause::TokenRevoked),
    );
    store.record_status(&parked, at(NOW)).await.unwrap();
    let member = Member {
        github_id: 1,
        login: "a".into(),
        name: None,
        email: None,
        role: MemberRole::Admin,
    };
    store
        .store_member_page(team.id, &[member], at(NOW))
        .await
        .unwrap();

    let resumed = RecordResumed {
        team: team.clone(),
        phase: Phase::QuickStart,
        step: Step::PullRequests,
    };
    for _ in 0..2 {
        store.open_receipt(&resumed, at(NOW)).await.unwrap();
        store.record_step(&syncing, at(NOW)).await.unwrap();
    }
    let open = store.load_latest_receipt(team.id).await.unwrap().unwrap();
    assert_eq!(
        (open.kept_members, open.kept_pull_requests, open.finished_at),
        (1, 0, None)
    );
    store
        .record_step(&step(Phase::QuickStart, Step::Copilot), at(NOW))
        .await
        .unwrap();
    let closed = store.load_latest_receipt(team.id).await.unwrap().unwrap();
    assert_eq!(closed.finished_at, Some(at(NOW)));
    assert_eq!(store.count_receipts(team.id).await.unwrap(), 1);
    let events: Vec<_> = store.status_events(team.id, 20).await.unwrap();
    let words: Vec<_> = events
        .iter()
        .rev()
        .filter(|event| event.kind == StatusEventKind::Pipeline)
        .map(|event| event.to_status.as_str())
        .collect();
    assert_eq!(
        words,
        [
            "syncing",
            "awaiting_reconnect",
            "syncing",
            "syncing_copilot"
        ]
    );
}

#[tokio::test]
async fn a_night_leaves_out_who_is_not_ready_and_shows_a_parked_team_complete_again() {
    let (_database, store) = open_store().await;
    let mut teams = Vec::new();
    for key in ["fresh", "busy", "parked", "failed", "failed-night", "ready"] {
        teams.push(add_team(&store, key).await);
    }
    use PipelineStatus as S;
    store
        .record_status(&status(&teams[1], S::Syncing, None), at(NOW))
        .await
        .unwrap();
    for (team, word) in [
        (2, S::AwaitingReconnect),
        (3, S::Failed),
        (4, S::Complete),
        (4, S::Failed),
        (5, S::Complete),
    ] {
        store
            .record_status(&status(&teams[team], word, None), at(NOW))
            .await
            .unwrap();
    }
    let mut skips = Vec::new();
    let mut after = None;
    loop {
        let page = store
            .load_night_page(&LoadNightPage { after, limit: 3 })
            .await
            .unwrap();
        skips.extend(page.teams.iter().map(|team| team.skip));
        after = page.next_after;
        if after.is_none() {
            break;
        }
    }
    let expected = [
        Some(NightSkip::NotStarted),
        Some(NightSkip::Onboarding),
        Some(NightSkip::AwaitingReconnect),
        Some(NightSkip::OnboardingFailed),
        None,
        None,
    ];
    assert_eq!(skips, expected);
    let step = RecordStep {
        team: teams[4].clone(),
        phase: Phase::Night,
        step: Step::Members,
    };
    store.record_step(&step, at(NOW)).await.unwrap();
    let healed = store.load_team(teams[4].id).await.unwrap().unwrap();
    assert_eq!(
        (healed.pipeline_status, healed.pipeline_cause),
        (S::Complete, None)
    );
}

#[tokio::test]
async fn a_night_never_makes_a_team_complete_that_was_not_onboarded() {
    use PipelineStatus as S;
    let (_database, store) = open_store().await;
    for (key, before) in [
        ("fresh", None),
        ("failed", Some(S::Failed)),
        ("parked", Some(S::AwaitingReconnect)),
    ] {
        let team = add_team(&store, key).await;
        if let Some(before) = before {
            let record = status(&team, before, Some(Cause::TokenRevoked));
            store.record_status(&record, at(NOW)).await.unwrap();
        }
        let was = store.load_team(team.id).await.unwrap().unwrap();
        let step = RecordStep {
            team: team.clone(),
            phase: Phase::Night,
            step: Step::Members,
        };
        store.record_step(&step, at(NOW)).await.unwrap();
        store
            .record_status(&status(&team, S::Complete, None), at(NOW))
            .await
            .unwrap();
        let stored = store.load_team(team.id).await.unwrap().unwrap();
        assert_eq!(stored.onboarded_at, None, "{key}");
        assert_eq!(
            (stored.pipeline_status, stored.pipeline_cause),
            (was.pipeline_status, was.pipeline_cause)
        );

        let onboarding = RecordStep {
            phase: Phase::Background,
            ..step
        };
        store.record_step(&onboarding, at(NOW)).await.unwrap();
        store
            .record_status(&status(&team, S::Complete, None), at(NOW))
            .await
            .unwrap();
        let stored = store.load_team(team.id).await.unwrap().unwrap();
        assert_eq!(stored.onboarded_at, Some(at(NOW)), "{key}");
    }
}

#[tokio::test]
async fn the_copilot_status_decides_the_plan_and_failures_count_once_a_day() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let plan = async || store.load_copilot_plan(team).await.unwrap();
    assert_eq!(
        plan().await,
        CopilotPlan::Skip {
            reason: CopilotSkipReason::NotConnected
        }
    );
    store
        .record_copilot_skip(team, CopilotSkipReason::NotConnected)
        .await
        .unwrap();
    for _ in 0..2 {
        store
            .set_copilot_status(team, CopilotStatus::Connected, at(NOW))
            .await
            .unwrap();
    }
    assert_eq!(plan().await, CopilotPlan::Sync);
    let cause = Some(Cause::MetricsPolicyDisabled);
    store
        .settle_copilot_status(team, CopilotStatus::NeedsAttention, cause, None, at(NOW))
        .await
        .unwrap();
    assert_eq!(plan().await, CopilotPlan::Probe);
    for now in [NOW, NOW, "2026-11-21T04:00:00Z"] {
        store.record_copilot_failure(team, at(now)).await.unwrap();
    }
    let failing = store.load_team(team).await.unwrap().unwrap();
    assert_eq!(
        (
            failing.copilot_consecutive_failures,
            failing.copilot_skip_reason
        ),
        (2, None)
    );
    store
        .record_copilot_success(team, None, at(NOW))
        .await
        .unwrap();
    let healed = store.load_team(team).await.unwrap().unwrap();
    assert_eq!(
        (
            healed.copilot_consecutive_failures,
            healed.copilot_last_sync_at
        ),
        (0, Some(at(NOW)))
    );
    let events = store.status_events(team, 10).await.unwrap();
    let words: Vec<_> = events.iter().map(|event| &*event.to_status).collect();
    assert_eq!(words, ["needs_attention", "connected", "usable"]);
}

#[tokio::test]
async fn the_same_failure_is_one_row_of_evidence() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let evidence = NewEvidence {
        team,
        cause: Cause::MetricsPolicyDisabled,
        endpoint: "GET /orgs/acme/copilot/metrics".into(),
        http_status: Some(403),
        message: "policy must be enabled".repeat(1000),
        request_id: None,
        probe: None,
        happened_at: at(NOW),
    };
    let id = store.store_evidence(&evidence).await.unwrap();
    assert_eq!(store.store_evidence(&evidence).await.unwrap(), id);
    assert_eq!(
        store
            .load_evidence(team, id)
            .await
            .unwrap()
            .unwrap()
            .evidence
            .message
            .len(),
        2000
    );
    let cause = Some(Cause::MetricsPolicyDisabled);
    let status = CopilotStatus::NeedsAttention;
    store
        .set_copilot_status(team, CopilotStatus::Connected, at(NOW))
        .await
        .unwrap();
    store
        .settle_copilot_status(team, status, cause, Some(id), at(NOW))
        .await
        .unwrap();
    let loaded = store.load_team(team).await.unwrap().unwrap();
    assert_eq!(
        (loaded.copilot_cause, loaded.copilot_evidence_id),
        (cause, Some(id))
    );
    assert!(store.remove_team(team).await.unwrap());
}

#[tokio::test]
async fn a_sync_in_flight_does_not_connect_again_what_a_person_has_disconnected() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    for status in [CopilotStatus::Connected, CopilotStatus::Disabled] {
        store
            .set_copilot_status(team, status, at(NOW))
            .await
            .unwrap();
    }
    let revoked = (CopilotStatus::TokenRevoked, Some(Cause::TokenRevoked));
    for (found, cause) in [(CopilotStatus::Connected, None), revoked] {
        store
            .settle_copilot_status(team, found, cause, None, at(NOW))
            .await
            .unwrap();
        let team = store.load_team(team).await.unwrap().unwrap();
        assert_eq!(
            (team.copilot_status, team.copilot_cause),
            (CopilotStatus::Disabled, None)
        );
    }
}
