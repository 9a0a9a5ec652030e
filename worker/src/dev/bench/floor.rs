//! The floor: the requests and rows of an onboarding without any engine. The same client and the same store, driven by a plain
//! loop in one process, storing a page while the next is on its way: nothing is retried, resumed or shown.

use std::time::{Duration, Instant};

use activities::{
    Activities, clock,
    github::{GithubClient, Token},
    store::{Listing, Parts, PullRequestPage, RepositoryWalk, Store},
};
use workflows::{
    activity_definitions::StepInput,
    domain::{pipeline::Phase, team::TeamRef},
};

/// What the loop works with.
pub(super) struct Floor<'a> {
    pub(super) store: &'a Store,
    pub(super) github: &'a GithubClient,
    pub(super) activities: &'a Activities,
    pub(super) token: &'a Token,
    pub(super) organization: &'a str,
    pub(super) page_size: u8,
}

impl Floor<'_> {
    /// Both phases of an onboarding, one step after the other. Answers how long they took.
    pub(super) async fn onboard(&self, team: &TeamRef) -> anyhow::Result<Duration> {
        let started = Instant::now();
        self.sync_members(team).await?;
        for phase in [Phase::QuickStart, Phase::Background] {
            self.walk(team, phase).await?;
            let input = StepInput {
                team: team.clone(),
                phase,
            };
            self.activities.digest(&input).await?;
        }
        Ok(started.elapsed())
    }

    async fn sync_members(&self, team: &TeamRef) -> anyhow::Result<()> {
        let started_at = clock::now();
        let mut cursor: Option<String> = None;
        loop {
            let page = self
                .github
                .fetch_members(self.token, self.organization, cursor.as_deref())
                .await?;
            self.store
                .store_member_page(team.id, &page.members, started_at)
                .await?;
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        self.store
            .finish_member_listing(team.id, started_at)
            .await?;
        Ok(())
    }

    async fn walk(&self, team: &TeamRef, phase: Phase) -> anyhow::Result<()> {
        let store = self.store;
        let walk = store.open_walk(team.id, phase, clock::now()).await?;
        self.list_repositories(team).await?;
        store
            .plan_walk(team.id, &walk, Listing::Complete, clock::now())
            .await?;
        let mut in_hand = None;
        let mut ahead = store.next_repository(team.id, None).await?;
        while in_hand.is_some() || ahead.is_some() {
            let (_, arrived) =
                tokio::try_join!(self.keep(team, in_hand.take()), self.fetch(ahead.take()))?;
            let next = arrived.as_ref().and_then(next_page);
            let finished = arrived.as_ref().map(|(at, _)| at.repository_github_id);
            ahead = match next {
                Some(next) => Some(next),
                None => store.next_repository(team.id, finished).await?,
            };
            in_hand = arrived;
        }
        store.finish_walk(team.id, clock::now()).await?;
        Ok(())
    }

    async fn list_repositories(&self, team: &TeamRef) -> anyhow::Result<()> {
        let mut cursor: Option<String> = None;
        loop {
            let page = self
                .github
                .fetch_repositories(self.token, self.organization, cursor.as_deref())
                .await?;
            self.store
                .store_repositories(team.id, &page.repositories, clock::now())
                .await?;
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    async fn fetch(&self, repository: Option<RepositoryWalk>) -> anyhow::Result<Option<Arrived>> {
        let Some(repository) = repository else {
            return Ok(None);
        };
        let name = repository
            .full_name
            .split_once('/')
            .map_or(repository.full_name.as_str(), |(_, name)| name);
        let page_size = repository.page_size.min(self.page_size);
        let page = self
            .github
            .fetch_pull_requests(
                self.token,
                self.organization,
                name,
                u32::from(page_size),
                repository.cursor.as_deref(),
            )
            .await?;
        let page = PullRequestPage {
            reached_floor: page
                .pull_requests
                .iter()
                .any(|pull_request| pull_request.updated_at < repository.floor_at),
            pull_requests: page.pull_requests,
            next_cursor: page.next_cursor,
            cut_at: None,
            parts: Parts::Complete,
            page_size,
        };
        Ok(Some((repository, page)))
    }

    async fn keep(&self, team: &TeamRef, arrived: Option<Arrived>) -> anyhow::Result<()> {
        if let Some((repository, page)) = arrived {
            self.store
                .store_pull_request_page(team.id, &repository, &page, clock::now())
                .await?;
        }
        Ok(())
    }
}

/// A page, with where its repository stood when it was asked for.
type Arrived = (RepositoryWalk, PullRequestPage);

/// Where the repository stands after the page; `None` when it was the last one.
fn next_page((repository, page): &Arrived) -> Option<RepositoryWalk> {
    let cursor = page.next_cursor.clone()?;
    (!page.reached_floor).then(|| RepositoryWalk {
        cursor: Some(cursor),
        ..repository.clone()
    })
}
