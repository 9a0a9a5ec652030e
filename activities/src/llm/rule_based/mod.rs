//! The writer that needs no model: the default without a key, and the fallback with one. Pure functions of their input, so the
//! same input always gives the same words.

mod ai_evidence;
mod ai_sentence;
mod analysis;
mod change_kind;
pub(in crate::llm) mod copilot_sentence;
mod delivery_sentences;
mod findings;
mod flow_findings;
mod flow_sentences;
mod insight;
pub(in crate::llm) mod one_line;
mod review_sentence;
mod trend_findings;
pub(in crate::llm) mod wording;

pub use analysis::{AnalysisInput, analyse};
pub use insight::write_insight;

/// Stored as the writer of everything the rules write. Raise the number when their words or grades change.
pub const WRITTEN_BY: &str = "rules-2";
