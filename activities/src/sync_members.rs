//! Stores the organization's members, in slices. Whoever is missing from a complete listing has left; whoever is missing from one with
//! gaps is looked up.

use chrono::{DateTime, TimeDelta, Utc};
use workflows::{
    activity_definitions::{StepInput, StepSlice},
    domain::team::TeamId,
};

use crate::{
    Activities, clock,
    failure::Failure,
    github::EndpointClass,
    listing::{Reading, StoredPage},
    open_team::OpenTeam,
    store::ListingKind,
    unlisted::LookUp,
};

/// A listing that was left for longer is begun anew: it would tell of yesterday.
const LISTING_LIVES: TimeDelta = TimeDelta::days(1);

pub(crate) async fn run(
    activities: &Activities,
    input: &StepInput,
    attempt: u32,
) -> Result<StepSlice, Failure> {
    let store = &activities.store;
    let slice = activities.begin_slice();
    let team = activities.open_team(&input.team).await?;
    let (team_id, now) = (input.team.id, clock::now());
    let listing = store
        .open_listing(team_id, ListingKind::Members, now - LISTING_LIVES, now)
        .await?;
    let started_at = listing.started_at;
    let read_page = |cursor| read_page(activities, input, &team, started_at, cursor);
    let (reading, written) = activities
        .read_listing(team_id, listing, &slice, read_page)
        .await?;
    if matches!(reading, Reading::Ended(_))
        && !is_whole(activities, &team, team_id, started_at).await?
    {
        activities
            .require_listed_inside(team_id, &team, ListingKind::Members, started_at)
            .await?;
    }
    let is_done = match reading {
        Reading::Paused => false,
        Reading::Elsewhere => true,
        Reading::Ended(listing) if listing.has_gaps => {
            let look_up = LookUp {
                activities,
                team_id,
                team: &team,
                listing_started_at: started_at,
                slice: &slice,
                attempt,
            };
            look_up.members().await?
        }
        Reading::Ended(_) => {
            store.finish_member_listing(team_id, started_at).await?;
            true
        }
    };
    if is_done {
        store
            .close_listing(team_id, ListingKind::Members, started_at)
            .await?;
        activities.keep_forecast(team_id, &team.credential).await?;
    }
    Ok(StepSlice {
        has_more: !is_done,
        written,
    })
}

/// Whether the listing names everybody who was there before, and the token's owner: an outsider sees neither.
async fn is_whole(
    activities: &Activities,
    team: &OpenTeam,
    team_id: TeamId,
    listing_started_at: DateTime<Utc>,
) -> Result<bool, Failure> {
    let store = &activities.store;
    let left_out = store.next_unlisted_member(team_id, listing_started_at, i64::MAX);
    if left_out.await?.is_some() {
        return Ok(false);
    }
    let Some(login) = &team.credential.login else {
        return Ok(true);
    };
    Ok(store
        .is_listed_member(team_id, login, listing_started_at)
        .await?)
}

async fn read_page(
    activities: &Activities,
    input: &StepInput,
    team: &OpenTeam,
    listing_started_at: DateTime<Utc>,
    cursor: Option<String>,
) -> Result<StoredPage, Failure> {
    let page = activities
        .github
        .fetch_members(&team.token, &team.slug, cursor.as_deref())
        .await?;
    team.require_organization(page.organization_github_id, EndpointClass::Members)?;
    let written = activities
        .store
        .store_member_page(input.team.id, &page.members, listing_started_at)
        .await?;
    Ok(StoredPage {
        next_cursor: page.next_cursor,
        has_gaps: page.has_gaps,
        written,
    })
}
