//! What every run of a benchmark stands on: the services, a simulated GitHub with one organization, the runs' own namespace and key.

use std::time::Duration;

use activities::{ActivitySettings, github::GithubClient, store::KeyRing, store::Store};
use anyhow::Context as _;
use secrecy::SecretString;
use workflows::domain::team::TeamRef;

use crate::{
    dev::{
        clean_slate,
        databases::Claim,
        github_simulator::{self, RequestFilter, Scenario, Simulator, SimulatorOptions},
        services::{self, ServiceOptions, ServiceOrigin, Services},
    },
    teams::connect_github::ConnectGithub,
    temporal::{
        connection::{self, TemporalTarget},
        runs::TeamRuns,
    },
};

/// Namespace and task queue.
pub(super) const NAME: &str = "coflow-bench";
/// The organization of the simulator's scenario.
pub(super) const ORGANIZATION: &str = "bench";
const HISTORY_DAYS: u16 = 90;

/// The ground of a benchmark, while it lasts.
pub(super) struct Ground {
    pub(super) services: Services,
    pub(super) runs: TeamRuns,
    pub(super) simulator: Simulator,
    pub(super) github: GithubClient,
    /// With GitHub's address replaced by the simulator's.
    pub(super) activities: ActivitySettings,
    pub(super) encryption_key: SecretString,
    _claim: Claim,
}

impl Ground {
    /// Starts what is not there yet, and ends what an interrupted benchmark left running.
    pub(super) async fn prepare(
        mut wanted: ServiceOptions,
        activities: ActivitySettings,
    ) -> anyhow::Result<Self> {
        wanted.namespaces.push(NAME.to_owned());
        let services = services::ensure_running(&wanted).await?;
        let simulator = github_simulator::start(SimulatorOptions::new(Scenario::Bench, 1)).await?;
        let target = TemporalTarget {
            address: Some(services.temporal_url()),
            namespace: Some(NAME.to_owned()),
        };
        let claim = clean_slate::claim(&services.database_url, NAME).await?;
        let client = connection::connect(&target).await?;
        clean_slate::end_open_runs(&client, NAME).await?;
        clean_slate::quiet_nights(&client, NAME).await?;
        let activities = ActivitySettings {
            // A benchmark of coflow, not of a model's server.
            model: None,
            github: clean_slate::simulated(&activities.github, &simulator)?,
            ..activities
        };
        Ok(Self {
            github: GithubClient::new(activities.github.clone())?,
            runs: TeamRuns::new(client, NAME),
            encryption_key: clean_slate::new_key(),
            services,
            simulator,
            activities,
            _claim: claim,
        })
    }

    /// An empty database of that name, and in it the team of an organization, connected but not synced.
    pub(super) async fn add_team(
        &self,
        database: &str,
        organization: &str,
    ) -> anyhow::Result<FreshTeam> {
        let control = self.simulator.control();
        control.set_latency(Duration::ZERO);
        let keys = KeyRing::from_setting(&self.encryption_key)?;
        let server = &self.services.database_url;
        let (database_url, store) = clean_slate::empty_store(server, database, keys).await?;
        let connect = ConnectGithub {
            store: &store,
            github: &self.github,
        };
        let token = SecretString::from(control.admin_token(organization));
        let team = connect
            .add_team(organization, token, HISTORY_DAYS, &[])
            .await?
            .team;
        Ok(FreshTeam {
            database_url,
            store,
            team,
        })
    }

    /// Sets how long every answer takes from now on, and begins to count requests anew.
    pub(super) fn begin_counting(&self, latency: Duration) {
        let control = self.simulator.control();
        control.set_latency(latency);
        control.clear_requests();
    }

    /// Requests since counting began.
    pub(super) fn count_requests(&self, filter: &RequestFilter) -> u64 {
        self.simulator.control().request_count(filter) as u64
    }

    /// Process ids of the PostgreSQL and Temporal servers, as far as they are ours.
    pub(super) fn server_pids(&self) -> [Option<u32>; 2] {
        [self.services.postgres, self.services.temporal].map(|origin| match origin {
            ServiceOrigin::Started { pid } | ServiceOrigin::Reused { pid } => Some(pid),
            ServiceOrigin::Given => None,
        })
    }
}

/// A team in a database of its own.
pub(super) struct FreshTeam {
    pub(super) database_url: SecretString,
    pub(super) store: Store,
    pub(super) team: TeamRef,
}

impl FreshTeam {
    /// Pull requests stored.
    pub(super) async fn count_pull_requests(&self) -> anyhow::Result<u64> {
        let teams = self.store.list_teams().await?;
        let team = teams.first().context("the benchmark's team is gone")?;
        Ok(team.pull_requests)
    }
}
