//! The first day: seven teams connect GitHub, each in its way, and their first syncs run. Cedar's token is revoked in the middle of its
//! sync, and grove's ends; only one of them needs its admin.

use activities::{clock, mail::EmailAddress, store::StatusEventKind};
use anyhow::Context as _;
use chrono::TimeDelta;
use secrecy::SecretString;
use serde::Serialize;
use workflows::domain::pipeline::PipelineStatus;

use super::super::narrator::ALL_EVENTS;
use super::{PATIENCE, Scene};
use crate::{
    dev::github_simulator::RequestFilter,
    teams::{Offer, connect_github::ConnectGithub, copilot},
};

/// Who they are: the organization, how it is connected, and what will become of it.
const CAST: [(&str, Kind, &str); 7] = [
    (
        "aurora",
        Kind::PersonalToken,
        "healthy; GitHub is late with its newest Copilot reports",
    ),
    (
        "birch",
        Kind::PersonalToken,
        "6 Copilot licences, of which it will give back 3; metrics need 5",
    ),
    (
        "cedar",
        Kind::PersonalToken,
        "its token will be revoked in the middle of the first sync",
    ),
    (
        "dune",
        Kind::PersonalToken,
        "Copilot's metrics policy is switched off",
    ),
    ("ember", Kind::PersonalToken, "has no Copilot"),
    (
        "fjord",
        Kind::AppInstallation,
        "its owner will suspend the App",
    ),
    (
        "grove",
        Kind::OauthTokens,
        "its token will end in the middle of the first sync",
    ),
];

/// Cedar's and grove's tokens end after this many pages of pull requests.
const PAGES: u64 = 2;
const PAGE: &str = "RepositoryPullRequests";
/// A token that was issued a moment ago would not be refreshed when it is rejected: something else would be wrong.
const LATER: TimeDelta = TimeDelta::hours(1);

#[derive(Clone, Copy)]
enum Kind {
    PersonalToken,
    AppInstallation,
    OauthTokens,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::PersonalToken => "personal token",
            Self::AppInstallation => "GitHub App",
            Self::OauthTokens => "OAuth user token",
        }
    }
}

/// Grove's token, which ended in the middle of the first sync.
#[derive(Debug, Clone, Serialize)]
pub struct RefreshStory {
    /// Pages of pull requests that GitHub answered before the token ended.
    pub pages_before: u64,
    /// Requests that GitHub refused because of it.
    pub refused_requests: usize,
    /// How often the token was refreshed.
    pub refreshes: usize,
    /// Changes of the credential's or Copilot's state, or a parked pipeline: none, since nobody has to act.
    pub troubles: usize,
}

pub(super) async fn play(scene: &mut Scene<'_>) -> anyhow::Result<RefreshStory> {
    scene
        .narrator
        .say("A fortnight in a minute: the clock, here and in the simulated GitHub, is moved on from day to night.");
    scene
        .narrator
        .heading("DAY 1: seven teams connect GitHub", clock::now());
    let mut grove_token = String::new();
    for (organization, kind, fate) in CAST {
        let offer = offer(scene, organization, kind, &mut grove_token)?;
        add_team(scene, organization, kind, offer).await?;
        scene
            .narrator
            .say(&format!("{organization:<7} {:<17} {fate}", kind.name()));
    }
    scene.stage.advance(LATER);
    scene
        .narrator
        .say("All but ember connect Copilot. An hour later their first syncs begin: 30 days first, then 90.");
    let control = scene.control();
    for token in [&control.admin_token("cedar"), &grove_token] {
        control.revoke_token_after_operation(token, PAGES, PAGE);
    }
    for team in &scene.teams {
        scene.stage.runs.start_onboarding(team).await?;
    }
    scene
        .narrator
        .follow(&scene.teams, PATIENCE, |team| {
            let end = if team.slug == "cedar" {
                PipelineStatus::AwaitingReconnect
            } else {
                PipelineStatus::Complete
            };
            team.pipeline_status == end
        })
        .await?;
    let story = look(scene, &grove_token).await?;
    scene.narrator.note(
        "grove",
        &format!(
            "its token had ended after {} pages of pull requests: {} request refused, {} refresh, and its sync went on",
            story.pages_before, story.refused_requests, story.refreshes
        ),
    );
    Ok(story)
}

fn offer(
    scene: &Scene<'_>,
    organization: &str,
    kind: Kind,
    user_token: &mut String,
) -> anyhow::Result<Offer> {
    let control = scene.control();
    Ok(match kind {
        Kind::PersonalToken => SecretString::from(control.admin_token(organization)).into(),
        Kind::AppInstallation => Offer::AppInstallation,
        Kind::OauthTokens => {
            let tokens = control.issue_oauth_tokens(organization);
            let token = tokens["access_token"].as_str();
            *user_token = token.context("GitHub issued no token")?.to_owned();
            Offer::oauth_tokens(&tokens.to_string().into())?
        }
    })
}

async fn add_team(
    scene: &mut Scene<'_>,
    organization: &str,
    kind: Kind,
    offer: Offer,
) -> anyhow::Result<()> {
    let stage = scene.stage;
    let connect = ConnectGithub {
        store: &stage.store,
        github: &stage.github,
    };
    let mut notify = vec![];
    // Others are written to at the address of the person whose token it is; an App has none, nor may its user tokens tell of any.
    if !matches!(kind, Kind::PersonalToken) {
        notify.push(format!("team@{organization}.example").parse::<EmailAddress>()?);
    }
    let history_days = scene.options.history_days_of(organization);
    let team = connect
        .add_team(organization, offer, history_days, &notify)
        .await?
        .team;
    if organization != "ember" {
        copilot::connect(&stage.store, &stage.github, &team).await?;
    }
    scene.teams.push(team);
    Ok(())
}

async fn look(scene: &Scene<'_>, token: &str) -> anyhow::Result<RefreshStory> {
    let control = scene.control();
    let count = |filter: &RequestFilter| control.request_count(filter);
    let events = &scene.stage.store;
    let events = events
        .status_events(scene.team("grove")?.id, ALL_EVENTS)
        .await?;
    let troubles = events.iter().filter(|event| match event.kind {
        StatusEventKind::Pipeline => event.cause.is_some(),
        // Connecting is the first of each.
        StatusEventKind::Credential | StatusEventKind::Copilot => event.cause.is_some(),
        StatusEventKind::Slug => true,
    });
    Ok(RefreshStory {
        pages_before: PAGES,
        refused_requests: count(&RequestFilter::any().token(token).status(401)),
        refreshes: count(&RequestFilter::path("/login/oauth/access_token")),
        troubles: troubles.count(),
    })
}
