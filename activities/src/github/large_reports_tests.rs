//! Reports of any size: the memory that they take, and what pretends to be small.

use std::{convert::Infallible, fs, process::Command};

use axum::{
    Router,
    body::{Body, Bytes},
    http::Response,
};
use futures::stream;
use tokio::net::TcpListener;
use url::Url;
use workflows::domain::report::{ReportKind, ReportRows};

use super::{
    test_server::{TestServer, host, reply, settings},
    *,
};

const MEGABYTE: usize = 1024 * 1024;

/// A download host with one file; every request gets what `answer` makes.
async fn serve_file(answer: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let url = format!("http://{}/file", listener.local_addr().expect("address"));
    let router = Router::new().fallback(move || std::future::ready(answer()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url.parse().expect("address")
}

/// Reads the users' report with this one file; returns how many rows it has.
async fn count_rows(file: &Url, most_bytes: u64) -> Result<usize, GithubFailure> {
    let envelope = format!("{{\"download_links\":[\"{file}\"],\"report_day\":\"2026-11-20\"}}");
    let api = TestServer::start(move |_| reply(200, envelope.clone())).await;
    let client = GithubClient::new(GithubSettings {
        max_report_bytes: most_bytes,
        ..settings(&api.url, &[host(file)])
    });
    let (client, day) = (client.expect("client"), "2026-11-20".parse().expect("day"));
    let question = ReportQuestion {
        token: &Token::new("ghp_canary"),
        org: "o",
        kind: ReportKind::UsersDay,
        day,
        today: day,
    };
    let Fetched::Data(mut report) = client.open_report(question).await? else {
        return Ok(0);
    };
    let mut count = 0;
    while let Some(part) = report.next().await? {
        if let ReportPart::Rows(ReportRows::Members(rows)) = part {
            count += rows.len();
        }
    }
    Ok(count)
}

/// The most memory that this process has had, in bytes.
fn peak_memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    1024 * kilobytes
        .and_then(|text| text.parse::<usize>().ok())
        .expect("a number")
}

#[tokio::test]
#[ignore = "the test below runs it, in a process whose memory no other test uses"]
async fn a_report_of_200_megabytes_in_a_process_of_its_own() {
    const ROWS: usize = 70;
    // Each is larger than what is handed over at once.
    let note = "x".repeat(3 * MEGABYTE);
    let row = Bytes::from(format!("{{\"user_id\":1,\"note\":\"{note}\"}}\n"));
    drop(note);
    let file = serve_file(move || {
        let row = row.clone();
        let rows = (0..ROWS).map(move |_| Ok::<_, Infallible>(row.clone()));
        Response::new(Body::from_stream(stream::iter(rows)))
    });
    let file = file.await;
    let before = peak_memory();
    let count = count_rows(&file, 300 * MEGABYTE as u64).await;
    assert_eq!(count.expect("rows"), ROWS);
    let grown = peak_memory() - before;
    assert!(grown < 40 * MEGABYTE, "{} MB more", grown / MEGABYTE);
}

#[test]
fn a_report_of_200_megabytes_takes_little_memory() {
    let this = std::env::current_exe().expect("a test binary");
    let inner = "github::large_reports_tests::a_report_of_200_megabytes_in_a_process_of_its_own";
    let ended = Command::new(this)
        .args(["--exact", inner, "--ignored"])
        .output();
    let ended = ended.expect("it starts");
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

/// Bits in the order of DEFLATE.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, bits: &str) {
        for bit in bits.bytes() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= (bit - b'0') << (self.used % 8);
            }
            self.used += 1;
        }
    }
}

/// A gzip file of spaces: a space, and then "the last 258 bytes again" in thirteen bits each.
fn bomb(decoded: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, with the fixed codes; a space is 0x30 + 32.
    bits.push("1");
    bits.push("10");
    bits.push("01010000");
    for _ in 0..decoded / 258 {
        bits.push("11000101");
        bits.push("00000");
    }
    bits.push("0000000");
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    file.extend(bits.bytes);
    // The check sum is not reached.
    file.extend([0; 8]);
    file
}

#[tokio::test]
async fn what_is_small_only_until_it_is_unpacked_is_not_unpacked() {
    let packed = bomb(64 * MEGABYTE);
    assert!(packed.len() < MEGABYTE, "{} bytes", packed.len());
    let file = serve_file(move || {
        Response::builder()
            .header("content-encoding", "gzip")
            .body(Body::from(packed.clone()))
            .expect("a response")
    });
    let refused = count_rows(&file.await, MEGABYTE as u64).await;
    let class = refused.expect_err("it is too large").class;
    assert_eq!(class, FailureClass::BodyTooLarge { shrink_page: false });
}

#[tokio::test]
async fn a_file_that_ends_too_early_is_no_report() {
    // The connection ends before the answer does.
    let file = serve_file(|| {
        let pieces = [Ok("{\"user_id\":1}\n"), Err(std::io::Error::other("cut"))];
        Response::new(Body::from_stream(stream::iter(pieces)))
    });
    let cut = count_rows(&file.await, MEGABYTE as u64).await;
    let class = cut.expect_err("it was cut").class;
    assert_eq!(class, FailureClass::Transient { shrink_page: false });
}
