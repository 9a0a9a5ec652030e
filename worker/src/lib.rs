//! worker
pub mod dev;
