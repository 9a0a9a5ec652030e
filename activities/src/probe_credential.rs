//! Asks GitHub whether a team's credential works for its organization.

use workflows::{
    activity_definitions::ProbeInput,
    domain::{cause::Cause, credential::ProbeOutcome},
};

use crate::{
    Activities, clock,
    failure::{Decision, Failure},
    github::{EndpointClass, FailureClass, GithubFailure},
    open_team::OpenTeam,
    store::Grant,
};

/// A limit or an outage is no answer and is tried again. A token that GitHub rejects is replaced once, where something replaces it.
pub(crate) async fn run(
    activities: &Activities,
    input: &ProbeInput,
) -> Result<ProbeOutcome, Failure> {
    let opened_at = clock::now();
    let mut answer = ask(activities, input).await;
    if let Err(failure) = answer {
        let team = input.team.id;
        answer = match activities.after_rejection(team, failure, opened_at).await {
            Failure::TokenReplaced => ask(activities, input).await,
            failure => Err(failure),
        };
    }
    match answer {
        Ok(cause) => Ok(ProbeOutcome {
            cause,
            evidence_id: None,
        }),
        Err(Failure::Cause { cause, evidence_id }) => Ok(ProbeOutcome {
            cause: Some(cause),
            evidence_id,
        }),
        Err(Failure::Github(failure)) => refused(activities, input, failure).await,
        Err(failure @ (Failure::Store { .. } | Failure::TokenReplaced)) => Err(failure),
    }
}

/// What keeps the credential from working, as far as it is told without a refusal.
async fn ask(activities: &Activities, input: &ProbeInput) -> Result<Option<Cause>, Failure> {
    let team = activities.open_team(&input.team).await?;
    match &team.credential.grant {
        Grant::AppInstallation { github_id, .. } => {
            ask_about_installation(activities, input, &team, *github_id).await
        }
        Grant::PersonalToken | Grant::OauthUserToken { .. } => {
            ask_as_person(activities, &team).await
        }
    }
}

/// Three questions: whose token is it, which organization has the name now, and does its owner belong to it? The public sees an
/// organization too, but neither its repositories nor its people.
async fn ask_as_person(activities: &Activities, team: &OpenTeam) -> Result<Option<Cause>, Failure> {
    let (github, token) = (&activities.github, &team.token);
    github.fetch_user(token).await?;
    let organization = github.fetch_organization(token, &team.slug).await?;
    let standing = github.fetch_standing(token, &team.slug).await?;
    let is_the_same = team.is_same_organization(organization.github_id);
    Ok((!standing.is_inside() || !is_the_same).then_some(Cause::OrgNotFound))
}

/// The App knows what became of its installation, and keeps what it is granted now.
async fn ask_about_installation(
    activities: &Activities,
    input: &ProbeInput,
    team: &OpenTeam,
    github_id: i64,
) -> Result<Option<Cause>, Failure> {
    let Activities { store, github, .. } = activities;
    let installation = github.fetch_installation(github_id).await?;
    store
        .refresh_installation(input.team.id, &installation, clock::now())
        .await?;
    if installation.suspended_at.is_some() {
        let message = "the installation is suspended";
        let class = FailureClass::AppSuspended;
        return Err(GithubFailure::without_answer(class, EndpointClass::App, message).into());
    }
    let is_the_same = team.is_same_organization(installation.organization_github_id);
    Ok((!is_the_same).then_some(Cause::OrgNotFound))
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
