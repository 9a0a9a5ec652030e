//! `coflow serve`: the health page and metrics.

use tokio::signal::unix::{SignalKind, signal};

use super::{context::Context, output::say};
use crate::web;

pub(super) async fn execute(context: &Context) -> anyhow::Result<()> {
    let store = context.store().await?;
    let addr = context.settings.http_addr;
    let server = web::start(store, addr).await?;
    say!("http://{}/", server.addr());
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        result = tokio::signal::ctrl_c() => result?,
    }
    server.shut_down().await;
    Ok(())
}
