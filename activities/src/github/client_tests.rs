//! The client over real HTTP: what it sends, where it refuses to go, and how broken answers are named.

use chrono::DateTime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{
    test_server::{TestServer, client, reply},
    *,
};
use crate::failure::{Decision, WaitReason, decide};

const USER: &str = r#"{"id":"7","login":"ann"}"#;

fn token() -> Token {
    Token::new("ghp_canary")
}

/// A server that reads the request, writes these bytes and hangs up.
async fn hang_up_after(bytes: &'static [u8]) -> url::Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    format!("http://{address}").parse().expect("address")
}

#[tokio::test]
async fn a_request_names_itself_and_its_version() {
    let server = TestServer::start(|_| {
        let expiration = "2026-12-01 10:00:00 UTC".to_owned();
        let headers = vec![
            ("x-oauth-scopes", "read:org, repo".to_owned()),
            ("github-authentication-token-expiration", expiration),
        ];
        (200, headers, USER.to_owned())
    })
    .await;
    let owner = server.client(&[]).fetch_user(&token()).await.expect("user");
    assert_eq!(owner.github_id, 7);
    assert_eq!(owner.login, "ann");
    assert_eq!(owner.scopes, Some(vec!["read:org".into(), "repo".into()]));
    assert_eq!(owner.expires_at, DateTime::from_timestamp(1_796_119_200, 0));
    let asked = server.asked().remove(0);
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("GET", "/user")
    );
    assert_eq!(asked.header("authorization"), Some("Bearer ghp_canary"));
    assert_eq!(asked.header("x-github-api-version"), Some("2022-11-28"));
    assert_eq!(asked.header("accept"), Some("application/vnd.github+json"));
    assert!(
        asked
            .header("user-agent")
            .is_some_and(|agent| agent.starts_with("coflow/"))
    );
}

#[tokio::test]
async fn a_name_cannot_leave_its_place_in_the_path() {
    let server = TestServer::start(|_| reply(404, "{}")).await;
    let failure = server
        .client(&[])
        .fetch_organization(&token(), "a/../../user?x=1")
        .await
        .expect_err("there is no such organization");
    assert_eq!(failure.class, FailureClass::OrganizationNotFound);
    assert_eq!(server.asked()[0].target, "/orgs/a%2F..%2F..%2Fuser%3Fx=1");
}

