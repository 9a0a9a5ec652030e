//! Members of a team's organization.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Utc};
use workflows::domain::{member::Member, team::TeamId};

use super::{
    Store, StoreError,
    column::{narrow, storable},
};

/// Members after a complete listing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MemberCounts {
    /// Active members.
    pub active: u64,
    /// People who have left.
    pub inactive: u64,
}

impl Store {
    /// Stores one page of a listing that began at `listing_started_at`. Returns the members written.
    pub async fn store_member_page(
        &self,
        team: TeamId,
        members: &[Member],
        listing_started_at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let members: BTreeMap<i64, &Member> = members
            .iter()
            .map(|member| (member.github_id, member))
            .collect();
        let ids: Vec<i64> = members.keys().copied().collect();
        let logins: Vec<Cow<'_, str>> = members
            .values()
            .map(|member| storable(&member.login))
            .collect();
        let names: Vec<Option<Cow<'_, str>>> = members
            .values()
            .map(|member| member.name.as_deref().map(storable))
            .collect();
        let emails: Vec<Option<Cow<'_, str>>> = members
            .values()
            .map(|member| member.email.as_deref().map(storable))
            .collect();
        let roles: Vec<&str> = members
            .values()
            .map(|member| member.role.as_str())
            .collect();
        let written = sqlx::query!(
            r#"insert into member (team_id, github_id, login, name, email, role, first_seen_at, seen_at)
               select $1, *, $7, $7
               from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])
               on conflict (team_id, github_id) do update set
                   login = excluded.login, name = excluded.name, email = excluded.email, role = excluded.role,
                   is_active = true, seen_at = excluded.seen_at
               where member.seen_at <= excluded.seen_at"#,
            team.0,
            &ids,
            &logins as &[Cow<'_, str>],
            &names as &[Option<Cow<'_, str>>],
            &emails as &[Option<Cow<'_, str>>],
            &roles as &[&str],
            listing_started_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected())
    }

    /// Whether the listing of this start names somebody with this login.
    pub async fn is_listed_member(
        &self,
        team: TeamId,
        login: &str,
        listing_started_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let is_listed = sqlx::query_scalar!(
            r#"select exists (select from member
                   where team_id = $1 and lower(login) = lower($2) and seen_at >= $3) as "is_listed!""#,
            team.0,
            login,
            listing_started_at,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(is_listed)
    }

    /// Marks as inactive whom the listing did not name. Only after a complete listing.
    pub async fn finish_member_listing(
        &self,
        team: TeamId,
        listing_started_at: DateTime<Utc>,
    ) -> Result<MemberCounts, StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "update member set is_active = false where team_id = $1 and is_active and seen_at < $2",
            team.0,
            listing_started_at,
        )
        .execute(&mut *tx)
        .await?;
        let counts = sqlx::query!(
            r#"select count(*) filter (where is_active) as "active!", count(*) filter (where not is_active) as "inactive!"
               from member where team_id = $1"#,
            team.0,
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(MemberCounts {
            active: narrow(counts.active),
            inactive: narrow(counts.inactive),
        })
    }
}
