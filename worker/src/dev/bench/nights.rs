//! What nights cost: an organization of many repositories is synced once, then follow a night in which nothing changed and one in
//! which one pull request in a hundred did. Requests are counted, not timed: GitHub answers at once.

use std::time::Duration;

use super::{
    figures::{NightCosts, rounded},
    ground::Ground,
    onboarding::{await_refresh, onboard, start_worker},
};
use crate::dev::{
    databases,
    github_simulator::{OrgSpec, RequestFilter},
};

const DATABASE: &str = "coflow_bench_nights";
const ORGANIZATION: &str = "bench-nights";
const REPOSITORIES: usize = 100;
const PULL_REQUESTS_EACH: usize = 10;
/// One in a hundred.
const CHANGED: usize = REPOSITORIES * PULL_REQUESTS_EACH / 100;

/// Syncs the organization and counts both nights.
pub(super) async fn measure(ground: &Ground, page_size: u16) -> anyhow::Result<NightCosts> {
    let github = ground.simulator.control();
    github.create_organization(
        OrgSpec::named(ORGANIZATION)
            .members(25)
            .repositories(REPOSITORIES)
            .pull_requests_per_repository(PULL_REQUESTS_EACH)
            .without_copilot(),
    );
    let fresh = ground.add_team(DATABASE, ORGANIZATION).await?;
    let worker = start_worker(ground, &fresh, page_size).await?;
    let members = RequestFilter::operation("OrganizationMembers");
    onboard(ground, &fresh.team).await?;
    let night = async || {
        ground.begin_counting(Duration::ZERO);
        await_refresh(ground, &fresh.team).await?;
        let members = ground.count_requests(&members);
        let others = ground.count_requests(&RequestFilter::any()) - members;
        anyhow::Ok((others, members))
    };
    let (unchanged, member_requests) = night().await?;
    // Each in another repository, which costs most.
    for repository in github.repository_names(ORGANIZATION).iter().take(CHANGED) {
        github.update_pull_request(ORGANIZATION, repository, 1);
    }
    let (changed, _) = night().await?;
    let pull_requests = fresh.count_pull_requests().await?;
    worker.stop().await?;
    fresh.store.close().await;
    databases::drop_database(&ground.services.database_url, DATABASE).await?;
    Ok(NightCosts {
        repositories: REPOSITORIES as u64,
        pull_requests,
        member_requests,
        unchanged_requests: unchanged,
        unchanged_requests_per_50_repositories: rounded(
            unchanged as f64 * 50.0 / REPOSITORIES as f64,
        ),
        changed_pull_requests: CHANGED as u64,
        changed_requests: changed,
        changed_requests_per_1000_pull_requests: rounded(
            changed as f64 * 1000.0 / pull_requests as f64,
        ),
    })
}
