//! Billing and seats of today, asked for once a step.

use workflows::domain::{
    cause::Cause,
    copilot::{CopilotBilling, CopilotPlan, CopilotSeat},
    licence::LicenceFinding,
};

use super::{CopilotSync, Stop};
use crate::{
    Activities, clock,
    github::{EndpointClass, FailureClass, Granted, Permissions, Purpose},
    outcome::Found,
    store::{AbsentDays, Grant, StoreError},
};

/// What is known of a team's licences.
pub(super) struct Licences {
    /// `None` when GitHub knows of none.
    pub(super) billing: Option<CopilotBilling>,
    /// What GitHub said, when that is why there are none.
    pub(super) evidence_id: Option<i64>,
}

impl Licences {
    /// Whether GitHub said that there are none at all.
    pub(super) fn are_none(&self) -> bool {
        self.billing
            .as_ref()
            .is_none_or(|billing| billing.seats_total == 0)
    }

    /// Whether they are too few for metrics.
    pub(super) fn are_insufficient(&self, minimum_seats: i64) -> bool {
        self.billing
            .as_ref()
            .is_none_or(|billing| billing.is_insufficient(minimum_seats))
    }
}

impl CopilotSync<'_> {
    /// GitHub answers 404 both to an organization without Copilot and to somebody who may not know: the role tells which. Neither
    /// that nor "not enabled" says that there are no metrics: the step goes on.
    pub(super) async fn licences(&self) -> Result<Licences, Stop> {
        let Activities { store, github, .. } = self.activities;
        let (id, team) = (self.input.team.id, &self.team);
        let known = store.load_billing(id, self.today, self.began_at).await?;
        if let Some(billing) = known {
            return Ok(Licences {
                billing: Some(billing),
                evidence_id: None,
            });
        }
        let none = |evidence_id| Licences {
            billing: None,
            evidence_id,
        };
        let billing = match self
            .ask(|| github.fetch_billing(&team.token, &team.slug))
            .await
        {
            Ok(billing) => billing,
            Err(failure) if failure.class == FailureClass::CopilotNotFound => {
                self.require_admin().await?;
                return Ok(none(None));
            }
            Err(failure) if failure.class == FailureClass::SeatsNotEnabled => {
                let decision = self.decide(&failure);
                return Ok(none(self.keep_evidence(&failure, decision).await));
            }
            Err(failure) => return Err(self.judge(failure).await),
        };
        let seats = self.fetch_seats(&billing).await;
        // Stored last: it tells the step's next slice, and a retry, that both were asked for.
        if !matches!(seats, Err(Stop::Failed(_))) {
            store
                .store_billing(id, self.today, &billing, clock::now())
                .await?;
        }
        seats?;
        Ok(Licences {
            billing: Some(billing),
            evidence_id: None,
        })
    }

    /// What proves that "not found" is no refusal: of a person the role, of the App its permissions.
    async fn require_admin(&self) -> Result<(), Stop> {
        let (github, team) = (&self.activities.github, &self.team);
        if let Grant::AppInstallation { permissions, .. } = &team.credential.grant {
            return self.require_permissions(permissions).await;
        }
        let standing = match self
            .ask(|| github.fetch_standing(&team.token, &team.slug))
            .await
        {
            Ok(standing) => standing,
            Err(failure) => return Err(self.judge(failure).await),
        };
        let Some(cause) = standing.obstacle() else {
            return Ok(());
        };
        let login = team.credential.login.as_deref();
        let found = Found {
            endpoint: EndpointClass::Membership,
            http_status: standing.http_status(),
            message: standing.explain(login.unwrap_or("the token's owner"), &team.slug),
        };
        let (activities, id) = (self.activities, self.input.team.id);
        let probe = "the role, since Copilot's licences are hidden";
        let evidence_id = activities.keep_found(id, cause, found, probe, None).await;
        Err(Stop::Settled(cause, evidence_id))
    }

    async fn require_permissions(&self, permissions: &Permissions) -> Result<(), Stop> {
        let granted = Granted::Permissions(permissions.clone());
        let missing = granted.lacks(&[Purpose::Copilot]).unwrap_or_default();
        let Some(missing) = missing.first() else {
            return Ok(());
        };
        let cause = Cause::PermissionMissing;
        let found = Found {
            endpoint: EndpointClass::CopilotBilling,
            http_status: 404,
            message: format!("not granted: {}", missing.grant),
        };
        let (activities, id) = (self.activities, self.input.team.id);
        let probe = "the permissions, since Copilot's licences are hidden";
        let evidence_id = activities.keep_found(id, cause, found, probe, None).await;
        Err(Stop::Settled(cause, evidence_id))
    }

    async fn fetch_seats(&self, billing: &CopilotBilling) -> Result<(), Stop> {
        let Activities { store, github, .. } = self.activities;
        let (id, team) = (self.input.team.id, &self.team);
        let seats = match self
            .ask(|| github.fetch_seats(&team.token, &team.slug))
            .await
        {
            Ok(seats) => seats,
            // Billing answered, so whoever contradicts it does not end the step.
            Err(failure) if failure.class == FailureClass::SeatsNotEnabled => {
                // Where it agrees with it, nobody holds a seat any more.
                if billing.seats_total == 0 {
                    store.store_seats(id, self.today, &[], clock::now()).await?;
                }
                return Ok(());
            }
            Err(failure) => return Err(self.judge(failure).await),
        };
        if contradicts(&seats, billing) {
            tracing::warn!(
                team.id = id.0,
                seats.total = billing.seats_total,
                "GitHub lists no Copilot seat although it bills some: the seats known before are kept"
            );
            return Ok(());
        }
        store
            .store_seats(id, self.today, &seats, clock::now())
            .await?;
        Ok(())
    }

    /// Once there are enough licences again, the days that had no report are asked for again, so that the data is filled in: also
    /// those of a lack that did not last long enough to become the status.
    pub(super) async fn absent_days(&self, licences: &Licences) -> Result<AbsentDays, StoreError> {
        let Activities {
            store, settings, ..
        } = self.activities;
        if licences.are_insufficient(settings.minimum_seats) {
            return Ok(AbsentDays::Settled);
        }
        let history = store
            .load_licence_history(self.input.team.id, settings.minimum_seats)
            .await?;
        let were_too_few = match history.latest {
            Some(LicenceFinding::TooFew | LicenceFinding::TooFewWithMetrics) => true,
            Some(LicenceFinding::Enough) | None => false,
        };
        Ok(
            match self.input.plan == CopilotPlan::Probe || were_too_few {
                true => AbsentDays::AskAgain,
                false => AbsentDays::Settled,
            },
        )
    }
}

