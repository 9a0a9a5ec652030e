//! What does not fit into the first nested page of a pull request's reviews, commits and files: asked for by the pull request's
//! node id until nothing is left.

use serde_json::{Value, json};
use workflows::domain::pull_request::PullRequest;

use super::{
    GithubClient, GithubFailure, Token,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    wire::{
        graphql::{EndUnknown, WireConnection},
        pull_request::{WireNested, WireOverflow},
    },
};

const DOCUMENT: &str = include_str!("queries/pull_request_overflow.graphql");
/// GitHub lists at most 250 commits and 3,000 files of a pull request: more requests than this can only come from an answer that
/// runs in circles.
const MOST_REQUESTS: u32 = 100;
/// What null in the place of a node means while no error says why: that is how a page that is too heavy has come back.
pub(super) const TOO_HEAVY: FailureClass = FailureClass::Transient { shrink_page: true };

/// What becomes of null in the place of a pull request, review or commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    /// The page is taken for too heavy: a smaller one may come whole.
    Refused,
    /// It is left out. For the smallest page, when asking again has not helped.
    LeftOut,
}

/// How the rest of a pull request was read.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Requests that it took.
    pub(super) request_count: u32,
    /// Whether null was left out.
    pub(super) has_gaps: bool,
}

/// Where the rest of each list begins; `None` where there is no rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Overflow {
    reviews: Option<String>,
    commits: Option<String>,
    files: Option<String>,
}

impl Overflow {
    /// What these pages leave open, which were asked for with the cursors of `asked`.
    pub(super) fn of(nested: &WireNested, asked: &Self) -> Result<Self, EndUnknown> {
        Ok(Self {
            reviews: rest(nested.reviews.as_ref(), asked.reviews.as_deref())?,
            commits: rest(nested.commits.as_ref(), asked.commits.as_deref())?,
            files: rest(nested.files.as_ref(), asked.files.as_deref())?,
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

/// Where a list goes on. One that was asked to go on has to be there.
fn rest<N>(
    list: Option<&WireConnection<N>>,
    asked: Option<&str>,
) -> Result<Option<String>, EndUnknown> {
    match (list, asked) {
        (Some(list), _) => list.next_cursor(asked),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(EndUnknown),
    }
}

impl GithubClient {
    /// Appends the rest of a pull request.
    pub(super) async fn complete(
        &self,
        token: &Token,
        id: &str,
        pull_request: &mut PullRequest,
        mut overflow: Overflow,
        nulls: Nulls,
    ) -> Result<Rest, GithubFailure> {
        let mut rest = Rest::default();
        while !overflow.is_empty() {
            let mut answer = self
                .query::<WireOverflow>(
                    EndpointClass::PullRequestOverflow,
                    token,
                    DOCUMENT,
                    overflow.variables(id),
                )
                .await?;
            rest.request_count += 1;
            let Some(nested) = answer.data.node.take() else {
                if nulls == Nulls::LeftOut {
                    rest.has_gaps = true;
                    break;
                }
                // It went away between two requests: the next page does not list it.
                return Err(answer.absent(FailureClass::Transient { shrink_page: false }));
            };
            let Ok(next) = Overflow::of(&nested, &overflow) else {
                return Err(answer.malformed("a nested page lacks its end"));
            };
            if nested.has_null() {
                if nulls == Nulls::Refused {
                    return Err(answer.absent(TOO_HEAVY));
                }
                rest.has_gaps = true;
            }
            if rest.request_count == MOST_REQUESTS && !next.is_empty() {
                return Err(answer.malformed("the pages of a pull request do not end"));
            }
            nested.move_into(pull_request);
            overflow = next;
        }
        Ok(rest)
    }
}
