//! What follows a phase's fetching, without an engine: the same bodies that a worker runs as activities, one after the other.
//! For the benchmark, which compares a worker with it; nothing here retries.

use workflows::activity_definitions::{AnalysePullRequests, StepInput};

use crate::{
    Activities, analyse_pull_requests,
    failure::{FIRST_ATTEMPT, Failure},
    measure_team, write_insights,
};

impl Activities {
    /// Analyses, measures and writes the insights of what is stored, as a phase does at its end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn digest(&self, input: &StepInput) -> Result<(), Failure> {
        let analyse = AnalysePullRequests {
            team: input.team.clone(),
            phase: input.phase,
            may_batch: false,
            again: false,
        };
        while analyse_pull_requests::run(self, &analyse, FIRST_ATTEMPT)
            .await?
            .has_more
        {}
        measure_team::run(self, input).await?;
        write_insights::run(self, input, FIRST_ATTEMPT).await?;
        Ok(())
    }
}
