//! Invented pull requests: times, titles, reviews, commits and files.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Duration, Utc};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use super::{
    super::{
        OrgSpec, PullRequestShape,
        model::{
            ChangedFile, Commit, Ids, Member, PullRequest, PullRequestState, Repository, Review,
        },
    },
    assemble::{Parts, assemble},
    authors::Author,
    text::{AI_TRAILERS, FILES, FOLDERS, LABELS, OBJECTS, PACKAGES, VERBS},
};

/// Whether three pull requests of the repository exceed the page sizes of the queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    Yes,
    No,
}

impl Overflow {
    pub(crate) fn of(wanted: bool) -> Self {
        if wanted { Self::Yes } else { Self::No }
    }

    /// Reviews, commits and files of the pull request with this number.
    fn counts(self, number: u64, usual: (usize, usize, usize)) -> (usize, usize, usize) {
        let (reviews, commits, files) = usual;
        match (self, number) {
            (Self::Yes, 2) => (163, commits, files),
            (Self::Yes, 3) => (reviews, 72, files),
            (Self::Yes, 4) => (61, 155, 240),
            _ => usual,
        }
    }
}

impl Ending {
    /// The same ending, no later than a moment.
    fn not_after(self, latest: DateTime<Utc>) -> Self {
        Self {
            at: self.at.map(|at| at.min(latest)),
            ..self
        }
    }
}

/// What the pull requests of one organization have in common.
pub(crate) struct Context<'a> {
    pub(crate) authors: &'a [Author],
    pub(crate) members: &'a [Member],
    pub(crate) now: DateTime<Utc>,
    pub(crate) spec: &'a OrgSpec,
}

/// Times of a pull request's end.
struct Ending {
    state: PullRequestState,
    at: Option<DateTime<Utc>>,
}

impl Context<'_> {
    /// Adds `count` pull requests, numbered in the order of their creation.
    pub(crate) fn fill(
        &self,
        ids: &mut Ids,
        rng: &mut ChaCha8Rng,
        repository: &mut Repository,
        count: usize,
        overflow: Overflow,
    ) {
        if self.authors.is_empty() {
            return;
        }
        let mut created: Vec<_> = (0..count).map(|_| self.working_time(rng)).collect();
        created.sort_unstable();
        for created_at in created {
            let number = repository.next_number();
            let earlier = repository.pull_requests.iter().rev().nth(2);
            let reverted = earlier
                .filter(|_| number.is_multiple_of(23))
                .map(|each| each.title.clone());
            let pull_request = self.invent(
                ids,
                rng,
                repository.id,
                number,
                created_at,
                overflow,
                reverted,
            );
            repository.pull_requests.push(pull_request);
        }
        repository.sort();
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is one fact about the pull request"
    )]
    fn invent(
        &self,
        ids: &mut Ids,
        rng: &mut ChaCha8Rng,
        repository_id: u64,
        number: u64,
        created_at: DateTime<Utc>,
        overflow: Overflow,
        reverted: Option<String>,
    ) -> PullRequest {
        let is_varied = self.spec.shape == PullRequestShape::Varied;
        let author = &self.authors[rng.random_range(0..self.authors.len())];
        let (reviews, commits, files) = match self.spec.shape {
            PullRequestShape::Varied => {
                let usual = (
                    rng.random_range(0..4),
                    rng.random_range(1..6),
                    rng.random_range(1..12),
                );
                overflow.counts(number, usual)
            }
            PullRequestShape::Exact {
                reviews,
                commits,
                files,
            } => (reviews, commits, files),
        };
        let ending = match is_varied {
            true => self.ending(rng, created_at),
            false => merged(rng, created_at).not_after(self.now),
        };
        let last_review_at = ending.at.unwrap_or(self.now);
        let title = match reverted.filter(|_| is_varied) {
            Some(title) => format!("Revert \"{title}\""),
            None => title(rng, author),
        };
        let parts = Parts {
            number,
            body: format!("{title}.\n\nSee the ticket for the background."),
            title,
            author: author.actor(),
            state: ending.state,
            is_draft: ending.state == PullRequestState::Open && rng.random_bool(0.25),
            created_at,
            ended_at: ending.at,
            labels: labels(rng),
            reviews: invent_reviews(
                ids,
                rng,
                self.members,
                (created_at, last_review_at),
                reviews,
            ),
            commits: invent_commits(rng, author, created_at, commits),
            files: invent_files(rng, files),
            size: None,
        };
        assemble(ids, repository_id, parts)
    }

    /// A moment of the history, mostly in working hours of a weekday.
    fn working_time(&self, rng: &mut ChaCha8Rng) -> DateTime<Utc> {
        let back = Duration::days(rng.random_range(0..i64::from(self.spec.history_days.max(1))));
        let mut day = self.now.date_naive() - back;
        if day.weekday().number_from_monday() > 5 && rng.random_bool(0.85) {
            day -= Duration::days(2);
        }
        let second = rng.random_range(7 * 3_600..19 * 3_600);
        let at = day.and_time(chrono::NaiveTime::MIN).and_utc() + Duration::seconds(second);
        let newest = self.now - Duration::hours(2);
        if at < newest {
            at
        } else {
            newest - Duration::seconds(second / 10)
        }
    }

    fn ending(&self, rng: &mut ChaCha8Rng, created_at: DateTime<Utc>) -> Ending {
        let kind = rng.random_range(0..100);
        let end = merged(rng, created_at);
        match end.at {
            Some(at) if at <= self.now - Duration::minutes(10) && kind < 86 => end,
            Some(at) if at <= self.now && kind < 94 => Ending {
                state: PullRequestState::Closed,
                at: Some(at),
            },
            _ => Ending {
                state: PullRequestState::Open,
                at: None,
            },
        }
    }
}

