//! What the state says an organization holds is what its API hands out.

use chrono::{DateTime, Days, Utc};
use serde_json::json;

use super::{Hub, day, options, queries};
use crate::dev::github_simulator::{Holdings, OrgSpec, Role, Scenario};

#[tokio::test]
async fn holdings_are_what_can_be_fetched() {
    let hub = Hub::with(OrgSpec::named("acme").history_days(60)).await;
    hub.control.add_member("acme", "newcomer");
    hub.control.add_member("acme", "invited");
    hub.control.set_role("acme", "invited", Role::PendingAdmin);
    let since: DateTime<Utc> = "2026-11-04T09:30:00Z".parse().expect("a time");

    let mut expected = Holdings::default();
    for repository in hub.control.repository_names("acme") {
        for pull_request in hub.walk("acme", &repository, 7).await {
            let updated_at = pull_request["updatedAt"].as_str().expect("a time");
            if updated_at.parse::<DateTime<Utc>>().expect("a time") >= since {
                expected.pull_requests += 1;
                expected.reviews += pull_request["reviews"]["totalCount"]
                    .as_u64()
                    .expect("a count");
            }
        }
    }
    let members = json!({ "org": "acme", "cursor": null });
    let members = hub.graphql(queries::MEMBERS, members).await;
    let members = &members["data"]["organization"]["membersWithRole"]["totalCount"];
    expected.members = members.as_u64().expect("a count");
    let (first, today) = (day("2026-11-10"), day("2026-11-24"));
    for day in first.iter_days().take_while(|day| *day <= today) {
        let path = format!("/orgs/acme/copilot/metrics/reports/organization-1-day?day={day}");
        expected.copilot_days += u64::from(hub.get(&path).await.status() == 200);
    }
    assert!(expected.pull_requests > 0 && expected.pull_requests < 20);
    assert!(expected.reviews > 0);
    assert_eq!((expected.members, expected.copilot_days), (7, 13));
    assert_eq!(hub.control.holdings("acme", since, first..=today), expected);
}

#[tokio::test]
async fn without_policy_or_seats_no_day_can_be_read() {
    let hub = Hub::start(options(Scenario::Demo)).await;
    hub.control.set_seats("birch", 3);
    let (since, today) = (DateTime::UNIX_EPOCH, day("2026-11-24"));
    let days = |org: &str| {
        let from = today - Days::new(30);
        hub.control.holdings(org, since, from..=today).copilot_days
    };
    assert_eq!(
        ["aurora", "birch", "dune", "ember"].map(days),
        [29, 0, 0, 0]
    );
    hub.control.set_seats("birch", 8);
    assert_eq!(days("birch"), 29);
    assert_eq!(
        hub.control.holdings("nowhere", since, today..=today),
        Holdings::default()
    );
}
