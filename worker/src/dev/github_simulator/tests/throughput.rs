//! Many requests at once: every one is answered right. The rate is printed, not judged.

use std::time::Instant;

use futures::{StreamExt, stream};
use serde_json::json;

use super::{Hub, options, queries};
use crate::dev::github_simulator::{RequestFilter, Scenario};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_concurrent_pages_are_all_answered() {
    const REQUESTS: usize = 2_000;
    let mut hub = Hub::start(options(Scenario::Bench)).await;
    hub.token = hub.control.admin_token("bench");
    hub.control.set_hourly_limits(1_000_000, 1_000_000);
    let repositories = hub.control.repository_names("bench");
    let started = Instant::now();
    let answered = stream::iter(0..REQUESTS)
        .map(|at| {
            let name = &repositories[at % repositories.len()];
            let variables = json!({ "owner": "bench", "name": name, "first": 25, "cursor": null });
            async {
                let response = hub.post_graphql(queries::PULL_REQUESTS, variables).await;
                let text = response.text().await.expect("text");
                text.matches("\"fullDatabaseId\"").count() == 25 * (1 + 2)
            }
        })
        .buffer_unordered(16)
        .filter(|is_right| std::future::ready(*is_right))
        .count()
        .await;
    println!(
        "{:.0} requests a second",
        REQUESTS as f64 / started.elapsed().as_secs_f64()
    );
    assert_eq!(answered, REQUESTS);
    let filter = RequestFilter::operation("RepositoryPullRequests").status(200);
    assert_eq!(hub.control.request_count(&filter), REQUESTS);
}
