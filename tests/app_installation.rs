//! A team connected by the GitHub App's installation: tokens are minted, by one worker at a time, and what an organization owner does
//! to the installation shows as its own cause.

use activities::{
    github::{FailureClass, Standing},
    store::Grant,
};
use worker::{
    dev::github_simulator::{AccessBarrier, OrgSpec, RequestFilter, Role, TokenSpec},
    teams::{
        Offer,
        connect_github::{ConnectError, Connected},
    },
};
use workflows::domain::{
    cause::Cause, copilot::CopilotStatus, pipeline::PipelineStatus, team::TeamRef,
};

use crate::{
    binary::{Coflow, TextFile},
    support::{App, PULL_REQUESTS},
};

fn minted(app: &App) -> usize {
    app.asked("/access_tokens")
}

/// Lets the App's cached token count as ended.
async fn end_token(app: &App, team: &TeamRef) {
    app.select("update credential set expires_at = now() returning kind")
        .await;
    let stored = app.store.load_credential(team.id).await;
    assert!(stored.expect("the database answers").is_some());
}

#[tokio::test]
async fn it_is_onboarded_whole_with_copilot_and_without_any_persons_token() {
    let app = App::start().await;
    let team = app.add_team_by_installation(OrgSpec::named("acme")).await;
    app.connect_copilot(&team).await;
    let complete = app.onboard(&team).await;

    assert_eq!(complete.copilot_status, CopilotStatus::Connected);
    let overview = app.overview(&team).await;
    assert!(overview.members > 0 && overview.pull_requests > 0 && overview.copilot_days > 0);
    assert_eq!(minted(&app), 1, "one token does it all");
    for persons in ["/user/memberships", "/user"] {
        let asked = app.github().requests().into_iter();
        let asked = asked.filter(|request| request.path.starts_with(persons));
        assert_eq!(asked.count(), 0, "the App is nobody: {persons}");
    }
    let stored = app.store.load_credential(team.id).await.expect("it opens");
    let Grant::AppInstallation { permissions, .. } = stored.expect("it is there").grant else {
        panic!("it is an installation");
    };
    assert_eq!(permissions["organization_copilot_metrics"], "read");
}

#[tokio::test]
async fn several_workers_mint_one_token() {
    let app = App::builder().without_worker().start().await;
    let team = app.add_team_by_installation(OrgSpec::named("acme")).await;
    end_token(&app, &team).await;
    app.github().clear_requests();
    let tokens = app.tokens_of_workers_that_meet(&team).await;
    assert_eq!(tokens.len(), 1, "all use the same");
    assert_eq!(minted(&app), 1, "one minted it");
}

#[tokio::test]
async fn a_suspended_installation_parks_and_resumes_when_it_is_not_any_more() {
    let app = App::start().await;
    let team = app.add_team_by_installation(OrgSpec::named("acme")).await;
    app.github().suspend_installation("acme");
    app.start_onboarding(&team).await;

    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::AppSuspended));
    let evidence = app.evidence(&team, parked.pipeline_evidence_id).await;
    assert_eq!(
        evidence.evidence.message,
        "This installation has been suspended"
    );

    app.signal_reconnected(&team).await;
    app.await_suspension_kept(&team).await;
    app.github().unsuspend_installation("acme");
    app.signal_reconnected(&team).await;
    let complete = app.await_status(&team, PipelineStatus::Complete).await;
    assert_eq!(complete.pipeline_cause, None);
}

#[tokio::test]
async fn an_uninstalled_app_parks_with_that_cause() {
    let app = App::start().await;
    let team = app.add_team_by_installation(OrgSpec::named("acme")).await;
    end_token(&app, &team).await;
    app.github().uninstall("acme");
    app.start_onboarding(&team).await;

    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::AppUninstalled));
    let evidence = app.evidence(&team, parked.pipeline_evidence_id).await;
    assert_eq!(evidence.evidence.http_status, Some(404));

    app.github().unsuspend_installation("acme");
    app.signal_reconnected(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;
}

