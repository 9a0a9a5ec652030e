//! What people do to a team, and what they then see of it.

use std::fmt::Debug;

use activities::store::{Evidence, StatusEvent, StatusEventKind, Team, TeamOverview, TeamProgress};
use secrecy::SecretString;
use worker::{
    dev::github_simulator::OrgSpec,
    teams::{
        connect_github::{ConnectError, ConnectGithub},
        copilot,
        view::Receipt,
    },
    temporal::runs::Signalled,
};
use workflows::domain::{copilot::CopilotStatus, pipeline::PipelineStatus, team::TeamRef};

use super::{app::App, waiting::until};

impl App {
    /// Invents the organization at GitHub and connects it with its admin's token, with 90 days of history.
    pub(crate) async fn add_team(&self, organization: OrgSpec) -> TeamRef {
        self.add_team_with_history(organization, 90).await
    }

    /// The same with another length of history.
    pub(crate) async fn add_team_with_history(
        &self,
        organization: OrgSpec,
        history_days: u16,
    ) -> TeamRef {
        let login = organization.login.clone();
        let token = self.github().create_organization(organization);
        self.connect(&login, &token, history_days)
            .await
            .unwrap_or_else(|error| panic!("{login} cannot be added: {error}"))
    }

    /// Connects an organization that exists at GitHub.
    pub(crate) async fn connect(
        &self,
        login: &str,
        token: &str,
        history_days: u16,
    ) -> Result<TeamRef, ConnectError> {
        self.connections()
            .add_team(login, SecretString::from(token), history_days, &[])
            .await
            .map(|added| added.team)
    }

    /// Connects Copilot as `coflow copilot connect` does: a run that is open is told.
    pub(crate) async fn connect_copilot(&self, team: &TeamRef) {
        copilot::connect(&self.store, &self.github, team)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", team.key));
        self.signal_copilot_connected(team).await;
    }

    /// Tells the team's run, if it has one, that Copilot was connected.
    pub(crate) async fn signal_copilot_connected(&self, team: &TeamRef) -> Signalled {
        self.runs
            .signal_copilot_connected(&self.team(team).await)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", team.key))
    }

    /// Disconnects Copilot.
    pub(crate) async fn disconnect_copilot(&self, team: &TeamRef) {
        copilot::disconnect(&self.store, team)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", team.key));
    }

    /// Starts the onboarding.
    pub(crate) async fn start_onboarding(&self, team: &TeamRef) {
        self.runs
            .start_onboarding(team)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", team.key));
    }

    /// Onboards the team to its end.
    pub(crate) async fn onboard(&self, team: &TeamRef) -> Team {
        self.start_onboarding(team).await;
        self.await_status(team, PipelineStatus::Complete).await
    }

    /// Replaces the token with a new one of the organization's owner and tells the run.
    pub(crate) async fn reconnect(&self, team: &TeamRef) {
        let token = self.github().issue_token(&team.key);
        self.replace_token(team, &token)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", team.key));
        self.signal_reconnected(team).await;
    }

    /// Tries a token out and puts it in the place of the team's.
    pub(crate) async fn replace_token(
        &self,
        team: &TeamRef,
        token: &str,
    ) -> Result<String, ConnectError> {
        self.connections()
            .replace_token(team, SecretString::from(token))
            .await
            .map(|connected| connected.holder)
    }

    /// Tells the team's run, if it has one, that the token was replaced.
    pub(crate) async fn signal_reconnected(&self, team: &TeamRef) -> Signalled {
        self.runs
            .signal_reconnected(&self.team(team).await)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", team.key))
    }

    /// The team as stored.
    pub(crate) async fn team(&self, team: &TeamRef) -> Team {
        let stored = self.store.load_team(team.id).await;
        stored
            .expect("the database answers")
            .expect("the team is there")
    }

    /// The team's line in the list of teams, with its counts.
    pub(crate) async fn overview(&self, team: &TeamRef) -> TeamOverview {
        let teams = self.store.list_teams().await.expect("the database answers");
        teams
            .into_iter()
            .find(|line| line.team == *team)
            .expect("the team is listed")
    }

    /// Where the team's work is.
    pub(crate) async fn progress(&self, team: &TeamRef) -> TeamProgress {
        let progress = self.store.load_progress(team.id).await;
        progress.expect("the database answers")
    }

    /// The changes of one kind of status, oldest first.
    pub(crate) async fn events(&self, team: &TeamRef, kind: StatusEventKind) -> Vec<StatusEvent> {
        let events = self.store.status_events(team.id, 1000).await;
        let events = events.expect("the database answers").into_iter().rev();
        events.filter(|event| event.kind == kind).collect()
    }

    /// The pipeline's statuses so far, oldest first.
    pub(crate) async fn statuses(&self, team: &TeamRef) -> Vec<String> {
        let events = self.events(team, StatusEventKind::Pipeline).await;
        events.into_iter().map(|event| event.to_status).collect()
    }

    /// What GitHub said, behind a status.
    pub(crate) async fn evidence(&self, team: &TeamRef, id: Option<i64>) -> Evidence {
        let id = id.expect("the status has evidence");
        let evidence = self.store.load_evidence(team.id, id).await;
        evidence
            .expect("the database answers")
            .expect("the evidence is there")
    }

    /// The latest reconnect's receipt.
    pub(crate) async fn receipt(&self, team: &TeamRef) -> Receipt {
        let receipt = self.store.load_latest_receipt(team.id).await;
        Receipt::from(
            receipt
                .expect("the database answers")
                .expect("a reconnect resumed the work"),
        )
    }

    /// Waits until the pipeline has this status.
    pub(crate) async fn await_status(&self, team: &TeamRef, status: PipelineStatus) -> Team {
        self.await_team(team, status, |team| team.pipeline_status == status)
            .await
    }

    /// Waits until Copilot has this status.
    pub(crate) async fn await_copilot(&self, team: &TeamRef, status: CopilotStatus) -> Team {
        self.await_team(team, status, |team| team.copilot_status == status)
            .await
    }

    /// Waits until the stored team is as wanted.
    pub(crate) async fn await_team(
        &self,
        team: &TeamRef,
        what: impl Debug,
        is_so: impl Fn(&Team) -> bool,
    ) -> Team {
        let what = format!("{} to be {what:?}", team.key);
        until(&what, || self.team(team), is_so).await
    }

    /// Waits until the team's progress is as wanted.
    pub(crate) async fn await_progress(
        &self,
        team: &TeamRef,
        what: &str,
        is_so: impl Fn(&TeamProgress) -> bool,
    ) -> TeamProgress {
        let what = format!("{what} of {}", team.key);
        until(&what, || self.progress(team), is_so).await
    }

    fn connections(&self) -> ConnectGithub<'_> {
        ConnectGithub {
            store: &self.store,
            github: &self.github,
        }
    }
}
