//! What GitHub tells without being asked: taken only when it is signed, kept before it is answered, acted on once, and never a status by
//! itself.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use activities::store::Grant;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use worker::{dev::github_simulator::OrgSpec, teams::Offer};
use workflows::domain::{cause::Cause, pipeline::PipelineStatus, team::TeamRef};

use crate::{
    binary::{Coflow, Running, Signal},
    support::{App, until},
};

const SECRET: &str = "It's a Secret to Everybody";

/// `coflow serve`, as GitHub sees it.
struct Reception {
    serve: Running,
    address: String,
}

impl Reception {
    async fn open(coflow: &Coflow) -> Reception {
        let serve = coflow
            .clone()
            .with("COFLOW_HTTP_ADDR", "127.0.0.1:0")
            .start(&["serve"]);
        serve.await_log("http://127").await;
        let log = serve.log();
        let (_, rest) = log.split_once("http://").unwrap();
        let address = rest.split('/').next().unwrap().to_owned();
        Reception { serve, address }
    }

    async fn of(app: &App) -> Reception {
        Reception::open(&signing(app)).await
    }

    async fn send(
        &self,
        id: &str,
        event: &str,
        body: String,
        signature: Option<String>,
    ) -> StatusCode {
        let mut request = Client::new()
            .post(format!("http://{}/webhooks/github", self.address))
            .header("x-github-delivery", id)
            .header("x-github-event", event)
            .body(body);
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        request.send().await.unwrap().status()
    }

