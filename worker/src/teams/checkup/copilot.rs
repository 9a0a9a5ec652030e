//! Whether Copilot's data can be had: permissions, policy, licences.

use activities::{
    clock,
    github::{FailureClass, Fetched, Purpose, ReportQuestion, Standing},
    store::StoreError,
};
use chrono::Days;
use workflows::domain::{
    cause::Cause,
    copilot::{CopilotBilling, CopilotStatus},
    report::ReportKind,
};

use super::{Checkup, Finding, Verdict, access::Access};
use crate::teams::{evidence::describe_answer, licences};

/// Days after which a report is there, unless GitHub is late.
const SETTLED_AFTER: Days = Days::new(3);

const PERMISSIONS: &str = "Copilot permissions";
const POLICY: &str = "Copilot policy";
const LICENCES: &str = "Copilot licences";

impl Checkup<'_> {
    /// Everything that only Copilot needs.
    pub(super) async fn check_copilot(&mut self, access: Option<&Access>) {
        let reason = match access {
            None => "GitHub does not take the credential".to_owned(),
            Some(_) if !self.is_copilot_connected() => format!(
                "Copilot is not connected: coflow copilot connect {}",
                self.team.slug
            ),
            Some(access) => {
                self.check_permissions(PERMISSIONS, access, Purpose::Copilot);
                self.check_policy(access).await;
                self.check_licences(access).await;
                return;
            }
        };
        for check in [PERMISSIONS, POLICY, LICENCES] {
            self.find(Finding::skipped(check, &reason));
        }
    }

    /// GitHub checks the policy before the role, so that a report tells of both.
    async fn check_policy(&mut self, access: &Access) {
        let (slug, today) = (self.team.slug.clone(), clock::now().date_naive());
        let day = today - SETTLED_AFTER;
        let question = ReportQuestion {
            token: &access.token,
            org: &slug,
            kind: ReportKind::OrganizationDay,
            day,
            today,
        };
        let fetched = match self.github.open_report(question).await {
            Ok(Fetched::Data(mut report)) => report.next().await.map(Fetched::Data),
            Ok(Fetched::NoData { reason }) => Ok(Fetched::NoData { reason }),
            Err(failure) => Err(failure),
        };
        let finding = match fetched {
            Ok(Fetched::Data(_)) => Finding::new(
                POLICY,
                Verdict::Ok,
                format!("\"Copilot usage metrics\" is enabled: the report of {day} is there"),
            ),
            Ok(Fetched::NoData { reason }) => Finding::new(
                POLICY,
                Verdict::Ok,
                format!(
                    "\"Copilot usage metrics\" is enabled; GitHub has no report of {day} ({})",
                    reason.as_str()
                ),
            ),
            Err(failure) if failure.class == FailureClass::CopilotNotFound => Finding::new(
                POLICY,
                Verdict::Attention,
                "GitHub knows of no reports (404): without licences there are none",
            )
            .known_from(describe_answer(&failure.evidence)),
            Err(failure) => Finding::of_refusal(POLICY, &failure, &self.asked),
        };
        self.find(finding);
    }

    async fn check_licences(&mut self, access: &Access) {
        let slug = self.team.slug.clone();
        let finding = match self.github.fetch_billing(&access.token, &slug).await {
            Ok(billing) => match self.judge_billing(&billing).await {
                Ok(finding) => finding,
                Err(error) => Finding::of_result(LICENCES, Err::<&str, _>(error)),
            },
            // An owner may know: then there are none. To anybody else GitHub says the same.
            Err(failure) if failure.class == FailureClass::CopilotNotFound => {
                let cause = match access.standing.is_some_and(Standing::administers) {
                    true => Cause::InsufficientLicenses,
                    false => Cause::NotOrgAdmin,
                };
                Finding::of_cause(LICENCES, cause, &self.asked)
                    .known_from(describe_answer(&failure.evidence))
            }
            Err(failure) => Finding::of_refusal(LICENCES, &failure, &self.asked),
        };
        self.find(finding);
    }

    /// Too few are a fault once nights have believed it; until then the metrics may still come.
    async fn judge_billing(&self, billing: &CopilotBilling) -> Result<Finding, StoreError> {
        let plan = billing.plan_type.as_deref().unwrap_or("unknown");
        let numbers = format!(
            "{}, plan {plan}, seat management {}",
            billing.explain_need(self.minimum_seats),
            billing.seat_management_setting
        );
        if !billing.is_insufficient(self.minimum_seats) {
            return Ok(Finding::new(LICENCES, Verdict::Ok, numbers));
        }
        let cause = Cause::InsufficientLicenses;
        let too_few = Finding::of_cause(LICENCES, cause, &self.asked);
        let status = self.team.copilot_status;
        if status == CopilotStatus::InsufficientLicenses {
            return Ok(too_few.known_from(numbers));
        }
        let id = self.team.team.id;
        let history = self.store.load_licence_history(id, self.minimum_seats);
        let nights = licences::nights(status, &history.await?);
        Ok(Finding {
            verdict: Verdict::Attention,
            finding: format!("{numbers}: too few{nights}"),
            ..too_few
        })
    }
}
