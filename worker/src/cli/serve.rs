//! `coflow serve`: the health page, metrics, and GitHub's webhooks.

use activities::store::Store;
use tokio::signal::unix::{SignalKind, signal};

use super::{context::Context, output::say};
use crate::{
    web::{self, Webhooks},
    webhooks::Deliveries,
};

pub(super) async fn execute(context: &Context) -> anyhow::Result<()> {
    let store = context.store().await?;
    let secret = context.settings.webhook_secret.clone();
    let webhooks = secret.map(Webhooks::signed_with);
    let deliveries = match &webhooks {
        Some(webhooks) => Some(act_on_deliveries(context, store.clone(), webhooks).await?),
        None => None,
    };
    let addr = context.settings.http_addr;
    let server = web::start_receiving(store, addr, webhooks).await?;
    say!("http://{}/", server.addr());
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        result = tokio::signal::ctrl_c() => result?,
    }
    server.shut_down().await;
    if let Some(deliveries) = deliveries {
        deliveries.shut_down().await;
    }
    Ok(())
}

async fn act_on_deliveries(
    context: &Context,
    store: Store,
    webhooks: &Webhooks,
) -> anyhow::Result<Deliveries> {
    let temporal = context.temporal_target().await?;
    let task_queue = context.settings.task_queue.clone();
    Ok(Deliveries::start(
        store,
        temporal,
        task_queue,
        webhooks.arrived(),
    ))
}