/// No human role applies to the App: what it is granted tells an organization without Copilot from one that hides it.
#[tokio::test]
async fn its_permissions_prove_that_there_is_no_copilot() {
    let app = App::start().await;
    let acme = OrgSpec::named("acme").repositories(1).without_copilot();
    let without = app.add_team_by_installation(acme).await;
    let birch = OrgSpec::named("birch").repositories(1);
    let hidden = app.add_team_by_installation(birch).await;
    for team in [&without, &hidden] {
        app.connect_copilot(team).await;
    }
    app.github()
        .withhold_permissions("birch", &["organization_copilot_seat_management"]);
    end_token(&app, &hidden).await;
    for team in [&without, &hidden] {
        app.start_onboarding(team).await;
    }
    let cause = async |team: &TeamRef| {
        let complete = app.await_status(team, PipelineStatus::Complete).await;
        complete.copilot_cause
    };
    assert_eq!(cause(&without).await, Some(Cause::InsufficientLicenses));
    assert_eq!(cause(&hidden).await, Some(Cause::PermissionMissing));
}

/// Row 7 of the refusals: the cached token dies in the middle of the walk, and another is minted without a failed run.
#[tokio::test]
async fn a_rejected_token_is_minted_again_in_the_middle_of_the_sync() {
    let app = App::builder().page_size(10).start().await;
    let acme = OrgSpec::named("acme").pull_requests_per_repository(30);
    let team = app.add_team_by_installation(acme).await;
    let stored = app.store.load_credential(team.id).await.expect("it opens");
    let token = stored.expect("it is there").token;
    app.github()
        .revoke_token_after_operation(token.expose(), 2, PULL_REQUESTS);
    // It was minted a while ago: a token of this moment might only be unknown to a part of GitHub.
    app.select("update credential set issued_at = issued_at - interval '1 minute' returning kind")
        .await;

    app.onboard(&team).await;

    let rejected = RequestFilter::path("/graphql").status(401);
    assert_eq!(app.github().request_count(&rejected), 1);
    assert_eq!(
        minted(&app),
        2,
        "once at the connection, once after the rejection"
    );
    let statuses = app.statuses(&team).await;
    assert!(
        !statuses.contains(&"awaiting_reconnect".to_owned()),
        "{statuses:?}"
    );
}

#[tokio::test]
async fn our_own_key_refused_is_never_the_installations_fault() {
    let app = App::builder().without_worker().start().await;
    let team = app.add_team_by_installation(OrgSpec::named("acme")).await;
    // GitHub's clock is a day ahead of ours: the JWT has ended before it arrives.
    app.github()
        .advance_time(std::time::Duration::from_secs(24 * 60 * 60));
    let refused = app.github.fetch_installation(1).await.expect_err("refused");
    assert_eq!(refused.class, FailureClass::AppKeyRejected);

    let coflow = Coflow::of(&app);
    let shown = coflow.run(&["doctor", &team.key]).await;
    assert_ne!(shown.code, Some(0));
    assert_eq!(app.team(&team).await.pipeline_cause, None);
}

#[tokio::test]
async fn it_is_connected_only_where_it_is_installed_and_may_what_the_sync_needs() {
    let app = App::builder().without_worker().start().await;
    for org in ["gone", "shut", "poor", "thin"] {
        app.github().create_organization(OrgSpec::named(org));
    }
    app.github().uninstall("gone");
    app.github().suspend_installation("shut");
    app.github().withhold_permissions("poor", &["members"]);
    app.github().withhold_permissions(
        "thin",
        &["contents", "organization_copilot_seat_management"],
    );

    let refused = async |org| match app.connect_with(org, Offer::AppInstallation).await {
        Err(error) => error,
        Ok(_) => panic!("{org} was connected"),
    };
    let gone = refused("gone").await;
    assert!(matches!(gone, ConnectError::NotInstalled { .. }), "{gone}");
    assert!(
        gone.to_string().contains("/apps/coflow/installations/new"),
        "{gone}"
    );
    let shut = refused("shut").await;
    assert!(
        matches!(
            shut,
            ConnectError::Refused {
                cause: Cause::AppSuspended,
                ..
            }
        ),
        "{shut}"
    );
    let poor = refused("poor").await.to_string();
    assert!(poor.contains("members: read (for members)"), "{poor}");
    assert!(
        poor.contains("/organizations/poor/settings/installations/"),
        "{poor}"
    );

    let Connected { permissions, .. } = app
        .connect_with("thin", Offer::AppInstallation)
        .await
        .expect("commits are not the whole sync");
    assert!(
        permissions.to_string().contains("contents: read"),
        "{permissions}"
    );
    let thin = app.team_called("thin").await;
    let copilot = worker::teams::copilot::connect(&app.store, &app.github, &thin).await;
    let copilot = copilot.expect_err("its seats cannot be read").to_string();
    assert!(
        copilot.contains("organization_copilot_seat_management: read"),
        "{copilot}"
    );
}

