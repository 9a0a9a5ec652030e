//! Tokens of a team and of the deployment: when they are spent, the rules write and say so, and nothing is asked beyond them.

use super::{BY_MODEL, BY_RULES, acme, onboarded};
use crate::support::App;

const BY: &str = "select analysed_by || coalesce(' ' || analysis_fallback, '') || ' ' || count(*) from pull_request p \
                  group by analysed_by, analysis_fallback order by 1";

/// Tokens that the analyses of an organization like ours and its insights are counted with, and how many a question reserves.
async fn usual_use() -> i64 {
    let app = App::builder().with_model(|_| {}).start().await;
    onboarded(&app, acme()).await;
    app.count("select tokens from llm_day").await
}

#[tokio::test]
async fn a_team_that_has_spent_its_tokens_is_served_by_the_rules() {
    let all = usual_use().await;
    let app = App::builder()
        .with_model(|model| {
            model.budget.team = all / 2;
            model.concurrency = 1;
        })
        .start()
        .await;
    let team = onboarded(&app, acme()).await;
    let by = app.select(BY).await;
    assert_eq!(
        by.len(),
        2,
        "some by the model, the rest by the rules: {by:?}"
    );
    assert!(
        by[0].starts_with(&format!("{BY_RULES} budget_spent ")),
        "{by:?}"
    );
    assert!(by[1].starts_with(&format!("{BY_MODEL} ")), "{by:?}");
    let counted = app.count("select tokens from llm_usage").await;
    assert_eq!(counted, app.llm().tokens_used() as i64);
    assert!(counted <= all / 2, "{counted} of half of {all}");
    let latest = app.store.load_latest_insights(team.id).await.expect("read");
    let fallbacks: Vec<_> = latest
        .iter()
        .filter_map(|stored| stored.insight.fallback)
        .collect();
    assert!(!fallbacks.is_empty(), "the insights come last");

    // Another team has tokens of its own.
    let birch = super::OrgSpec {
        login: "birch".to_owned(),
        ..acme()
    };
    onboarded(&app, birch).await;
    let by_model = format!(
        "select count(*) from pull_request p join team t on t.id = p.team_id \
         where t.key = 'birch' and p.analysed_by = '{BY_MODEL}'"
    );
    assert!(app.count(&by_model).await > 0);
}

#[tokio::test]
async fn the_deployments_tokens_are_of_all_teams_together() {
    let app = App::builder()
        .with_model(|model| model.budget.deployment = 1)
        .start()
        .await;
    onboarded(&app, acme()).await;
    assert_eq!(app.select(BY).await, [format!("{BY_RULES} budget_spent 6")]);
    assert_eq!(app.llm().questions_asked(), 0);
    assert_eq!(
        app.select("select coalesce(trouble, 'none') from llm_server")
            .await,
        Vec::<String>::new()
    );
    assert_eq!(
        app.count("select coalesce(sum(tokens), 0) from llm_usage")
            .await,
        0
    );
}
