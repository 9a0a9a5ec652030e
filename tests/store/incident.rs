//! Incidents: told once, over once, whoever reports them.

use activities::store::{NewEvidence, Store};
use workflows::{
    activity_definitions::{RecordResumed, RecordStatus, RecordStep, RecordTeamNight},
    domain::{
        cause::Cause,
        copilot::CopilotStatus,
        credential::ExpiryNotice,
        email::Template,
        night::NightOutcome,
        pipeline::{Phase, PipelineStatus, Step},
        team::TeamRef,
    },
};

use super::{add_team, at, open_store};

const NOW: &str = "2026-11-20T04:00:00Z";

/// A team whose e-mails so far are the welcome alone.
struct Stage {
    _database: crate::support::TestDatabase,
    store: Store,
    team: TeamRef,
}

impl Stage {
    async fn set() -> Stage {
        let (database, store) = open_store().await;
        let team = add_team(&store, "acme").await;
        Stage {
            _database: database,
            store,
            team,
        }
    }

    /// Everything is written twice, as by an activity that is retried.
    async fn status(&self, status: PipelineStatus, cause: Option<Cause>) {
        let record = RecordStatus {
            team: self.team.clone(),
            status,
            cause,
            evidence_id: None,
        };
        for _ in 0..2 {
            self.store.record_status(&record, at(NOW)).await.unwrap();
        }
    }

    async fn park(&self, cause: Cause) {
        self.status(PipelineStatus::AwaitingReconnect, Some(cause))
            .await;
    }

    async fn resume(&self) {
        let record = RecordResumed {
            team: self.team.clone(),
            phase: Phase::Night,
            step: Step::Members,
        };
        for _ in 0..2 {
            self.store.open_receipt(&record, at(NOW)).await.unwrap();
        }
    }

    async fn copilot(&self, status: CopilotStatus, cause: Option<Cause>) {
        for _ in 0..2 {
            let team = self.team.id;
            let settled = self
                .store
                .settle_copilot_status(team, status, cause, None, at(NOW));
            settled.await.unwrap();
        }
    }

    async fn night(&self, outcome: NightOutcome) {
        let record = RecordTeamNight {
            team: self.team.clone(),
            outcome,
            cause: None,
            evidence_id: None,
            began_seconds_ago: 0,
        };
        for _ in 0..2 {
            self.store
                .record_team_night(&record, at(NOW))
                .await
                .unwrap();
        }
    }

    async fn connect_copilot(&self) {
        let team = self.team.id;
        let connected = self
            .store
            .set_copilot_status(team, CopilotStatus::Connected, at(NOW));
        connected.await.unwrap();
    }

    /// The e-mails after the welcome, oldest first.
    async fn told(&self) -> Vec<Template> {
        let emails = self.store.list_emails(self.team.id).await.unwrap();
        let templates = emails.into_iter().rev().map(|email| email.template);
        templates
            .filter(|template| *template != Template::Welcome)
            .collect()
    }
}

use Template::{Healed, ReconnectNeeded};

#[tokio::test]
async fn a_parked_pipeline_and_copilot_with_the_same_token_are_one_incident() {
    let stage = Stage::set().await;
    stage.connect_copilot().await;
    stage
        .copilot(CopilotStatus::TokenRevoked, Some(Cause::TokenRevoked))
        .await;
    stage.park(Cause::TokenRevoked).await;
    assert_eq!(stage.told().await, [ReconnectNeeded]);
    stage.resume().await;
    stage.copilot(CopilotStatus::Connected, None).await;
    stage.night(NightOutcome::Succeeded).await;
    assert_eq!(stage.told().await, [ReconnectNeeded, Healed]);
    // Another one, later, is told again.
    stage.park(Cause::TokenRevoked).await;
    assert_eq!(
        stage.told().await,
        [ReconnectNeeded, Healed, ReconnectNeeded]
    );
}

