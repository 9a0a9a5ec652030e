//! What does not fit into the first nested page of a pull request's reviews, commits and files: asked for by the pull request's
//! node id until nothing is left.

use serde_json::{Value, json};
use workflows::domain::pull_request::PullRequest;

use super::{
    GithubClient, GithubFailure, Token,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    wire::{
        graphql::CursorMissing,
        pull_request::{WireNested, WireOverflow},
    },
};

const DOCUMENT: &str = include_str!("queries/pull_request_overflow.graphql");
/// GitHub lists at most 250 commits and 3,000 files of a pull request: more requests than this can only come from an answer that
/// runs in circles.
const MOST_REQUESTS: u32 = 100;

/// Where the rest of each list begins; `None` where there is no rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Overflow {
    reviews: Option<String>,
    commits: Option<String>,
    files: Option<String>,
}

impl Overflow {
    /// What these pages leave open.
    pub(super) fn of(nested: &WireNested) -> Result<Self, CursorMissing> {
        Ok(Self {
            reviews: match &nested.reviews {
                Some(reviews) => reviews.next_cursor()?,
                None => None,
            },
            commits: match &nested.commits {
                Some(commits) => commits.next_cursor()?,
                None => None,
            },
            files: match &nested.files {
                Some(files) => files.next_cursor()?,
                None => None,
            },
        })
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn variables(&self, id: &str) -> Value {
        json!({
            "id": id,
            "reviewsCursor": self.reviews,
            "commitsCursor": self.commits,
            "filesCursor": self.files,
            "moreReviews": self.reviews.is_some(),
            "moreCommits": self.commits.is_some(),
            "moreFiles": self.files.is_some(),
        })
    }
}

impl GithubClient {
    /// Appends the rest of a pull request; returns how many requests it took.
    pub(super) async fn complete(
        &self,
        token: &Token,
        id: &str,
        pull_request: &mut PullRequest,
        mut overflow: Overflow,
    ) -> Result<u32, GithubFailure> {
        let mut requests = 0;
        while !overflow.is_empty() {
            let mut answer = self
                .query::<WireOverflow>(
                    EndpointClass::PullRequestOverflow,
                    token,
                    DOCUMENT,
                    overflow.variables(id),
                )
                .await?;
            requests += 1;
            let Some(nested) = answer.data.node.take() else {
                // It went away between two requests: the next page does not list it.
                return Err(answer.absent(FailureClass::Transient { shrink_page: false }));
            };
            let Ok(next) = Overflow::of(&nested) else {
                return Err(answer.malformed("a nested page has more but lacks its cursor"));
            };
            if next == overflow || requests == MOST_REQUESTS && !next.is_empty() {
                return Err(answer.malformed("the pages of a pull request do not end"));
            }
            nested.move_into(pull_request);
            overflow = next;
        }
        Ok(requests)
    }
}
