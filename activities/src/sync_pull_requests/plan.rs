//! Lists a team's repositories, in slices, and plans the walk over them. The listing carries the time of each repository's latest
//! change: an unchanged repository costs no further request.

use workflows::activity_definitions::StepInput;

use crate::{
    Activities, clock,
    failure::Failure,
    github::EndpointClass,
    listing::{Reading, StoredPage},
    open_team::OpenTeam,
    slice::Slice,
    store::{Listing, ListingKind, OpenWalk},
    unlisted::LookUp,
};

/// `false`: the slice ended before the walk was planned.
pub(super) async fn plan(
    activities: &Activities,
    input: &StepInput,
    team: &OpenTeam,
    walk: &OpenWalk,
    slice: &Slice,
    attempt: u32,
) -> Result<bool, Failure> {
    let (store, team_id, started_at) = (&activities.store, input.team.id, walk.started_at);
    let listing = store
        .open_listing(team_id, ListingKind::Repositories, started_at, started_at)
        .await?;
    let read_page = |cursor| read_page(activities, input, team, cursor);
    let (reading, listed) = activities
        .read_listing(team_id, listing, slice, read_page)
        .await?;
    let leaves_something_out = store
        .next_unlisted_repository(team_id, started_at, i64::MAX)
        .await?
        .is_some();
    // An outsider sees what is public, which may be nothing.
    let is_doubtful = leaves_something_out || listed == 0;
    if matches!(reading, Reading::Ended(_)) && is_doubtful {
        activities
            .require_listed_inside(team_id, team, ListingKind::Repositories, started_at)
            .await?;
    }
    let listing = match reading {
        Reading::Paused => return Ok(false),
        Reading::Elsewhere => return Ok(true),
        Reading::Ended(listing) if listing.has_gaps => {
            let look_up = LookUp {
                activities,
                team_id,
                team,
                listing_started_at: started_at,
                slice,
                attempt,
            };
            if !look_up.repositories().await? {
                return Ok(false);
            }
            Listing::WithGaps
        }
        Reading::Ended(_) => Listing::Complete,
    };
    store
        .plan_walk(team_id, walk, listing, clock::now())
        .await?;
    store
        .close_listing(team_id, ListingKind::Repositories, started_at)
        .await?;
    Ok(true)
}

async fn read_page(
    activities: &Activities,
    input: &StepInput,
    team: &OpenTeam,
    cursor: Option<String>,
) -> Result<StoredPage, Failure> {
    let page = activities
        .github
        .fetch_repositories(&team.token, &team.slug, cursor.as_deref())
        .await?;
    team.require_organization(page.organization_github_id, EndpointClass::Repositories)?;
    activities
        .store
        .store_repositories(input.team.id, &page.repositories, clock::now())
        .await?;
    Ok(StoredPage {
        next_cursor: page.next_cursor,
        has_gaps: page.has_gaps,
        written: page.repositories.len() as u64,
    })
}
