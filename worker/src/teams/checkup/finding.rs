//! What a checkup says of one thing: how it is, what that is known from, what to do next and where.

use std::fmt;

use activities::{
    clock,
    failure::{Decision, WaitReason, decide},
    github::{FailureClass, GithubFailure},
};
use serde::Serialize;
use url::Url;
use workflows::domain::cause::{Actor, Cause};

use crate::teams::evidence;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Attention,
    /// It does not work.
    NotOk,
    /// Not looked at: the finding says why.
    Skipped,
}

impl Verdict {
    /// In the list of findings: what fails stands out.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Attention => "attention",
            Self::NotOk => "NOT OK",
            Self::Skipped => "-",
        }
    }
}

/// Whom a checkup is about, for texts and links.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Login of the organization.
    pub organization: String,
    /// GitHub's web pages.
    pub web_url: Url,
}

/// What a checkup says of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// One sentence.
    pub finding: String,
    /// What GitHub said, with its request id: one line an answer.
    pub evidence: Vec<String>,
    /// What to do, and who can.
    pub next: Option<String>,
    /// The page on GitHub to click.
    pub click: Option<String>,
}

impl Finding {
    /// A finding of nothing but a sentence.
    pub fn new(check: &'static str, verdict: Verdict, finding: impl fmt::Display) -> Self {
        Self {
            check,
            verdict,
            finding: finding.to_string(),
            evidence: vec![],
            next: None,
            click: None,
        }
    }

    /// Whether something is ok, in the words of the result.
    pub fn of_result<T: fmt::Display, E: fmt::Display>(
        check: &'static str,
        result: Result<T, E>,
    ) -> Self {
        match result {
            Ok(finding) => Self::new(check, Verdict::Ok, finding),
            Err(error) => Self::new(check, Verdict::NotOk, format!("{error:#}")),
        }
    }

    /// Not looked at, since something else has to work first.
    pub fn skipped(check: &'static str, reason: impl fmt::Display) -> Self {
        Self::new(check, Verdict::Skipped, reason)
    }

    /// Something that does not work for a named cause.
    pub fn of_cause(check: &'static str, cause: Cause, asked: &Asked) -> Self {
        let finding = format!("{cause}: {}", cause.explanation());
        let action = cause.next_action(&asked.organization);
        Self {
            next: Some(match cause.actor() {
                Actor::Nobody | Actor::CoflowDevelopers => action,
                actor => format!("for {}: {action}", actor.title()),
            }),
            click: cause.page(&asked.organization, asked.web_url.as_str()),
            ..Self::new(check, Verdict::NotOk, finding)
        }
    }

    /// What GitHub's refusal means, as at a last attempt: nothing is asked again in a checkup.
    pub fn of_refusal(check: &'static str, failure: &GithubFailure, asked: &Asked) -> Self {
        let now = clock::now();
        let evidence = vec![evidence::describe_answer(&failure.evidence)];
        let finding = match decide(&failure.class, u32::MAX, now) {
            Decision::WaitUntil { at, reason } => Self::new(
                check,
                Verdict::Attention,
                format!(
                    "{} It passes at {}.",
                    WaitReason::explanation_of(reason.as_str()),
                    at.format("%H:%M:%S UTC")
                ),
            ),
            Decision::Retry | Decision::RetrySmallerPage | Decision::NoData(_) => {
                let cause = match failure.class {
                    FailureClass::InstallationTokenRejected => Cause::TokenRevoked,
                    _ => Cause::GithubUnreachable,
                };
                Self::of_cause(check, cause, asked)
            }
            Decision::Confirm(cause)
            | Decision::Park(cause)
            | Decision::SkipRepository(cause)
            | Decision::Fail(cause) => Self::of_cause(check, cause, asked),
        };
        let single_sign_on = failure.evidence.sso_url.clone();
        Self {
            evidence,
            click: single_sign_on.or(finding.click),
            ..finding
        }
    }

    /// The same, known from this.
    #[must_use]
    pub fn known_from(mut self, evidence: impl fmt::Display) -> Self {
        self.evidence.push(evidence.to_string());
        self
    }

    /// The same with what to do.
    #[must_use]
    pub fn next(self, next: impl fmt::Display) -> Self {
        Self {
            next: Some(next.to_string()),
            ..self
        }
    }

    /// The same with the page to click.
    #[must_use]
    pub fn click(self, page: impl fmt::Display) -> Self {
        Self {
            click: Some(page.to_string()),
            ..self
        }
    }
}

/// Width of the column of verdicts.
const VERDICT: usize = 9;
/// Width of the column of checks.
const CHECK: usize = 20;

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verdict, check) = (self.verdict.word(), self.check);
        write!(
            f,
            "  {verdict:<VERDICT$}  {check:<CHECK$}  {}",
            self.finding
        )?;
        let mut detail = |label: &str, text: &str| {
            let indent = 2 + VERDICT + 2 + CHECK + 2;
            write!(f, "\n{:indent$}{label}: {text}", "")
        };
        for line in &self.evidence {
            detail("evidence", line)?;
        }
        if let Some(next) = &self.next {
            detail("next", next)?;
        }
        if let Some(page) = &self.click {
            detail("click", page)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_says_what_it_is_who_can_mend_it_and_where() {
        let asked = Asked {
            organization: "acme".to_owned(),
            web_url: "https://github.com".parse().expect("an address"),
        };
        let finding = Finding::of_cause("policy", Cause::MetricsPolicyDisabled, &asked);
        assert_eq!(finding.verdict, Verdict::NotOk);
        let shown = finding.known_from("reports answered 403").to_string();
        let lines: Vec<&str> = shown.lines().map(str::trim_start).collect();
        assert!(lines[0].starts_with("NOT OK     policy"), "{shown}");
        assert_eq!(lines[1], "evidence: reports answered 403");
        assert!(
            lines[2].starts_with("next: for an organization owner: "),
            "{shown}"
        );
        assert!(
            lines[3].starts_with("click: https://github.com/"),
            "{shown}"
        );
        assert!(lines[3].contains("/acme/"), "{shown}");
    }
}
