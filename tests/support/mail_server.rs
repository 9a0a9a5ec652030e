//! A real mail server on loopback: the Python package aiosmtpd, with an inbox that the tests steer and read.

use std::{
    collections::BTreeSet,
    fs,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use activities::mail::{MailSettings, MailTransport, Sender, Sites};
use serde::Deserialize;

use super::{environment::unique_name, pip::installed, waiting::until};

const PACKAGE: &str = "aiosmtpd==1.4.6";
/// Who sends in every test.
pub(crate) const SENDER: &str = "coflow <coflow@sender.example>";

/// A mail server at work, or stopped. It ends with this value.
pub(crate) struct MailServer {
    port: u16,
    folder: PathBuf,
    packages: PathBuf,
    process: Option<Child>,
}

/// A message as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Arrived {
    /// Recipients of the envelope.
    pub(crate) to: Vec<String>,
    /// The whole message.
    pub(crate) bytes: String,
}

impl MailServer {
    /// Starts one that accepts everything.
    pub(crate) async fn start() -> MailServer {
        let packages = installed(PACKAGE).await;
        let folder = std::env::temp_dir().join(unique_name());
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("coflow_inbox.py"), include_str!("inbox.py")).expect("written");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let mut server = MailServer {
            port,
            folder,
            packages,
            process: None,
        };
        server.behave("accept");
        server.resume().await;
        server
    }

    /// `smtp://…`
    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// What the relay of a test sends by.
    pub(crate) fn sender(&self) -> Sender {
        let settings = MailSettings {
            transport: MailTransport::Smtp(self.url().into()),
            from: SENDER.to_owned(),
            sites: Sites {
                coflow: None,
                github: "https://github.com".parse().expect("an address"),
            },
        };
        Sender::new(&settings).expect("valid settings")
    }

    /// From now on; see `inbox.py`. Replaced as a whole, so that the server never reads half of it.
    pub(crate) fn behave(&self, mode: &str) {
        let unfinished = self.folder.join("mode.unfinished");
        fs::write(&unfinished, mode).expect("written");
        fs::rename(unfinished, self.folder.join("mode")).expect("renamed");
    }

    /// Everything that has arrived, in its order.
    pub(crate) fn inbox(&self) -> Vec<Arrived> {
        let text = fs::read_to_string(self.folder.join("inbox.jsonl")).unwrap_or_default();
        // The last line may be in the middle of being written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let lines = whole.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("lines of JSON")
    }

    /// Waits until this many have arrived.
    pub(crate) async fn await_inbox(&self, count: usize) -> Vec<Arrived> {
        let look = || async { self.inbox() };
        until(&format!("{count} e-mails"), look, |inbox| {
            inbox.len() >= count
        })
        .await
    }

    /// Goes away, as a server that is restarted.
    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Comes back on the same port.
    pub(crate) async fn resume(&mut self) {
        let path = std::env::join_paths([&self.packages, &self.folder]).expect("two folders");
        let process = Command::new("python3")
            .args(["-m", "aiosmtpd", "-n", "-c", "coflow_inbox.Inbox", "-l"])
            .arg(format!("127.0.0.1:{}", self.port))
            .arg(&self.folder)
            .env("PYTHONPATH", path)
            .stdin(Stdio::null())
            .spawn();
        self.process = Some(process.expect("python3 runs"));
        let port = self.port;
        let connect = || async move { TcpStream::connect(("127.0.0.1", port)).is_ok() };
        until("the mail server", connect, |is_there| *is_there).await;
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Arrived {
    /// The value of a header that stands on one line.
    pub(crate) fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        let mut headers = self.bytes.lines().take_while(|line| !line.is_empty());
        headers
            .find_map(|line| line.strip_prefix(&start))
            .unwrap_or_else(|| panic!("no {name}: {}", self.bytes))
    }

    /// The plain part, as it is read.
    pub(crate) fn text(&self) -> String {
        let (_, rest) = self
            .bytes
            .split_once("text/plain")
            .expect("a plain part goes first");
        let (headers, rest) = rest.split_once("\r\n\r\n").expect("a body");
        let (body, _) = rest.split_once("\r\n--=_").expect("it ends");
        let body = body.replace("\r\n", "\n");
        if headers.contains("quoted-printable") {
            decode_quoted_printable(&body)
        } else {
            body
        }
    }
}

/// Different e-mails, as their receivers tell them apart.
pub(crate) fn distinct_ids(inbox: &[Arrived]) -> BTreeSet<String> {
    let ids = inbox
        .iter()
        .map(|mail| mail.header("Message-ID").to_owned());
    ids.collect()
}

fn decode_quoted_printable(body: &str) -> String {
    let body = body.replace("=\n", "");
    let mut bytes = vec![];
    let mut rest = body.as_str();
    while let Some((before, code)) = rest.split_once('=') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(&code[..2], 16).expect("two digits"));
        rest = &code[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).expect("UTF-8")
}
