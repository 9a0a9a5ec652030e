//! Looking up one member and one repository, over real HTTP.

use serde_json::json;

use super::{
    pages_tests::token,
    test_server::{Reply, TestServer, reply},
    *,
};

fn not_found() -> Reply {
    reply(404, json!({ "message": "Not Found" }).to_string())
}

fn membership(id: i64, login: &str, state: &str) -> Reply {
    let user = json!({ "id": id, "login": login });
    let answer = json!({ "state": state, "role": "member", "user": user });
    reply(200, answer.to_string())
}

/// Account 7 was last known as `ann`. What the memberships of `ann` and `ann-2` and the account answer, and what follows.
async fn look_up(ann: Reply, account: Reply, renamed: Reply) -> (MemberLookup, Vec<String>) {
    let server = TestServer::start(move |asked| match asked.target.as_str() {
        "/orgs/o/memberships/ann" => ann.clone(),
        "/orgs/o/memberships/ann-2" => renamed.clone(),
        "/user/7" => account.clone(),
        other => panic!("{other} was asked"),
    })
    .await;
    let client = server.client(&[]);
    let found = client.look_up_member(&token(), "o", 7, "ann").await;
    let asked = server.asked().into_iter().map(|asked| asked.target);
    (found.expect("an answer"), asked.collect())
}

fn account(login: &str) -> Reply {
    reply(200, json!({ "id": 7, "login": login }).to_string())
}

#[tokio::test]
async fn a_member_is_found_by_login_and_after_a_renaming_by_id() {
    let member = |login: &str| MemberLookup::Member(login.to_owned());
    let (found, asked) = look_up(membership(7, "ann", "active"), not_found(), not_found()).await;
    assert_eq!((found, asked.len()), (member("ann"), 1));

    let renamed = membership(7, "ann-2", "active");
    let (found, _) = look_up(not_found(), account("ann-2"), renamed.clone()).await;
    assert_eq!(found, member("ann-2"));
    // A stranger has taken the login.
    let stranger = membership(8, "ann", "active");
    let (found, asked) = look_up(stranger, account("ann-2"), renamed).await;
    assert_eq!((found, asked.len()), (member("ann-2"), 3));
}

#[tokio::test]
async fn who_left_who_has_no_account_and_who_has_not_accepted_is_no_member() {
    let pending = membership(7, "ann", "pending");
    for (ann, account, requests) in [
        (not_found(), account("ann"), 2),
        (not_found(), not_found(), 2),
        (not_found(), account("ann-2"), 3),
        (pending, not_found(), 1),
    ] {
        let (found, asked) = look_up(ann, account, not_found()).await;
        assert_eq!((found, asked.len()), (MemberLookup::Gone, requests));
    }
}

#[tokio::test]
async fn a_refusal_is_not_an_absence() {
    let server = TestServer::start(|_| reply(403, json!({ "message": "no" }).to_string())).await;
    let (client, token) = (server.client(&[]), token());
    let failed = client.look_up_member(&token, "o", 7, "ann").await;
    let class = failed.map_err(|failure| failure.class);
    assert_eq!(class, Err(FailureClass::Forbidden));
}

#[tokio::test]
async fn a_repository_is_followed_to_its_new_name_and_told_from_a_stranger() {
    let shown = |id: i64, owner: i64, name: &str| {
        let owner = json!({ "id": owner, "login": "o" });
        let answer = json!({ "id": id, "full_name": name, "owner": owner });
        reply(200, answer.to_string())
    };
    let server = TestServer::start(move |asked| match asked.target.as_str() {
        "/repos/o/same" | "/repositories/3" => shown(3, 4, "o/today"),
        "/repos/o/moved" => {
            let location = ("location", "/repositories/3".to_owned());
            (301, vec![location], String::new())
        }
        "/repos/o/anothers" => shown(9, 4, "o/anothers"),
        "/repos/o/blocked" => reply(
            403,
            json!({ "message": "Repository access blocked" }).to_string(),
        ),
        "/repos/o/withheld" => reply(451, "{}"),
        _ => not_found(),
    })
    .await;
    let client = server.client(&[]);
    let look_up = async |name| {
        let found = client.look_up_repository(&token(), "o", name, 3).await;
        found.expect("an answer")
    };
    let found = RepositoryLookup::Found {
        full_name: "o/today".to_owned(),
        owner_github_id: 4,
    };
    assert_eq!(look_up("same").await, found);
    assert_eq!(look_up("moved").await, found);
    assert_eq!(look_up("anothers").await, RepositoryLookup::Gone);
    assert_eq!(look_up("deleted").await, RepositoryLookup::Gone);
    for name in ["blocked", "withheld"] {
        let found = look_up(name).await;
        assert!(matches!(found, RepositoryLookup::Blocked(_)), "{found:?}");
    }
}
