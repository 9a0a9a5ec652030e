//! Hands one message over, once: to a mail server, or into a folder for development. It neither retries nor waits.

use std::{path::PathBuf, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{self, PoolConfig},
};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::{Message, Sites};

/// How e-mails leave.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Where they go first.
    pub transport: MailTransport,
    /// Who sends them, as `NAME <ADDRESS>` or `ADDRESS`. Its domain is also that of the Message-IDs.
    pub from: String,
    /// Where links lead.
    pub sites: Sites,
}

/// Where e-mails go first.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// A mail server, as `smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`.
    Smtp(SecretString),
    /// Files in a folder.
    Folder(PathBuf),
}

/// Why no e-mail can leave. Never holds the password.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address of the mail server.
    #[error(
        "COFLOW_SMTP_URL is no address such as smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465: {0}"
    )]
    Url(String),
    /// The sender.
    #[error("COFLOW_MAIL_FROM is no sender such as coflow <coflow@example.org>")]
    From,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct MailError {
    /// Whether the same message may be taken later.
    pub class: MailErrorClass,
    /// For people; may name the address, so it is kept out of logs.
    pub reason: String,
}

/// Whose fault it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailErrorClass {
    /// The server says that it never takes this message.
    Refused,
    /// The server does not take anything from us: our settings.
    LoginRefused,
    /// Not now: a server that is full, away or silent.
    NotNow,
    /// The message itself cannot be made.
    Unusable,
}

impl MailErrorClass {
    /// The word for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::LoginRefused => "login_refused",
            Self::NotNow => "not_now",
            Self::Unusable => "unusable",
        }
    }
}

impl MailError {
    pub(super) fn unusable(reason: String) -> Self {
        Self {
            class: MailErrorClass::Unusable,
            reason,
        }
    }

    fn not_now(reason: String) -> Self {
        Self {
            class: MailErrorClass::NotNow,
            reason,
        }
    }
}

/// A command of the server may take this long, the whole hand-over three times as long.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(90);

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    way: Way,
    from: Mailbox,
    sites: Sites,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Sender {
    /// Reads the settings; nothing is connected to yet.
    ///
    /// # Errors
    /// When an address cannot be understood.
    pub fn new(settings: &MailSettings) -> Result<Self, SetupError> {
        let way = match &settings.transport {
            MailTransport::Smtp(url) => Way::Smtp(smtp_transport(url)?),
            MailTransport::Folder(folder) => Way::Folder(folder.clone()),
        };
        Ok(Self {
            way,
            from: settings.from.parse().map_err(|_| SetupError::From)?,
            sites: settings.sites.clone(),
        })
    }

    /// Who sends.
    pub fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Where links lead.
    pub fn sites(&self) -> &Sites {
        &self.sites
    }

    /// Hands the message over and returns what the other side said.
    ///
    /// # Errors
    /// When it was not taken, or nobody can tell whether it was.
    pub async fn send(&self, message: &Message) -> Result<String, MailError> {
        match &self.way {
            Way::Smtp(transport) => {
                let sent = transport.send_raw(&message.envelope, &message.bytes);
                match tokio::time::timeout(TIMEOUT, sent).await {
                    Ok(Ok(answer)) => Ok(said(&answer)),
                    Ok(Err(error)) => Err(classify(&error)),
                    Err(_) => Err(MailError::not_now(format!(
                        "no answer within {} s",
                        TIMEOUT.as_secs()
                    ))),
                }
            }
            Way::Folder(folder) => {
                let file = folder.join(format!("{}.eml", message.id));
                let write = async {
                    tokio::fs::create_dir_all(folder).await?;
                    // Renamed when it is whole; a second time it takes the place of the first.
                    let unfinished = file.with_extension("unfinished");
                    tokio::fs::write(&unfinished, &message.bytes).await?;
                    tokio::fs::rename(&unfinished, &file).await
                };
                match write.await {
                    Ok(()) => Ok(format!("written to {}", file.display())),
                    Err(error) => Err(MailError::not_now(format!("{}: {error}", folder.display()))),
                }
            }
        }
    }
}

fn said(answer: &smtp::response::Response) -> String {
    let lines: Vec<&str> = answer.message().collect();
    format!("{} {}", answer.code(), lines.join(" "))
}

