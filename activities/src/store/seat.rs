//! Copilot's billing and seats: a snapshot a day, the seats of now, and who got or lost one.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    copilot::{CopilotBilling, CopilotSeat},
    team::TeamId,
};

use super::{Store, StoreError};

impl Store {
    /// Stores the day's billing; a later one of the same day replaces it.
    pub async fn store_billing(
        &self,
        team: TeamId,
        day: NaiveDate,
        billing: &CopilotBilling,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Stores the complete list of seats, removes those that are gone, and notes who was added or removed. The first
    /// listing of a team adds nobody.
    pub async fn store_seats(
        &self,
        team: TeamId,
        day: NaiveDate,
        seats: &[CopilotSeat],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
}
