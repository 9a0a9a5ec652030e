//! Pages over real HTTP: members, repositories and seats.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;
use serde_json::{Value, json};
use workflows::domain::member::MemberRole;

use super::{
    test_server::{Asked, TestServer, reply},
    *,
};

pub(super) fn token() -> Token {
    Token::new("ghp_canary")
}

pub(super) fn variables(asked: &Asked) -> Value {
    let body: Value = serde_json::from_str(&asked.body).expect("JSON");
    body["variables"].clone()
}

pub(super) fn list(nodes: Value, next: Option<&str>) -> Value {
    let page_info = json!({ "hasNextPage": next.is_some(), "endCursor": next });
    json!({ "totalCount": 9, "pageInfo": page_info, "nodes": nodes })
}

#[tokio::test]
async fn a_page_that_leads_back_to_itself_is_none() {
    let server = TestServer::start(|asked| {
        let page = list(json!([]), Some("again"));
        let data = if asked.body.contains("query RepositoryPullRequests") {
            json!({ "repository": { "databaseId": 3, "nameWithOwner": "o/r", "pullRequests": page } })
        } else {
            json!({ "organization": { "databaseId": 4, "login": "o", "membersWithRole": page, "repositories": page } })
        };
        reply(200, json!({ "data": data }).to_string())
    })
    .await;
    let (client, token) = (server.client(&[]), token());
    for (cursor, is_read) in [(Some("first"), true), (None, true), (Some("again"), false)] {
        let members = client.fetch_members(&token, "o", cursor).await.map(|_| ());
        let repositories = client
            .fetch_repositories(&token, "o", cursor)
            .await
            .map(|_| ());
        let page = client
            .fetch_pull_requests(&token, "o", "r", 25, cursor)
            .await
            .map(|_| ());
        for result in [members, repositories, page] {
            let class = result.map_err(|failure| failure.class);
            let expected = if is_read {
                Ok(())
            } else {
                Err(FailureClass::MalformedAnswer)
            };
            assert_eq!(class, expected, "{cursor:?}");
        }
    }
}

#[tokio::test]
async fn one_blocked_repository_leaves_a_gap_in_the_listing() {
    let server = TestServer::start(|_| {
        let latest = json!({ "totalCount": 0, "nodes": [] });
        let listed = json!({ "databaseId": 3, "nameWithOwner": "o/a", "pullRequests": latest });
        let organization =
            json!({ "databaseId": 4, "repositories": list(json!([null, listed]), None) });
        let path = json!(["organization", "repositories", "nodes", 0]);
        let error =
            json!({ "type": "FORBIDDEN", "path": path, "message": "Repository access blocked" });
        let answer = json!({ "data": { "organization": organization }, "errors": [error] });
        reply(200, answer.to_string())
    })
    .await;
    let client = server.client(&[]);
    let page = client.fetch_repositories(&token(), "o", None).await;
    let page = page.expect("the others are read");
    assert!(page.has_gaps);
    assert_eq!(page.repositories.len(), 1);
}