#[tokio::test]
async fn everybody_who_is_no_active_admin_is_told_who_connects_copilot() {
    let app = App::builder().without_worker().start().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    let github = app.github();
    let owner = github.member_logins("acme").remove(0);
    let told = async |standing: Standing| {
        let refused = worker::teams::copilot::connect(&app.store, &app.github, &team).await;
        let refused = refused.expect_err("no active admin").to_string();
        let expected = standing.explain(&owner, "acme");
        assert!(refused.starts_with(&expected), "{refused}");
    };
    github.set_role("acme", &owner, Role::Member);
    told(Standing::Member).await;
    github.set_role("acme", &owner, Role::PendingAdmin);
    told(Standing::PendingAdmin).await;
    github.set_barrier("acme", AccessBarrier::AppBlocked);
    told(Standing::AppBlocked).await;
    github.set_barrier("acme", AccessBarrier::None);
    github.remove_member("acme", &owner);
    told(Standing::Outsider).await;
}

#[tokio::test]
async fn a_fine_grained_token_is_said_to_be_untold_and_a_poor_classic_one_is_refused() {
    let app = App::builder().without_worker().start().await;
    app.github().create_organization(OrgSpec::named("acme"));
    let fine = app.github().issue_token_with(TokenSpec {
        org: "acme".to_owned(),
        is_fine_grained: true,
        ..TokenSpec::default()
    });
    let poor = app.github().issue_token_with(TokenSpec {
        org: "acme".to_owned(),
        scopes: Some(vec!["read:org".to_owned()]),
        ..TokenSpec::default()
    });
    let coflow = Coflow::of(&app);
    let file = TextFile::holding(&poor);
    let refused = coflow
        .run(&["team", "add", "acme", "--token-file", file.path()])
        .await;
    let line = refused.complaint();
    assert!(line.contains("user:email or read:user"), "{line}");
    assert!(line.contains("/settings/tokens"), "{line}");
    let file = TextFile::holding(&fine);
    let added = coflow
        .run(&["team", "add", "acme", "--token-file", file.path()])
        .await;
    let said = added.answer();
    assert!(said.contains("cannot be told before it is used"), "{said}");
    assert!(said.contains("/settings/personal-access-tokens"), "{said}");
}

#[tokio::test]
async fn the_command_line_connects_by_installation_and_names_what_it_lacks() {
    let app = App::builder().without_worker().start().await;
    app.github().create_organization(OrgSpec::named("acme"));
    let coflow = Coflow::of(&app);
    let add = ["team", "add", "acme", "--app-installation"];
    let without = coflow.run(&add).await;
    assert!(
        without.complaint().contains("set GITHUB_APP_ID"),
        "{without:?}"
    );
    let half = coflow.clone().with("GITHUB_APP_ID", "1").run(&add).await;
    assert!(
        half.complaint().contains("GITHUB_APP_PRIVATE_KEY_FILE"),
        "{half:?}"
    );
    let no_key = TextFile::holding("no key");
    let bad = coflow
        .clone()
        .with("GITHUB_APP_ID", "1")
        .with("GITHUB_APP_PRIVATE_KEY_FILE", no_key.path());
    let bad = bad.run(&add).await;
    assert!(
        bad.complaint().contains("no RSA key in PEM form"),
        "{bad:?}"
    );

    let coflow = Coflow::of(&app).with_app(&app);
    let added = coflow.run(&add).await;
    assert!(added.answer().contains("the GitHub App"), "{added:?}");
    let shown = coflow.run(&["team", "show", "acme"]).await;
    assert!(
        shown.answer().contains("installation of the GitHub App"),
        "{shown:?}"
    );
}
