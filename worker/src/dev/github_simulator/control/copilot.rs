//! Commands about Copilot: seats, billing, policy, reports, and the methods for them.

use chrono::NaiveDate;
use serde_json::Value;

use super::{Command, Control, organizations::organization_mut};
use crate::dev::github_simulator::{
    BillingAnswer, ControlError, EmptyReport, LinkKind, generate,
    model::{Copilot, Padding},
    state::State,
};

impl Control {
    /// Gives an organization exactly this many seats, and Copilot if it had none. Members get
    /// them in their order; when there are too few, people join. Reports of past days exist as
    /// soon as there are enough seats.
    pub fn set_seats(&self, org: &str, n: usize) {
        self.run(Command::SetSeats {
            org: org.to_owned(),
            n,
        });
    }

    /// Lets the first `n` seats end on a day, or go on after all; the others stay as they are.
    pub fn cancel_seats(&self, org: &str, n: usize, ends_on: Option<NaiveDate>) {
        let org = org.to_owned();
        self.run(Command::CancelSeats { org, n, ends_on });
    }

    /// Sets the plan of the organization and of its seats: `business` or `enterprise`.
    pub fn set_plan(&self, org: &str, plan: &str) {
        let (org, plan) = (org.to_owned(), plan.to_owned());
        self.run(Command::SetPlan { org, plan });
    }

    /// Sets `seat_management_setting`: `assign_all`, `assign_selected`, `disabled` or
    /// `unconfigured`.
    pub fn set_seat_management(&self, org: &str, setting: &str) {
        let (org, setting) = (org.to_owned(), setting.to_owned());
        self.run(Command::SetSeatManagement { org, setting });
    }

    /// Enables or disables the "Copilot usage metrics" policy.
    pub fn set_policy(&self, org: &str, enabled: bool) {
        self.run(Command::SetPolicy {
            org: org.to_owned(),
            enabled,
        });
    }

    /// Sets how the billing and seat endpoints answer.
    pub fn set_billing(&self, org: &str, answer: BillingAnswer) {
        self.run(Command::SetBilling {
            org: org.to_owned(),
            answer,
        });
    }

    /// Sets how many seats an organization needs to have reports; 5 at the start.
    pub fn set_report_minimum_seats(&self, org: &str, n: usize) {
        self.run(Command::SetReportMinimumSeats {
            org: org.to_owned(),
            n,
        });
    }

    /// Holds a day's report back until it is published.
    pub fn delay_report(&self, org: &str, day: NaiveDate) {
        self.run(Command::DelayReport {
            org: org.to_owned(),
            day,
        });
    }

    /// Publishes a day's report, delayed or not due yet.
    pub fn publish_report(&self, org: &str, day: NaiveDate) {
        self.run(Command::PublishReport {
            org: org.to_owned(),
            day,
        });
    }

    /// Lets data for a day arrive late: one more person was active, and everyone did more.
    pub fn add_late_data(&self, org: &str, day: NaiveDate) {
        self.run(Command::AddLateData {
            org: org.to_owned(),
            day,
        });
    }

    /// Lets the reports of a day tell of no use at all, or of what there was again. Seats stay as active as they are.
    pub fn set_zero_day(&self, org: &str, day: NaiveDate, is_zero: bool) {
        self.run(Command::SetZeroDay {
            org: org.to_owned(),
            day,
            is_zero,
        });
    }

    /// Adds this many rows of about this many bytes to each daily report of the users. They are made while they are sent.
    pub fn pad_users_reports(&self, org: &str, rows: usize, row_bytes: usize) {
        self.run(Command::PadUsersReports {
            org: org.to_owned(),
            rows,
            row_bytes,
        });
    }

    /// Sets what the links of report envelopes lead to.
    pub fn set_download_links(&self, org: &str, kind: LinkKind) {
        self.run(Command::SetDownloadLinks {
            org: org.to_owned(),
            kind,
        });
    }

    /// Sets the form in which a missing report is answered.
    pub fn set_empty_report(&self, org: &str, form: EmptyReport) {
        self.run(Command::SetEmptyReport {
            org: org.to_owned(),
            form,
        });
    }
}

pub(crate) fn set_seats(state: &State, org: &str, n: usize) -> Result<Value, ControlError> {
    let now = state.clock.now();
    if generate::set_seats(&mut state.world_mut(), org, n, now) {
        return Ok(Value::Null);
    }
    Err(ControlError::NoOrganization(org.to_owned()))
}

pub(crate) fn apply(state: &State, command: Command) -> Result<Value, ControlError> {
    match command {
        Command::CancelSeats { org, n, ends_on } => change(state, &org, |copilot| {
            for seat in copilot.seats.iter_mut().take(n) {
                seat.pending_cancellation_on = ends_on;
            }
        }),
        Command::SetPlan { org, plan } => change(state, &org, |copilot| copilot.plan_type = plan),
        Command::SetSeatManagement { org, setting } => {
            change(state, &org, |copilot| copilot.seat_management = setting)
        }
        Command::SetPolicy { org, enabled } => {
            change(state, &org, |copilot| copilot.metrics_policy = enabled)
        }
        Command::SetBilling { org, answer } => {
            change(state, &org, |copilot| copilot.billing = answer)
        }
        Command::SetReportMinimumSeats { org, n } => {
            change(state, &org, |copilot| copilot.report_minimum_seats = n)
        }
        Command::DelayReport { org, day } => change(state, &org, |copilot| {
            copilot.published.remove(&day);
            copilot.delayed.insert(day);
        }),
        Command::PublishReport { org, day } => change(state, &org, |copilot| {
            copilot.delayed.remove(&day);
            copilot.published.insert(day);
        }),
        Command::AddLateData { org, day } => change(state, &org, |copilot| {
            *copilot.late.entry(day).or_default() += 1
        }),
        Command::SetZeroDay { org, day, is_zero } => change(state, &org, |copilot| {
            match is_zero {
                true => copilot.zeros.insert(day),
                false => copilot.zeros.remove(&day),
            };
        }),
        Command::PadUsersReports {
            org,
            rows,
            row_bytes,
        } => change(state, &org, |copilot| {
            copilot.padding = Padding { rows, row_bytes }
        }),
        Command::SetDownloadLinks { org, kind } => {
            change(state, &org, |copilot| copilot.links = kind)
        }
        Command::SetEmptyReport { org, form } => {
            change(state, &org, |copilot| copilot.empty_report = form)
        }
        other => Err(ControlError::BadCommand(format!("{other:?}"))),
    }
}

fn change(
    state: &State,
    org: &str,
    change: impl FnOnce(&mut Copilot),
) -> Result<Value, ControlError> {
    change(&mut organization_mut(&mut state.world_mut(), org)?.copilot);
    Ok(Value::Null)
}
