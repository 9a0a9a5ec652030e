//! The table's decisions, and what of them reaches Temporal.
