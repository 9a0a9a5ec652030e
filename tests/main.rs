//! The system tests: one binary.

mod architecture;
