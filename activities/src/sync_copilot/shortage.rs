//! When too few licences become the team's status. Seats are moved between organizations and plans, so a team that had enough is
//! believed to have lost them after some nights only. One that never had enough loses nothing: it is told at once what it waits for.

use workflows::domain::{cause::Cause, copilot::CopilotStatus, licence::LicenceFinding};

use super::{CopilotSync, Stop, licences::Licences};
use crate::{Activities, clock, github::EndpointClass, outcome::Found, store::LicenceHistory};

/// Nights in a row that must find too few licences and no metrics. A night is a UTC day, the one on which its Copilot step began: a
/// second run of the same day is the same night.
pub const NIGHTS_UNTIL_INSUFFICIENT: u32 = 3;

impl CopilotSync<'_> {
    /// Keeps what this step found of the licences, and says whether the team is to be told that they are too few. Enough of them
    /// counts at once.
    pub(super) async fn lacks_licences(&self, finding: LicenceFinding) -> Result<bool, Stop> {
        let Activities {
            store, settings, ..
        } = self.activities;
        let (team, day) = (self.input.team.id, self.began_at.date_naive());
        store
            .record_licence_finding(team, day, finding, clock::now())
            .await?;
        if finding != LicenceFinding::TooFew {
            return Ok(false);
        }
        let stored = store.load_team(team).await?;
        let status = stored.map(|stored| stored.copilot_status);
        let history = store
            .load_licence_history(team, settings.minimum_seats)
            .await?;
        Ok(status == Some(CopilotStatus::InsufficientLicenses) || is_believed(&history))
    }

    /// The licences as GitHub counts them, as evidence for their lack.
    pub(super) async fn keep_shortage(&self, licences: &Licences) -> Option<i64> {
        let Some(billing) = &licences.billing else {
            return licences.evidence_id;
        };
        let found = Found {
            endpoint: EndpointClass::CopilotBilling,
            http_status: 200,
            message: billing.explain_need(self.activities.settings.minimum_seats),
        };
        let probe = "the licences, since there are no recent metrics";
        self.activities
            .keep_found(
                self.input.team.id,
                Cause::InsufficientLicenses,
                found,
                probe,
                None,
            )
            .await
    }
}

fn is_believed(history: &LicenceHistory) -> bool {
    !history.had_enough || history.nights_too_few >= NIGHTS_UNTIL_INSUFFICIENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_had_enough_is_given_three_nights() {
        let history = |nights_too_few, had_enough| LicenceHistory {
            nights_too_few,
            latest: Some(LicenceFinding::TooFew),
            latest_on: None,
            had_enough,
        };
        assert!(!is_believed(&history(1, true)));
        assert!(!is_believed(&history(2, true)));
        assert!(is_believed(&history(3, true)));
        assert!(is_believed(&history(1, false)), "nothing was lost");
    }
}
