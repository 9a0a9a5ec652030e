//! The listing of a team's repositories.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use workflows::domain::{repository::Repository, team::TeamId};

use super::{Store, StoreError};

impl Store {
    /// Stores one page of the listing. A renamed repository keeps its row. What a walk's listing names was seen at the walk's
    /// start at the earliest: the clock of the worker that opened it may be ahead.
    pub async fn store_repositories(
        &self,
        team: TeamId,
        repositories: &[Repository],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let listed: BTreeMap<i64, &Repository> = repositories
            .iter()
            .map(|repository| (repository.github_id, repository))
            .collect();
        let column = |pick: fn(&Repository) -> bool| -> Vec<bool> {
            listed.values().map(|r| pick(r)).collect()
        };
        let ids: Vec<i64> = listed.keys().copied().collect();
        let names: Vec<&str> = listed.values().map(|r| r.full_name.as_str()).collect();
        let counts: Vec<i64> = listed.values().map(|r| r.pull_request_count).collect();
        let changes: Vec<Option<DateTime<Utc>>> =
            listed.values().map(|r| r.latest_change_at).collect();
        sqlx::query!(
            r#"insert into tracked_repository as t (team_id, github_id, full_name, is_archived, is_disabled, is_empty,
                   is_fork, is_private, pull_request_count, latest_change_at, seen_at)
               select $1, *, greatest($11, (select started_at from team_walk where team_id = $1 and finished_at is null))
               from unnest($2::bigint[], $3::text[], $4::bool[], $5::bool[], $6::bool[], $7::bool[], $8::bool[],
                   $9::bigint[], $10::timestamptz[])
               on conflict (team_id, github_id) do update set
                   full_name = excluded.full_name, is_archived = excluded.is_archived,
                   is_disabled = excluded.is_disabled, is_empty = excluded.is_empty, is_fork = excluded.is_fork,
                   is_private = excluded.is_private, pull_request_count = excluded.pull_request_count,
                   latest_change_at = excluded.latest_change_at, seen_at = excluded.seen_at, missing_since = null
               where t.seen_at <= excluded.seen_at"#,
            team.0,
            &ids,
            &names as &[&str],
            &column(|r| r.is_archived),
            &column(|r| r.is_disabled),
            &column(|r| r.is_empty),
            &column(|r| r.is_fork),
            &column(|r| r.is_private),
            &counts,
            &changes as &[Option<DateTime<Utc>>],
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