/// Refused for good is only what the server says so about; a login that fails is the operator's to mend, for all messages.
fn classify(error: &smtp::Error) -> MailError {
    const LOGIN: [&str; 5] = ["530", "534", "535", "538", "454"];
    let is_login = error
        .status()
        .is_some_and(|code| LOGIN.contains(&code.to_string().as_str()));
    let class = if is_login {
        MailErrorClass::LoginRefused
    } else if error.is_permanent() {
        MailErrorClass::Refused
    } else {
        MailErrorClass::NotNow
    };
    MailError {
        class,
        reason: error.to_string(),
    }
}

fn smtp_transport(url: &SecretString) -> Result<AsyncSmtpTransport<Tokio1Executor>, SetupError> {
    let invalid = |error: &dyn std::fmt::Display| SetupError::Url(error.to_string());
    let mut url = Url::parse(url.expose_secret()).map_err(|error| invalid(&error))?;
    choose_tls(&mut url);
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
        .map_err(|error| invalid(&error))?;
    Ok(builder
        .timeout(Some(COMMAND_TIMEOUT))
        .pool_config(
            PoolConfig::new()
                .max_size(2)
                .idle_timeout(Duration::from_secs(30)),
        )
        .build())
}

/// Passwords and e-mails do not cross a network in clear text unless somebody says so: `smtp://` asks for STARTTLS, except on this
/// machine. `?tls=none` says so.
fn choose_tls(url: &mut Url) {
    if url.scheme() != "smtp" {
        return;
    }
    match url.query() {
        Some("tls=none") => url.set_query(None),
        Some(_) => {}
        None if is_this_machine(url) => {}
        None => url.set_query(Some("tls=required")),
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        // For a scheme that it does not know, the parser leaves an address as a name.
        Some(Host::Domain(name)) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_crosses_a_network_in_clear_text_unless_asked_for() {
        for (given, used) in [
            (
                "smtp://a:b@mail.example.org",
                "smtp://a:b@mail.example.org?tls=required",
            ),
            (
                "smtp://mail.example.org?tls=none",
                "smtp://mail.example.org",
            ),
            (
                "smtp://mail:25?tls=opportunistic",
                "smtp://mail:25?tls=opportunistic",
            ),
            ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525"),
            ("smtp://localhost", "smtp://localhost"),
            ("smtp://[::1]:25", "smtp://[::1]:25"),
            ("smtps://mail.example.org", "smtps://mail.example.org"),
        ] {
            let mut url = Url::parse(given).expect("an address");
            choose_tls(&mut url);
            assert_eq!(url.as_str(), used, "{given}");
        }
    }

    #[tokio::test]
    async fn encryption_is_set_up_and_an_absent_server_is_a_matter_of_time() {
        for url in [
            "smtps://127.0.0.1:1",
            "smtp://127.0.0.1:1?tls=required",
            "smtp://127.0.0.1:1",
        ] {
            let error = send(MailTransport::Smtp(url.into()))
                .await
                .expect_err("nobody listens");
            assert_eq!(error.class, MailErrorClass::NotNow, "{url}: {error}");
        }
    }

    #[tokio::test]
    async fn a_message_that_is_written_twice_is_one_file() {
        let folder = std::env::temp_dir().join(format!("coflow-mail-{}", std::process::id()));
        for _ in 0..2 {
            let answer = send(MailTransport::Folder(folder.clone()))
                .await
                .expect("written");
            assert!(answer.ends_with(".eml"), "{answer}");
        }
        let files = std::fs::read_dir(&folder).expect("a folder").count();
        std::fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(files, 1);
    }

    fn sites() -> Sites {
        Sites {
            coflow: None,
            github: "https://github.com".parse().expect("an address"),
        }
    }

    async fn send(transport: MailTransport) -> Result<String, MailError> {
        let settings = MailSettings {
            transport,
            from: "coflow@example.org".to_owned(),
            sites: sites(),
        };
        let sender = Sender::new(&settings).expect("valid settings");
        let addressed = crate::mail::Addressed {
            from: sender.from(),
            to: &"ada@example.com".parse().expect("an address"),
            name: None,
            idempotency_key: "test",
            queued_at: chrono::DateTime::UNIX_EPOCH,
        };
        let message = Message::new(&crate::mail::Letter::of_test(), &addressed).expect("a message");
        sender.send(&message).await
    }

    #[test]
    fn a_wrong_address_is_named_without_its_password() {
        for url in ["http://ada:hunter2@example.org", "smtp:", "hunter2"] {
            let settings = MailSettings {
                transport: MailTransport::Smtp(url.into()),
                from: "coflow@example.org".to_owned(),
                sites: sites(),
            };
            let error = Sender::new(&settings).err().expect("refused").to_string();
            assert!(
                error.contains("COFLOW_SMTP_URL") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }
}