    /// A body of this many bytes that does not come.
    fn announce(&self, length: usize) -> TcpStream {
        let address = &self.address;
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!(
            "POST /webhooks/github HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// As GitHub delivers it. It is answered within a second, whatever follows.
    async fn deliver(&self, id: &str, event: &str, payload: &Value) {
        let body = payload.to_string();
        let signature = sign(&body);
        let began = Instant::now();
        let status = self.send(id, event, body, Some(signature)).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{:?}",
            began.elapsed()
        );
    }
}

fn signing(app: &App) -> Coflow {
    Coflow::of(app).with("COFLOW_WEBHOOK_SECRET", SECRET)
}

fn sign(body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let digest = mac.chain_update(body.as_bytes()).finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

async fn outcome(app: &App, id: &str) -> Vec<String> {
    let sql = format!("select outcome from webhook_delivery where id = '{id}'");
    app.select(&sql).await
}

async fn await_outcome(app: &App, id: &str, wanted: &str) {
    let look = || outcome(app, id);
    until(&format!("what comes of {id}"), look, |found| {
        found == &[wanted]
    })
    .await;
}

async fn installation(app: &App, team: &TeamRef, action: &str) -> Value {
    let stored = app.store.load_credential(team.id).await.unwrap().unwrap();
    let Grant::AppInstallation { github_id, .. } = stored.grant else {
        panic!("it is an installation");
    };
    let account = app.team(team).await.github_id;
    json!({ "action": action, "installation": { "id": github_id, "account": { "id": account } } })
}

async fn onboard_by_installation(app: &App) -> TeamRef {
    let acme = OrgSpec::named("acme").repositories(1);
    let team = app.add_team_by_installation(acme).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.unwrap();
    team
}

#[tokio::test]
async fn only_what_is_signed_is_taken_and_only_once() {
    let app = App::builder().without_worker().start().await;
    let reception = Reception::of(&app).await;
    let ping = || json!({ "zen": "Design for failure." }).to_string();
    for wrong in [
        None,
        Some(String::new()),
        Some(sign("another body")),
        Some(sign(&ping()).replace("sha256=", "")),
    ] {
        let status = reception.send("forged", "ping", ping(), wrong).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    // Signed, and still no delivery.
    for (id, event, body) in [
        ("1", "ping", "Hello, World!"),
        ("", "ping", "{}"),
        ("1", "no event", "{}"),
    ] {
        let signature = Some(sign(body));
        let status = reception.send(id, event, body.to_owned(), signature).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{id} {event} {body}");
    }
    assert_eq!(app.count("select count(*) from webhook_delivery").await, 0);

    for _ in 0..3 {
        let ping = json!({ "zen": "Design for failure." });
        reception.deliver("a-ping", "ping", &ping).await;
    }
    await_outcome(&app, "a-ping", "noted").await;
    let kept = "select to_jsonb(d)::text from webhook_delivery d";
    let kept = app.select(kept).await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(
        !kept[0].contains("failure"),
        "no text of a payload: {kept:?}"
    );
}

#[tokio::test]
async fn without_a_secret_nothing_is_taken() {
    let app = App::builder().without_worker().start().await;
    let reception = Reception::open(&Coflow::of(&app)).await;
    let body = "{}".to_owned();
    let signature = Some(sign(&body));
    let status = reception.send("1", "ping", body, signature).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.count("select count(*) from webhook_delivery").await, 0);
}

#[tokio::test]
async fn thirty_megabytes_are_refused_before_they_are_sent() {
    let app = App::builder().without_worker().start().await;
    let reception = Reception::of(&app).await;
    let mut stream = reception.announce(30 * 1024 * 1024);
    let answer = tokio::task::spawn_blocking(move || {
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        let mut answer = [0; 64];
        let read = stream.read(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn large_bodies_that_do_not_come_keep_no_delivery_waiting() {
    let app = App::builder().without_worker().start().await;
    let reception = Reception::of(&app).await;
    let _slow: Vec<_> = (0..12).map(|_| reception.announce(20_000_000)).collect();
    let star = json!({ "action": "created" });
    reception.deliver("star", "star", &star).await;
}

#[tokio::test]
async fn what_concerns_nobody_is_kept_and_leads_to_nothing() {
    let app = App::start().await;
    let team = onboard_by_installation(&app).await;
    let reception = Reception::of(&app).await;
    let stranger =
        json!({ "action": "suspend", "installation": { "id": 1, "account": { "id": 2 } } });
    let ours = app.team(&team).await.github_id;
    for (id, event, payload, outcome) in [
        ("stranger", "installation", stranger, "unknown_team"),
        (
            "star",
            "star",
            json!({ "action": "created" }),
            "unknown_event",
        ),
        (
            "nobody",
            "github_app_authorization",
            json!({ "action": "revoked", "sender": { "id": 3 } }),
            "unknown_team",
        ),
        (
            "member",
            "organization",
            json!({ "action": "member_removed", "organization": { "id": ours } }),
            "noted",
        ),
        (
            "merged",
            "pull_request",
            json!({ "action": "closed", "organization": { "id": ours } }),
            "noted",
        ),
    ] {
        reception.deliver(id, event, &payload).await;
        await_outcome(&app, id, outcome).await;
    }
    let refresh = team.refresh_workflow_id();
    assert!(!app.runs.is_open(&refresh).await.unwrap());
    assert_eq!(app.count("select count(*) from team_night").await, 0);
}

#[tokio::test]
async fn a_suspension_parks_after_github_confirms_it_and_its_end_resumes() {
    let app = App::start().await;
    let team = onboard_by_installation(&app).await;
    let reception = Reception::of(&app).await;
    // GitHub is asked, and knows nothing of it.
    let suspend = installation(&app, &team, "suspend").await;
    reception.deliver("not-so", "installation", &suspend).await;
    await_outcome(&app, "not-so", "asking").await;
    app.await_refresh_end(&team).await;
    assert_eq!(
        app.team(&team).await.pipeline_status,
        PipelineStatus::Complete
    );

    app.github().suspend_installation("acme");
    reception.deliver("so", "installation", &suspend).await;
    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::AppSuspended));
    let activities = app.activities_of(&team.refresh_workflow_id()).await;
    assert_eq!(activities[..2], ["probe_credential", "sync_members"]);

    app.github().unsuspend_installation("acme");
    let back = installation(&app, &team, "unsuspend").await;
    reception.deliver("back", "installation", &back).await;
    app.await_status(&team, PipelineStatus::Complete).await;
    app.await_refresh_end(&team).await;
    assert_eq!(outcome(&app, "back").await, ["asking"]);
}

/// An App that is installed again has another installation. The simulated GitHub keeps the former one's id, so that the team is given
/// another id first.
#[tokio::test]
async fn an_app_that_is_installed_again_is_taken_up() {
    let app = App::start().await;
    let team = onboard_by_installation(&app).await;
    let created = installation(&app, &team, "created").await;
    app.select("update installation set github_id = 1 returning team_id::text")
        .await;
    app.select("update credential set expires_at = now() returning kind")
        .await;
    app.runs.start_refresh(&team).await.unwrap();
    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::AppUninstalled));

    let reception = Reception::of(&app).await;
    reception.deliver("again", "installation", &created).await;
    app.await_status(&team, PipelineStatus::Complete).await;
    app.await_refresh_end(&team).await;
}

#[tokio::test]
async fn a_revoked_authorization_finds_its_team_by_the_sender() {
    let app = App::start().await;
    let acme = OrgSpec::named("acme").repositories(1);
    app.github().create_organization(acme);
    let tokens = app.github().issue_oauth_tokens("acme");
    let offer = Offer::oauth_tokens(&tokens.to_string().into()).unwrap();
    app.connect_with("acme", offer).await.unwrap();
    let team = app.team_called("acme").await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.unwrap();
    let owner = "select m.github_id::text from member m join credential c
                 on c.team_id = m.team_id and c.login = m.login";
    let owner: i64 = app.select(owner).await[0].parse().unwrap();
    let reception = Reception::of(&app).await;

    // Its owner has revoked the whole grant: no refresh token replaces the access token either.
    app.select(
        "update credential set refresh_key_id = null, refresh_ciphertext = null returning kind",
    )
    .await;
    app.github()
        .revoke_token(tokens["access_token"].as_str().unwrap());
    let revoked = json!({ "action": "revoked", "sender": { "id": owner } });
    reception
        .deliver("gone", "github_app_authorization", &revoked)
        .await;

    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::TokenRevoked));
}

