//! Reads a listing of GitHub's, a page after the other, until its end or the slice's. Where it stands is kept after every page.

use workflows::domain::team::TeamId;

use crate::{
    Activities,
    failure::{self, Failure},
    slice::Slice,
    store::OpenListing,
};

/// What a page tells of the listing, once what it names is stored.
pub(crate) struct StoredPage {
    /// Where the next page begins; `None` after the last.
    pub(crate) next_cursor: Option<String>,
    /// Whether GitHub put null in the place of somebody or something.
    pub(crate) has_gaps: bool,
    /// Rows that were written.
    pub(crate) written: u64,
}

/// How far a slice got.
pub(crate) enum Reading {
    /// The last page is stored.
    Ended(OpenListing),
    /// The slice ended before: go on at the cursor.
    Paused,
    /// Another attempt has ended the listing: there is nothing left to do for this one.
    Elsewhere,
}

impl Activities {
    /// Goes on with a listing, at least by one page. `read_page` asks for the page at a cursor and stores it. Also answers how many
    /// rows were written. GitHub may refuse a cursor that was kept for too long: the listing is then begun anew, once.
    pub(crate) async fn read_listing<F, Fut>(
        &self,
        team: TeamId,
        mut listing: OpenListing,
        slice: &Slice,
        read_page: F,
    ) -> Result<(Reading, u64), Failure>
    where
        F: Fn(Option<String>) -> Fut,
        Fut: Future<Output = Result<StoredPage, Failure>>,
    {
        let mut written = 0;
        while !listing.is_read {
            let page = match read_page(listing.cursor.clone()).await {
                Ok(page) => page,
                Err(failure) if is_of_cursor(&failure, &listing) => {
                    tracing::warn!(
                        team.id = team.0,
                        "GitHub does not take the cursor of a listing any more: it is begun anew"
                    );
                    listing = self.store.restart_listing(team, &listing).await?;
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            written += page.written;
            let next_cursor = page.next_cursor.as_deref();
            let advanced = self
                .store
                .advance_listing(team, &listing, next_cursor, page.has_gaps)
                .await?;
            let Some(advanced) = advanced else {
                return Ok((Reading::Elsewhere, written));
            };
            listing = advanced;
            if !listing.is_read && slice.is_over() {
                return Ok((Reading::Paused, written));
            }
        }
        Ok((Reading::Ended(listing), written))
    }
}

fn is_of_cursor(failure: &Failure, listing: &OpenListing) -> bool {
    let Failure::Github(github) = failure else {
        return false;
    };
    listing.cursor.is_some() && !listing.was_restarted && failure::may_lie_in_cursor(&github.class)
}
