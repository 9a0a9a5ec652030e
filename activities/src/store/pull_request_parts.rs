//! What hangs on pull requests: reviews, commits and files, two statements a table, whatever the size of the page.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    pull_request::{PullRequest, Review},
    team::TeamId,
};

use super::{StoreError, column::storable, pull_request::Parts, pull_request_rows::Authors};

/// Writes reviews, commits and files of these pull requests, and removes what they no longer have, as far as the parts tell.
pub(super) async fn write_parts(
    tx: &mut PgConnection,
    team: TeamId,
    repository: i64,
    rows: &[&PullRequest],
    parts: Parts,
) -> Result<(), StoreError> {
    let complete: Vec<i64> = match parts {
        Parts::Complete => rows.iter().map(|p| p.number).collect(),
        Parts::WithGaps => Vec::new(),
    };
    write_reviews(tx, team, repository, rows, &complete).await?;
    write_commits(tx, team, repository, rows, &complete).await?;
    write_files(tx, team, repository, rows).await
}

async fn write_reviews(
    tx: &mut PgConnection,
    team: TeamId,
    repository: i64,
    rows: &[&PullRequest],
    complete: &[i64],
) -> Result<(), StoreError> {
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
        complete,
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
        &authors.logins as &[Option<Cow<'_, str>>],
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
    complete: &[i64],
) -> Result<(), StoreError> {
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
        complete,
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
