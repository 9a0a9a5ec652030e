//! After a listing with gaps: whoever and whatever it did not name is looked up, one by one and a bounded number in each step. Null
//! in one place, even for good, then keeps nobody else from being found gone.

use chrono::{DateTime, Utc};
use workflows::domain::{cause::Cause, team::TeamId};

use crate::{
    Activities, clock,
    failure::{self, Decision, Failure},
    github::{GithubFailure, MemberLookup, RepositoryLookup},
    open_team::OpenTeam,
    slice::Slice,
    store::{LookedUp, UnlistedRepository},
};

/// At most so many a step: those that were left alone for longest come first, and the next step goes on.
const MOST_LOOKUPS: i64 = 20;

/// Looks up what one listing did not name.
pub(crate) struct LookUp<'a> {
    pub(crate) activities: &'a Activities,
    pub(crate) team_id: TeamId,
    pub(crate) team: &'a OpenTeam,
    pub(crate) listing_started_at: DateTime<Utc>,
    pub(crate) slice: &'a Slice,
    pub(crate) attempt: u32,
}

impl LookUp<'_> {
    /// Members. `false`: the slice ended before.
    pub(crate) async fn members(&self) -> Result<bool, Failure> {
        let Activities { store, github, .. } = self.activities;
        let (team, started_at) = (self.team_id, self.listing_started_at);
        while let Some(member) = store
            .next_unlisted_member(team, started_at, MOST_LOOKUPS)
            .await?
        {
            let answer = github
                .look_up_member(
                    &self.team.token,
                    &self.team.slug,
                    member.github_id,
                    &member.login,
                )
                .await;
            let found = match self.unless_left(answer)? {
                Some(MemberLookup::Member(login)) => LookedUp::Here(login),
                Some(MemberLookup::Gone) => LookedUp::Gone,
                None => LookedUp::Unknown,
            };
            store
                .note_member_looked_up(team, member.github_id, started_at, &found)
                .await?;
            if self.slice.is_over() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Repositories. `false`: the slice ended before.
    pub(crate) async fn repositories(&self) -> Result<bool, Failure> {
        let store = &self.activities.store;
        let (team, started_at) = (self.team_id, self.listing_started_at);
        while let Some(repository) = store
            .next_unlisted_repository(team, started_at, MOST_LOOKUPS)
            .await?
        {
            let found = self.repository(&repository).await?;
            store
                .note_repository_looked_up(
                    team,
                    repository.github_id,
                    started_at,
                    &found,
                    clock::now(),
                )
                .await?;
            if self.slice.is_over() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn repository(&self, repository: &UnlistedRepository) -> Result<LookedUp, Failure> {
        let full_name = &repository.full_name;
        let (owner, name) = full_name.split_once('/').unwrap_or(("", full_name));
        let answer = self
            .activities
            .github
            .look_up_repository(&self.team.token, owner, name, repository.github_id)
            .await;
        Ok(match self.unless_left(answer)? {
            Some(RepositoryLookup::Found {
                full_name,
                owner_github_id,
            }) if self.team.is_same_organization(owner_github_id) => LookedUp::Here(full_name),
            // Another organization's by now, or nobody's.
            Some(RepositoryLookup::Found { .. } | RepositoryLookup::Gone) => LookedUp::Gone,
            Some(RepositoryLookup::Blocked(failure)) => {
                let decision = Decision::SkipRepository(Cause::RepositoryBlocked);
                let evidence_id = self
                    .activities
                    .keep_evidence(self.team_id, &failure, decision, None)
                    .await;
                LookedUp::Blocked(evidence_id)
            }
            None => LookedUp::Unknown,
        })
    }

    /// The answer; `None` when the failure leaves this one as it is.
    fn unless_left<T>(&self, answer: Result<T, GithubFailure>) -> Result<Option<T>, Failure> {
        match answer {
            Ok(found) => Ok(Some(found)),
            Err(failure) if failure::leaves_lookup(&failure.class, self.attempt) => {
                tracing::warn!(
                    team.id = self.team_id.0,
                    failure = %failure,
                    "what a listing did not name could not be looked up: it stays as it was"
                );
                Ok(None)
            }
            Err(failure) => Err(failure.into()),
        }
    }
}
