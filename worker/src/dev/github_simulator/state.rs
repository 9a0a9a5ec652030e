//! Everything a running simulator shares between requests, and its clock. Locks are taken in
//! the order world, credentials, faults, log, and never held across an await.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::{credentials::Credentials, faults::Faults, model::World, requests::RequestLog};

/// The simulator's time: the moment given at the start, plus what has passed since, plus what
/// the control added.
#[derive(Debug)]
pub(crate) struct Clock {
    base: DateTime<Utc>,
    started: Instant,
    advanced_ms: AtomicI64,
}

impl Clock {
    pub(crate) fn new(base: DateTime<Utc>) -> Self {
        Self {
            base,
            started: Instant::now(),
            advanced_ms: AtomicI64::new(0),
        }
    }

    /// Now, in whole seconds like every time GitHub shows.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let passed = self.started.elapsed().as_millis() as i64;
        let advanced = self.advanced_ms.load(Ordering::Relaxed);
        (self.base + TimeDelta::milliseconds(passed + advanced)).trunc_subsecs(0)
    }

    /// When the simulated time began: windows of rate limits are counted from here.
    pub(crate) fn base(&self) -> DateTime<Utc> {
        self.base.trunc_subsecs(0)
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.advanced_ms
            .fetch_add(by.as_millis() as i64, Ordering::Relaxed);
    }
}

/// The shared state of one simulator.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) api_url: String,
    pub(crate) download_host: String,
    pub(crate) latency_ms: AtomicU64,
    world: RwLock<World>,
    credentials: Mutex<Credentials>,
    faults: Mutex<Faults>,
    log: Mutex<RequestLog>,
}

impl State {
    pub(crate) fn new(
        world: World,
        clock: Clock,
        (api_url, download_host): (String, String),
        latency: Duration,
    ) -> Self {
        let credentials = Credentials::for_world(&world);
        Self {
            clock,
            api_url,
            download_host,
            latency_ms: AtomicU64::new(latency.as_millis() as u64),
            world: RwLock::new(world),
            credentials: Mutex::new(credentials),
            faults: Mutex::default(),
            log: Mutex::default(),
        }
    }

    pub(crate) fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn credentials(&self) -> MutexGuard<'_, Credentials> {
        self.credentials
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
