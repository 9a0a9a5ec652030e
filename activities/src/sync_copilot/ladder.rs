//! What may explain a refusal of Copilot's that gives no reason: the App's installation, the organization, the role of the token's
//! owner, the billing. Asked from the outside in; the first obstacle is the cause. Everything that was asked is kept as evidence.

use workflows::domain::cause::Cause;

use super::{CopilotSync, Stop};
use crate::{
    Activities,
    failure::{Decision, Failure},
    github::{EndpointClass, FailureClass, GithubFailure, Granted, Purpose},
    outcome::Found,
    renaming::Whereabouts,
    store::Grant,
};

/// What is asked, in this order.
#[derive(Clone, Copy)]
enum Rung {
    Installation,
    Organization,
    Role,
    Billing,
}

const LADDER: [Rung; 4] = [
    Rung::Installation,
    Rung::Organization,
    Rung::Role,
    Rung::Billing,
];

/// What one question brought.
struct Answered {
    probe: &'static str,
    finding: Finding,
    /// The obstacle, when it is one.
    cause: Option<Cause>,
}

enum Finding {
    Refused(Box<GithubFailure>),
    Found(Found),
}

impl Rung {
    fn name(self) -> &'static str {
        match self {
            Self::Installation => "probe 1: the App's installation",
            Self::Organization => "probe 2: the organization",
            Self::Role => "probe 3: the role of the token's owner",
            Self::Billing => "probe 4: Copilot's billing",
        }
    }
}

