//! What many teams may meet at GitHub at once, so that it is no team's own: the kinds of the circuit breaker, and its states.

use super::words;

/// Type name, in a history, of an activity's failure while the circuit breaker holds its team. Work that ends with it has not failed.
pub const HELD: &str = "held";

/// A kind of failure that opens the circuit breaker when many teams meet it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TroubleKind {
    /// GitHub answers 401 to the teams' credentials.
    Rejected,
    /// GitHub answers 5xx, too late, or not at all.
    Unavailable,
    /// GitHub rejects the JWT of this deployment's App. One such answer is enough: it is no team's fault.
    AppKey,
}

words!(TroubleKind {
    Rejected => "rejected",
    Unavailable => "unavailable",
    AppKey => "app_key",
});

impl TroubleKind {
    /// One sentence for people: what is wrong.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Rejected => "GitHub rejects the credentials of many teams at once.",
            Self::Unavailable => "GitHub does not answer many teams at once.",
            Self::AppKey => "GitHub rejects the key of this deployment's App.",
        }
    }
}

/// State of the circuit breaker of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// Nothing is held.
    Closed,
    /// Every team is held.
    Open,
    /// The teams that failed alike are held; others got through meanwhile.
    Narrowed,
}

words!(BreakerState {
    Closed => "closed",
    Open => "open",
    Narrowed => "narrowed",
});
