//! Reports over real HTTP: two servers, one for the API and one for the files.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::NaiveDate;
use serde_json::json;
use workflows::domain::copilot::UsageCounters;

use super::{
    test_server::{Reply, TestServer, reply},
    *,
};

fn token() -> Token {
    Token::new("ghp_canary")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("day")
}

fn envelope(links: &[String]) -> String {
    json!({ "download_links": links, "report_day": "2026-11-20" }).to_string()
}

/// An API whose every report has these links.
async fn api(links: Vec<String>) -> TestServer {
    TestServer::start(move |_| reply(200, envelope(&links))).await
}

async fn fetch_members(
    api: &TestServer,
    hosts: &[String],
) -> Result<Fetched<Vec<workflows::domain::copilot::MemberDay>>, GithubFailure> {
    let (day, today) = (day("2026-11-20"), day("2026-11-24"));
    let client = api.client(hosts);
    client.fetch_member_days(&token(), "o", day, today).await
}

#[tokio::test]
async fn all_shards_are_read_without_a_token() {
    let files = TestServer::start(|asked| match asked.target.as_str() {
        "/1?sig=a" => reply(
            200,
            "{\"user_id\":2,\"user_login\":\"bo\",\"day\":\"2026-11-20\",\"used_chat\":true,\"new\":1}\n\
             {\"user_id\":\"1\",\"user_login\":\"ann\",\"day\":\"2026-11-20\",\"loc_added_sum\":\"4\"}\n",
        ),
        _ => reply(200, "{\"user_id\":3,\"day\":\"2026-11-20\",\"code_generation_activity_count\":0}"),
    })
    .await;
    let link = |path: &str| files.url.join(path).expect("link").to_string();
    let api = api(vec![link("/1?sig=a"), link("/2?sig=b")]).await;
    let fetched = fetch_members(&api, &[files.host()]).await.expect("report");
    let Fetched::Data { value, file_count } = fetched else {
        panic!("{fetched:?}");
    };
    assert_eq!(file_count, 2);
    assert_eq!(
        value.iter().map(|row| row.github_id).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(value[0].counters.lines_added, Some(4));
    assert_eq!(value[0].counters.generations, None, "absent is not zero");
    assert_eq!(value[2].counters.generations, Some(0));
    assert_eq!(
        (value[1].used_chat, value[1].used_agent),
        (Some(true), None)
    );
    assert_eq!(value[1].raw["new"], 1, "unknown keys are kept");
    let target = &api.asked()[0].target;
    assert_eq!(
        target,
        "/orgs/o/copilot/metrics/reports/users-1-day?day=2026-11-20"
    );
    for asked in files.asked() {
        assert_eq!(asked.header("authorization"), None);
        assert!(!format!("{:?}", asked.headers).contains("canary"));
    }
}

#[tokio::test]
async fn an_organization_day_joins_its_shards() {
    let files = TestServer::start(|asked| {
        let (count, ide) = if asked.target == "/1" { (2, "vscode") } else { (5, "vim") };
        let row = json!({
            "day": "2026-11-20", "daily_active_users": count, "code_acceptance_activity_count": count,
            "totals_by_ide": [{ "ide": ide, "loc_added_sum": count }, { "ide": "all", "loc_added_sum": 1 }],
            "totals_by_model_feature": [{ "model": "m", "feature": "f" }],
        });
        reply(200, row.to_string())
    })
    .await;
    let links = ["/1", "/2"].map(|path| files.url.join(path).expect("link").to_string());
    let api = api(links.to_vec()).await;
    let (day, today) = (day("2026-11-20"), day("2026-11-24"));
    let client = api.client(&[files.host()]);
    let fetched = client
        .fetch_organization_day(&token(), "o", day, today)
        .await;
    let Ok(Fetched::Data { value, .. }) = fetched else {
        panic!("{fetched:?}");
    };
    assert_eq!(value.daily_active_users, Some(5));
    assert_eq!(value.counters.acceptances, Some(7));
    assert_eq!(value.counters.interactions, None);
    let ides: Vec<_> = value
        .by_ide
        .iter()
        .map(|row| (row.name.as_str(), row.counters))
        .collect();
    let added = |lines| UsageCounters {
        lines_added: Some(lines),
        ..UsageCounters::default()
    };
    assert_eq!(
        ides,
        [("vscode", added(2)), ("all", added(2)), ("vim", added(5))]
    );
    assert_eq!(value.by_feature_model[0].name, "f");
    assert_eq!(value.by_feature_model[0].detail, "m");
    assert_eq!(value.by_feature_model.len(), 1);
}

#[tokio::test]
async fn an_expired_link_is_asked_for_again_at_most_twice() {
    for (good_from, envelopes) in [(1, 1), (2, 2), (3, 3), (9, 3)] {
        let files = TestServer::start(move |asked| {
            let number: u32 = asked
                .target
                .trim_start_matches('/')
                .parse()
                .expect("number");
            if number < good_from {
                reply(403, "<Error/>")
            } else {
                reply(200, "{\"user_id\":1}")
            }
        })
        .await;
        let (base, count) = (files.url.clone(), AtomicU32::new(0));
        let api = TestServer::start(move |_| {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            reply(
                200,
                envelope(&[base.join(&format!("/{number}")).expect("link").to_string()]),
            )
        })
        .await;
        let fetched = fetch_members(&api, &[files.host()]).await;
        match fetched {
            Ok(Fetched::Data { value, .. }) => assert_eq!(value.len(), 1),
            Err(failure) if good_from == 9 => {
                assert_eq!(failure.class, FailureClass::LinkExpired);
                assert_eq!(failure.evidence.message, None);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(api.asked().len(), envelopes);
    }
}

#[tokio::test]
async fn a_foreign_host_is_never_connected_to() {
    let foreign = TestServer::start(|_| reply(200, "{\"user_id\":1}")).await;
    let target = foreign.url.join("/stolen").expect("address").to_string();
    let redirect = target.clone();
    let files = TestServer::start(move |asked| -> Reply {
        match asked.target.as_str() {
            "/leads-away" => (302, vec![("location", redirect.clone())], String::new()),
            "/moved" => (307, vec![("location", "/file".into())], String::new()),
            _ => reply(200, "{\"user_id\":1}"),
        }
    })
    .await;
    let link = |path: &str| files.url.join(path).expect("link").to_string();
    // The good file comes first, and is not fetched either: links are checked before the first is followed.
    for links in [
        vec![link("/file"), target],
        vec![link("/file"), "http://evil.example/a?sig=s".into()],
    ] {
        let refused = fetch_members(&api(links).await, &[files.host()])
            .await
            .expect_err("foreign");
        assert_eq!(refused.class, FailureClass::ForeignDownloadHost);
        assert!(
            !format!("{refused:?}").contains("sig="),
            "links stay out of evidence"
        );
    }
    assert!(files.asked().is_empty());
    let refused = fetch_members(&api(vec![link("/leads-away")]).await, &[files.host()]).await;
    assert_eq!(
        refused.expect_err("redirect").class,
        FailureClass::ForeignDownloadHost
    );
    assert!(foreign.asked().is_empty(), "no connection was made");
    let followed = fetch_members(&api(vec![link("/moved")]).await, &[files.host()]).await;
    assert!(matches!(followed, Ok(Fetched::Data { .. })), "{followed:?}");
}

#[tokio::test]
async fn files_that_cannot_be_read_are_named() {
    let cut = "{\"user_id\":1}\n{\"user_id\":2,\"us";
    let other_day = "{\"user_id\":1,\"day\":\"2026-11-19\"}";
    let large = "{}".repeat(10_001);
    let malformed = FailureClass::MalformedAnswer;
    for (file, class) in [
        ("<html>".to_owned(), malformed.clone()),
        (cut.to_owned(), malformed.clone()),
        (other_day.to_owned(), malformed.clone()),
        ("{\"user_login\":\"nobody\"}".to_owned(), malformed),
        (large, FailureClass::BodyTooLarge { shrink_page: false }),
    ] {
        let files = TestServer::start(move |_| reply(200, file.clone())).await;
        let api = api(vec![files.url.to_string()]).await;
        let failure = fetch_members(&api, &[files.host()])
            .await
            .expect_err("unreadable");
        assert_eq!(failure.class, class);
    }
}

#[tokio::test]
async fn the_files_of_a_report_share_one_bound() {
    let row = format!("{{\"user_id\":1,\"note\":\"{}\"}}", "x".repeat(8_000));
    let files = TestServer::start(move |_| reply(200, row.clone())).await;
    for (file_count, fits) in [(2, true), (3, false)] {
        let api = api(vec![files.url.to_string(); file_count]).await;
        let fetched = fetch_members(&api, &[files.host()]).await;
        let class = fetched.map(|_| ()).map_err(|failure| failure.class);
        let too_large = FailureClass::BodyTooLarge { shrink_page: false };
        assert_eq!(class, if fits { Ok(()) } else { Err(too_large) });
    }
}

#[tokio::test]
async fn no_data_is_no_failure() {
    for (status, body, reason) in [
        (204, "", NoDataReason::NoContent),
        (200, "null", NoDataReason::Null),
        (200, "\"No report available\"", NoDataReason::Text),
        (200, "{\"download_links\":[]}", NoDataReason::NoLinks),
        (503, "", NoDataReason::NotGeneratedYet),
    ] {
        let api = TestServer::start(move |_| reply(status, body)).await;
        let fetched = fetch_members(&api, &[]).await.expect("no data");
        assert_eq!(fetched, Fetched::NoData { reason });
    }
    let api = TestServer::start(|_| reply(502, "")).await;
    let (old, today) = (day("2026-11-19"), day("2026-11-24"));
    let failure = api
        .client(&[])
        .fetch_organization_day(&token(), "o", old, today)
        .await;
    let class = failure
        .expect_err("an old day's bad gateway is a fault")
        .class;
    assert_eq!(class, FailureClass::Transient { shrink_page: false });
}
