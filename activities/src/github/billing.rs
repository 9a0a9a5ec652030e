//! Copilot's licences: the billing summary and the seats.

use std::collections::BTreeMap;

use url::Url;
use workflows::domain::copilot::{CopilotBilling, CopilotSeat};

use super::{
    GithubClient, GithubFailure, Token,
    account::parse,
    endpoint::EndpointClass,
    http::Answer,
    limits,
    wire::rest::{WireBilling, WireSeats},
};

/// A hundred seats each: more than GitHub's largest customers have.
const MOST_SEAT_PAGES: u32 = 2_000;

/// How often the seats are listed when a listing leaves some out.
const MOST_LISTINGS: u32 = 2;

/// What one walk over the pages of seats has shown.
#[derive(Default)]
struct SeatWalk {
    /// By the numeric id of their people.
    seats: BTreeMap<i64, CopilotSeat>,
    without_assignee: usize,
    /// How many there are, as the last page says.
    total: Option<i64>,
}

impl GithubClient {
    /// `GET /orgs/{org}/copilot/billing`; for organization owners only.
    pub async fn fetch_billing(
        &self,
        token: &Token,
        org: &str,
    ) -> Result<CopilotBilling, GithubFailure> {
        let endpoint = EndpointClass::CopilotBilling;
        let url = self.rest_url(&["orgs", org, "copilot", "billing"]);
        let answer = self.get(endpoint, token, url).await?;
        parse(endpoint, &answer).map(WireBilling::into_billing)
    }

    /// All seats with an assignee, one per person, by numeric id. Seats move between pages while one pages: when some are left out by
    /// the total that GitHub tells, it is asked again for all of them.
    pub async fn fetch_seats(
        &self,
        token: &Token,
        org: &str,
    ) -> Result<Vec<CopilotSeat>, GithubFailure> {
        let mut seats = BTreeMap::new();
        for listing in 1..=MOST_LISTINGS {
            let walk = self.list_seats(token, org).await?;
            seats.extend(walk.seats);
            let found = seats.len() + walk.without_assignee;
            let is_whole = |total| i64::try_from(found).is_ok_and(|found| found >= total);
            if walk.total.is_none_or(is_whole) {
                break;
            }
            tracing::warn!(
                listing,
                found,
                total = walk.total,
                "a listing leaves seats out"
            );
        }
        Ok(seats.into_values().collect())
    }

    async fn list_seats(&self, token: &Token, org: &str) -> Result<SeatWalk, GithubFailure> {
        let endpoint = EndpointClass::CopilotSeats;
        let mut url = self.rest_url(&["orgs", org, "copilot", "billing", "seats"]);
        url.query_pairs_mut().append_pair("per_page", "100");
        let mut walk = SeatWalk::default();
        for _ in 0..MOST_SEAT_PAGES {
            let answer = self.get(endpoint, token, url.clone()).await?;
            let page: WireSeats = parse(endpoint, &answer)?;
            walk.total = page.total_seats.map(|total| total.0);
            for seat in page.seats {
                match seat.into_seat() {
                    Some(seat) => drop(walk.seats.insert(seat.assignee_github_id, seat)),
                    None => walk.without_assignee += 1,
                }
            }
            match self.next_page(endpoint, &url, &answer)? {
                Some(next) => url = next,
                None => return Ok(walk),
            }
        }
        let message = "the pages of seats do not end";
        Err(GithubFailure::without_answer(
            super::FailureClass::MalformedAnswer,
            endpoint,
            message,
        ))
    }

    /// The next page by the `Link` header, within the API's own origin: the token goes nowhere else.
    fn next_page(
        &self,
        endpoint: EndpointClass,
        asked: &Url,
        answer: &Answer,
    ) -> Result<Option<Url>, GithubFailure> {
        let Some(link) = limits::text(&answer.headers, "link").and_then(next_link) else {
            return Ok(None);
        };
        match asked.join(link) {
            Ok(next) if next.origin() == asked.origin() && next != *asked => Ok(Some(next)),
            _ => {
                let message = "the link to the next page leads elsewhere";
                Err(GithubFailure::malformed(endpoint, answer, message))
            }
        }
    }
}

/// The target of `rel="next"` in a `Link` header.
fn next_link(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (target, parameters) = link.split_once(';')?;
        let is_next = parameters
            .split(';')
            .any(|parameter| matches!(parameter.trim(), r#"rel="next""# | "rel=next"));
        let target = target.trim().strip_prefix('<')?.strip_suffix('>')?;
        is_next.then_some(target)
    })
}

#[cfg(test)]
mod tests {
    use super::next_link;

    #[test]
    fn next_is_found_among_other_links() {
        let header = r#"<https://h/s?page=1>; rel="prev", <https://h/s?page=3>; rel="next", <https://h/s?page=9>; rel="last""#;
        assert_eq!(next_link(header), Some("https://h/s?page=3"));
        assert_eq!(next_link(r#"<https://h/s?page=1>; rel="first""#), None);
        assert_eq!(next_link("nonsense"), None);
    }
}
