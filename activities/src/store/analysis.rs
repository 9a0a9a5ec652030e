//! Pull requests to analyse, and their analyses.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    pull_request::{Author, PullRequestAnalysis},
    team::TeamId,
};

use super::{Store, StoreError, column::storable};

/// What names a pull request within a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PullRequestKey {
    /// Repository's numeric id.
    pub repository_github_id: i64,
    /// Number within its repository.
    pub number: i64,
}

/// What an analysis may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForAnalysis {
    /// Which pull request.
    pub key: PullRequestKey,
    /// The version looked at: goes back with the analysis.
    pub updated_at: DateTime<Utc>,
    /// Title.
    pub title: String,
    /// Description.
    pub body: String,
    /// Author; `None` when the account was deleted.
    pub author: Option<Author>,
    /// Label names.
    pub labels: Vec<String>,
    /// Commit messages, oldest first.
    pub commit_messages: Vec<String>,
    /// Paths of the changed files.
    pub file_paths: Vec<String>,
    /// Lines added.
    pub additions: i64,
    /// Lines deleted.
    pub deletions: i64,
    /// Opened at.
    pub created_at: DateTime<Utc>,
    /// Merged at.
    pub merged_at: Option<DateTime<Utc>>,
    /// Days from opening to merging (or closing, or the last change) on which the author was active with Copilot.
    pub author_active_days: Vec<NaiveDate>,
}

impl Store {
    /// Pull requests without an analysis of their current version, newest change first.
    pub async fn load_unanalysed(
        &self,
        team: TeamId,
        limit: u32,
    ) -> Result<Vec<ForAnalysis>, StoreError> {
        let rows = sqlx::query!(
            r#"select p.repository_github_id, p.number, p.updated_at, p.title, p.body, p.author_github_id,
                   p.author_login, p.author_is_bot, p.labels, p.additions, p.deletions, p.created_at, p.merged_at,
                   array(select c.message from pull_request_commit c
                       where (c.team_id, c.repository_github_id, c.number)
                           = (p.team_id, p.repository_github_id, p.number)
                       order by c.committed_at, c.oid) as "commit_messages!",
                   array(select f.path from pull_request_file f
                       where (f.team_id, f.repository_github_id, f.number)
                           = (p.team_id, p.repository_github_id, p.number)
                       order by f.path) as "file_paths!",
                   array(select m.day from copilot_member_day m
                       where m.team_id = p.team_id and m.github_id = p.author_github_id
                           and m.day between (p.created_at at time zone 'UTC')::date
                               and (coalesce(p.merged_at, p.closed_at, p.updated_at) at time zone 'UTC')::date
                       order by m.day) as "author_active_days!"
               from pull_request p
               where p.team_id = $1 and (p.analysed_updated_at is null or p.analysed_updated_at < p.updated_at)
               order by p.updated_at desc, p.repository_github_id, p.number
               limit $2"#,
            team.0,
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| ForAnalysis {
                key: PullRequestKey {
                    repository_github_id: row.repository_github_id,
                    number: row.number,
                },
                updated_at: row.updated_at,
                title: row.title,
                body: row.body,
                author: row.author_login.map(|login| Author {
                    github_id: row.author_github_id,
                    login,
                    is_bot: row.author_is_bot.unwrap_or(false),
                }),
                labels: row.labels,
                commit_messages: row.commit_messages,
                file_paths: row.file_paths,
                additions: row.additions,
                deletions: row.deletions,
                created_at: row.created_at,
                merged_at: row.merged_at,
                author_active_days: row.author_active_days,
            })
            .collect())
    }

    /// Stores analyses, each of the version (`updated_at`) it looked at. Returns how many were written.
    pub async fn store_analyses(
        &self,
        team: TeamId,
        analyses: &[(PullRequestKey, DateTime<Utc>, PullRequestAnalysis)],
    ) -> Result<u64, StoreError> {
        let repositories: Vec<i64> = analyses
            .iter()
            .map(|(key, ..)| key.repository_github_id)
            .collect();
        let numbers: Vec<i64> = analyses.iter().map(|(key, ..)| key.number).collect();
        let versions: Vec<DateTime<Utc>> =
            analyses.iter().map(|(_, version, _)| *version).collect();
        let grades: Vec<&str> = analyses
            .iter()
            .map(|(.., a)| a.ai_evidence.as_str())
            .collect();
        let sources: Vec<&str> = analyses
            .iter()
            .map(|(.., a)| a.ai_evidence_source.as_str())
            .collect();
        let kinds: Vec<&str> = analyses.iter().map(|(.., a)| a.kind.as_str()).collect();
        let summaries: Vec<Cow<'_, str>> = analyses
            .iter()
            .map(|(.., a)| storable(&a.summary))
            .collect();
        let writers: Vec<&str> = analyses
            .iter()
            .map(|(.., a)| a.written_by.as_str())
            .collect();
        let written = sqlx::query!(
            r#"update pull_request p set
                   analysed_updated_at = a.version, ai_evidence = a.ai_evidence,
                   ai_evidence_source = a.ai_evidence_source, change_kind = a.change_kind, summary = a.summary,
                   analysed_by = a.analysed_by
               from unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
                       $8::text[], $9::text[])
                   as a (repository, number, version, ai_evidence, ai_evidence_source, change_kind, summary,
                       analysed_by)
               where p.team_id = $1 and p.repository_github_id = a.repository and p.number = a.number
                   and (p.analysed_updated_at is null or p.analysed_updated_at <= a.version)"#,
            team.0,
            &repositories,
            &numbers,
            &versions,
            &grades as &[&str],
            &sources as &[&str],
            &kinds as &[&str],
            &summaries as &[Cow<'_, str>],
            &writers as &[&str],
        )
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected())
    }
}
