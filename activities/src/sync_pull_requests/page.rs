//! One page of a repository: asked for, judged, stored.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout};
use workflows::domain::{cause::Cause, pull_request::PullRequest};

use super::{
    Walk,
    page_size::{shrunk, size_after},
};
use crate::{
    clock,
    failure::{self, Decision, Failure},
    github::{self, EndpointClass, FailureClass, GithubFailure},
    store::{Parts, PullRequestPage, RepositoryWalk, beginning_of_history},
};

/// Attempts before a repository may be found to be the one in trouble: a glitch passes within fewer.
const PATIENT_ATTEMPTS: u32 = 3;
/// A page is given up after this long: with a whole slice before it, still well before the deadline of an attempt, which would
/// repeat the same page in the same size.
const LONGEST_PAGE: Duration = Duration::from_secs(120);

/// A page that arrived, with where its repository stood when it was asked for.
pub(super) struct Page {
    repository: RepositoryWalk,
    content: PullRequestPage,
}

/// A page that did not.
pub(super) struct FailedPage {
    repository: RepositoryWalk,
    page_size: u8,
    failure: GithubFailure,
    decision: Decision,
}

impl Page {
    /// The numeric id of its repository.
    pub(super) fn repository_github_id(&self) -> i64 {
        self.repository.repository_github_id
    }

    /// Where its repository stands once it is stored; `None` when it is the last one.
    pub(super) fn next(&self) -> Option<RepositoryWalk> {
        let cursor = self.content.next_cursor.clone()?;
        (!self.content.reached_floor).then(|| RepositoryWalk {
            cursor: Some(cursor),
            page_size: self.content.page_size,
            ..self.repository.clone()
        })
    }
}

impl Walk<'_> {
    /// Asks for the page at which the repository stands. No repository, no page.
    pub(super) async fn fetch(
        &self,
        repository: Option<RepositoryWalk>,
    ) -> Result<Option<Page>, FailedPage> {
        let Some(repository) = repository else {
            return Ok(None);
        };
        let page_size = repository.page_size.min(self.largest_page());
        let is_last_try = page_size == 1 && self.attempt >= PATIENT_ATTEMPTS;
        let began_at = Instant::now();
        match self.ask(&repository, page_size, is_last_try).await {
            Ok(page) => {
                let next_size = size_after(page_size, began_at.elapsed(), self.largest_page());
                if page.has_gaps {
                    tracing::warn!(
                        team.id = self.input.team.id.0,
                        repository.id = repository.repository_github_id,
                        "GitHub keeps null in the place of a pull request, or of its reviews or commits: it is left out"
                    );
                }
                let history_begins_at =
                    beginning_of_history(repository.walk_started_at, self.team.history_days.into());
                let content = content(&repository, page, history_begins_at, next_size);
                Ok(Some(Page {
                    repository,
                    content,
                }))
            }
            Err(failure) => Err(FailedPage {
                decision: self.decide(&failure, is_last_try),
                repository,
                page_size,
                failure,
            }),
        }
    }

    fn decide(&self, failure: &GithubFailure, is_last_try: bool) -> Decision {
        let decision = failure::decide(&failure.class, self.attempt, clock::now());
        if !failure.evidence.endpoint.is_repository() {
            return decision;
        }
        match decision.within_repository() {
            Decision::Retry | Decision::RetrySmallerPage if is_last_try => {
                Decision::SkipRepository(Cause::GithubUnreachable)
            }
            other => other,
        }
    }

    async fn ask(
        &self,
        repository: &RepositoryWalk,
        page_size: u8,
        is_last_try: bool,
    ) -> Result<github::PullRequestPage, GithubFailure> {
        let (github, team) = (&self.activities.github, self.team);
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
        let cursor = repository.cursor.as_deref();
        let token = &team.token;
        let fetch = async {
            if is_last_try {
                github
                    .fetch_pull_request_with_gaps(token, owner, name, cursor)
                    .await
            } else {
                github
                    .fetch_pull_requests(token, owner, name, page_size.into(), cursor)
                    .await
            }
        };
        let page = in_time(LONGEST_PAGE, fetch).await?;
        if page.repository_github_id == repository.repository_github_id {
            Ok(page)
        } else {
            let message = "since the listing the name was given to another repository";
            Err(without_page(FailureClass::RepositoryUnavailable, message))
        }
    }

    /// Stores a page. `false` when the database has gone on without it: another attempt walks as well.
    pub(super) async fn keep(&self, page: Option<Page>) -> Result<bool, Failure> {
        let Some(page) = page else {
            return Ok(true);
        };
        let stored = self
            .activities
            .store
            .store_pull_request_page(
                self.input.team.id,
                &page.repository,
                &page.content,
                clock::now(),
            )
            .await?;
        Ok(stored.is_some())
    }

    /// What is wrong with one repository alone leaves it to the next walk; the others go on. Whatever may pass makes the next page
    /// smaller, so that the size also counts the failures in a row.
    pub(super) async fn settle(&self, page: FailedPage) -> Result<(), Failure> {
        let store = &self.activities.store;
        let team = self.input.team.id;
        let id = page.repository.repository_github_id;
        match page.decision {
            Decision::SkipRepository(cause) => {
                let evidence_id = self
                    .activities
                    .keep_evidence(team, &page.failure, page.decision, None)
                    .await;
                Ok(store
                    .fail_repository(team, id, cause, evidence_id, clock::now())
                    .await?)
            }
            Decision::Retry | Decision::RetrySmallerPage => {
                store
                    .set_page_size(team, id, shrunk(page.page_size))
                    .await?;
                Err(page.failure.into())
            }
            Decision::WaitUntil { .. }
            | Decision::Confirm(_)
            | Decision::Park(_)
            | Decision::Fail(_)
            | Decision::NoData(_) => Err(page.failure.into()),
        }
    }

    fn largest_page(&self) -> u8 {
        u8::try_from(self.activities.settings.page_size).unwrap_or(u8::MAX)
    }
}

