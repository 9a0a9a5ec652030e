//! Pages over real HTTP: members, repositories, pull requests with their overflow, and seats.

use chrono::NaiveDate;
use serde_json::{Value, json};
use workflows::domain::{
    member::MemberRole,
    pull_request::{PullRequestState, ReviewState},
};

use super::{
    test_server::{Asked, TestServer, reply},
    *,
};

fn token() -> Token {
    Token::new("ghp_canary")
}

fn variables(asked: &Asked) -> Value {
    let body: Value = serde_json::from_str(&asked.body).expect("JSON");
    body["variables"].clone()
}

fn list(nodes: Value, next: Option<&str>) -> Value {
    let page_info = json!({ "hasNextPage": next.is_some(), "endCursor": next });
    json!({ "totalCount": 9, "pageInfo": page_info, "nodes": nodes })
}

fn review(id: &str, state: &str, submitted_at: Option<&str>) -> Value {
    json!({ "fullDatabaseId": id, "state": state, "submittedAt": submitted_at, "author": null })
}

fn commit(oid: &str) -> Value {
    let author = json!({ "user": { "databaseId": 5, "login": "bo" } });
    json!({ "commit": { "oid": oid, "message": "m", "committedDate": "2026-11-01T00:00:00Z", "author": author } })
}

fn file(path: &str) -> Value {
    json!({ "path": path, "additions": 1, "deletions": 2, "changeType": "MODIFIED" })
}

fn first_page() -> Value {
    let at = "2026-11-01T00:00:00Z";
    let full = json!({
        "id": "PR_1", "fullDatabaseId": "9007199254740993", "number": 1, "title": "t", "body": null,
        "state": "MERGED", "isDraft": false, "createdAt": at, "updatedAt": at, "mergedAt": at, "closedAt": at,
        "additions": 3, "deletions": 4, "changedFiles": 2, "author": null,
        "labels": { "nodes": [{ "name": "bug" }, null] },
        "reviews": list(json!([review("1", "APPROVED", Some(at)), null, review("2", "PENDING", None)]), Some("r1")),
        "commits": list(json!([commit("a")]), None),
        "files": list(json!([file("a.rs")]), Some("f1")),
    });
    let plain = json!({
        "id": "PR_2", "fullDatabaseId": 8, "number": 2, "title": "u", "state": "NEW_WORD",
        "createdAt": at, "updatedAt": at, "closedAt": at,
        "author": { "__typename": "Bot", "login": "copilot-swe-agent", "databaseId": 77 },
        "labels": null, "reviews": list(json!([review("3", "NEW_VERDICT", Some(at))]), None),
        "commits": null, "files": null,
    });
    let pull_requests = list(json!([full, null, plain]), Some("p1"));
    let repository =
        json!({ "databaseId": 3, "nameWithOwner": "o/new", "pullRequests": pull_requests });
    json!({ "data": { "rateLimit": { "cost": 1 }, "repository": repository } })
}

fn overflow(asked: &Asked) -> Value {
    let at = "2026-11-02T00:00:00Z";
    let node = match variables(asked)["reviewsCursor"].as_str() {
        Some("r1") => json!({
            "id": "PR_1", "reviews": list(json!([review("4", "DISMISSED", Some(at))]), Some("r2")),
            "files": list(json!([file("b.rs")]), None),
        }),
        _ => {
            json!({ "id": "PR_1", "reviews": list(json!([review("5", "CHANGES_REQUESTED", Some(at))]), None) })
        }
    };
    json!({ "data": { "node": node } })
}

#[tokio::test]
async fn a_page_of_pull_requests_comes_complete() {
    let server = TestServer::start(|asked| {
        let is_overflow = asked.body.contains("query PullRequestOverflow");
        let answer = if is_overflow {
            overflow(asked)
        } else {
            first_page()
        };
        reply(200, answer.to_string())
    })
    .await;
    let client = server.client(&[]);
    let page = client
        .fetch_pull_requests(&token(), "o", "old", 25, None)
        .await
        .expect("page");
    assert_eq!(
        (page.repository_github_id, page.full_name.as_str()),
        (3, "o/new")
    );
    assert_eq!((page.total, page.next_cursor.as_deref()), (9, Some("p1")));
    assert_eq!(page.request_count, 3);
    let [full, plain] = &page.pull_requests[..] else {
        panic!("{:?}", page.pull_requests);
    };
    assert_eq!(full.github_id, 9_007_199_254_740_993);
    assert_eq!((full.author.as_ref(), full.body.as_str()), (None, ""));
    assert_eq!(
        (full.labels.len(), full.state),
        (1, PullRequestState::Merged)
    );
    let reviews: Vec<_> = full
        .reviews
        .iter()
        .map(|review| (review.github_id, review.state))
        .collect();
    let expected = [
        (1, ReviewState::Approved),
        (4, ReviewState::Dismissed),
        (5, ReviewState::ChangesRequested),
    ];
    assert_eq!(reviews, expected, "the pending one is left out");
    let files: Vec<_> = full.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["a.rs", "b.rs"]);
    assert_eq!(full.commits[0].author_github_id, Some(5));
    assert_eq!(plain.state, PullRequestState::Closed, "told by the times");
    assert!(
        plain
            .author
            .as_ref()
            .is_some_and(|author| author.is_bot && author.github_id == Some(77))
    );
    assert_eq!(plain.reviews[0].state, ReviewState::Commented);
    let asked = server.asked();
    assert_eq!(asked[0].target, "/graphql");
    let first = json!({ "owner": "o", "name": "old", "first": 25, "cursor": null });
    assert_eq!(variables(&asked[0]), first);
    let second = variables(&asked[2]);
    assert_eq!(second["moreFiles"], false, "only what is left is asked for");
    assert_eq!(
        (&second["id"], &second["moreReviews"]),
        (&json!("PR_1"), &json!(true))
    );
}

#[tokio::test]
async fn pages_that_run_in_circles_end() {
    let server = TestServer::start(|asked| {
        let answer = if asked.body.contains("query PullRequestOverflow") {
            json!({ "data": { "node": { "reviews": list(json!([]), Some("r1")), "files": list(json!([]), Some("f1")) } } })
        } else {
            first_page()
        };
        reply(200, answer.to_string())
    })
    .await;
    let client = server.client(&[]);
    let failure = client
        .fetch_pull_requests(&token(), "o", "r", 25, None)
        .await;
    assert_eq!(
        failure.expect_err("circle").class,
        FailureClass::MalformedAnswer
    );
    assert_eq!(server.asked().len(), 2);
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
            json!({ "repositories": list(json!([
                { "databaseId": 3, "nameWithOwner": "acme/a", "isArchived": true, "pullRequests": latest },
                { "databaseId": 5, "nameWithOwner": "acme/b", "isEmpty": true, "pullRequests": { "totalCount": 0, "nodes": [] } },
                null,
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
    assert_eq!(page.members.len(), 2);
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
