//! What workflows and pages know of the language model: why the rules wrote in its place.

use serde::{Deserialize, Serialize};

use super::words;

/// Why the rules wrote what a model was to write. None of them is a team's fault, and none stops its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FallbackReason {
    /// The team's tokens for this day, or the deployment's, are spent.
    BudgetSpent,
    /// The server takes the key no more (401 or 403).
    KeyRejected,
    /// The account at the server has no credit left.
    QuotaSpent,
    /// No answer, or a server's error, for as long as it was tried.
    Unreachable,
    /// The server does not take the request: an unknown model, or a text that is too long for it.
    RequestRejected,
    /// The answer was not what was asked for, and that of the other model was not, either.
    AnswerInvalid,
}

words!(FallbackReason {
    BudgetSpent => "budget_spent",
    KeyRejected => "key_rejected",
    QuotaSpent => "quota_spent",
    Unreachable => "unreachable",
    RequestRejected => "request_rejected",
    AnswerInvalid => "answer_invalid",
});

impl FallbackReason {
    /// Whether an operator has to mend it. A budget that is spent was meant to be, and an answer is one model's on one text.
    pub fn is_operators(self) -> bool {
        match self {
            Self::KeyRejected | Self::QuotaSpent | Self::Unreachable | Self::RequestRejected => {
                true
            }
            Self::BudgetSpent | Self::AnswerInvalid => false,
        }
    }

    /// One line for the operator.
    pub fn runbook(self) -> &'static str {
        match self {
            Self::BudgetSpent => {
                "nothing, or raise COFLOW_LLM_TEAM_TOKENS or COFLOW_LLM_DAY_TOKENS; tomorrow there is a new budget"
            }
            Self::KeyRejected => {
                "give a right COFLOW_LLM_API_KEY and restart the workers; the next night analyses again what rules did"
            }
            Self::QuotaSpent => {
                "pay for more at the language model's server; the next night analyses again what rules did"
            }
            Self::Unreachable => {
                "look at COFLOW_LLM_URL, the network and the server's status page; the next night tries again"
            }
            Self::RequestRejected => {
                "check that COFLOW_LLM_MODEL and COFLOW_LLM_FALLBACK_MODEL are models of COFLOW_LLM_URL, then restart the workers"
            }
            Self::AnswerInvalid => {
                "nothing: the next nights try again; if it stays, another COFLOW_LLM_MODEL does better"
            }
        }
    }

    /// For whoever reads what the rules wrote.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::BudgetSpent => "the day's budget of the language model is spent",
            Self::KeyRejected => "the language model's server rejects the key",
            Self::QuotaSpent => "the account at the language model's server has no credit left",
            Self::Unreachable => "the language model's server could not be reached",
            Self::RequestRejected => "the language model's server does not take the request",
            Self::AnswerInvalid => "the language model's answer was not valid",
        }
    }
}