#[tokio::test]
async fn null_is_never_a_deletion() {
    let server =
        TestServer::start(|_| reply(200, r#"{"data":{"organization":null,"repository":null}}"#))
            .await;
    let client = server.client(&[]);
    let members = client
        .fetch_members(&token(), "o", None)
        .await
        .expect_err("null");
    assert_eq!(members.class, FailureClass::OrganizationNotFound);
    let repositories = client
        .fetch_repositories(&token(), "o", None)
        .await
        .expect_err("null");
    assert_eq!(repositories.class, FailureClass::OrganizationNotFound);
    let page = client
        .fetch_pull_requests(&token(), "o", "r", 1, None)
        .await
        .expect_err("null");
    assert_eq!(page.class, FailureClass::RepositoryUnavailable);
}

#[tokio::test]
async fn members_and_repositories_are_read() {
    let server = TestServer::start(|asked| {
        let organization = if asked.body.contains("query OrganizationMembers") {
            let edges = json!([
                { "role": "ADMIN", "node": { "databaseId": 1, "login": "ann", "name": "Ann", "email": "" } },
                { "role": null, "node": { "databaseId": 2, "login": "bo", "name": null, "email": "b@x" } },
                { "role": "MEMBER", "node": null }, null,
            ]);
            let page_info = json!({ "hasNextPage": true, "endCursor": "m1" });
            let members = json!({ "totalCount": 3, "pageInfo": page_info, "edges": edges });
            json!({ "databaseId": 4, "login": "acme", "membersWithRole": members })
        } else {
            let latest = json!({ "totalCount": 12, "nodes": [{ "updatedAt": "2026-11-01T00:00:00Z" }] });
            json!({ "databaseId": 4, "repositories": list(json!([
                { "databaseId": 3, "nameWithOwner": "acme/a", "isArchived": true, "pullRequests": latest },
                { "databaseId": 5, "nameWithOwner": "acme/b", "isEmpty": true, "pullRequests": { "totalCount": 0, "nodes": [] } },
                { "databaseId": 6, "nameWithOwner": "acme/c", "pullRequests": null },
            ]), None) })
        };
        reply(200, json!({ "data": { "organization": organization } }).to_string())
    })
    .await;
    let client = server.client(&[]);
    let page = client
        .fetch_members(&token(), "acme", Some("m0"))
        .await
        .expect("members");
    assert_eq!(
        (
            page.organization_github_id,
            page.organization_login.as_str()
        ),
        (4, "acme")
    );
    assert_eq!((page.total, page.next_cursor.as_deref()), (3, Some("m1")));
    assert_eq!((page.members.len(), page.has_gaps), (2, true));
    assert_eq!(
        (page.members[0].role, page.members[0].email.as_deref()),
        (MemberRole::Admin, None)
    );
    assert_eq!(
        (page.members[1].role, page.members[1].name.as_deref()),
        (MemberRole::Member, None)
    );
    assert_eq!(
        variables(&server.asked()[0]),
        json!({ "org": "acme", "cursor": "m0" })
    );
    let page = client
        .fetch_repositories(&token(), "acme", None)
        .await
        .expect("repositories");
    assert_eq!((page.total, page.next_cursor), (9, None));
    assert_eq!(page.organization_github_id, 4);
    assert!(page.has_gaps, "what it does not tell of acme/c is unknown");
    let [archived, empty] = &page.repositories[..] else {
        panic!("{:?}", page.repositories);
    };
    assert!(archived.is_archived && archived.latest_change_at.is_some());
    assert_eq!(
        (archived.pull_request_count, empty.latest_change_at),
        (12, None)
    );
}

#[tokio::test]
async fn seats_are_paged_by_link_and_one_per_person() {
    let server = TestServer::start(|asked| {
        let seat = |id: i64| json!({ "assignee": { "id": id, "login": "x" }, "pending_cancellation_date": "2026-12-31" });
        if asked.target.contains("page=2") {
            reply(200, json!({ "seats": [seat(1), { "assignee": null }] }).to_string())
        } else if asked.target.contains("/away/") {
            let link = "<https://evil.example/seats>; rel=\"next\"".to_owned();
            (200, vec![("link", link)], json!({ "seats": [] }).to_string())
        } else {
            let link = "</orgs/o/copilot/billing/seats?per_page=100&page=2>; rel=\"next\"".to_owned();
            (200, vec![("link", link)], json!({ "seats": [seat(2), seat(1)] }).to_string())
        }
    })
    .await;
    let client = server.client(&[]);
    let seats = client.fetch_seats(&token(), "o").await.expect("seats");
    assert_eq!(
        seats
            .iter()
            .map(|seat| seat.assignee_github_id)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(
        seats[0].pending_cancellation_on,
        NaiveDate::from_ymd_opt(2026, 12, 31)
    );
    assert_eq!(server.asked().len(), 2);
    let away = client
        .fetch_seats(&token(), "away")
        .await
        .expect_err("elsewhere");
    assert_eq!(away.class, FailureClass::MalformedAnswer);
}

/// A seat that moves to an earlier page while one pages is seen by the next listing, and nobody seems to have lost it.
#[tokio::test]
async fn seats_that_a_listing_leaves_out_are_asked_for_again() {
    let listings = AtomicUsize::new(0);
    let server = TestServer::start(move |asked| {
        let seat = |id: i64| json!({ "assignee": { "id": id, "login": "x" } });
        let page = |seats| json!({ "total_seats": 4, "seats": seats }).to_string();
        if asked.target.contains("page=2") {
            return reply(200, page(json!([{ "assignee": null }])));
        }
        let link = "</orgs/o/copilot/billing/seats?per_page=100&page=2>; rel=\"next\"".to_owned();
        let is_first = listings.fetch_add(1, Ordering::SeqCst) == 0;
        let last = if is_first { 2 } else { 3 };
        (
            200,
            vec![("link", link)],
            page(json!([seat(1), seat(2), seat(last)])),
        )
    })
    .await;
    let seats = server.client(&[]).fetch_seats(&token(), "o").await;
    let people = seats.expect("seats").into_iter();
    let people: Vec<i64> = people.map(|seat| seat.assignee_github_id).collect();
    assert_eq!(people, [1, 2, 3]);
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn billing_needs_a_total() {
    let server = TestServer::start(|asked| {
        let total = if asked.target.contains("/some/") {
            json!("6")
        } else {
            Value::Null
        };
        let seats = json!({ "total": total, "active_this_cycle": 2 });
        reply(
            200,
            json!({ "seat_breakdown": seats, "seat_management_setting": "assign_all" }).to_string(),
        )
    })
    .await;
    let client = server.client(&[]);
    let billing = client
        .fetch_billing(&token(), "some")
        .await
        .expect("billing");
    assert_eq!(
        (billing.seats_total, billing.active_this_cycle),
        (6, Some(2))
    );
    assert_eq!(
        (billing.added_this_cycle, billing.is_insufficient(5)),
        (None, false)
    );
    let unknown = client
        .fetch_billing(&token(), "none")
        .await
        .expect_err("no total");
    assert_eq!(unknown.class, FailureClass::MalformedAnswer);
}
