//! Reports over real HTTP: two servers, one for the API and one for the files.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::NaiveDate;
use serde_json::json;
use workflows::domain::report::{MemberDay, OrganizationDay, ReportKind, ReportRows};

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

/// All of a report of 2026-11-20, read anew where its links had expired.
async fn fetch(
    client: &GithubClient,
    kind: ReportKind,
    today: &str,
) -> Result<Fetched<(Vec<ReportRows>, u32)>, GithubFailure> {
    let question = ReportQuestion {
        token: &token(),
        org: "o",
        kind,
        day: day("2026-11-20"),
        today: day(today),
    };
    let mut report = match client.open_report(question).await? {
        Fetched::Data(report) => report,
        Fetched::NoData { reason } => return Ok(Fetched::NoData { reason }),
    };
    let mut rows = vec![];
    while let Some(part) = report.next().await? {
        match part {
            ReportPart::Rows(some) => rows.push(some),
            ReportPart::Anew => rows.clear(),
        }
    }
    Ok(Fetched::Data((rows, report.file_count())))
}

fn members(rows: Vec<ReportRows>) -> Vec<MemberDay> {
    let rows = rows.into_iter().flat_map(|rows| match rows {
        ReportRows::Members(rows) => rows,
        other => panic!("{other:?}"),
    });
    rows.collect()
}

fn organization_days(rows: Vec<ReportRows>) -> Vec<OrganizationDay> {
    let rows = rows.into_iter().flat_map(|rows| match rows {
        ReportRows::Organization(rows) => rows,
        other => panic!("{other:?}"),
    });
    rows.collect()
}

async fn fetch_members(
    api: &TestServer,
    hosts: &[String],
) -> Result<Fetched<(Vec<MemberDay>, u32)>, GithubFailure> {
    let fetched = fetch(&api.client(hosts), ReportKind::UsersDay, "2026-11-24").await?;
    Ok(match fetched {
        Fetched::Data((rows, files)) => Fetched::Data((members(rows), files)),
        Fetched::NoData { reason } => Fetched::NoData { reason },
    })
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
    let Fetched::Data((mut value, file_count)) = fetched else {
        panic!("{fetched:?}");
    };
    assert_eq!(file_count, 2);
    value.sort_by_key(|row| row.github_id);
    let ids: Vec<i64> = value.iter().map(|row| row.github_id).collect();
    assert_eq!(ids, [1, 2, 3]);
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
    let client = api.client(&[files.host()]);
    let fetched = fetch(&client, ReportKind::OrganizationDay, "2026-11-24").await;
    let Ok(Fetched::Data((rows, 2))) = fetched else {
        panic!("{fetched:?}");
    };
    let joined = organization_days(rows)
        .into_iter()
        .reduce(OrganizationDay::join);
    let value = joined.expect("two rows");
    assert_eq!(value.daily_active_users, Some(5));
    assert_eq!(value.counters.acceptances, Some(7));
    assert_eq!(value.counters.interactions, None);
    let ides: Vec<_> = value
        .by_ide
        .iter()
        .map(|row| (row.name.as_str(), row.counters.lines_added))
        .collect();
    assert_eq!(
        ides,
        [("vscode", Some(2)), ("all", Some(2)), ("vim", Some(5))]
    );
    let [feature] = &value.by_feature_model[..] else {
        panic!("{:?}", value.by_feature_model);
    };
    assert_eq!((&*feature.name, &*feature.detail), ("f", "m"));
}

#[tokio::test]
async fn the_latest_28_days_are_asked_for_without_a_day() {
    let files = TestServer::start(|_| {
        reply(
            200,
            "{\"report_start_day\":\"2026-10-24\",\"report_end_day\":\"2026-11-20\",\"day_totals\":[\
             {\"day\":\"2026-10-23\"},{\"day\":\"2026-10-24\",\"daily_active_users\":\"3\"},{\"day\":\"2026-11-20\"}]}",
        )
    })
    .await;
    let link = files.url.to_string();
    let api = TestServer::start(move |_| {
        let envelope = json!({
            "download_links": [link], "report_start_day": "2026-10-24", "report_end_day": "2026-11-20",
        });
        reply(200, envelope.to_string())
    })
    .await;
    let client = api.client(&[files.host()]);
    let fetched = fetch(&client, ReportKind::Organization28Days, "2026-11-24").await;
    let Ok(Fetched::Data((rows, 1))) = fetched else {
        panic!("{fetched:?}");
    };
    let rows = organization_days(rows);
    let days: Vec<_> = rows
        .iter()
        .map(|row| (row.day, row.daily_active_users))
        .collect();
    assert_eq!(
        days,
        [(day("2026-10-24"), Some(3)), (day("2026-11-20"), None)],
        "a day outside is left out"
    );
    assert_eq!(
        api.asked()[0].target,
        "/orgs/o/copilot/metrics/reports/organization-28-day/latest"
    );
}

