//! Builds the evidence of a failed request. Nothing that looks like a token and no query of a URL (signed links) gets into it.

use super::{
    endpoint::EndpointClass,
    failure_class::{Evidence, FailureClass, GithubFailure},
    http::Answer,
    limits,
    wire::said::Said,
};

const LONGEST_MESSAGE: usize = 300;
const LONGEST_PERMISSION: usize = 100;
const LONGEST_URL: usize = 500;
/// GitHub's documented prefixes of its tokens.
pub(super) const TOKEN_PREFIXES: [&str; 6] =
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];

impl GithubFailure {
    /// A failure that an answer shows.
    pub(super) fn of_answer(class: FailureClass, endpoint: EndpointClass, answer: &Answer) -> Self {
        // The download host is not GitHub's API, and its texts may repeat the signed link.
        let said = if endpoint == EndpointClass::ReportDownload {
            Said::default()
        } else {
            Said::read(&answer.body)
        };
        let header = |name: &str| limits::text(&answer.headers, name).map(|text| clean(text, 100));
        let message = said
            .first_message()
            .map(|text| clean(text, LONGEST_MESSAGE))
            .or_else(|| plain_text(endpoint, answer, &said));
        let message = match &class {
            FailureClass::PermissionMissing {
                permission: Some(permission),
            } => Some(needing(message, permission)),
            _ => message,
        };
        Self {
            class,
            evidence: Box::new(Evidence {
                endpoint,
                http_status: Some(answer.status),
                message,
                documentation_url: said
                    .documentation_url
                    .as_deref()
                    .map(|url| clean(url, LONGEST_URL)),
                request_id: header("x-github-request-id"),
                sso_url: limits::text(&answer.headers, "x-github-sso").and_then(sso_url),
            }),
        }
    }

    /// A failure without an answer; `message` says in fixed words what broke.
    pub(crate) fn without_answer(
        class: FailureClass,
        endpoint: EndpointClass,
        message: &'static str,
    ) -> Self {
        Self {
            class,
            evidence: Box::new(Evidence {
                endpoint,
                http_status: None,
                message: Some(message.to_owned()),
                documentation_url: None,
                request_id: None,
                sso_url: None,
            }),
        }
    }

    /// The same with what GitHub said elsewhere than in its usual place.
    pub(super) fn saying(mut self, text: &str) -> Self {
        self.evidence.message = Some(clean(text, LONGEST_MESSAGE));
        self
    }

    /// An answer that is not in a documented form; `message` says in fixed words what is wrong with it.
    pub(super) fn malformed(
        endpoint: EndpointClass,
        answer: &Answer,
        message: &'static str,
    ) -> Self {
        let mut failure = Self::of_answer(FailureClass::MalformedAnswer, endpoint, answer);
        failure.evidence.message = Some(message.to_owned());
        failure
    }
}

/// The beginning of a refusal that is no JSON, such as a proxy's page: it tells who answered.
fn plain_text(endpoint: EndpointClass, answer: &Answer, said: &Said) -> Option<String> {
    if said.is_json || answer.status < 400 || endpoint == EndpointClass::ReportDownload {
        return None;
    }
    let text = clean(&String::from_utf8_lossy(&answer.body), LONGEST_MESSAGE);
    (!text.is_empty()).then_some(text)
}

/// The message, with the name of what is missing: whoever grants it has to know.
fn needing(message: Option<String>, permission: &str) -> String {
    let permission = clean(permission, LONGEST_PERMISSION);
    match message {
        Some(message) => format!("{message} (needs: {permission})"),
        None => format!("needs: {permission}"),
    }
}

/// `required; url=https://github.com/orgs/…/sso?authorization_request=…`: meant to be opened by a person, so that it keeps its query.
fn sso_url(header: &str) -> Option<String> {
    let (_, url) = header.split_once("url=")?;
    let url = url.split(';').next()?.trim();
    (url.starts_with("https://") && url.len() <= LONGEST_URL).then(|| url.to_owned())
}

/// Bounds a text and takes secrets out of it.
fn clean(text: &str, longest: usize) -> String {
    let words = text.split_whitespace().map(clean_word).collect::<Vec<_>>();
    words.join(" ").chars().take(longest).collect()
}

fn clean_word(word: &str) -> &str {
    if TOKEN_PREFIXES.iter().any(|prefix| word.contains(prefix)) {
        return "[removed]";
    }
    let Some(scheme) = word.find("://") else {
        return word;
    };
    match word[scheme..].find(['?', '#']) {
        Some(end) => &word[..scheme + end],
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_holds_no_token_and_no_query() {
        let text = "token \"ghp_secret\" and github_pat_x at https://h.example/a?sig=abc failed";
        assert_eq!(
            clean(text, 300),
            "token [removed] and [removed] at https://h.example/a failed"
        );
        assert_eq!(clean(&"ö".repeat(400), 300).chars().count(), 300);
    }

    #[test]
    fn the_address_for_single_sign_on_is_kept_only_when_it_is_one() {
        assert_eq!(
            sso_url("required; url=https://github.com/orgs/o/sso?authorization_request=AZ"),
            Some("https://github.com/orgs/o/sso?authorization_request=AZ".to_owned())
        );
        assert_eq!(sso_url("required; url=javascript:alert(1)"), None);
        assert_eq!(sso_url("partial-results; organizations=1"), None);
    }
}
