//! What an organization holds, counted in the state itself: a check must not ask through the client and the API that it checks.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};

use super::Control;
use crate::dev::github_simulator::model::{Copilot, Organization};

/// What there is to be fetched of an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Members who accepted their invitation.
    pub members: u64,
    /// Pull requests of all repositories, as far as they changed late enough.
    pub pull_requests: u64,
    /// Reviews of these pull requests.
    pub reviews: u64,
    /// Days whose Copilot report can be read.
    pub copilot_days: u64,
}

impl Control {
    /// Counts pull requests that changed at `changed_since` or later, and Copilot reports of `days`, as of the last of them. An
    /// organization that does not exist holds nothing.
    pub fn holdings(
        &self,
        org: &str,
        changed_since: DateTime<Utc>,
        days: RangeInclusive<NaiveDate>,
    ) -> Holdings {
        let world = self.state.world();
        world
            .organization(org)
            .map(|organization| count(organization, changed_since, days))
            .unwrap_or_default()
    }
}

fn count(
    organization: &Organization,
    changed_since: DateTime<Utc>,
    days: RangeInclusive<NaiveDate>,
) -> Holdings {
    let pull_requests = organization
        .repositories
        .iter()
        .flat_map(|repository| &repository.pull_requests)
        .filter(|pull_request| pull_request.updated_at >= changed_since);
    let (pull_requests, reviews) = pull_requests.fold((0, 0), |(count, reviews), one| {
        (count + 1, reviews + one.reviews.len() as u64)
    });
    Holdings {
        members: organization.listed_members().count() as u64,
        pull_requests,
        reviews,
        copilot_days: readable_days(&organization.copilot, days),
    }
}

fn readable_days(copilot: &Copilot, days: RangeInclusive<NaiveDate>) -> u64 {
    if !copilot.metrics_policy {
        return 0;
    }
    let today = *days.end();
    days.start()
        .iter_days()
        .take_while(|day| *day <= today)
        .filter(|day| copilot.is_published(*day, today))
        .count() as u64
}
