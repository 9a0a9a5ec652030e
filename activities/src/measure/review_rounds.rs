//! Rounds of review: reviews with no commit between them are one round, whoever wrote them.

use chrono::{DateTime, Utc};
use workflows::domain::metrics::MeasuredPullRequest;

/// How many rounds of review a pull request took until it was merged; `None` when nobody had reviewed it by then. Commits that a
/// force push has replaced are not known: a round that ended with such a commit and no other is not seen.
pub(super) fn review_rounds(
    pull_request: &MeasuredPullRequest,
    merged_at: DateTime<Utc>,
) -> Option<usize> {
    let reviews = pull_request.reviews.iter().map(|(_, at)| *at);
    let mut reviews: Vec<_> = reviews.filter(|at| *at <= merged_at).collect();
    reviews.sort_unstable();
    let has_commit = |after: DateTime<Utc>, until: DateTime<Utc>| {
        let mut commits = pull_request.committed_at.iter();
        commits.any(|at| after < *at && *at <= until)
    };
    let begun_anew = reviews
        .windows(2)
        .filter(|pair| has_commit(pair[0], pair[1]))
        .count();
    (!reviews.is_empty()).then_some(1 + begun_anew)
}
