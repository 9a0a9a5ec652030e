//! Files and batches: what was uploaded, what is answered together later, and what came of it.

mod batch;
mod create;
mod files;
mod lines;
mod progress;
mod routes;

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

pub(crate) use create::create;
pub(crate) use files::{delete_file, download, show_file, upload};
pub(crate) use progress::{Ending, end_all};
pub(crate) use routes::{cancel, list, show, summaries};

use super::faults::seconds;
use batch::Batch;
use files::StoredFile;

/// When batches end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchPace {
    /// When somebody looks at them this much later; with zero at the next look.
    After(#[serde(with = "seconds")] Duration),
    /// When the control says so.
    WhenTold,
}

/// All files and batches.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    files: BTreeMap<String, StoredFile>,
    /// Oldest first.
    batches: Vec<Batch>,
    files_made: u64,
}

impl Storage {
    fn add_file(&mut self, file: StoredFile) -> String {
        self.files_made += 1;
        let id = format!("file-sim-{}", self.files_made);
        self.files.insert(id.clone(), file);
        id
    }
}
