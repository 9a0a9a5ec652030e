//! Members of a team's organization.

use chrono::{DateTime, Utc};
use workflows::domain::{member::Member, team::TeamId};

use super::{Store, StoreError};

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
        unimplemented!()
    }

    /// Marks as inactive whom the listing did not name. Only after a complete listing.
    pub async fn finish_member_listing(
        &self,
        team: TeamId,
        listing_started_at: DateTime<Utc>,
    ) -> Result<MemberCounts, StoreError> {
        unimplemented!()
    }
}
