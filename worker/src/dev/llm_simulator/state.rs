//! Everything a running simulator shares between requests. Locks are taken in the order storage, faults, log, and never held
//! across an await.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    LlmSimulatorOptions,
    batches::{BatchPace, Storage},
    faults::Faults,
    requests::RequestLog,
};

/// The shared state of one simulator.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) base_url: String,
    pub(crate) keys: Vec<String>,
    latency_ms: AtomicU64,
    obeys_orders: AtomicBool,
    next_time: AtomicI64,
    batch_pace: Mutex<BatchPace>,
    storage: Mutex<Storage>,
    faults: Mutex<Faults>,
    log: Mutex<RequestLog>,
}

impl State {
    pub(crate) fn new(options: LlmSimulatorOptions, base_url: String) -> Self {
        Self {
            base_url,
            keys: options.keys,
            latency_ms: AtomicU64::new(options.latency.as_millis() as u64),
            obeys_orders: AtomicBool::new(false),
            next_time: AtomicI64::new(options.now.timestamp()),
            batch_pace: Mutex::new(options.batch_pace),
            storage: Mutex::default(),
            faults: Mutex::default(),
            log: Mutex::default(),
        }
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_millis(self.latency_ms.load(Ordering::Relaxed))
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        let ms = latency.as_millis() as u64;
        self.latency_ms.store(ms, Ordering::Relaxed);
    }

    pub(crate) fn obeys_orders(&self) -> bool {
        self.obeys_orders.load(Ordering::Relaxed)
    }

    pub(crate) fn set_obeys_orders(&self, is_obeying: bool) {
        self.obeys_orders.store(is_obeying, Ordering::Relaxed);
    }

    /// Seconds since 1970, counted: nothing is made at the same time as another thing.
    pub(crate) fn next_time(&self) -> i64 {
        self.next_time.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn batch_pace(&self) -> BatchPace {
        *locked(&self.batch_pace)
    }

    pub(crate) fn set_batch_pace(&self, pace: BatchPace) {
        *locked(&self.batch_pace) = pace;
    }

    pub(crate) fn storage(&self) -> MutexGuard<'_, Storage> {
        locked(&self.storage)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        locked(&self.faults)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        locked(&self.log)
    }
}

fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
