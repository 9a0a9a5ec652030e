//! Teams, credentials, statuses and receipts.

use activities::store::{
    KeyRing, NewCredential, NewEvidence, NewTeam, StatusEventKind, Store, StoreError,
};
use workflows::{
    activity_definitions::{LoadNightPage, RecordResumed, RecordStatus, RecordStep},
    domain::{
        cause::Cause,
        copilot::{CopilotPlan, CopilotSkipReason, CopilotStatus},
        credential::CredentialKind,
        member::{Member, MemberRole},
        night::NightSkip,
        pipeline::{Phase, PipelineStatus, Step},
        team::TeamRef,
    },
};

use super::{KEY, add_team, at, open_store};
use crate::support;

const NOW: &str = "2026-11-20T04:00:00Z";

fn credential(token: &str) -> NewCredential {
    NewCredential {
        kind: CredentialKind::PersonalToken,
        token: token.into(),
        login: Some("admin".into()),
        scopes: vec!["read:org".into()],
        expires_at: None,
    }
}

fn status(team: &TeamRef, status: PipelineStatus, cause: Option<Cause>) -> RecordStatus {
    RecordStatus {
        team: team.clone(),
        status,
        cause,
        evidence_id: None,
    }
}

#[tokio::test]
async fn a_team_is_added_once_and_removed_with_everything() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    let twin = NewTeam {
        key: "other".into(),
        slug: "ACME".into(),
        github_id: None,
        name: "Twin".into(),
        history_days: 90,
    };
    let refused = store.add_team(&twin, at(NOW)).await.unwrap_err();
    assert!(matches!(refused, StoreError::TeamExists { key } if key == "acme"));
    assert_eq!(
        store.load_team_by_slug("Acme").await.unwrap().unwrap().team,
        team
    );
    store.set_history_days(team.id, 3650).await.unwrap();
    assert_eq!(
        store
            .load_team(team.id)
            .await
            .unwrap()
            .unwrap()
            .history_days,
        3650
    );
    store
        .replace_credential(team.id, &credential("t"), at(NOW))
        .await
        .unwrap();
    assert!(store.remove_team(team.id).await.unwrap());
    assert!(!store.remove_team(team.id).await.unwrap());
    assert!(store.load_credential(team.id).await.unwrap().is_none());
    assert!(store.list_teams().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_credential_is_replaced_in_place_and_opens_only_with_its_key() {
    let (database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    assert!(store.load_credential(team).await.unwrap().is_none());
    for _ in 0..2 {
        store
            .replace_credential(team, &credential("ghp_one"), at(NOW))
            .await
            .unwrap();
    }
    for _ in 0..2 {
        store
            .mark_revoked(team, Cause::TokenRevoked, None, at(NOW))
            .await
            .unwrap();
    }
    let marked = store.load_credential(team).await.unwrap().unwrap();
    assert_eq!(
        (marked.token.expose(), marked.revoked_cause),
        ("ghp_one", Some(Cause::TokenRevoked))
    );
    assert!(!format!("{marked:?}").contains("ghp_one"));
    store
        .replace_credential(team, &credential("ghp_two"), at(NOW))
        .await
        .unwrap();
    let replaced = store.load_credential(team).await.unwrap().unwrap();
    assert_eq!(
        (replaced.token.expose(), replaced.revoked_at),
        ("ghp_two", None)
    );
    let words: Vec<_> = store.status_events(team, 10).await.unwrap();
    let words: Vec<_> = words.iter().map(|event| event.to_status.as_str()).collect();
    assert_eq!(words, ["usable", "revoked", "usable"]);

    let other = KeyRing::from_setting(&KEY.replace("test:", "other:").as_str().into()).unwrap();
    let stranger = Store::connect(&database.url, other, 1).await.unwrap();
    let refused = stranger.load_credential(team).await.unwrap_err();
    assert!(matches!(refused, StoreError::KeyMissing { key_id } if key_id == "test"));
}

#[tokio::test]
async fn parking_and_resuming_is_projected_with_a_receipt() {
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
    assert!(
        events
            .iter()
            .all(|event| event.kind == StatusEventKind::Pipeline)
    );
    let words: Vec<_> = events
        .iter()
        .rev()
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
            .set_copilot_status(team, CopilotStatus::Connected, None, None, at(NOW))
            .await
            .unwrap();
    }
    assert_eq!(plan().await, CopilotPlan::Sync);
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
    store
        .set_copilot_status(
            team,
            CopilotStatus::NeedsAttention,
            cause,
            Some(id),
            at(NOW),
        )
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
    assert_eq!(store.status_events(team, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_named_without_its_password() {
    let keys = || KeyRing::from_setting(&KEY.into()).unwrap();
    let url = "postgres://someone:hunter2@127.0.0.1:1/nowhere";
    let refused = Store::connect(&url.into(), keys(), 1)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        refused.contains("127.0.0.1:1/nowhere") && !refused.contains("hunter2"),
        "{refused}"
    );
    let wrong = Store::connect(&"mysql://somewhere".into(), keys(), 1)
        .await
        .err()
        .unwrap();
    assert!(matches!(wrong, StoreError::InvalidUrl));
}

#[tokio::test]
async fn the_schema_is_checked_and_migrated_twice_without_harm() {
    let database = support::database().await;
    let keys = KeyRing::from_setting(&KEY.into()).unwrap();
    let store = Store::connect(&database.url, keys, 1).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    store.check_schema().await.unwrap();
}