/// Most merges take hours, some take days.
fn merged(rng: &mut ChaCha8Rng, created_at: DateTime<Utc>) -> Ending {
    let skew: f64 = rng.random_range(0.0..1.0);
    let minutes = 20.0 + skew.powi(3) * 100.0 * 60.0;
    let at = created_at + Duration::minutes(minutes as i64);
    Ending {
        state: PullRequestState::Merged,
        at: Some(at),
    }
}

fn title(rng: &mut ChaCha8Rng, author: &Author) -> String {
    if let Author::Dependabot(_) = author {
        let package = PACKAGES[rng.random_range(0..PACKAGES.len())];
        let minor = rng.random_range(1..40);
        return format!("Bump {package} from 1.{minor}.0 to 1.{}.0", minor + 1);
    }
    let verb = VERBS[rng.random_range(0..VERBS.len())];
    format!("{verb} {}", OBJECTS[rng.random_range(0..OBJECTS.len())])
}

fn labels(rng: &mut ChaCha8Rng) -> Vec<String> {
    let first = rng.random_range(0..LABELS.len());
    let count = rng.random_range(0..3);
    (0..count)
        .map(|at| LABELS[(first + at) % LABELS.len()].to_owned())
        .collect()
}

/// Reviews by members, spread between two times; the last one of a few approves.
pub(crate) fn invent_reviews(
    ids: &mut Ids,
    rng: &mut ChaCha8Rng,
    members: &[Member],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    count: usize,
) -> Vec<Review> {
    if members.is_empty() {
        return Vec::new();
    }
    let span = (to - from).num_seconds().max(1);
    let mut times: Vec<_> = (0..count).map(|_| rng.random_range(0..span)).collect();
    times.sort_unstable();
    let review = |(at, second): (usize, &i64)| {
        let early = ["COMMENTED", "CHANGES_REQUESTED", "COMMENTED", "APPROVED"];
        let state = if at + 1 == count {
            "APPROVED"
        } else {
            early[rng.random_range(0..early.len())]
        };
        Review {
            id: ids.next("review", 2_800_000_001),
            state,
            submitted_at: from + Duration::seconds(*second),
            author: Some(Arc::clone(
                &members[rng.random_range(0..members.len())].actor,
            )),
        }
    };
    times.iter().enumerate().map(review).collect()
}

fn invent_commits(
    rng: &mut ChaCha8Rng,
    author: &Author,
    created_at: DateTime<Utc>,
    count: usize,
) -> Vec<Commit> {
    let has_assistant = matches!(author, Author::Member(_)) && rng.random_bool(0.22);
    let commit = |at: usize| {
        let mut message = format!(
            "{} {}",
            VERBS[at % VERBS.len()],
            OBJECTS[at % OBJECTS.len()]
        );
        if has_assistant && at == 0 {
            let trailer = AI_TRAILERS[rng.random_range(0..AI_TRAILERS.len())];
            message = format!("{message}\n\n{trailer}");
        }
        Commit {
            oid: invent_oid(rng),
            message,
            committed_at: created_at - Duration::minutes(15 * (count - at) as i64),
            author: author.actor().filter(|_| !rng.random_bool(0.05)),
        }
    };
    (0..count).map(commit).collect()
}

/// Forty hexadecimal digits.
pub(crate) fn invent_oid(rng: &mut ChaCha8Rng) -> String {
    format!(
        "{:016x}{:016x}{:08x}",
        rng.next_u64(),
        rng.next_u64(),
        rng.next_u32()
    )
}

fn invent_files(rng: &mut ChaCha8Rng, count: usize) -> Vec<ChangedFile> {
    let file = |at: usize| {
        let folder = FOLDERS[rng.random_range(0..FOLDERS.len())];
        let name = FILES[rng.random_range(0..FILES.len())];
        let change_type = ["MODIFIED", "MODIFIED", "ADDED"][rng.random_range(0..3)];
        ChangedFile {
            path: format!("{folder}/part_{at}/{name}"),
            additions: rng.random_range(1..60),
            deletions: if change_type == "ADDED" {
                0
            } else {
                rng.random_range(0..30)
            },
            change_type,
        }
    };
    (0..count).map(file).collect()
}
