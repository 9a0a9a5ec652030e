//! Pages of pull requests over real HTTP, with their overflow.

use serde_json::{Value, json};
use workflows::domain::pull_request::{PullRequestState, ReviewState};

use super::{
    pages_tests::{list, token, variables},
    test_server::{Asked, TestServer, reply},
    *,
};

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
        "reviews": list(json!([review("1", "APPROVED", Some(at)), review("2", "PENDING", None)]), Some("r1")),
        "commits": list(json!([commit("a")]), None),
        "files": list(json!([file("a.rs")]), Some("f1")),
    });
    let plain = json!({
        "id": "PR_2", "fullDatabaseId": 8, "number": 2, "title": "u", "state": "NEW_WORD",
        "createdAt": at, "updatedAt": at, "closedAt": at,
        "author": { "__typename": "Bot", "login": "copilot-swe-agent", "databaseId": 77 },
        "labels": null, "reviews": list(json!([review("3", "NEW_VERDICT", Some(at))]), None),
        "commits": list(json!([]), None), "files": null,
    });
    let pull_requests = list(json!([full, plain]), Some("p1"));
    let repository =
        json!({ "databaseId": 3, "nameWithOwner": "o/new", "pullRequests": pull_requests });
    json!({ "data": { "rateLimit": { "cost": 1 }, "repository": repository } })
}

/// The first page with another value at one place of it; no value takes the place away.
fn first_page_with(place: &str, value: Option<Value>) -> Value {
    let mut page = first_page();
    let (parent, name) = place.rsplit_once('/').expect("a path");
    let path = format!("/data/repository/pullRequests{parent}");
    let parent = page.pointer_mut(&path).expect("a place of the page");
    match (parent, value) {
        (Value::Array(items), Some(value)) => {
            items[name.parse::<usize>().expect("an index")] = value;
        }
        (Value::Object(fields), Some(value)) => {
            fields.insert(name.to_owned(), value);
        }
        (parent, None) => {
            parent
                .as_object_mut()
                .and_then(|fields| fields.remove(name));
        }
        (other, Some(_)) => panic!("{other}"),
    }
    page
}

/// Answers with this first page, and with these for the rest of a pull request.
async fn serve(page: Value, rest: impl Fn(&Asked) -> Value + Send + Sync + 'static) -> TestServer {
    TestServer::start(move |asked| {
        let is_rest = asked.body.contains("query PullRequestOverflow");
        let answer = if is_rest { rest(asked) } else { page.clone() };
        reply(200, answer.to_string())
    })
    .await
}

/// The class of a first page that cannot be read.
async fn class_of_page(page: Value) -> FailureClass {
    let server = serve(page, overflow).await;
    let client = server.client(&[]);
    let token = token();
    let fetched = client.fetch_pull_requests(&token, "o", "r", 25, None);
    fetched.await.expect_err("no page").class
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
    let server = serve(first_page(), overflow).await;
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
async fn null_in_the_place_of_what_is_stored_makes_the_page_too_heavy() {
    let heavy = FailureClass::Transient { shrink_page: true };
    for place in [
        "/nodes/0",
        "/nodes/1",
        "/nodes/0/reviews/nodes/0",
        "/nodes/0/commits/nodes/0",
    ] {
        let page = first_page_with(place, Some(Value::Null));
        assert_eq!(class_of_page(page).await, heavy, "{place}");
    }
}

#[tokio::test]
async fn null_in_a_page_of_one_can_be_left_out() {
    for (place, pull_requests, reviews, commits) in [
        ("/nodes/0", 0, 0, 0),
        ("/nodes/0/reviews/nodes/0", 1, 2, 1),
        ("/nodes/0/commits/nodes/0", 1, 3, 0),
    ] {
        let mut page = first_page_with(place, Some(Value::Null));
        let nodes = page.pointer_mut("/data/repository/pullRequests/nodes");
        nodes
            .and_then(Value::as_array_mut)
            .expect("nodes")
            .truncate(1);
        let server = serve(page, overflow).await;
        let (client, token) = (server.client(&[]), token());
        let fetched = client.fetch_pull_request_with_gaps(&token, "o", "r", Some("p0"));
        let page = fetched.await.expect(place);
        assert!(page.has_gaps, "{place}");
        assert_eq!(page.next_cursor.as_deref(), Some("p1"), "{place}");
        assert_eq!(page.pull_requests.len(), pull_requests, "{place}");
        for one in &page.pull_requests {
            let parts = (one.reviews.len(), one.commits.len());
            assert_eq!(parts, (reviews, commits), "{place}");
        }
        assert_eq!(variables(&server.asked()[0])["first"], 1);
    }
}

#[tokio::test]
async fn null_in_the_rest_of_one_can_be_left_out() {
    for node in [
        Value::Null,
        json!({ "reviews": list(json!([null]), None), "files": list(json!([]), None) }),
    ] {
        let server = serve(first_page(), move |_| json!({ "data": { "node": node } })).await;
        let (client, token) = (server.client(&[]), token());
        let fetched = client.fetch_pull_request_with_gaps(&token, "o", "r", None);
        let page = fetched.await.expect("the page goes on");
        assert!(page.has_gaps);
        assert_eq!(page.pull_requests[0].reviews.len(), 1);
    }
}

#[tokio::test]
async fn a_page_without_its_lists_or_its_end_is_none() {
    for place in [
        "/nodes",
        "/pageInfo",
        "/pageInfo/hasNextPage",
        "/pageInfo/endCursor",
        "/nodes/1/reviews",
        "/nodes/1/commits",
        "/nodes/1/reviews/pageInfo",
        "/nodes/1/commits/nodes",
        "/nodes/0/files/nodes",
    ] {
        for value in [None, Some(Value::Null)] {
            let page = first_page_with(place, value);
            let class = class_of_page(page).await;
            assert_eq!(class, FailureClass::MalformedAnswer, "{place}");
        }
    }
}

#[tokio::test]
async fn the_rest_of_a_list_has_to_come() {
    for (node, class) in [
        (
            json!({ "files": list(json!([]), None) }),
            FailureClass::MalformedAnswer,
        ),
        (
            json!({ "reviews": list(json!([]), None), "files": null }),
            FailureClass::MalformedAnswer,
        ),
        (
            json!({ "reviews": list(json!([null]), None), "files": list(json!([]), None) }),
            FailureClass::Transient { shrink_page: true },
        ),
    ] {
        let server = serve(first_page(), move |_| json!({ "data": { "node": node } })).await;
        let client = server.client(&[]);
        let token = token();
        let fetched = client.fetch_pull_requests(&token, "o", "r", 25, None);
        assert_eq!(fetched.await.expect_err("no rest").class, class);
    }
}

#[tokio::test]
async fn pages_that_run_in_circles_end() {
    let server = serve(first_page(), |_| json!({ "data": { "node": { "reviews": list(json!([]), Some("r1")), "files": list(json!([]), Some("f1")) } } }))
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
