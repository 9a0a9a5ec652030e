//! The rows of pull requests: one statement, whatever the size of the page.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use workflows::domain::{
    pull_request::{Author, PullRequest, Review},
    team::TeamId,
};

use super::{StoreError, column::storable, pull_request::Parts};

/// Writes the pull requests themselves. Their analyses stay: a newer `updated_at` is what asks for new ones.
pub(super) async fn write_pull_requests(
    tx: &mut PgConnection,
    team: TeamId,
    repository: i64,
    rows: &[&PullRequest],
    parts: Parts,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let authors = Authors::of(rows.iter().map(|p| p.author.as_ref()));
    sqlx::query!(
        r#"insert into pull_request (team_id, repository_github_id, number, github_id, title, body, state, is_draft,
               created_at, updated_at, merged_at, closed_at, additions, deletions, changed_file_count,
               author_github_id, author_login, author_is_bot, labels, first_review_at, stored_at)
           select $1, $2, p.number, p.github_id, p.title, p.body, p.state, p.is_draft,
               p.created_at, p.updated_at, p.merged_at, p.closed_at, p.additions, p.deletions, p.changed_file_count,
               p.author_github_id, p.author_login, p.author_is_bot,
               array(select jsonb_array_elements_text(p.labels)), p.first_review_at, $21
           from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bool[],
                   $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[],
                   $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::text[], $18::bool[],
                   $19::jsonb[], $20::timestamptz[])
               as p (number, github_id, title, body, state, is_draft, created_at, updated_at, merged_at, closed_at,
                   additions, deletions, changed_file_count, author_github_id, author_login, author_is_bot, labels,
                   first_review_at)
           on conflict (team_id, repository_github_id, number) do update set
               github_id = excluded.github_id, title = excluded.title, body = excluded.body, state = excluded.state,
               is_draft = excluded.is_draft, created_at = excluded.created_at, updated_at = excluded.updated_at,
               merged_at = excluded.merged_at, closed_at = excluded.closed_at, additions = excluded.additions,
               deletions = excluded.deletions, changed_file_count = excluded.changed_file_count,
               author_github_id = excluded.author_github_id, author_login = excluded.author_login,
               author_is_bot = excluded.author_is_bot, labels = excluded.labels,
               first_review_at = case when $22 then excluded.first_review_at
                   else least(pull_request.first_review_at, excluded.first_review_at) end,
               stored_at = excluded.stored_at
           where pull_request.updated_at <= excluded.updated_at"#,
        team.0,
        repository,
        &column(rows, |p| p.number),
        &column(rows, |p| p.github_id),
        &column(rows, |p| storable(&p.title)) as &[Cow<'_, str>],
        &column(rows, |p| storable(&p.body)) as &[Cow<'_, str>],
        &column(rows, |p| p.state.as_str()) as &[&str],
        &column(rows, |p| p.is_draft),
        &column(rows, |p| p.created_at),
        &column(rows, |p| p.updated_at),
        &column(rows, |p| p.merged_at) as &[Option<DateTime<Utc>>],
        &column(rows, |p| p.closed_at) as &[Option<DateTime<Utc>>],
        &column(rows, |p| p.additions),
        &column(rows, |p| p.deletions),
        &column(rows, |p| p.changed_file_count),
        &authors.ids as &[Option<i64>],
        &authors.logins as &[Option<Cow<'_, str>>],
        &authors.bots as &[Option<bool>],
        &column(rows, labels),
        &column(rows, first_review_at) as &[Option<DateTime<Utc>>],
        now,
        parts == Parts::Complete,
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn column<'a, T>(rows: &[&'a PullRequest], pick: impl Fn(&'a PullRequest) -> T) -> Vec<T> {
    rows.iter().map(|row| pick(row)).collect()
}

/// A JSON array of each: PostgreSQL has no array of arrays of different lengths.
fn labels(pull_request: &PullRequest) -> Value {
    pull_request
        .labels
        .iter()
        .map(|label| storable(label))
        .collect()
}

/// First review by a person other than the author.
fn first_review_at(pull_request: &PullRequest) -> Option<DateTime<Utc>> {
    let is_others = |review: &&Review| match (&review.author, &pull_request.author) {
        (Some(reviewer), _) if reviewer.is_bot => false,
        (Some(reviewer), Some(author)) => identity(reviewer) != identity(author),
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => true,
    };
    pull_request
        .reviews
        .iter()
        .filter(is_others)
        .map(|review| review.submitted_at)
        .min()
}

/// The numeric id where there is one, since logins change; else the login.
fn identity(author: &Author) -> (Option<i64>, &str) {
    match author.github_id {
        Some(id) => (Some(id), ""),
        None => (None, &author.login),
    }
}

/// Authors as columns.
pub(super) struct Authors<'a> {
    pub(super) ids: Vec<Option<i64>>,
    pub(super) logins: Vec<Option<Cow<'a, str>>>,
    pub(super) bots: Vec<Option<bool>>,
}

impl<'a> Authors<'a> {
    pub(super) fn of(authors: impl Iterator<Item = Option<&'a Author>>) -> Self {
        let mut columns = Self {
            ids: Vec::new(),
            logins: Vec::new(),
            bots: Vec::new(),
        };
        for author in authors {
            columns.ids.push(author.and_then(|author| author.github_id));
            columns
                .logins
                .push(author.map(|author| storable(&author.login)));
            columns.bots.push(author.map(|author| author.is_bot));
        }
        columns
    }
}
