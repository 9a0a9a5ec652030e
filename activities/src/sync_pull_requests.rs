//! Walks a team's repositories for pull requests, one request after the other; while a page is on its way, the one before it is
//! stored. Where the walk stands is stored together with each page, so that another worker goes on in the middle.
//!
//! A page that fails for a reason that may pass is asked for again, smaller each time. When a page of one fails still, although
//! GitHub has just answered for the listing, the repository is left to the next walk. While the listing fails too, the step waits.
//! Null in that page of one is no such failure, since it may stay for good: it is left out, and the walk goes on behind it.

mod page;
mod page_size;
mod plan;

use workflows::{activity_definitions::StepInput, domain::pipeline::WalkSlice};

use crate::{
    Activities, clock,
    failure::Failure,
    open_team::OpenTeam,
    slice::Slice,
    store::{RepositoryWalk, StoreError},
};
use page::Page;
use plan::plan;

pub(crate) async fn run(
    activities: &Activities,
    input: &StepInput,
    attempt: u32,
) -> Result<WalkSlice, Failure> {
    let store = &activities.store;
    // A walk that was finished by an attempt whose answer was lost is not walked again.
    if let Some(counts) = store.load_finished_walk(input.team.id, input.phase).await? {
        return Ok(counts);
    }
    let slice = activities.begin_slice();
    let team = activities.open_team(&input.team).await?;
    let walk = store
        .open_walk(input.team.id, input.phase, clock::now())
        .await?;
    if !walk.is_planned && !plan(activities, input, &team, &walk, &slice, attempt).await? {
        return Ok(store.walk_slice(input.team.id).await?);
    }
    let walk = Walk {
        activities,
        input,
        team: &team,
        attempt,
    };
    walk.go_on(&slice).await?;
    // Says that there is more while a repository is left.
    Ok(store.finish_walk(input.team.id, clock::now()).await?)
}

/// One attempt at a planned walk.
struct Walk<'a> {
    activities: &'a Activities,
    input: &'a StepInput,
    team: &'a OpenTeam,
    attempt: u32,
}

impl Walk<'_> {
    /// To the end of the walk or of the slice, and at least one page.
    async fn go_on(&self, slice: &Slice) -> Result<(), Failure> {
        let mut in_hand = None;
        let mut ahead = self.next_after(None).await?;
        while in_hand.is_some() || ahead.is_some() {
            let (is_kept, arrived) =
                tokio::join!(self.keep(in_hand.take()), self.fetch(ahead.take()));
            // What arrived is lost when the page before it cannot be stored: the cursor is not behind that one yet.
            in_hand = match (is_kept?, arrived) {
                (true, Ok(page)) => page,
                (true, Err(page)) => {
                    self.settle(page).await?;
                    None
                }
                (false, _) => None,
            };
            if !slice.is_over() {
                ahead = self.next_after(in_hand.as_ref()).await?;
            }
        }
        Ok(())
    }

    /// Where the walk stands once the page in hand is stored.
    async fn next_after(&self, page: Option<&Page>) -> Result<Option<RepositoryWalk>, StoreError> {
        if let Some(next) = page.and_then(Page::next) {
            return Ok(Some(next));
        }
        let finished = page.map(Page::repository_github_id);
        self.activities
            .store
            .next_repository(self.input.team.id, finished)
            .await
    }
}
