//! Walks a team's repositories for pull requests, one page after the other. Where it stands is stored together with each page, so
//! that another worker goes on in the middle of a walk.
//!
//! A page that fails for a reason that may pass is asked for again, smaller each time. When a page of one fails still, although
//! GitHub has just answered for the listing, the repository is left to the next walk. While the listing fails too, the step waits.

use std::time::Duration;

use chrono::Days;
use tokio::time::{Instant, timeout};
use workflows::{
    activity_definitions::StepInput,
    domain::{cause::Cause, pipeline::WalkSlice, pull_request::PullRequest},
};

use crate::{
    Activities, clock,
    failure::{self, Decision, Failure},
    github::{self, EndpointClass, Evidence, FailureClass, GithubFailure},
    open_team::OpenTeam,
    store::{PullRequestPage, RepositoryWalk},
};

/// Page sizes, from one that always works to one that usually does.
const PAGE_SIZES: [u8; 7] = [1, 3, 5, 8, 13, 25, 50];
/// Attempts before a repository may be found to be the one in trouble: a glitch passes within fewer.
const PATIENT_ATTEMPTS: u32 = 3;
/// A page with all its overflow that takes longer is smaller the next time.
const SLOW_PAGE: Duration = Duration::from_secs(60);
/// A page is given up after this long: with a whole slice before it, still well before the deadline of an attempt, which would
/// repeat the same page in the same size.
const LONGEST_PAGE: Duration = Duration::from_secs(120);

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
    let github = &activities.github;
    let page_size = repository.page_size.min(largest_page(activities));
    let is_last_try = page_size == 1 && attempt >= PATIENT_ATTEMPTS;
    if is_last_try {
        // Asked first, so that an outage that ends between the two is not held against the repository.
        github
            .fetch_repositories(&team.token, &team.slug, None)
            .await?;
    }
    let (owner, name) = repository
        .full_name
        .split_once('/')
        .unwrap_or(("", &repository.full_name));
    let began_at = Instant::now();
    let fetched = in_time(
        LONGEST_PAGE,
        github.fetch_pull_requests(
            &team.token,
            owner,
            name,
            u32::from(page_size),
            repository.cursor.as_deref(),
        ),
    )
    .await;
    match fetched {
        // The name was given to another repository since the listing.
        Ok(page) if page.repository_github_id != repository.repository_github_id => {
            tracing::warn!(
                team.id = input.team.id.0,
                "a repository's name is another's now: left to the next walk"
            );
            let (team, id) = (input.team.id, repository.repository_github_id);
            let cause = Cause::RepositoryBlocked;
            Ok(activities
                .store
                .fail_repository(team, id, cause, None)
                .await?)
        }
        Ok(page) => {
            let next_size = size_after(page_size, began_at.elapsed(), largest_page(activities));
            store_page(
                activities,
                input,
                repository,
                team.history_days,
                page,
                next_size,
            )
            .await
        }
        Err(failure) => {
            let decision = failure::decide(&failure.class, attempt, clock::now());
            let decision = match decision.within_repository() {
                Decision::Retry | Decision::RetrySmallerPage if is_last_try => {
                    Decision::SkipRepository(Cause::GithubUnreachable)
                }
                other => other,
            };
            page_failed(activities, input, repository, failure, decision, page_size).await
        }
    }
}

/// The page, or a failure when it takes too long.
async fn in_time<T>(
    limit: Duration,
    fetch: impl Future<Output = Result<T, GithubFailure>>,
) -> Result<T, GithubFailure> {
    timeout(limit, fetch).await.unwrap_or_else(|_| {
        Err(GithubFailure {
            class: FailureClass::Transient { shrink_page: true },
            evidence: Box::new(Evidence {
                endpoint: EndpointClass::PullRequests,
                http_status: None,
                message: Some("the page was not complete in time".to_owned()),
                documentation_url: None,
                request_id: None,
                sso_url: None,
            }),
        })
    })
}

async fn store_page(
    activities: &Activities,
    input: &StepInput,
    repository: &RepositoryWalk,
    history_days: u16,
    page: github::PullRequestPage,
    next_size: u8,
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
        page_size: next_size,
    };
    activities
        .store
        .store_pull_request_page(input.team.id, repository, &page, clock::now())
        .await?;
    Ok(())
}

/// Whatever may pass makes the next page smaller, so that the size also counts the failures in a row.
async fn page_failed(
    activities: &Activities,
    input: &StepInput,
    repository: &RepositoryWalk,
    failure: GithubFailure,
    decision: Decision,
    page_size: u8,
) -> Result<(), Failure> {
    let store = &activities.store;
    let (team, id) = (input.team.id, repository.repository_github_id);
    match decision {
        Decision::SkipRepository(cause) => {
            let evidence_id = activities
                .keep_evidence(team, &failure, decision, None)
                .await;
            Ok(store.fail_repository(team, id, cause, evidence_id).await?)
        }
        Decision::Retry | Decision::RetrySmallerPage => {
            store.set_page_size(team, id, shrunk(page_size)).await?;
            Err(failure.into())
        }
        Decision::WaitUntil { .. }
        | Decision::Confirm(_)
        | Decision::Park(_)
        | Decision::Fail(_)
        | Decision::NoData(_) => Err(failure.into()),
    }
}

fn largest_page(activities: &Activities) -> u8 {
    u8::try_from(activities.settings.page_size).unwrap_or(u8::MAX)
}

/// The size that follows a page that arrived.
fn size_after(page_size: u8, took: Duration, largest: u8) -> u8 {
    if took > SLOW_PAGE {
        shrunk(page_size)
    } else {
        grown(page_size, largest)
    }
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
    use std::time::Duration;

    use super::{SLOW_PAGE, grown, in_time, shrunk, size_after};
    use crate::github::{FailureClass, GithubFailure};

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

    #[test]
    fn a_slow_page_is_followed_by_a_smaller_one() {
        let moment = Duration::from_millis(1);
        assert_eq!(size_after(25, SLOW_PAGE + moment, 25), 13);
        assert_eq!(size_after(13, SLOW_PAGE, 25), 25);
    }

    #[tokio::test]
    async fn a_page_that_does_not_end_is_one_that_shrinks() {
        let endless = std::future::pending::<Result<(), GithubFailure>>();
        let ended = in_time(Duration::from_millis(1), endless).await;
        let failure = ended.expect_err("it does not end");
        assert_eq!(failure.class, FailureClass::Transient { shrink_page: true });
    }
}
