//! The end of a slice of a step that walks: after the time of the settings, or as soon as the worker is asked to stop. The step then
//! finishes the page in hand and says that there is more, so that a deployment neither waits nor fetches anything twice.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::time::Instant;

use crate::Activities;

/// Tells the steps of a worker that it stops. Clones are the same signal.
#[derive(Debug, Clone, Default)]
pub struct StopSignal(Arc<AtomicBool>);

impl StopSignal {
    /// Ends every slice at its next page, for good.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the worker stops.
    pub fn is_stopping(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A slice in work.
pub(crate) struct Slice {
    ends_at: Instant,
    stop: StopSignal,
}

impl Slice {
    /// Asked after each piece of work, so that every slice does at least one.
    pub(crate) fn is_over(&self) -> bool {
        self.stop.is_stopping() || Instant::now() >= self.ends_at
    }
}

impl Activities {
    /// A slice that begins now.
    pub(crate) fn begin_slice(&self) -> Slice {
        Slice {
            ends_at: Instant::now() + self.settings.slice,
            stop: self.stop.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_slice_ends_by_time_or_by_the_signal() {
        let stop = StopSignal::default();
        let slice = |ends_at| Slice {
            ends_at,
            stop: stop.clone(),
        };
        let later = Instant::now() + Duration::from_secs(3600);
        assert!(!slice(later).is_over());
        assert!(slice(Instant::now()).is_over());
        stop.stop();
        assert!(slice(later).is_over());
    }
}
