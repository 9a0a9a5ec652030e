//! What an analysis may look at of a pull request.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{pull_request::Author, team::TeamId};

use super::{PullRequestKey, Store, StoreError, analysis::split, column::narrow};
use crate::llm::pull_request::ReviewCounts;

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
    /// Files changed; may exceed the paths.
    pub changed_file_count: i64,
    /// Reviews by somebody else than the author, bots left out, by verdict.
    pub reviews: ReviewCounts,
    /// Lines added.
    pub additions: i64,
    /// Lines deleted.
    pub deletions: i64,
    /// Days from opening to merging (or closing, or the last change) on which the author was active with Copilot.
    pub author_active_days: Vec<NaiveDate>,
}

/// More of a description than any writer reads.
const BODY_LIMIT: i32 = 20_000;

impl Store {
    /// What an analysis may look at of these pull requests, newest change first.
    pub async fn load_for_analysis(
        &self,
        team: TeamId,
        keys: &[PullRequestKey],
    ) -> Result<Vec<ForAnalysis>, StoreError> {
        let (repositories, numbers) = split(keys);
        let rows = sqlx::query_as!(
            Row,
            r#"select p.repository_github_id, p.number, p.updated_at, p.title, left(p.body, $4) as "body!", p.author_github_id,
                   p.author_login, p.author_is_bot, p.labels, p.additions, p.deletions,
                   p.changed_file_count, v.approved as "approved!", v.changes_requested as "changes_requested!",
                   v.commented as "commented!", v.dismissed as "dismissed!",
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
               from unnest($2::bigint[], $3::bigint[]) as k (repository, number)
               join pull_request p
                   on p.team_id = $1 and p.repository_github_id = k.repository and p.number = k.number
               cross join lateral (
                   select count(*) filter (where r.state = 'approved') as approved,
                       count(*) filter (where r.state = 'changes_requested') as changes_requested,
                       count(*) filter (where r.state = 'dismissed') as dismissed,
                       count(*) filter (where r.state = 'commented') as commented
                   from review r
                   where (r.team_id, r.repository_github_id, r.number) = (p.team_id, p.repository_github_id, p.number)
                       and r.author_is_bot is distinct from true
                       and coalesce(r.author_github_id::text, r.author_login)
                           is distinct from coalesce(p.author_github_id::text, p.author_login)
               ) v
               order by p.updated_at desc, p.repository_github_id, p.number"#,
            team.0,
            &repositories,
            &numbers,
            BODY_LIMIT,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(ForAnalysis::from).collect())
    }
}

struct Row {
    repository_github_id: i64,
    number: i64,
    updated_at: DateTime<Utc>,
    title: String,
    body: String,
    author_github_id: Option<i64>,
    author_login: Option<String>,
    author_is_bot: Option<bool>,
    labels: Vec<String>,
    additions: i64,
    deletions: i64,
    changed_file_count: i64,
    approved: i64,
    changes_requested: i64,
    commented: i64,
    dismissed: i64,
    commit_messages: Vec<String>,
    file_paths: Vec<String>,
    author_active_days: Vec<NaiveDate>,
}

impl From<Row> for ForAnalysis {
    fn from(row: Row) -> Self {
        Self {
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
            changed_file_count: row.changed_file_count,
            reviews: ReviewCounts {
                approved: narrow(row.approved),
                changes_requested: narrow(row.changes_requested),
                commented: narrow(row.commented),
                dismissed: narrow(row.dismissed),
            },
            additions: row.additions,
            deletions: row.deletions,
            author_active_days: row.author_active_days,
        }
    }
}