#[tokio::test]
async fn each_report_has_its_path_and_its_rows() {
    let row = "{\"user_id\":\"1\",\"team_id\":2,\"slug\":\"core\",\"repository_id\":\"3\",\"repository_name\":\"api\"}";
    let files = TestServer::start(move |_| reply(200, row)).await;
    let api = api(vec![files.url.to_string()]).await;
    let client = api.client(&[files.host()]);
    for (kind, path) in [
        (ReportKind::UserTeamsDay, "user-teams-1-day"),
        (ReportKind::RepositoriesDay, "repos-1-day"),
    ] {
        let fetched = fetch(&client, kind, "2026-11-24").await;
        let Ok(Fetched::Data((rows, 1))) = fetched else {
            panic!("{fetched:?}");
        };
        match &rows[..] {
            [ReportRows::UserTeams(rows)] => {
                assert_eq!((rows[0].github_id, rows[0].github_team_id), (1, 2));
                assert_eq!(rows[0].slug, "core");
            }
            [ReportRows::Repositories(rows)] => {
                assert_eq!((rows[0].github_id, rows[0].name.as_str()), (3, "api"));
            }
            other => panic!("{other:?}"),
        }
        let asked = api.asked().pop().expect("a request").target;
        let path = format!("/reports/{path}?day=2026-11-20");
        assert!(asked.contains(&path), "{asked}");
    }
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
            Ok(Fetched::Data((value, _))) => assert_eq!(value.len(), 1),
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
    assert!(matches!(followed, Ok(Fetched::Data(_))), "{followed:?}");
}

#[tokio::test]
async fn files_that_cannot_be_read_are_named() {
    let cut = "{\"user_id\":1}\n{\"user_id\":2,\"us";
    let cut_within = "{\"user_id\":1,\"us\n{\"user_id\":2}\n";
    let other_day = "{\"user_id\":1,\"day\":\"2026-11-19\"}";
    let large = "{}".repeat(10_001);
    let malformed = FailureClass::MalformedAnswer;
    for (file, class) in [
        ("<html>".to_owned(), malformed.clone()),
        (cut.to_owned(), malformed.clone()),
        (cut_within.to_owned(), malformed.clone()),
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
    let client = api.client(&[]);
    let failure = fetch(&client, ReportKind::OrganizationDay, "2026-11-25").await;
    let class = failure
        .expect_err("an old day's bad gateway is a fault")
        .class;
    assert_eq!(class, FailureClass::Transient { shrink_page: false });
}

#[tokio::test]
async fn links_that_expire_between_two_files_begin_the_report_anew() {
    let files = TestServer::start(|asked| match asked.target.as_str() {
        "/1/b" => reply(403, "<Error/>"),
        _ => reply(
            200,
            format!("{{\"user_id\":1,\"file\":\"{}\"}}\n", asked.target),
        ),
    })
    .await;
    let (base, count) = (files.url.clone(), AtomicU32::new(0));
    let api = TestServer::start(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        let link = |file| base.join(&format!("/{number}/{file}")).expect("link");
        reply(
            200,
            envelope(&[link("a").to_string(), link("b").to_string()]),
        )
    })
    .await;
    let fetched = fetch_members(&api, &[files.host()])
        .await
        .expect("a report");
    let Fetched::Data((rows, 2)) = fetched else {
        panic!("{fetched:?}");
    };
    let read: Vec<_> = rows.iter().map(|row| row.raw["file"].clone()).collect();
    assert_eq!(read, ["/2/a", "/2/b"]);
}
