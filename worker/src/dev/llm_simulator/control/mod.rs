//! Changes how a running simulator behaves: in the process through [`Control`], from outside through
//! `POST /_control/<command>`. Both carry out the same [`Command`]s.

mod command;
pub(crate) mod http;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

pub use command::Command;

use super::{
    BatchPace, FALLBACK_MODEL, Fault, MODEL, RequestFilter, RequestRecord,
    batches::{self, Ending},
    faults::Stay,
    state::State,
};

/// A handle to a running simulator. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Control {
    state: Arc<State>,
}

impl Control {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// Carries out a command.
    pub fn apply(&self, command: Command) {
        let state = &*self.state;
        match command {
            Command::FailNext { n, fault, only } => {
                state.faults().add(Stay::Requests(n), fault, only);
            }
            Command::FailUntilCleared { fault, only } => {
                state.faults().add(Stay::UntilCleared, fault, only);
            }
            Command::ClearFaults {} => state.faults().clear(),
            Command::ClearRequests {} => state.log().clear(),
            Command::SetLatency { latency } => state.set_latency(latency),
            Command::SetBatchPace { pace } => state.set_batch_pace(pace),
            Command::FinishBatches {} => batches::end_all(state, Ending::Completed),
            Command::ExpireBatches {} => batches::end_all(state, Ending::Expired),
            Command::FailBatches {} => batches::end_all(state, Ending::Failed),
            Command::ObeyOrders { is_obeying } => state.set_obeys_orders(is_obeying),
        }
    }

    /// Lets the next `n` requests that it can hit fail.
    pub fn fail_next(&self, n: u64, fault: Fault) {
        self.fail_next_matching(n, fault, RequestFilter::any());
    }

    /// Lets the next `n` fitting requests fail.
    pub fn fail_next_matching(&self, n: u64, fault: Fault, only: RequestFilter) {
        self.apply(Command::FailNext { n, fault, only });
    }

    /// Lets all fitting requests fail until the faults are cleared.
    pub fn fail_until_cleared(&self, fault: Fault, only: RequestFilter) {
        self.apply(Command::FailUntilCleared { fault, only });
    }

    /// Forgets all faults.
    pub fn clear_faults(&self) {
        self.apply(Command::ClearFaults {});
    }

    /// Whether the model answers what the data order by `ANSWER WITH: …`.
    pub fn obey_orders(&self, is_obeying: bool) {
        self.apply(Command::ObeyOrders { is_obeying });
    }

    /// Delays every answer from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.apply(Command::SetLatency { latency });
    }

    /// Says when batches end, also those that are open.
    pub fn set_batch_pace(&self, pace: BatchPace) {
        self.apply(Command::SetBatchPace { pace });
    }

    /// Ends the open batches with everything answered.
    pub fn finish_batches(&self) {
        self.apply(Command::FinishBatches {});
    }

    /// Ends the open batches as too late, with their first half answered.
    pub fn expire_batches(&self) {
        self.apply(Command::ExpireBatches {});
    }

    /// Ends the open batches as failed, with nothing answered.
    pub fn fail_batches(&self) {
        self.apply(Command::FailBatches {});
    }

    /// The requests so far, oldest first, with the lines of batches that have been answered.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.log().records().cloned().collect()
    }

    /// How many of these fit.
    pub fn request_count(&self, filter: &RequestFilter) -> usize {
        let log = self.state.log();
        log.records().filter(|record| filter.fits(record)).count()
    }

    /// How often a model was asked, live or in a batch.
    pub fn questions_asked(&self) -> u64 {
        self.state.log().questions_asked
    }

    /// Tokens billed, of questions and answers, those that got lost included.
    pub fn tokens_used(&self) -> u64 {
        self.state.log().tokens_used
    }

    /// How many batches were created.
    pub fn batches_created(&self) -> u64 {
        self.state.log().batches_created
    }

    /// Forgets the requests so far, and counts questions, tokens and batches from zero.
    pub fn clear_requests(&self) {
        self.apply(Command::ClearRequests {});
    }

    /// What there is, in short.
    pub fn summary(&self) -> Value {
        let state = &*self.state;
        let batches = batches::summaries(state);
        let faults = json!(*state.faults());
        let log = state.log();
        json!({
            "base_url": state.base_url,
            "models": [MODEL, FALLBACK_MODEL],
            "obeys_orders": state.obeys_orders(),
            "batch_pace": state.batch_pace(),
            "requests": log.records().count(),
            "questions_asked": log.questions_asked,
            "tokens_used": log.tokens_used,
            "batches_created": log.batches_created,
            "batches": batches,
            "faults": faults,
        })
    }
}
