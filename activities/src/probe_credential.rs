//! Asks GitHub whether a team's credential works for its organization.

use workflows::{
    activity_definitions::ProbeInput,
    domain::{cause::Cause, credential::ProbeOutcome},
};

use crate::{
    Activities, clock,
    failure::{Decision, Failure},
    github::GithubFailure,
};

/// Two questions: whose token is it, and does it see the organization? A limit or an outage is no answer and is tried again.
pub(crate) async fn run(
    activities: &Activities,
    input: &ProbeInput,
) -> Result<ProbeOutcome, Failure> {
    let team = match activities.open_team(&input.team).await {
        Ok(team) => team,
        Err(Failure::Cause { cause, evidence_id }) => {
            return Ok(ProbeOutcome {
                cause: Some(cause),
                evidence_id,
            });
        }
        Err(failure) => return Err(failure),
    };
    if let Err(failure) = activities.github.fetch_user(&team.token).await {
        return refused(activities, input, failure).await;
    }
    match activities
        .github
        .fetch_organization(&team.token, &team.slug)
        .await
    {
        // Another organization under the same name is not this team's.
        Ok(organization)
            if team
                .github_id
                .is_some_and(|known| known != organization.github_id) =>
        {
            Ok(ProbeOutcome {
                cause: Some(Cause::OrgNotFound),
                evidence_id: None,
            })
        }
        Ok(_) => Ok(ProbeOutcome {
            cause: None,
            evidence_id: None,
        }),
        Err(failure) => refused(activities, input, failure).await,
    }
}

async fn refused(
    activities: &Activities,
    input: &ProbeInput,
    failure: GithubFailure,
) -> Result<ProbeOutcome, Failure> {
    let decision = crate::failure::decide(&failure.class, 1, clock::now());
    match decision {
        Decision::Confirm(cause)
        | Decision::Park(cause)
        | Decision::SkipRepository(cause)
        | Decision::Fail(cause) => {
            let probe = match input.suspected {
                Some(suspected) if suspected == cause => "second probe, concordant",
                Some(_) => "second probe, another cause",
                None => "first probe",
            };
            let evidence_id = activities
                .keep_evidence(input.team.id, &failure, decision, Some(probe))
                .await;
            Ok(ProbeOutcome {
                cause: Some(cause),
                evidence_id,
            })
        }
        Decision::Retry
        | Decision::RetrySmallerPage
        | Decision::WaitUntil { .. }
        | Decision::NoData(_) => Err(failure.into()),
    }
}
