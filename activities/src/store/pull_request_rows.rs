//! The rows of pull requests and of what hangs on them: one statement a table, whatever the size of the page.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use workflows::domain::{
    pull_request::{Author, PullRequest, Review},
    team::TeamId,
};

use super::{StoreError, column::storable};

/// Writes the pull requests themselves. Their analyses stay: a newer `updated_at` is what asks for new ones.
pub(super) async fn write_pull_requests(
    tx: &mut PgConnection,
    team: TeamId,
    repository: i64,
    rows: &[&PullRequest],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let numbers: Vec<i64> = rows.iter().map(|p| p.number).collect();
    let ids: Vec<i64> = rows.iter().map(|p| p.github_id).collect();
    let titles: Vec<Cow<'_, str>> = rows.iter().map(|p| storable(&p.title)).collect();
    let bodies: Vec<Cow<'_, str>> = rows.iter().map(|p| storable(&p.body)).collect();
    let states: Vec<&str> = rows.iter().map(|p| p.state.as_str()).collect();
    let drafts: Vec<bool> = rows.iter().map(|p| p.is_draft).collect();
    let created: Vec<DateTime<Utc>> = rows.iter().map(|p| p.created_at).collect();
    let updated: Vec<DateTime<Utc>> = rows.iter().map(|p| p.updated_at).collect();
    let merged: Vec<Option<DateTime<Utc>>> = rows.iter().map(|p| p.merged_at).collect();
    let closed: Vec<Option<DateTime<Utc>>> = rows.iter().map(|p| p.closed_at).collect();
    let additions: Vec<i64> = rows.iter().map(|p| p.additions).collect();
    let deletions: Vec<i64> = rows.iter().map(|p| p.deletions).collect();
    let file_counts: Vec<i64> = rows.iter().map(|p| p.changed_file_count).collect();
    let authors = Authors::of(rows.iter().map(|p| p.author.as_ref()));
    // A JSON array each: PostgreSQL has no array of arrays of different lengths.
    let labels: Vec<Value> = rows
        .iter()
        .map(|p| p.labels.iter().map(|label| storable(label)).collect())
        .collect();
    let first_reviews: Vec<Option<DateTime<Utc>>> =
        rows.iter().map(|p| first_review_at(p)).collect();
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
               first_review_at = excluded.first_review_at, stored_at = excluded.stored_at
           where pull_request.updated_at <= excluded.updated_at"#,
        team.0,
        repository,
        &numbers,
        &ids,
        &titles as &[Cow<'_, str>],
        &bodies as &[Cow<'_, str>],
        &states as &[&str],
        &drafts,
        &created,
        &updated,
        &merged as &[Option<DateTime<Utc>>],
        &closed as &[Option<DateTime<Utc>>],
        &additions,
        &deletions,
        &file_counts,
        &authors.ids as &[Option<i64>],
        &authors.logins as &[Option<&str>],
        &authors.bots as &[Option<bool>],
        &labels,
        &first_reviews as &[Option<DateTime<Utc>>],
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes reviews, commits and files of these pull requests, and removes what they no longer have.
pub(super) async fn write_parts(
    tx: &mut PgConnection,
    team: TeamId,
    repository: i64,
    rows: &[&PullRequest],
) -> Result<(), StoreError> {
    write_reviews(tx, team, repository, rows).await?;
    write_commits(tx, team, repository, rows).await?;
    write_files(tx, team, repository, rows).await
}

async fn write_reviews(
    tx: &mut PgConnection,
    team: TeamId,
    repository: i64,
    rows: &[&PullRequest],
) -> Result<(), StoreError> {
    let numbers: Vec<i64> = rows.iter().map(|p| p.number).collect();
    let reviews: Vec<(i64, &Review)> = rows
        .iter()
        .flat_map(|p| p.reviews.iter().map(|review| (p.number, review)))
        .collect();
    let owners: Vec<i64> = reviews.iter().map(|(number, _)| *number).collect();
    let ids: Vec<i64> = reviews.iter().map(|(_, review)| review.github_id).collect();
    let authors = Authors::of(reviews.iter().map(|(_, review)| review.author.as_ref()));
    let states: Vec<&str> = reviews
        .iter()
        .map(|(_, review)| review.state.as_str())
        .collect();
    let submitted: Vec<DateTime<Utc>> = reviews
        .iter()
        .map(|(_, review)| review.submitted_at)
        .collect();
    sqlx::query!(
        r#"delete from review
           where team_id = $1 and repository_github_id = $2 and number = any($3)
               and (number, github_id) not in (select * from unnest($4::bigint[], $5::bigint[]))"#,
        team.0,
        repository,
        &numbers,
        &owners,
        &ids,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"insert into review (team_id, repository_github_id, number, github_id, author_github_id, author_login,
               author_is_bot, state, submitted_at)
           select distinct on (r.number, r.github_id) $1::bigint, $2::bigint, r.*
           from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bool[], $8::text[],
                   $9::timestamptz[])
               as r (number, github_id, author_github_id, author_login, author_is_bot, state, submitted_at)
           on conflict (team_id, repository_github_id, number, github_id) do update set
               author_github_id = excluded.author_github_id, author_login = excluded.author_login,
               author_is_bot = excluded.author_is_bot, state = excluded.state, submitted_at = excluded.submitted_at"#,
        team.0,
        repository,
        &owners,
        &ids,
        &authors.ids as &[Option<i64>],
        &authors.logins as &[Option<&str>],
        &authors.bots as &[Option<bool>],
        &states as &[&str],
        &submitted,
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

async fn write_commits(
    tx: &mut PgConnection,
    team: TeamId,
    repository: i64,
    rows: &[&PullRequest],
) -> Result<(), StoreError> {
    let numbers: Vec<i64> = rows.iter().map(|p| p.number).collect();
    let commits: Vec<_> = rows
        .iter()
        .flat_map(|p| p.commits.iter().map(|commit| (p.number, commit)))
        .collect();
    let owners: Vec<i64> = commits.iter().map(|(number, _)| *number).collect();
    let oids: Vec<&str> = commits
        .iter()
        .map(|(_, commit)| commit.oid.as_str())
        .collect();
    let messages: Vec<Cow<'_, str>> = commits
        .iter()
        .map(|(_, commit)| storable(&commit.message))
        .collect();
    let committed: Vec<DateTime<Utc>> = commits
        .iter()
        .map(|(_, commit)| commit.committed_at)
        .collect();
    let authors: Vec<Option<i64>> = commits
        .iter()
        .map(|(_, commit)| commit.author_github_id)
        .collect();
    sqlx::query!(
        r#"delete from pull_request_commit
           where team_id = $1 and repository_github_id = $2 and number = any($3)
               and (number, oid) not in (select * from unnest($4::bigint[], $5::text[]))"#,
        team.0,
        repository,
        &numbers,
        &owners,
        &oids as &[&str],
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"insert into pull_request_commit (team_id, repository_github_id, number, oid, message, committed_at,
               author_github_id)
           select distinct on (c.number, c.oid) $1::bigint, $2::bigint, c.*
           from unnest($3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[])
               as c (number, oid, message, committed_at, author_github_id)
           on conflict (team_id, repository_github_id, number, oid) do update set
               message = excluded.message, committed_at = excluded.committed_at,
               author_github_id = excluded.author_github_id"#,
        team.0,
        repository,
        &owners,
        &oids as &[&str],
        &messages as &[Cow<'_, str>],
        &committed,
        &authors as &[Option<i64>],
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// GitHub lists at most 3,000 files. What a cut list does not name may still be part of the pull request, so it stays.
async fn write_files(
    tx: &mut PgConnection,
    team: TeamId,
    repository: i64,
    rows: &[&PullRequest],
) -> Result<(), StoreError> {
    let complete: Vec<i64> = rows
        .iter()
        .filter(|p| i64::try_from(p.files.len()).is_ok_and(|listed| listed >= p.changed_file_count))
        .map(|p| p.number)
        .collect();
    let files: Vec<_> = rows
        .iter()
        .flat_map(|p| p.files.iter().map(|file| (p.number, file)))
        .collect();
    let owners: Vec<i64> = files.iter().map(|(number, _)| *number).collect();
    let paths: Vec<Cow<'_, str>> = files.iter().map(|(_, file)| storable(&file.path)).collect();
    let additions: Vec<i64> = files.iter().map(|(_, file)| file.additions).collect();
    let deletions: Vec<i64> = files.iter().map(|(_, file)| file.deletions).collect();
    sqlx::query!(
        r#"delete from pull_request_file
           where team_id = $1 and repository_github_id = $2 and number = any($3)
               and (number, path) not in (select * from unnest($4::bigint[], $5::text[]))"#,
        team.0,
        repository,
        &complete,
        &owners,
        &paths as &[Cow<'_, str>],
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"insert into pull_request_file (team_id, repository_github_id, number, path, additions, deletions)
           select distinct on (f.number, f.path) $1::bigint, $2::bigint, f.*
           from unnest($3::bigint[], $4::text[], $5::bigint[], $6::bigint[])
               as f (number, path, additions, deletions)
           on conflict (team_id, repository_github_id, number, path) do update set
               additions = excluded.additions, deletions = excluded.deletions"#,
        team.0,
        repository,
        &owners,
        &paths as &[Cow<'_, str>],
        &additions,
        &deletions,
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
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
struct Authors<'a> {
    ids: Vec<Option<i64>>,
    logins: Vec<Option<&'a str>>,
    bots: Vec<Option<bool>>,
}

impl<'a> Authors<'a> {
    fn of(authors: impl Iterator<Item = Option<&'a Author>>) -> Self {
        let mut columns = Self {
            ids: Vec::new(),
            logins: Vec::new(),
            bots: Vec::new(),
        };
        for author in authors {
            columns.ids.push(author.and_then(|author| author.github_id));
            columns
                .logins
                .push(author.map(|author| author.login.as_str()));
            columns.bots.push(author.map(|author| author.is_bot));
        }
        columns
    }
}
