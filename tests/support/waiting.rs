//! Waiting for a condition: looked at again and again until a deadline, and the failure says what was last seen.

use std::{
    fmt::Debug,
    future::Future,
    time::{Duration, Instant},
};

/// Long enough for a loaded machine of two cores; nothing takes it when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

const POLL: Duration = Duration::from_millis(25);

/// Looks until `is_there` says yes and returns what was seen.
///
/// # Panics
/// After `PATIENCE`, with what was waited for and what was last seen.
pub(crate) async fn until<T, F>(
    what: &str,
    mut look: impl FnMut() -> F,
    is_there: impl Fn(&T) -> bool,
) -> T
where
    T: Debug,
    F: Future<Output = T>,
{
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = look().await;
        if is_there(&seen) {
            return seen;
        }
        assert!(
            Instant::now() < deadline,
            "waited {} s for {what}; last seen: {seen:#?}",
            PATIENCE.as_secs()
        );
        tokio::time::sleep(POLL).await;
    }
}
