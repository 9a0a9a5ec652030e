//! What a command works with: the settings, and on demand the database, Temporal and GitHub that they name.

use std::time::Duration;

use activities::{
    ActivitySettings,
    gather_insight::MeasureSettings,
    github::GithubClient,
    mail::{MailSettings, MailTransport, Sender, Sites},
    store::{KeyRing, Store, StoreError},
};
use anyhow::{Context as _, bail};
use secrecy::SecretString;
use workflows::domain::team::TeamRef;

use crate::{
    config::Settings,
    dev::services::{self, ServiceOptions, Services},
    temporal::{
        connection::{self, TemporalTarget},
        runs::TeamRuns,
        schedule::{NIGHTLY, Plan, ScheduleTimes, WEEKLY_DIGEST},
        worker::WorkerPlan,
    },
};

/// File of the generated encryption key, in the folder of the private services.
const KEY_FILE: &str = "encryption.key";
/// Folder of the e-mails of development, in the same folder.
const MAIL_FOLDER: &str = "mail";
/// Who sends the e-mails that stay in a folder.
const DEVELOPER: &str = "coflow <coflow@localhost>";

pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) json: bool,
}

impl Context {
    pub(super) fn new(settings: Settings, json: bool) -> Self {
        Self { settings, json }
    }

    /// The Temporal server as the settings have it, else as Temporal's own configuration has it; without an address when neither
    /// names one.
    fn given_temporal(&self) -> anyhow::Result<TemporalTarget> {
        let target = TemporalTarget {
            address: self.settings.temporal_address.clone(),
            namespace: self.settings.temporal_namespace.clone(),
        };
        Ok(target.or_configured()?)
    }

    /// What to start, or to use.
    pub(super) fn service_options(&self) -> anyhow::Result<ServiceOptions> {
        Ok(ServiceOptions {
            database_url: self.settings.database_url.clone(),
            temporal_address: self.given_temporal()?.address,
            pg_bin: self.settings.pg_bin.clone(),
            temporal_cli: self.settings.temporal_cli.clone(),
            ..ServiceOptions::new(self.settings.dev_dir())
        })
    }

    /// The private services, if `coflow dev` has started them and not stopped them since.
    async fn running_services(&self) -> anyhow::Result<Option<Services>> {
        if !services::are_recorded(&self.settings.dev_dir()) {
            return Ok(None);
        }
        Ok(Some(
            services::ensure_running(&self.service_options()?).await?,
        ))
    }

    pub(super) async fn database_url(&self) -> anyhow::Result<SecretString> {
        if let Some(url) = &self.settings.database_url {
            return Ok(url.clone());
        }
        match self.running_services().await? {
            Some(services) => Ok(services.database_url),
            None => bail!(
                "no database: set DATABASE_URL, or start the private services with: coflow dev"
            ),
        }
    }

    pub(super) async fn temporal_target(&self) -> anyhow::Result<TemporalTarget> {
        let mut target = self.given_temporal()?;
        if target.address.is_none() {
            match self.running_services().await? {
                Some(services) => target.address = Some(services.temporal_url()),
                None => bail!(
                    "no Temporal server: set TEMPORAL_ADDRESS, or start the private services with: coflow dev"
                ),
            }
        }
        Ok(target)
    }

    /// The keys of the credentials: from the setting, or for the private database from a key file generated beside it.
    pub(super) fn keys(&self) -> anyhow::Result<KeyRing> {
        match &self.settings.encryption_key {
            Some(setting) => Ok(KeyRing::from_setting(setting)?),
            // Most commands touch no secret; those that do say that a key is missing.
            None if self.settings.database_url.is_some() => Ok(KeyRing::without_keys()),
            None => Ok(KeyRing::from_file_or_generate(
                &self.settings.dev_dir().join(KEY_FILE),
            )?),
        }
    }

    /// The same for a worker, which is of no use without a key.
    pub(super) fn worker_keys(&self) -> anyhow::Result<KeyRing> {
        if self.settings.encryption_key.is_none() && self.settings.database_url.is_some() {
            return Err(StoreError::NoKey.into());
        }
        self.keys()
    }

    /// The database, with a schema that fits.
    pub(super) async fn store(&self) -> anyhow::Result<Store> {
        let store = self.unchecked_store().await?;
        store.check_schema().await?;
        Ok(store)
    }

    /// The database, whatever its schema.
    pub(super) async fn unchecked_store(&self) -> anyhow::Result<Store> {
        let url = self.database_url().await?;
        Ok(Store::connect(&url, self.keys()?, self.settings.database_connections).await?)
    }

