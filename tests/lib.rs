//! The system tests are in the test binary.