impl CopilotSync<'_> {
    /// The refusal has said the same twice. When nothing explains it, it stays unknown: somebody has to read it, and nothing is
    /// disconnected. A limit or an outage meanwhile explains nothing: the step is tried again.
    pub(super) async fn explain(&self, refusal: GithubFailure) -> Stop {
        let mut answers = Vec::new();
        let mut obstacle = None;
        for rung in LADDER {
            match self.climb(rung).await {
                Ok(Some(answer)) => {
                    obstacle = answer.cause;
                    answers.push(answer);
                }
                Ok(None) => {}
                Err(stop) => return stop,
            }
            if obstacle.is_some() {
                break;
            }
        }
        let cause = obstacle.unwrap_or(Cause::Unknown);
        let refusal = Answered {
            probe: "asked twice, refused alike",
            finding: Finding::Refused(Box::new(refusal)),
            cause: Some(cause),
        };
        // What settles it comes last, and is shown first.
        if obstacle.is_some() {
            answers.insert(0, refusal);
        } else {
            answers.push(refusal);
        }
        Stop::Settled(cause, self.keep_all(cause, answers).await)
    }

    async fn keep_all(&self, cause: Cause, answers: Vec<Answered>) -> Option<i64> {
        let (activities, team) = (self.activities, self.input.team.id);
        let mut latest = None;
        for Answered { probe, finding, .. } in answers {
            let kept = match finding {
                Finding::Refused(failure) => {
                    activities
                        .keep_related_evidence(team, &failure, cause, Some(probe), latest)
                        .await
                }
                Finding::Found(found) => {
                    activities
                        .keep_found(team, cause, found, probe, latest)
                        .await
                }
            };
            latest = kept.or(latest);
        }
        latest
    }

    /// One question; `None`: it does not concern this kind of credential.
    async fn climb(&self, rung: Rung) -> Result<Option<Answered>, Stop> {
        match rung {
            Rung::Installation => self.ask_about_installation(rung).await,
            Rung::Organization => self.ask_about_organization(rung).await.map(Some),
            Rung::Role => self.ask_about_role(rung).await.map(Some),
            Rung::Billing => self.ask_about_billing(rung).await.map(Some),
        }
    }

    async fn ask_about_installation(&self, rung: Rung) -> Result<Option<Answered>, Stop> {
        let Grant::AppInstallation { github_id, .. } = &self.team.credential.grant else {
            return Ok(None);
        };
        let github = &self.activities.github;
        let installation = match self.ask(|| github.fetch_installation(*github_id)).await {
            Ok(installation) => installation,
            Err(failure) => return self.refused(rung, failure).await.map(Some),
        };
        let granted = Granted::Permissions(installation.permissions.clone());
        let missing = granted.lacks(&[Purpose::Copilot]).unwrap_or_default();
        let (cause, message) = if installation.suspended_at.is_some() {
            let message = "the installation is suspended".to_owned();
            (Some(Cause::AppSuspended), message)
        } else if let Some(missing) = missing.first() {
            let message = format!("not granted: {}", missing.grant);
            (Some(Cause::PermissionMissing), message)
        } else {
            let granted = installation.permissions.iter();
            let granted: Vec<String> = granted
                .map(|(name, level)| format!("{name}={level}"))
                .collect();
            (None, format!("installed, with {}", granted.join(", ")))
        };
        Ok(Some(found(rung, EndpointClass::App, 200, message, cause)))
    }

    async fn ask_about_organization(&self, rung: Rung) -> Result<Answered, Stop> {
        let team = self.input.team.id;
        let located = self.activities.locate_organization(team, &self.team).await;
        match located {
            Ok(Whereabouts::InPlace) => {
                let message = format!("{} is the organization that was connected", self.team.slug);
                Ok(found(rung, EndpointClass::Organization, 200, message, None))
            }
            Ok(Whereabouts::Renamed) => Err(Stop::Failed(Failure::Renamed)),
            Ok(Whereabouts::Gone(failure)) => Ok(Answered {
                probe: rung.name(),
                finding: Finding::Refused(failure),
                cause: Some(Cause::OrgNotFound),
            }),
            Err(Failure::Github(failure)) => self.refused(rung, failure).await,
            Err(failure) => Err(Stop::Failed(failure)),
        }
    }

    async fn ask_about_role(&self, rung: Rung) -> Result<Answered, Stop> {
        let (github, team) = (&self.activities.github, &self.team);
        let standing = match self
            .ask(|| github.fetch_standing(&team.token, &team.slug))
            .await
        {
            Ok(standing) => standing,
            Err(failure) => return self.refused(rung, failure).await,
        };
        let login = team.credential.login.as_deref();
        let message = standing.explain(login.unwrap_or("the token's owner"), &team.slug);
        let (status, cause) = (standing.http_status(), standing.obstacle());
        Ok(found(
            rung,
            EndpointClass::Membership,
            status,
            message,
            cause,
        ))
    }

    async fn ask_about_billing(&self, rung: Rung) -> Result<Answered, Stop> {
        let Activities { github, .. } = self.activities;
        let team = &self.team;
        match self
            .ask(|| github.fetch_billing(&team.token, &team.slug))
            .await
        {
            Ok(billing) => {
                let message = format!(
                    "{} seats, {}",
                    billing.seats_total, billing.seat_management_setting
                );
                Ok(found(
                    rung,
                    EndpointClass::CopilotBilling,
                    200,
                    message,
                    None,
                ))
            }
            Err(failure) => self.refused(rung, failure).await,
        }
    }

    /// A probe that is refused for a reason names the cause; one that is refused without explains nothing.
    async fn refused(&self, rung: Rung, failure: GithubFailure) -> Result<Answered, Stop> {
        if self.is_held(&failure).await {
            return Err(Stop::Failed(failure.into()));
        }
        let cause = match self.decide(&failure) {
            Decision::Confirm(_)
                if matches!(
                    failure.class,
                    FailureClass::CopilotNotFound | FailureClass::Forbidden
                ) =>
            {
                None
            }
            Decision::Confirm(Cause::OrgNotFound) => Some(Cause::OrgNotFound),
            // Seats may live in another organization: too few of them are believed by the nights, and not because of a refusal.
            Decision::Park(Cause::InsufficientLicenses) => None,
            Decision::Park(cause) | Decision::Fail(cause) | Decision::SkipRepository(cause) => {
                Some(cause)
            }
            Decision::Confirm(_)
            | Decision::Retry
            | Decision::RetrySmallerPage
            | Decision::WaitUntil { .. }
            | Decision::NoData(_) => return Err(Stop::Failed(failure.into())),
        };
        Ok(Answered {
            probe: rung.name(),
            finding: Finding::Refused(Box::new(failure)),
            cause,
        })
    }
}

fn found(
    rung: Rung,
    endpoint: EndpointClass,
    http_status: u16,
    message: String,
    cause: Option<Cause>,
) -> Answered {
    Answered {
        probe: rung.name(),
        finding: Finding::Found(Found {
            endpoint,
            http_status,
            message,
        }),
        cause,
    }
}
