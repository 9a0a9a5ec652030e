//! The invariants of the design, as far as source files and the dependency graph can show them. Two have tests of their own: every
//! activity is safe to run twice (`twice`), and no secret or customer's text enters a workflow's history (`secrets`).

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

mod causes;
mod graph;
mod rooms;
mod settings;
mod size;
mod source;

/// Fails with all that was found, one a line.
fn assert_none(rule: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}
