//! `coflow run`: one worker, until it is asked to stop.

use std::time::Duration;

use temporalio_client::Client;
use tokio::signal::unix::{SignalKind, signal};

use super::context::Context;
use crate::{
    mail_relay::MailRelay,
    temporal::{connection, schedule::Schedule, worker},
    web,
};

pub(super) async fn execute(context: &Context) -> anyhow::Result<()> {
    let counters = match context.settings.metrics_addr {
        Some(addr) => Some(web::start_counters(addr).await?),
        None => None,
    };
    let plan = context.worker_plan().await?;
    let client = connection::connect(&plan.temporal).await?;
    let sender = context.mail_sender()?;
    let running = worker::start(plan).await?;
    let relay = match sender {
        Some(sender) => Some(MailRelay::start(context.mail_store().await?, sender)),
        None => {
            tracing::warn!(
                "e-mails wait: set COFLOW_SMTP_URL and COFLOW_MAIL_FROM, or COFLOW_MAIL_DIR"
            );
            None
        }
    };
    apply_schedules(context, &client).await;
    tracing::info!(task_queue = context.settings.task_queue, "worker started");
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            () = tokio::time::sleep(Duration::from_secs(1)) => if running.has_ended() { break },
        }
    }
    tracing::info!("worker stopping");
    let relay = async {
        if let Some(relay) = relay {
            relay.shut_down().await;
        }
    };
    let (ended, ()) = tokio::join!(running.shut_down(), relay);
    ended?;
    if let Some(counters) = counters {
        counters.shut_down().await;
    }
    Ok(())
}

/// The worker goes on without a schedule: onboarding needs none, and the operator reads why.
async fn apply_schedules(context: &Context, client: &Client) {
    for (plan, times) in context.schedules() {
        let schedule = Schedule::new(client.clone(), plan);
        match schedule.apply(&times, &context.settings.task_queue).await {
            Ok(_) => {}
            Err(error) => tracing::error!(error = %error, "the {} could not be applied", plan.name),
        }
    }
}
