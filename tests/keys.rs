//! Changing the encryption key while workers run, and secrets whose key is missing or wrong.

use activities::store::{KeyRing, Store};
use worker::dev::github_simulator::OrgSpec;

use crate::{
    binary::{Coflow, Signal},
    support::{App, KEY},
};

/// 32 bytes of one, and of two.
const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const WRONG: &str = "test:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

/// Two teams; the second has a refresh token too.
async fn two_teams(app: &App) {
    app.add_team(OrgSpec::named("acme").repositories(1)).await;
    app.github().create_organization(OrgSpec::named("birch"));
    let tokens = app.github().issue_oauth_tokens("birch").to_string();
    let offer = worker::teams::Offer::oauth_tokens(&tokens.into()).expect("a pair");
    app.connect_with("birch", offer).await.expect("it works");
}

async fn sealed_with(app: &App) -> Vec<String> {
    app.select(
        "select key_id from credential union all \
         select refresh_key_id from credential where refresh_key_id is not null order by 1",
    )
    .await
}

#[tokio::test]
async fn keys_are_changed_while_a_worker_runs() {
    let app = App::builder().without_worker().start().await;
    two_teams(&app).await;
    let ring = format!("{NEW},{KEY}");
    let coflow = Coflow::of(&app)
        .with_app(&app)
        .with("COFLOW_ENCRYPTION_KEY", &ring);
    let worker = coflow.start_worker().await;
    let acme = app.team_called("acme").await;
    app.start_onboarding(&acme).await;

    let rotated = coflow.run(&["keys", "rotate"]).await;
    assert!(rotated.answer().starts_with("3 secrets"), "{rotated:?}");
    assert_eq!(sealed_with(&app).await, ["new", "new", "new"]);
    let again = coflow.run(&["keys", "rotate"]).await;
    assert!(again.answer().starts_with("0 secrets"), "{again:?}");

    app.await_status(&acme, workflows::domain::pipeline::PipelineStatus::Complete)
        .await;
    worker.signal(Signal::TERM);
    worker.end().await;
    let only_new = Coflow::of(&app)
        .with_app(&app)
        .with("COFLOW_ENCRYPTION_KEY", NEW);
    let shown = only_new.run(&["keys", "show"]).await;
    let row = shown.answer().lines().find(|line| line.contains("new"));
    assert!(row.is_some_and(|row| row.contains('3')), "{shown:?}");
    let ring = KeyRing::from_setting(&NEW.into()).expect("a key");
    let store = Store::connect(&app.database().url, ring, 1)
        .await
        .expect("it answers");
    for org in ["acme", "birch"] {
        let team = app.team_called(org).await;
        let opened = store.load_credential(team.id).await.expect("it opens");
        assert!(opened.is_some());
    }
}

#[tokio::test]
async fn a_row_that_a_worker_holds_is_sealed_when_it_is_free() {
    let app = App::builder().without_worker().start().await;
    two_teams(&app).await;
    let acme = app.team_called("acme").await;
    let ring = format!("{NEW},{KEY}");
    let coflow = Coflow::of(&app).with("COFLOW_ENCRYPTION_KEY", &ring);
    // The program is built by now, and what follows does not wait for that.
    coflow.run(&["keys", "show"]).await.answer();
    let held = app
        .store
        .lock_credential(acme.id)
        .await
        .expect("it is free");
    let rotation = tokio::spawn(async move { coflow.run(&["keys", "rotate"]).await });
    // The other team's secrets do not wait for it.
    crate::support::until(
        "birch to be sealed anew",
        || sealed_with(&app),
        |keys| keys == &["new", "new", "test"],
    )
    .await;
    drop(held);
    let rotated = rotation.await.expect("it ends");
    assert!(rotated.answer().starts_with("3 secrets"), "{rotated:?}");
}

#[tokio::test]
async fn a_missing_and_a_wrong_key_are_named_and_nothing_is_overwritten() {
    let app = App::builder().without_worker().start().await;
    two_teams(&app).await;
    let before = app.rows(&["credential"]).await;
    let missing = Coflow::of(&app).with("COFLOW_ENCRYPTION_KEY", NEW);
    let shown = missing.run(&["keys", "show"]).await;
    assert!(
        shown.complaint().contains("does not hold test"),
        "{shown:?}"
    );
    assert!(shown.stdout.contains("MISSING"), "{shown:?}");
    let refused = missing.run(&["keys", "rotate"]).await;
    let line = refused.complaint();
    for what in [
        "credential of acme",
        "credential of birch",
        "refresh_token of birch",
    ] {
        assert!(
            line.contains(&format!("{what} needs the key test")),
            "{line}"
        );
    }

    for ring in [WRONG.to_owned(), format!("{NEW},{WRONG}")] {
        let wrong = Coflow::of(&app).with("COFLOW_ENCRYPTION_KEY", &ring);
        let refused = wrong.run(&["keys", "rotate"]).await;
        let line = refused.complaint();
        assert!(
            line.contains("credential of acme does not open with the key test"),
            "{line}"
        );
    }
    assert_eq!(
        app.rows(&["credential"]).await,
        before,
        "nothing is overwritten"
    );
}