    pub(super) async fn runs(&self) -> anyhow::Result<TeamRuns> {
        let client = connection::connect(&self.temporal_target().await?).await?;
        Ok(TeamRuns::new(client, self.settings.task_queue.clone()))
    }

    /// Where a team's runs can be looked at in Temporal's UI, when its address is known.
    pub(super) async fn runs_url(&self, team: &TeamRef) -> anyhow::Result<Option<String>> {
        let temporal = self.given_temporal()?;
        let ui = match (&self.settings.temporal_ui_url, &temporal.address) {
            (Some(url), _) => Some(url.trim_end_matches('/').to_owned()),
            (None, Some(_)) => None,
            (None, None) => self
                .running_services()
                .await?
                .and_then(|services| services.temporal_ui_url),
        };
        let namespace = temporal.namespace();
        Ok(ui.map(|ui| {
            format!(
                "{ui}/namespaces/{namespace}/workflows?query=OrgSlug%3D%22{}%22",
                team.key
            )
        }))
    }

    pub(super) fn github(&self) -> anyhow::Result<GithubClient> {
        Ok(GithubClient::new(self.github_settings()?)?)
    }

    pub(super) fn activity_settings(&self) -> anyhow::Result<ActivitySettings> {
        Ok(ActivitySettings {
            github: self.github_settings()?,
            confirm_after: self.settings.confirm_after(),
            minimum_seats: self.settings.minimum_seats,
            comparison_minimum: self.settings.comparison_minimum,
            seat_prices: self.settings.seat_prices(),
            slice: Duration::from_secs(self.settings.slice_seconds),
            page_size: self.settings.page_size,
            breaker: self.settings.breaker(),
            model: self.settings.language_model.model()?,
        })
    }

    pub(super) fn measure_settings(&self) -> MeasureSettings {
        MeasureSettings {
            comparison_minimum: self.settings.comparison_minimum,
            seat_prices: self.settings.seat_prices(),
        }
    }

    pub(super) async fn worker_plan(&self) -> anyhow::Result<WorkerPlan> {
        Ok(WorkerPlan {
            temporal: self.temporal_target().await?,
            task_queue: self.settings.task_queue.clone(),
            database_url: self.database_url().await?,
            // One is the e-mails'.
            database_connections: self.settings.database_connections.saturating_sub(1).max(1),
            keys: self.worker_keys()?,
            activities: self.activity_settings()?,
        })
    }

    /// How e-mails leave; `None` while nobody has said how, in a real deployment: then they wait in the database.
    pub(super) fn mail_sender(&self) -> anyhow::Result<Option<Sender>> {
        let settings = &self.settings;
        let from = settings.mail_from.clone();
        let (transport, from) = match (&settings.smtp_url, &settings.mail_dir) {
            (Some(url), _) => {
                let from = from.context("COFLOW_SMTP_URL needs a sender: set COFLOW_MAIL_FROM")?;
                (MailTransport::Smtp(url.clone()), from)
            }
            (None, Some(folder)) => (
                MailTransport::Folder(folder.clone()),
                from.unwrap_or_else(|| DEVELOPER.to_owned()),
            ),
            (None, None) if settings.database_url.is_none() => {
                let folder = settings.dev_dir().join(MAIL_FOLDER);
                (
                    MailTransport::Folder(folder),
                    from.unwrap_or_else(|| DEVELOPER.to_owned()),
                )
            }
            (None, None) => return Ok(None),
        };
        let sites = Sites {
            coflow: settings.public_url.clone(),
            github: settings.github_web_url.clone(),
        };
        Ok(Some(Sender::new(&MailSettings {
            transport,
            from,
            sites,
        })?))
    }

    /// The database again, with one connection of its own for the e-mails.
    pub(super) async fn mail_store(&self) -> anyhow::Result<Store> {
        let store = Store::connect(&self.database_url().await?, self.keys()?, 1).await?;
        store.check_schema().await?;
        Ok(store)
    }

    /// Every schedule, with the times that the settings say.
    pub(super) fn schedules(&self) -> [(&'static Plan, ScheduleTimes); 2] {
        let settings = &self.settings.schedules;
        [
            (&NIGHTLY, settings.nightly()),
            (&WEEKLY_DIGEST, settings.digest()),
        ]
    }
}

/// The team of that organization.
pub(super) async fn find_team(store: &Store, organization: &str) -> anyhow::Result<TeamRef> {
    let team = store
        .load_team_by_slug(organization)
        .await?
        .with_context(|| {
            format!("there is no team \"{organization}\": coflow team add {organization}")
        })?;
    Ok(team.team)
}
