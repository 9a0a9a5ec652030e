//! The commands of the control, as data: `POST /_control/<name>` takes the fields as its body.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dev::llm_simulator::{BatchPace, Fault, RequestFilter, faults::seconds};

/// One change of the simulator's behaviour. Durations are seconds in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each command is documented at the method of `Control` it serves"
)]
pub enum Command {
    FailNext {
        n: u64,
        fault: Fault,
        #[serde(default)]
        only: RequestFilter,
    },
    FailUntilCleared {
        fault: Fault,
        #[serde(default)]
        only: RequestFilter,
    },
    ClearFaults {},
    ClearRequests {},
    SetLatency {
        #[serde(rename = "seconds", with = "seconds")]
        latency: Duration,
    },
    SetBatchPace {
        pace: BatchPace,
    },
    FinishBatches {},
    ExpireBatches {},
    FailBatches {},
    ObeyOrders {
        is_obeying: bool,
    },
}