/// An empty list beside billed seats is no list: believing it would delete every seat.
fn contradicts(seats: &[CopilotSeat], billing: &CopilotBilling) -> bool {
    seats.is_empty() && billing.seats_total > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn billing(seats_total: i64) -> CopilotBilling {
        CopilotBilling {
            seats_total,
            added_this_cycle: None,
            pending_cancellation: None,
            pending_invitation: None,
            active_this_cycle: None,
            inactive_this_cycle: None,
            seat_management_setting: "assign_selected".to_owned(),
            plan_type: None,
        }
    }

    #[test]
    fn an_empty_list_is_believed_only_when_no_seat_is_billed() {
        let seat = CopilotSeat {
            assignee_github_id: 1,
            assignee_login: "ann".to_owned(),
            created_at: None,
            last_activity_at: None,
            last_activity_editor: None,
            pending_cancellation_on: None,
            plan_type: None,
        };
        assert!(contradicts(&[], &billing(1)));
        assert!(!contradicts(&[], &billing(0)));
        // Seats without an assignee are billed and not listed.
        assert!(!contradicts(&[seat], &billing(7)));
    }

    #[test]
    fn unknown_licences_count_as_too_few() {
        let licences = |billing| Licences {
            billing,
            evidence_id: None,
        };
        assert!(licences(None).are_insufficient(5));
        assert!(licences(Some(billing(4))).are_insufficient(5));
        assert!(!licences(Some(billing(5))).are_insufficient(5));
    }
}