#[tokio::test]
async fn every_standing_in_an_organization_is_told_apart() {
    let server = TestServer::start(|asked| match asked.target.as_str() {
        "/user/memberships/orgs/mine" => reply(200, r#"{"state":"active","role":"admin"}"#),
        "/user/memberships/orgs/invited" => reply(200, r#"{"state":"pending","role":"admin"}"#),
        "/user/memberships/orgs/blocking" => reply(403, r#"{"message":"Forbidden"}"#),
        _ => reply(404, r#"{"message":"Not Found"}"#),
    })
    .await;
    let client = server.client(&[]);
    let standing = async |org| {
        let standing = client.fetch_standing(&token(), org).await;
        standing.expect("answer")
    };
    assert_eq!(standing("mine").await, Standing::ActiveAdmin);
    assert_eq!(standing("invited").await, Standing::PendingAdmin);
    assert_eq!(standing("blocking").await, Standing::AppBlocked);
    assert_eq!(standing("other").await, Standing::Outsider);
    let installation = Token::new("ghs_1");
    let asked = server.asked().len();
    let acting = client.fetch_standing(&installation, "mine").await;
    assert_eq!(acting.expect("no question"), Standing::Installation);
    assert_eq!(server.asked().len(), asked, "the App is not asked about");
}

#[tokio::test]
async fn a_redirect_is_followed_within_the_host_only() {
    let foreign = TestServer::start(|_| reply(200, USER)).await;
    let target = foreign.url.join("/user").expect("address").to_string();
    let server = TestServer::start(move |asked| match asked.target.as_str() {
        "/orgs/old" => (
            301,
            vec![("location", "/organizations/9".into())],
            String::new(),
        ),
        "/organizations/9" => reply(200, r#"{"id":9,"login":"new","name":null}"#),
        "/orgs/circle" => (
            302,
            vec![("location", "/orgs/circle".into())],
            String::new(),
        ),
        _ => (307, vec![("location", target.clone())], String::new()),
    })
    .await;
    let client = server.client(&[]);
    let organization = client
        .fetch_organization(&token(), "old")
        .await
        .expect("followed");
    assert_eq!(
        (organization.github_id, organization.login.as_str()),
        (9, "new")
    );
    let circle = client
        .fetch_organization(&token(), "circle")
        .await
        .expect_err("circle");
    assert_eq!(circle.class, FailureClass::RedirectRefused);
    let refused = client.fetch_user(&token()).await.expect_err("foreign");
    assert_eq!(refused.class, FailureClass::RedirectRefused);
    assert!(foreign.asked().is_empty(), "the token stays at home");
}

#[tokio::test]
async fn a_limit_becomes_a_wait_until_its_reset() {
    let server = TestServer::start(|_| {
        let headers = vec![
            ("x-ratelimit-remaining", "0".to_owned()),
            ("x-ratelimit-reset", "1795000000".to_owned()),
            ("x-github-request-id", "ABCD:1".to_owned()),
        ];
        (
            403,
            headers,
            r#"{"message":"API rate limit exceeded for ghp_canary"}"#.to_owned(),
        )
    })
    .await;
    let failure = server
        .client(&[])
        .fetch_billing(&token(), "o")
        .await
        .expect_err("limited");
    let now = DateTime::from_timestamp(1_794_999_000, 0).expect("time");
    let at = DateTime::from_timestamp(1_795_000_001, 0).expect("time");
    let reason = WaitReason::PrimaryRateLimit;
    assert_eq!(
        decide(&failure.class, 1, now),
        Decision::WaitUntil { at, reason }
    );
    assert_eq!(failure.evidence.http_status, Some(403));
    assert_eq!(failure.evidence.request_id.as_deref(), Some("ABCD:1"));
    let message = failure.evidence.message.as_deref();
    assert_eq!(message, Some("API rate limit exceeded for [removed]"));
    assert!(!format!("{failure:?} {failure}").contains("canary"));
}

#[tokio::test]
async fn the_evidence_names_the_permission_that_is_missing() {
    let server = TestServer::start(|asked| {
        let scopes = vec![
            ("x-accepted-oauth-scopes", "read:org".to_owned()),
            ("x-oauth-scopes", "repo, user:email".to_owned()),
        ];
        match asked.target.as_str() {
            "/orgs/o" => (
                403,
                scopes,
                r#"{"message":"Resource not accessible by personal access token"}"#.to_owned(),
            ),
            _ => (404, scopes, String::new()),
        }
    })
    .await;
    let client = server.client(&[]);
    let refused = client.fetch_organization(&token(), "o").await.err();
    let hidden = client.fetch_billing(&token(), "o").await.err();
    let messages =
        [refused, hidden].map(|failure| failure.expect("no permission").evidence.message);
    assert_eq!(
        messages.map(Option::unwrap_or_default),
        [
            "Resource not accessible by personal access token (needs: read:org)",
            "needs: read:org"
        ]
    );
}

#[tokio::test]
async fn a_broken_connection_is_transient() {
    let light = FailureClass::Transient { shrink_page: false };
    for bytes in [
        &b""[..],
        &b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":"[..],
        &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\""[..],
    ] {
        let url = hang_up_after(bytes).await;
        let failure = client(&url, &[])
            .fetch_user(&token())
            .await
            .expect_err("dropped");
        assert_eq!(failure.class, light, "{bytes:?}");
        assert_eq!(failure.evidence.http_status, None);
        assert!(
            !format!("{failure:?}").contains("127.0.0.1"),
            "no address in evidence"
        );
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let url = format!("http://{}", closed.local_addr().expect("address"));
    drop(closed);
    let client = client(&url.parse().expect("address"), &[]);
    assert_eq!(
        client.fetch_user(&token()).await.expect_err("closed").class,
        light
    );
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_bound() {
    let server = TestServer::start(|_| reply(200, "x".repeat(20_001))).await;
    let client = server.client(&[]);
    let failure = client.fetch_user(&token()).await.expect_err("too large");
    assert_eq!(
        failure.class,
        FailureClass::BodyTooLarge { shrink_page: false }
    );
    let failure = client
        .fetch_pull_requests(&token(), "o", "r", 25, None)
        .await
        .expect_err("too large");
    assert_eq!(
        failure.class,
        FailureClass::BodyTooLarge { shrink_page: true }
    );
    // Without a declared length the bound is found while reading.
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.extend([b'x'; 20_001]);
    let url = hang_up_after(endless.leak()).await;
    let failure = test_server::client(&url, &[]).fetch_user(&token()).await;
    let class = failure.expect_err("too large").class;
    assert_eq!(class, FailureClass::BodyTooLarge { shrink_page: false });
}

#[tokio::test]
async fn an_answer_of_another_shape_is_named() {
    for body in ["[]", "{}", "<html>", r#"{"id":"x","login":"a"}"#] {
        let server = TestServer::start(move |_| reply(200, body)).await;
        let failure = server
            .client(&[])
            .fetch_user(&token())
            .await
            .expect_err("shape");
        assert_eq!(failure.class, FailureClass::MalformedAnswer, "{body}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let settings = |api: &str, host: &str| GithubSettings {
        api_url: api.parse().expect("address"),
        web_url: "https://github.com".parse().expect("address"),
        app_key: None,
        oauth_client: None,
        download_hosts: vec![host.to_owned()],
        connect_timeout: std::time::Duration::from_secs(1),
        read_timeout: std::time::Duration::from_secs(1),
        total_timeout: std::time::Duration::from_secs(1),
        max_body_bytes: 1,
        max_report_bytes: 1,
    };
    let error = GithubClient::new(settings("ftp://h", "h")).expect_err("scheme");
    assert!(
        error.to_string().contains("GITHUB_API_URL ftp://h"),
        "{error}"
    );
    let error = GithubClient::new(settings("https://h", "https://h/x")).expect_err("host");
    assert!(error.to_string().contains("\"https://h/x\""), "{error}");
}

#[test]
fn the_default_download_hosts_make_a_client() {
    let hosts: Vec<String> = DEFAULT_DOWNLOAD_HOSTS
        .split(',')
        .map(str::to_owned)
        .collect();
    let client = test_server::client(&"https://api.github.com".parse().expect("address"), &hosts);
    for (link, is_allowed) in [
        ("https://copilot-reports.github.com/a?sig=1", true),
        ("https://copilot-reports.acme.ghe.com/a?sig=1", true),
        ("https://storage7.blob.core.windows.net/a?sig=1", true),
        ("https://copilot-reports.ghe.com/a?sig=1", false),
        ("https://other.acme.ghe.com/a?sig=1", false),
        ("https://copilot-reports.acme.ghe.com.evil.example/a", false),
    ] {
        assert_eq!(client.check_link(link).is_ok(), is_allowed, "{link}");
    }
}
