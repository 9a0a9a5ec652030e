//! Asks GitHub whether a team's credential works for its organization.

use workflows::{activity_definitions::ProbeInput, domain::credential::ProbeOutcome};

use crate::{
    Activities, clock,
    failure::{Decision, Failure},
    github::{EndpointClass, FailureClass, GithubFailure},
    open_team::OpenTeam,
    renaming::Whereabouts,
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
        Ok(()) => Ok(ProbeOutcome::default()),
        Err(Failure::Cause { cause, evidence_id }) => Ok(ProbeOutcome {
            cause: Some(cause),
            evidence_id,
        }),
        Err(Failure::Github(failure)) => refused(activities, input, failure).await,
        Err(
            failure @ (Failure::Store { .. }
            | Failure::Llm { .. }
            | Failure::TokenReplaced
            | Failure::Renamed),
        ) => Err(failure),
    }
}

/// Fails with what keeps the credential from working.
async fn ask(activities: &Activities, input: &ProbeInput) -> Result<(), Failure> {
    let team = activities.open_team(&input.team).await?;
    match &team.credential.grant {
        Grant::AppInstallation { github_id, .. } => {
            let github_id = *github_id;
            ask_about_installation(activities, input, team, github_id).await
        }
        Grant::PersonalToken | Grant::OauthUserToken { .. } => {
            ask_as_person(activities, input, team).await
        }
    }
}

/// Three questions: whose token is it, which organization has the name now, and does its owner belong to it?
async fn ask_as_person(
    activities: &Activities,
    input: &ProbeInput,
    mut team: OpenTeam,
) -> Result<(), Failure> {
    let github = &activities.github;
    github.fetch_user(&team.token).await?;
    match activities.locate_organization(input.team.id, &team).await? {
        Whereabouts::InPlace => {}
        Whereabouts::Renamed => team = activities.open_team(&input.team).await?,
        Whereabouts::Gone(failure) => return Err(Failure::Github(*failure)),
    }
    activities
        .require_inside(input.team.id, &team, input.suspected_evidence_id)
        .await
}

/// The App knows what became of its installation, and keeps what it is granted now.
async fn ask_about_installation(
    activities: &Activities,
    input: &ProbeInput,
    team: OpenTeam,
    github_id: i64,
) -> Result<(), Failure> {
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
    team.require_organization(installation.organization_github_id, EndpointClass::App)?;
    if !installation.organization.eq_ignore_ascii_case(&team.slug) {
        let renamed = activities.rename(input.team.id, &team.slug, &installation.organization);
        if let Whereabouts::Gone(failure) = renamed.await? {
            return Err(Failure::Github(*failure));
        }
    }
    Ok(())
}

async fn refused(
    activities: &Activities,
    input: &ProbeInput,
    failure: GithubFailure,
) -> Result<ProbeOutcome, Failure> {
    // While many teams are refused alike, a refusal confirms nothing.
    let refusal = Failure::Github(failure.clone());
    if activities
        .hold_failure(input.team.id, &refusal)
        .await
        .is_some()
    {
        return Err(refusal);
    }
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
            let related_id = input.suspected_evidence_id;
            let evidence_id = activities
                .keep_related_evidence(input.team.id, &failure, cause, Some(probe), related_id)
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