/// A page as it is stored. What lies before the team's history is left out of it, as long as the walk need not reach further: a
/// page is never cut above the walk's floor, since what was left out there would count as stored.
fn content(
    repository: &RepositoryWalk,
    page: github::PullRequestPage,
    history_begins_at: DateTime<Utc>,
    next_size: u8,
) -> PullRequestPage {
    let reached_floor = page
        .pull_requests
        .iter()
        .any(|pull_request| pull_request.updated_at < repository.floor_at);
    let cut_at = history_begins_at.min(repository.floor_at);
    let (pull_requests, left_out): (Vec<PullRequest>, Vec<PullRequest>) = page
        .pull_requests
        .into_iter()
        .partition(|pull_request| pull_request.updated_at >= cut_at);
    PullRequestPage {
        pull_requests,
        parts: if page.has_gaps {
            Parts::WithGaps
        } else {
            Parts::Complete
        },
        cut_at: (!left_out.is_empty()).then_some(cut_at),
        reached_floor,
        next_cursor: page.next_cursor,
        page_size: next_size,
    }
}

/// The page, or a failure when it takes too long.
async fn in_time<T>(
    limit: Duration,
    fetch: impl Future<Output = Result<T, GithubFailure>>,
) -> Result<T, GithubFailure> {
    timeout(limit, fetch).await.unwrap_or_else(|_| {
        let class = FailureClass::Transient { shrink_page: true };
        Err(without_page(class, "the page was not complete in time"))
    })
}

fn without_page(class: FailureClass, message: &'static str) -> GithubFailure {
    GithubFailure::without_answer(class, EndpointClass::PullRequests, message)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, TimeDelta, Utc};
    use workflows::domain::pull_request::{PullRequest, PullRequestState};

    use super::{content, in_time};
    use crate::{
        github::{self, FailureClass, GithubFailure},
        store::RepositoryWalk,
    };

    /// 2026-11-20, a number of days before.
    fn days_ago(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_777 - days)
    }

    fn walk(floor_at: DateTime<Utc>) -> RepositoryWalk {
        RepositoryWalk {
            repository_github_id: 1,
            full_name: "acme/a".to_owned(),
            cursor: None,
            floor_at,
            page_size: 25,
            walk_started_at: days_ago(0),
        }
    }

    /// Numbered and changed by these days.
    fn page(days: &[i64]) -> github::PullRequestPage {
        let pull_request = |days: &i64| PullRequest {
            github_id: *days,
            number: *days,
            title: String::new(),
            body: String::new(),
            state: PullRequestState::Open,
            is_draft: false,
            created_at: days_ago(*days),
            updated_at: days_ago(*days),
            merged_at: None,
            closed_at: None,
            additions: 0,
            deletions: 0,
            changed_file_count: 0,
            author: None,
            labels: vec![],
            reviews: vec![],
            commits: vec![],
            files: vec![],
        };
        github::PullRequestPage {
            repository_github_id: 1,
            full_name: "acme/a".to_owned(),
            pull_requests: days.iter().map(pull_request).collect(),
            next_cursor: Some("c".to_owned()),
            has_gaps: false,
            total: 9,
            request_count: 1,
        }
    }

    #[test]
    fn a_page_is_cut_at_the_history_and_never_above_the_floor_of_its_walk() {
        // Days that the history and the walk reach back, what is kept of days 5, 15, 45 and 100, where the page was cut.
        for (history, floor, kept, cut, reached_floor) in [
            (90, 30, vec![5, 15, 45], Some(90), true),
            (120, 30, vec![5, 15, 45, 100], None, true),
            // The history was made shorter during the walk.
            (30, 90, vec![5, 15, 45], Some(90), true),
            // No night for longer than the history.
            (7, 20, vec![5, 15], Some(20), true),
            (7, 120, vec![5, 15, 45, 100], None, false),
        ] {
            let fetched = page(&[5, 15, 45, 100]);
            let stored = content(&walk(days_ago(floor)), fetched, days_ago(history), 25);
            let numbers: Vec<i64> = stored.pull_requests.iter().map(|one| one.number).collect();
            assert_eq!(numbers, kept, "{history} {floor}");
            assert_eq!(stored.cut_at, cut.map(days_ago), "{history} {floor}");
            assert_eq!(stored.reached_floor, reached_floor, "{history} {floor}");
        }
    }

    #[tokio::test]
    async fn a_page_that_does_not_end_is_one_that_shrinks() {
        let endless = std::future::pending::<Result<(), GithubFailure>>();
        let ended = in_time(Duration::from_millis(1), endless).await;
        let failure = ended.expect_err("it does not end");
        assert_eq!(failure.class, FailureClass::Transient { shrink_page: true });
    }
}
