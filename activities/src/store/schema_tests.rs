//! The words of the domain and the words that the schema accepts must be the same: a word added to an enum needs a migration.

use workflows::domain::{
    copilot::{CopilotSkipReason, CopilotStatus},
    credential::CredentialKind,
    licence::{LicenceFinding, SeatEventKind},
    member::MemberRole,
    pipeline::{Phase, PipelineStatus, Step},
    pull_request::{AiEvidence, ChangeKind, PullRequestState, ReviewState},
    report::{LedgerState, ReportKind},
};

/// The lists of words in the migrations, as `'a', 'b'` with single spaces.
fn schema() -> String {
    let sql = super::MIGRATOR
        .iter()
        .map(|migration| migration.sql.as_str());
    let sql: Vec<&str> = sql.flat_map(str::split_whitespace).collect();
    sql.join(" ").replace("( '", "('")
}

#[test]
fn every_check_lists_exactly_the_words_of_its_type() {
    let schema = schema();
    let check = |column: &str, words: Vec<&str>| {
        let list = words
            .iter()
            .map(|word| format!("'{word}'"))
            .collect::<Vec<_>>()
            .join(", ");
        assert!(
            schema.contains(&format!("check ({column} in ({list}))")),
            "{column}: {list}"
        );
    };
    macro_rules! check {
        ($($column:literal: $type:ident),+ $(,)?) => {
            $(check($column, $type::ALL.iter().map(|value| value.as_str()).collect());)+
        };
    }
    check!(
        "pipeline_status": PipelineStatus,
        "copilot_status": CopilotStatus,
        "copilot_skip_reason": CopilotSkipReason,
        "kind": CredentialKind,
        "role": MemberRole,
        "state": PullRequestState,
        "state": ReviewState,
        "ai_evidence": AiEvidence,
        "change_kind": ChangeKind,
        "phase": Phase,
        "step": Step,
        "report": ReportKind,
        "state": LedgerState,
        "finding": LicenceFinding,
        "kind": SeatEventKind,
    );
}