#[tokio::test]
async fn what_stops_without_being_seen_working_is_not_over() {
    let stage = Stage::set().await;
    stage.status(PipelineStatus::Complete, None).await;
    let before = stage.told().await;
    assert_eq!(before, [Template::Ready]);
    stage.park(Cause::SsoRequired).await;
    // A cancelled night leaves its team complete; the next one begins.
    stage.status(PipelineStatus::Complete, None).await;
    stage.night(NightOutcome::Failed).await;
    let step = RecordStep {
        team: stage.team.clone(),
        phase: Phase::Night,
        step: Step::Members,
    };
    stage.store.record_step(&step, at(NOW)).await.unwrap();
    stage.park(Cause::SsoRequired).await;
    assert_eq!(
        stage.told().await,
        [Template::Ready, ReconnectNeeded],
        "the same incident"
    );
    stage.night(NightOutcome::Succeeded).await;
    assert_eq!(
        stage.told().await,
        [Template::Ready, ReconnectNeeded, Healed]
    );
}

#[tokio::test]
async fn a_night_that_goes_well_without_copilot_does_not_end_what_keeps_copilot_out() {
    let stage = Stage::set().await;
    stage.connect_copilot().await;
    stage
        .copilot(CopilotStatus::NeedsAttention, Some(Cause::SsoRequired))
        .await;
    stage.night(NightOutcome::Succeeded).await;
    assert_eq!(stage.told().await, [ReconnectNeeded]);
    stage.park(Cause::SsoRequired).await;
    assert_eq!(
        stage.told().await,
        [ReconnectNeeded],
        "the same, by the next night"
    );
}

#[tokio::test]
async fn copilots_own_troubles_are_an_incident_of_their_own() {
    let stage = Stage::set().await;
    stage.connect_copilot().await;
    stage
        .copilot(
            CopilotStatus::NeedsAttention,
            Some(Cause::MetricsPolicyDisabled),
        )
        .await;
    stage.park(Cause::TokenRevoked).await;
    assert_eq!(stage.told().await, [ReconnectNeeded, ReconnectNeeded]);
    stage.resume().await;
    stage.night(NightOutcome::Succeeded).await;
    assert_eq!(stage.told().await[2..], [Healed], "the token's");
    // The policy was enabled, and now the role is missing: that is another thing to do, told once.
    stage
        .copilot(CopilotStatus::NeedsAttention, Some(Cause::NotOrgAdmin))
        .await;
    stage
        .copilot(
            CopilotStatus::NeedsAttention,
            Some(Cause::MetricsPolicyDisabled),
        )
        .await;
    assert_eq!(stage.told().await[2..], [Healed, ReconnectNeeded]);
    stage.copilot(CopilotStatus::Connected, None).await;
    assert_eq!(stage.told().await[2..], [Healed, ReconnectNeeded, Healed]);
}

#[tokio::test]
async fn too_few_licences_are_told_when_there_are_enough() {
    let stage = Stage::set().await;
    stage.connect_copilot().await;
    let cause = Some(Cause::InsufficientLicenses);
    stage
        .copilot(CopilotStatus::InsufficientLicenses, cause)
        .await;
    assert_eq!(stage.told().await, [], "nothing is wrong");
    stage.copilot(CopilotStatus::Connected, None).await;
    assert_eq!(stage.told().await, [Healed]);
}

#[tokio::test]
async fn what_the_team_cannot_mend_or_does_not_want_is_not_told() {
    let stage = Stage::set().await;
    stage.connect_copilot().await;
    for cause in [
        Cause::Unknown,
        Cause::MalformedAnswer,
        Cause::CredentialUnreadable,
    ] {
        stage
            .copilot(CopilotStatus::NeedsAttention, Some(cause))
            .await;
    }
    assert_eq!(stage.told().await, [], "the operator's");
    stage
        .copilot(CopilotStatus::NeedsAttention, Some(Cause::BillingProblem))
        .await;
    let disconnected =
        stage
            .store
            .set_copilot_status(stage.team.id, CopilotStatus::Disabled, at(NOW));
    disconnected.await.unwrap();
    stage.connect_copilot().await;
    stage.copilot(CopilotStatus::Connected, None).await;
    assert_eq!(
        stage.told().await,
        [ReconnectNeeded],
        "its end was a person's wish"
    );
}

