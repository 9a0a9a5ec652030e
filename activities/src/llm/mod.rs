//! Writers of analyses and insights: given measured facts, they choose words. No writer computes a measure.

mod answer_fields;
pub mod client;
mod document;
pub mod foreign_names;
pub mod insight;
mod invalid_answer;
pub mod named_metrics;
mod plain_text;
pub mod prompts;
pub mod pull_request;
mod question;
pub mod rule_based;

pub use invalid_answer::InvalidAnswer;
pub use question::Question;
