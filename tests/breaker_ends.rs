//! Tokens that are really gone, many at once: the circuit breaker holds them like a storm at first, but not for ever. Once others have
//! been getting through for long enough, each is judged by itself.

use std::time::Duration;

use activities::BreakerSettings;
use workflows::domain::{
    cause::Cause,
    pipeline::PipelineStatus,
    trouble::{BreakerState, TroubleKind},
};

use crate::{
    breaker::{SIX, await_state, onboard},
    support::App,
};

#[tokio::test]
async fn many_tokens_that_are_gone_are_told_and_end_the_holding() {
    let breaker = BreakerSettings {
        teams: 5,
        window: Duration::from_secs(20),
        probe_every: Duration::from_secs(1),
    };
    let confirm_after = Duration::from_secs(6);
    let app = App::builder()
        .breaker(breaker)
        .confirm_after(confirm_after)
        .start()
        .await;
    let teams = onboard(&app, &SIX).await;
    let (gone, well) = teams.split_at(5);
    for name in &SIX[..5] {
        app.github().revoke_token(&app.github().admin_token(name));
    }
    for team in gone {
        app.runs.start_refresh(team).await.expect("it starts");
    }
    await_state(&app, TroubleKind::Rejected, BreakerState::Open).await;
    app.refresh(&well[0]).await;

    for team in gone {
        let parked = app.await_status(team, PipelineStatus::AwaitingReconnect);
        assert_eq!(parked.await.pipeline_cause, Some(Cause::TokenRevoked));
    }
    // Nobody is held any more, which the next success shows.
    app.refresh(&well[0]).await;
    await_state(&app, TroubleKind::Rejected, BreakerState::Closed).await;
}