#[tokio::test]
async fn a_renamed_organization_is_followed_at_once() {
    let app = App::start().await;
    let team = onboard_by_installation(&app).await;
    let reception = Reception::of(&app).await;
    app.github().rename_organization("acme", "acme-labs");
    let id = app.team(&team).await.github_id;
    let renamed = json!({ "action": "renamed", "organization": { "id": id } });
    reception.deliver("renamed", "organization", &renamed).await;
    app.await_team(&team, "called acme-labs", |team| team.slug == "acme-labs")
        .await;
    app.await_refresh_end(&team).await;
    let nights = "select outcome from team_night";
    assert_eq!(app.select(nights).await, ["succeeded"]);
}

/// Temporal is away, and then the process that took the delivery is killed: the next one acts on it.
#[tokio::test]
async fn a_delivery_outlives_temporals_absence_and_the_process_that_took_it() {
    let app = App::start().await;
    let team = onboard_by_installation(&app).await;
    let away = signing(&app).with("TEMPORAL_ADDRESS", "http://127.0.0.1:1");
    let reception = Reception::open(&away).await;
    app.github().suspend_installation("acme");
    let suspend = installation(&app, &team, "suspend").await;
    reception.deliver("kept", "installation", &suspend).await;
    reception
        .serve
        .await_log("a webhook waits for another attempt")
        .await;
    assert_eq!(outcome(&app, "kept").await, [""], "not acted on");
    reception.serve.signal(Signal::KILL);
    reception.serve.end().await;

    let next = Reception::of(&app).await;
    await_outcome(&app, "kept", "asking").await;
    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::AppSuspended));
    next.serve.signal(Signal::TERM);
    let (status, log) = next.serve.end().await;
    assert!(status.success(), "{log}");
}