#[tokio::test]
async fn the_email_holds_what_github_said() {
    let stage = Stage::set().await;
    let refused = NewEvidence {
        team: stage.team.id,
        cause: Cause::IpBlocked,
        endpoint: "GET /user".into(),
        http_status: Some(403),
        message: "has an IP allow list enabled".into(),
        request_id: Some("C0FF:EE".into()),
        probe: None,
        happened_at: at(NOW),
    };
    let record = RecordStatus {
        team: stage.team.clone(),
        status: PipelineStatus::AwaitingReconnect,
        cause: Some(Cause::IpBlocked),
        evidence_id: Some(stage.store.store_evidence(&refused).await.unwrap()),
    };
    stage.store.record_status(&record, at(NOW)).await.unwrap();
    let address = "ada@example.com".parse().unwrap();
    stage
        .store
        .add_recipient(stage.team.id, &address, at(NOW))
        .await
        .unwrap();
    stage
        .store
        .retry_emails(stage.team.id, at(NOW))
        .await
        .unwrap();
    let mut claimed = vec![];
    let lease = chrono::TimeDelta::hours(1);
    while let Some(email) = stage.store.claim_email(lease, at(NOW)).await.unwrap() {
        stage.store.mark_email_sent(&email, at(NOW)).await.unwrap();
        claimed.push(email);
    }
    let told = claimed
        .iter()
        .find(|email| email.template == ReconnectNeeded)
        .unwrap();
    assert_eq!(
        told.fields["evidence"]["message"],
        "has an IP allow list enabled"
    );
    assert_eq!(told.fields["evidence"]["request_id"], "C0FF:EE");
    assert_eq!(told.fields["evidence"]["http_status"], 403);
}

#[tokio::test]
async fn what_works_again_is_not_asked_for_any_more() {
    let stage = Stage::set().await;
    let other = add_team(&stage.store, "globex").await;
    stage.park(Cause::TokenRevoked).await;
    stage.resume().await;
    stage.night(NightOutcome::Succeeded).await;
    stage.park(Cause::SsoRequired).await;
    let address = "ada@example.com".parse().unwrap();
    stage
        .store
        .add_recipient(stage.team.id, &address, at(NOW))
        .await
        .unwrap();
    let queued = stage
        .store
        .retry_emails(stage.team.id, at(NOW))
        .await
        .unwrap();
    assert_eq!(queued, 3, "welcome, healed, and the incident that is open");
    assert_eq!(stage.told().await, [Healed, ReconnectNeeded]);
    let others = stage.store.list_emails(other.id).await.unwrap();
    assert_eq!(
        others.len(),
        1,
        "another team heard its own welcome: {others:?}"
    );
}

/// What only the step meets: each probe finds nothing wrong, and each try is refused.
#[tokio::test]
async fn a_resume_that_is_refused_again_is_the_same_incident() {
    let stage = Stage::set().await;
    for _ in 0..3 {
        stage.park(Cause::PermissionMissing).await;
        stage.resume().await;
    }
    assert_eq!(stage.told().await, [ReconnectNeeded]);
}

#[tokio::test]
async fn an_expiry_is_told_once_for_each_number_of_days() {
    let stage = Stage::set().await;
    let ends = at("2026-12-04T00:00:00Z");
    use ExpiryNotice as N;
    for notice in [N::In14Days, N::In14Days, N::In7Days, N::In7Days, N::In1Day] {
        let queued = stage
            .store
            .record_expiry_notice(stage.team.id, notice, ends, at(NOW));
        queued.await.unwrap();
    }
    assert_eq!(stage.told().await, [Template::ExpiryNotice; 3]);
}
