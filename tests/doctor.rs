//! `coflow doctor ORG`: what is wrong with a team is told with what GitHub said, who can mend it, and what to click.

use activities::clock;
use serde_json::Value;
use worker::dev::github_simulator::OrgSpec;
use workflows::{
    activity_definitions::RecordTeamNight,
    domain::{cause::Cause, night::NightOutcome, team::TeamRef},
};

use crate::{binary::Coflow, support::App};

/// The findings of a checkup, as machines read them.
struct Checked {
    code: Option<i32>,
    findings: Vec<Value>,
}

impl Checked {
    async fn up(app: &App, team: &TeamRef) -> Self {
        let ran = Coflow::of(app)
            .with_app(app)
            .run(&["doctor", &team.key, "--json"])
            .await;
        Self {
            code: ran.code,
            findings: serde_json::from_str(&ran.stdout)
                .unwrap_or_else(|error| panic!("{error}: {ran:?}")),
        }
    }

    fn of(&self, check: &str) -> &Value {
        let found = self.findings.iter().find(|one| one["check"] == check);
        found.unwrap_or_else(|| panic!("no {check}: {:#?}", self.findings))
    }

    /// Asserts a verdict, with words of what is found, known from, next and to click.
    #[track_caller]
    fn assert(&self, check: &str, verdict: &str, words: &[&str]) {
        let finding = self.of(check);
        assert_eq!(finding["verdict"], verdict, "{finding:#}");
        let text = finding.to_string();
        for word in words {
            assert!(text.contains(word), "{word} in {finding:#}");
        }
    }
}

async fn stage() -> App {
    App::builder().without_worker().start().await
}

#[tokio::test]
async fn a_team_in_order() {
    let app = stage().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    app.connect_copilot(&team).await;

    let owner = app.github().member_logins("acme").remove(0);
    let checked = Checked::up(&app, &team).await;
    checked.assert("credential", "ok", &[&owner]);
    checked.assert("organization", "ok", &["acme"]);
    checked.assert("role", "ok", &[&format!("{owner} is an owner of acme")]);
    checked.assert("permissions", "ok", &["everything that is needed"]);
    checked.assert("Copilot permissions", "ok", &["everything that is needed"]);
    checked.assert("Copilot policy", "ok", &["enabled"]);
    checked.assert("Copilot licences", "ok", &["6 seats, 5 needed"]);
    checked.assert("REST limit", "ok", &["requests left until"]);
    checked.assert("GraphQL limit", "ok", &["points left until"]);
    checked.assert("circuit breaker", "ok", &[]);
    checked.assert("pipeline", "ok", &["coflow team onboard acme"]);
    assert_eq!(checked.code, Some(0), "{:#?}", checked.findings);
}

#[tokio::test]
async fn copilot_that_is_not_connected_is_no_fault() {
    let app = stage().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    let checked = Checked::up(&app, &team).await;
    for check in ["Copilot permissions", "Copilot policy", "Copilot licences"] {
        checked.assert(check, "skipped", &["coflow copilot connect acme"]);
    }
    assert_eq!(checked.code, Some(0));
}

/// Each is told with GitHub's words, its request id, who can mend it and where; nothing else is blamed for it.
/// Its team stays complete, so no status tells of it.
#[tokio::test]
async fn a_night_that_failed_is_told_until_one_goes_better() {
    let app = stage().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    let end = async |outcome, cause| {
        let night = RecordTeamNight {
            team: team.clone(),
            outcome,
            cause,
            evidence_id: None,
            began_seconds_ago: 0,
        };
        let recorded = app.store.record_team_night(&night, clock::now()).await;
        recorded.expect("the database answers");
        Checked::up(&app, &team).await
    };
    let checked = end(NightOutcome::Failed, Some(Cause::RateLimited)).await;
    let words = ["rate_limited", "Find what else spends the limit"];
    checked.assert("last night", "attention", &words);

    let checked = end(NightOutcome::Succeeded, None).await;
    let is_told = |one: &Value| one["check"] == "last night";
    assert!(!checked.findings.iter().any(is_told));
}

#[tokio::test]
async fn policy_and_licences_are_told_apart() {
    let app = stage().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    app.connect_copilot(&team).await;
    app.github().set_policy("acme", false);
    let checked = Checked::up(&app, &team).await;
    checked.assert(
        "Copilot policy",
        "not_ok",
        &[
            "metrics_policy_disabled",
            "answered 403",
            "policy must be enabled",
            "request ",
            "for an organization owner",
            "/organizations/acme/settings/copilot/policies",
        ],
    );
    checked.assert("Copilot licences", "ok", &[]);
    assert_eq!(checked.code, Some(1));

    app.github().set_policy("acme", true);
    app.github().set_seats("acme", 3);
    let checked = Checked::up(&app, &team).await;
    checked.assert("Copilot policy", "ok", &[]);
    checked.assert(
        "Copilot licences",
        "attention",
        &["3 seats, 5 needed", "too few", "/organizations/acme/"],
    );
}

#[tokio::test]
async fn a_revoked_token_is_told_once_and_nothing_else_is_asked() {
    let app = stage().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    app.connect_copilot(&team).await;
    app.github().revoke_token(&app.github().admin_token("acme"));
    let checked = Checked::up(&app, &team).await;
    checked.assert(
        "credential",
        "not_ok",
        &[
            "token_revoked",
            "answered 401: Bad credentials",
            "coflow team reconnect acme",
        ],
    );
    checked.assert(
        "Copilot policy",
        "skipped",
        &["does not take the credential"],
    );
    let failed = checked
        .findings
        .iter()
        .filter(|one| one["verdict"] == "not_ok");
    assert_eq!(failed.count(), 1, "{:#?}", checked.findings);
}

#[tokio::test]
async fn a_suspended_installation_and_a_permission_that_was_not_granted() {
    let app = stage().await;
    let team = app.add_team_by_installation(OrgSpec::named("acme")).await;
    app.connect_copilot(&team).await;
    app.github()
        .withhold_permissions("acme", &["organization_copilot_metrics", "contents"]);
    let checked = Checked::up(&app, &team).await;
    checked.assert("credential", "ok", &["App"]);
    let page = "/organizations/acme/settings/installations/";
    checked.assert("permissions", "attention", &["contents: read", page]);
    checked.assert(
        "Copilot permissions",
        "not_ok",
        &["organization_copilot_metrics: read", page],
    );

    app.github().suspend_installation("acme");
    let checked = Checked::up(&app, &team).await;
    checked.assert(
        "credential",
        "not_ok",
        &["app_suspended", "suspended since", page],
    );
}

#[tokio::test]
async fn the_list_for_people_says_what_to_click() {
    let app = stage().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    app.connect_copilot(&team).await;
    app.github().set_policy("acme", false);
    let ran = Coflow::of(&app).run(&["doctor", &team.key]).await;
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.contains("Copilot policy"));
    let at = at.unwrap_or_else(|| panic!("{ran:?}"));
    assert!(lines[at].starts_with("  NOT OK"), "{ran:?}");
    for (line, label) in lines[at + 1..]
        .iter()
        .zip(["evidence: ", "next: ", "click: "])
    {
        assert!(line.trim_start().starts_with(label), "{line}");
    }
    assert!(
        ran.complaint().contains("1 of the checks failed"),
        "{ran:?}"
    );
}
