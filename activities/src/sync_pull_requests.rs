//! Walks a team's repositories for pull requests, one page after the other. Where it stands is stored together with each page, so
//! that another worker goes on in the middle of a walk.

use chrono::Days;
use workflows::{
    activity_definitions::StepInput,
    domain::{pipeline::WalkSlice, pull_request::PullRequest},
};

use crate::{
    Activities, clock,
    failure::{self, Decision, Failure},
    github::{self, GithubFailure},
    open_team::OpenTeam,
    store::{PullRequestPage, RepositoryWalk},
};

/// Page sizes, from one that always works to one that usually does.
const PAGE_SIZES: [u8; 7] = [1, 3, 5, 8, 13, 25, 50];

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
    if !walk.is_planned {
        list_repositories(activities, input, &team).await?;
        store.plan_walk(input.team.id, &walk, clock::now()).await?;
    }
    while let Some(repository) = store.next_repository(input.team.id).await? {
        walk_page(activities, input, &team, &repository, attempt).await?;
        if slice.is_over() {
            return Ok(WalkSlice {
                has_more: true,
                ..store.walk_slice(input.team.id).await?
            });
        }
    }
    Ok(store.finish_walk(input.team.id, clock::now()).await?)
}

/// The listing carries the time of each repository's latest change: an unchanged repository costs no further request.
async fn list_repositories(
    activities: &Activities,
    input: &StepInput,
    team: &OpenTeam,
) -> Result<(), Failure> {
    let mut cursor: Option<String> = None;
    loop {
        let page = activities
            .github
            .fetch_repositories(&team.token, &team.slug, cursor.as_deref())
            .await?;
        activities
            .store
            .store_repositories(input.team.id, &page.repositories, clock::now())
            .await?;
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// Fetches and stores one page. What is wrong with one repository alone leaves it to the next walk; the others go on.
async fn walk_page(
    activities: &Activities,
    input: &StepInput,
    team: &OpenTeam,
    repository: &RepositoryWalk,
    attempt: u32,
) -> Result<(), Failure> {
    let page_size = repository.page_size.min(largest_page(activities));
    let (owner, name) = repository
        .full_name
        .split_once('/')
        .unwrap_or(("", &repository.full_name));
    let fetched = activities
        .github
        .fetch_pull_requests(
            &team.token,
            owner,
            name,
            u32::from(page_size),
            repository.cursor.as_deref(),
        )
        .await;
    match fetched {
        Ok(page) => {
            store_page(
                activities,
                input,
                repository,
                team.history_days,
                page,
                page_size,
            )
            .await
        }
        Err(failure) => {
            page_failed(activities, input, repository, failure, page_size, attempt).await
        }
    }
}

async fn store_page(
    activities: &Activities,
    input: &StepInput,
    repository: &RepositoryWalk,
    history_days: u16,
    page: github::PullRequestPage,
    page_size: u8,
) -> Result<(), Failure> {
    // What lies before the team's history is not asked for, and a page that crosses its edge holds some of it.
    let history_begins_at = clock::now() - Days::new(u64::from(history_days));
    let is_asked_for = |pull_request: &PullRequest| pull_request.updated_at >= history_begins_at;
    let page = PullRequestPage {
        reached_floor: page
            .pull_requests
            .iter()
            .any(|pull_request| pull_request.updated_at < repository.floor_at),
        pull_requests: page
            .pull_requests
            .into_iter()
            .filter(is_asked_for)
            .collect(),
        next_cursor: page.next_cursor,
        page_size: grown(page_size, largest_page(activities)),
    };
    activities
        .store
        .store_pull_request_page(input.team.id, repository, &page, clock::now())
        .await?;
    Ok(())
}

async fn page_failed(
    activities: &Activities,
    input: &StepInput,
    repository: &RepositoryWalk,
    failure: GithubFailure,
    page_size: u8,
    attempt: u32,
) -> Result<(), Failure> {
    let store = &activities.store;
    let decision = failure::decide(&failure.class, attempt, clock::now()).within_repository();
    if let Decision::SkipRepository(cause) = decision {
        let evidence_id = activities
            .keep_evidence(input.team.id, &failure, decision, None)
            .await;
        store
            .fail_repository(
                input.team.id,
                repository.repository_github_id,
                cause,
                evidence_id,
            )
            .await?;
        return Ok(());
    }
    if decision == Decision::RetrySmallerPage {
        store
            .set_page_size(
                input.team.id,
                repository.repository_github_id,
                shrunk(page_size),
            )
            .await?;
    }
    Err(failure.into())
}

fn largest_page(activities: &Activities) -> u8 {
    u8::try_from(activities.settings.page_size).unwrap_or(u8::MAX)
}

fn shrunk(page_size: u8) -> u8 {
    PAGE_SIZES
        .into_iter()
        .rev()
        .find(|size| *size < page_size)
        .unwrap_or(1)
}

fn grown(page_size: u8, largest: u8) -> u8 {
    PAGE_SIZES
        .into_iter()
        .find(|size| *size > page_size)
        .unwrap_or(largest)
        .min(largest)
        .max(page_size)
}

#[cfg(test)]
mod tests {
    use super::{grown, shrunk};

    #[test]
    fn pages_shrink_to_one_and_grow_back_to_the_setting() {
        let mut size = 25;
        let mut sizes = vec![];
        while size > 1 {
            size = shrunk(size);
            sizes.push(size);
        }
        assert_eq!(sizes, [13, 8, 5, 3, 1]);
        assert_eq!(shrunk(1), 1);
        for expected in [3, 5, 8, 13, 25, 25] {
            size = grown(size, 25);
            assert_eq!(size, expected);
        }
        assert_eq!(grown(25, 100), 50);
        assert_eq!(grown(50, 100), 100);
    }
}
