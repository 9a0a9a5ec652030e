//! The relay: sends the e-mails of the outbox, one after the other, beside a worker. Several may run: each e-mail is claimed by one.
//! Nothing waits for it, and no pipeline notices when it cannot send.

use std::time::Duration;

use activities::{
    mail::{Delivered, Sender, deliver_next},
    store::Store,
};
use tokio::{sync::watch, task::JoinHandle};

/// How long the relay rests when nothing is due.
const POLL: Duration = Duration::from_secs(2);
/// How long the e-mail in hand may still take when the process is asked to stop.
const GRACE_PERIOD: Duration = Duration::from_secs(10);

/// A relay at work.
pub struct MailRelay {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl MailRelay {
    /// Starts a relay on this runtime.
    pub fn start(store: Store, sender: Sender) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(async move { relay(&store, &sender, stopped).await });
        Self { stop, task }
    }

    /// Lets the e-mail in hand end and stops. A mail server that does not answer is not waited for: the same message is sent again
    /// when the claim on it has run out.
    pub async fn shut_down(self) {
        let _ = self.stop.send(true);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(GRACE_PERIOD, self.task).await.is_err() {
            abort.abort();
        }
    }
}

async fn relay(store: &Store, sender: &Sender, mut stopped: watch::Receiver<bool>) {
    let mut is_cut_off = false;
    while !*stopped.borrow() {
        match deliver_next(store, sender).await {
            Ok(Delivered::One) => {
                is_cut_off = false;
                continue;
            }
            Ok(Delivered::Nothing) => is_cut_off = false,
            // Said once, not every two seconds.
            Err(error) if !is_cut_off => {
                is_cut_off = true;
                tracing::warn!(error = %error, "the e-mail relay waits for the database");
            }
            Err(_) => {}
        }
        // The other side of the channel is gone only when nobody can ask any more.
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            changed = stopped.changed() => if changed.is_err() { return },
        }
    }
}
