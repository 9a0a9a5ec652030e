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

/// Three questions: whose token is it, which organization has the name now, and does its owner belong to it? The public sees an
/// organization too, but neither its repositories nor its people. A limit or an outage is no answer and is tried again.
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
    let organization = activities
        .github
        .fetch_organization(&team.token, &team.slug)
        .await;
    let organization = match organization {
        Ok(organization) => organization,
        Err(failure) => return refused(activities, input, failure).await,
    };
    let standing = activities
        .github
        .fetch_standing(&team.token, &team.slug)
        .await;
    let is_member = match standing {
        Ok(standing) => standing.is_inside(),
        Err(failure) => return refused(activities, input, failure).await,
    };
    let is_the_same = team.is_same_organization(organization.github_id);
    Ok(ProbeOutcome {
        cause: (!is_member || !is_the_same).then_some(Cause::OrgNotFound),
        evidence_id: None,
    })
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
