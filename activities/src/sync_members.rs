//! Stores the organization's members. Whoever is missing from a complete listing has left; one with gaps tells of
//! nobody that they have.

use workflows::activity_definitions::{StepInput, StepSlice};

use crate::{Activities, clock, failure::Failure};

pub(crate) async fn run(activities: &Activities, input: &StepInput) -> Result<StepSlice, Failure> {
    let Activities { store, github, .. } = activities;
    let team = activities.open_team(&input.team).await?;
    let listing_started_at = clock::now();
    let mut cursor: Option<String> = None;
    let mut has_gaps = false;
    let mut written = 0;
    loop {
        let page = github
            .fetch_members(&team.token, &team.slug, cursor.as_deref())
            .await?;
        team.require_organization(page.organization_github_id)?;
        has_gaps |= page.has_gaps;
        written += store
            .store_member_page(input.team.id, &page.members, listing_started_at)
            .await?;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    if has_gaps {
        tracing::warn!(
            team.id = input.team.id.0,
            "GitHub lists null in the place of a member: nobody is taken for one who has left"
        );
    } else {
        store
            .finish_member_listing(input.team.id, listing_started_at)
            .await?;
    }
    activities
        .keep_forecast(input.team.id, &team.credential)
        .await?;
    Ok(StepSlice {
        has_more: false,
        written,
    })
}
