//! A team as people and machines read it: one line in a list, or a card with its causes, progress and history.

use std::fmt;

use activities::{
    clock,
    failure::WaitReason,
    store::{CredentialFacts, ReconnectReceipt, Store, StoreError, TeamOverview, TeamProgress},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use url::Url;
use workflows::domain::{
    cause::Cause,
    copilot::CopilotStatus,
    pipeline::{PipelineStatus, Step},
    team::TeamRef,
};

use super::{
    coverage::{self, Coverage},
    emails,
    evidence::{self, Remedy},
    nights::{self, FailedNight},
};

/// One line of the list of teams.
#[derive(Debug, Clone, Serialize)]
pub struct TeamLine {
    /// Login of the organization.
    pub org: String,
    /// Status of the pipeline.
    pub pipeline_status: PipelineStatus,
    /// Status of Copilot.
    pub copilot_status: CopilotStatus,
    /// Cause of the pipeline's status, else of Copilot's.
    pub cause: Option<Cause>,
    /// Active members.
    pub members: u64,
    /// Pull requests stored.
    pub pull_requests: u64,
    /// Reviews stored.
    pub reviews: u64,
    /// Days with a stored Copilot report.
    pub copilot_days: u64,
    /// Windows that have an insight.
    pub insights: u64,
    /// Whether a reconnect has resumed its work.
    pub resumed: bool,
    /// Why the Copilot step was skipped.
    pub copilot_skipped: Option<String>,
    /// Headline of the latest insight.
    pub headline: Option<String>,
}

impl From<TeamOverview> for TeamLine {
    fn from(team: TeamOverview) -> Self {
        Self {
            org: team.slug,
            pipeline_status: team.pipeline_status,
            copilot_status: team.copilot_status,
            cause: team.pipeline_cause.or(team.copilot_cause),
            members: team.members,
            pull_requests: team.pull_requests,
            reviews: team.reviews,
            copilot_days: team.copilot_days,
            insights: team.insights,
            resumed: team.resumed > 0,
            copilot_skipped: team.copilot_skip_reason.map(|reason| reason.to_string()),
            headline: team.headline,
        }
    }
}

/// All teams.
///
/// # Errors
/// When the database does not answer.
pub async fn list(store: &Store) -> Result<Vec<TeamLine>, StoreError> {
    Ok(store
        .list_teams()
        .await?
        .into_iter()
        .map(TeamLine::from)
        .collect())
}

/// One team.
///
/// # Errors
/// When the database does not answer or the team was removed.
pub async fn line(store: &Store, team: &TeamRef) -> Result<TeamLine, StoreError> {
    Ok(TeamLine::from(overview(store, team).await?))
}

async fn overview(store: &Store, team: &TeamRef) -> Result<TeamOverview, StoreError> {
    let teams = store.list_teams().await?;
    let found = teams.into_iter().find(|overview| overview.team == *team);
    found.ok_or(StoreError::TeamMissing(team.id.0))
}

/// What a reconnect kept and fetched.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// Step that went on.
    pub step: Step,
    /// Members kept.
    pub kept_members: u64,
    /// Pull requests kept.
    pub kept_pull_requests: u64,
    /// Pull requests fetched since, new and changed.
    pub fetched_pull_requests: u64,
    /// Pull requests fetched again although they were stored and unchanged.
    pub refetched_pull_requests: u64,
    /// When the work went on.
    pub resumed_at: DateTime<Utc>,
}

impl From<ReconnectReceipt> for Receipt {
    fn from(receipt: ReconnectReceipt) -> Self {
        Self {
            step: receipt.step,
            kept_members: receipt.kept_members,
            kept_pull_requests: receipt.kept_pull_requests,
            fetched_pull_requests: receipt.fetched_pull_requests,
            refetched_pull_requests: receipt.refetched_pull_requests,
            resumed_at: receipt.resumed_at,
        }
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "resumed at step {}: kept {} members and {} pull requests, fetched {} more, refetched {}",
            self.step,
            self.kept_members,
            self.kept_pull_requests,
            self.fetched_pull_requests,
            self.refetched_pull_requests
        )
    }
}

/// A team with its causes, progress and history.
#[derive(Debug, Clone, Serialize)]
pub struct TeamCard {
    /// The line.
    #[serde(flatten)]
    pub line: TeamLine,
    /// What is wrong and what to do, when something is.
    pub advice: Option<String>,
    /// Who can mend it and where, and what makes it go away.
    pub remedy: Option<Remedy>,
    /// What kind of credential, whose, and when it ends.
    pub credential: Option<String>,
    /// What GitHub said, with its request id.
    pub evidence: Option<String>,
    /// What its work waits for, and until when.
    pub waiting: Option<String>,
    /// Its last night, if that failed.
    pub failed_night: Option<FailedNight>,
    /// Since when the pipeline has its status.
    pub pipeline_since: DateTime<Utc>,
    /// Newest day with a stored Copilot report.
    pub copilot_fresh_through: Option<NaiveDate>,
    /// Copilot's licences, in one line, where they were asked for.
    pub licences: Option<String>,
    /// Repositories that could not be read when they were last tried.
    pub unread_repositories: u64,
    /// How complete Copilot's reports of the last days are, once it was connected.
    pub copilot_coverage: Option<Coverage>,
    /// The latest reconnect.
    pub receipt: Option<Receipt>,
    /// What came of the team's e-mails.
    pub emails: String,
    /// Latest changes of status, newest first.
    pub history: Vec<String>,
}

/// Loads a team's card. `web_url` is the address of GitHub's web pages, for links.
///
/// # Errors
/// When the database does not answer or the team was removed.
pub async fn card(store: &Store, team: &TeamRef, web_url: &Url) -> Result<TeamCard, StoreError> {
    let overview = overview(store, team).await?;
    let stored = store
        .load_team(team.id)
        .await?
        .ok_or(StoreError::TeamMissing(team.id.0))?;
    let evidence_id = stored.pipeline_evidence_id.or(stored.copilot_evidence_id);
    let evidence = match evidence_id {
        Some(id) => store.load_evidence(team.id, id).await?,
        None => None,
    };
    let credential = store.load_credential_facts(team.id).await?;
    let progress = store.load_progress(team.id).await?;
    let history = store.status_events(team.id, 12).await?;
    let (pipeline_since, copilot_fresh_through) =
        (overview.pipeline_changed_at, overview.copilot_fresh_through);
    let line = TeamLine::from(overview);
    let copilot_coverage = match line.copilot_status {
        CopilotStatus::Disabled => None,
        _ => Some(coverage::load(store, team).await?),
    };
    Ok(TeamCard {
        credential: credential.map(|facts| describe_credential(&facts, clock::now())),
        advice: line.cause.map(|cause| cause.advice(&line.org)),
        remedy: line
            .cause
            .map(|cause| Remedy::of(cause, &line.org, web_url)),
        evidence: evidence.map(|stored| evidence::describe(&stored, clock::now())),
        waiting: waiting(&progress),
        failed_night: nights::load_failed(store, team).await?,
        pipeline_since,
        copilot_fresh_through,
        licences: None,
        unread_repositories: store.count_unread_repositories(team.id).await?,
        copilot_coverage,
        receipt: store.load_latest_receipt(team.id).await?.map(Receipt::from),
        emails: emails::summary(store, team, &line.org).await?.line,
        history: history
            .into_iter()
            .map(|event| {
                let cause = event
                    .cause
                    .map(|cause| format!(" ({cause})"))
                    .unwrap_or_default();
                format!(
                    "{} {} {}{cause}",
                    event.happened_at.format("%Y-%m-%d %H:%M:%S"),
                    event.kind.as_str(),
                    event.to_status
                )
            })
            .collect(),
        line,
    })
}

/// A credential in words.
pub(super) fn describe_credential(facts: &CredentialFacts, now: DateTime<Utc>) -> String {
    let holder = facts.login.as_ref();
    let holder = holder.map_or_else(String::new, |login| format!(" of {login}"));
    let end = match facts.ends_at {
        None => String::new(),
        Some(at) if at <= now => format!(", expired on {}", at.format("%Y-%m-%d")),
        Some(at) => format!(
            ", expires on {} (in {} days)",
            at.format("%Y-%m-%d"),
            (at - now).num_days()
        ),
    };
    let revoked = match facts.revoked_at {
        Some(at) => format!(", rejected on {}", at.format("%Y-%m-%d")),
        None => String::new(),
    };
    format!("{}{holder}{end}{revoked}", facts.kind.name())
}

pub(super) fn waiting(progress: &TeamProgress) -> Option<String> {
    let (until, reason) = progress
        .waiting_until
        .zip(progress.waiting_reason.as_deref())?;
    let until = until.format("%Y-%m-%d %H:%M:%S UTC");
    let explanation = WaitReason::explanation_of(reason);
    Some(format!("{reason} until {until}: {explanation}"))
}

impl TeamCard {
    /// What is wrong, what to do, and what is waited for.
    fn fmt_troubles(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(cause), Some(advice)) = (self.line.cause, &self.advice) {
            writeln!(f, "  cause       {cause}: {advice}")?;
        }
        if let Some(remedy) = &self.remedy {
            writeln!(f, "  way out     {remedy}")?;
        }
        if let Some(evidence) = &self.evidence {
            writeln!(f, "  evidence    {evidence}")?;
        }
        if let Some(waiting) = &self.waiting {
            writeln!(f, "  waiting     {waiting}")?;
        }
        if let Some(night) = &self.failed_night {
            writeln!(f, "  last night  {night}")?;
            if let Some(evidence) = &night.evidence {
                writeln!(f, "              {evidence}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for TeamCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = &self.line;
        writeln!(f, "{}", line.org)?;
        writeln!(
            f,
            "  pipeline    {} since {}",
            line.pipeline_status,
            self.pipeline_since.format("%Y-%m-%d %H:%M UTC")
        )?;
        let fresh = self
            .copilot_fresh_through
            .map(|day| format!(", data through {day}"))
            .unwrap_or_default();
        let skipped = line
            .copilot_skipped
            .as_ref()
            .map(|reason| format!(", skipped: {reason}"))
            .unwrap_or_default();
        writeln!(f, "  Copilot     {}{fresh}{skipped}", line.copilot_status)?;
        if let Some(licences) = &self.licences {
            writeln!(f, "  licences    {licences}")?;
        }
        if let Some(coverage) = &self.copilot_coverage {
            writeln!(f, "  reports     {coverage}")?;
        }
        if let Some(credential) = &self.credential {
            writeln!(f, "  credential  {credential}")?;
        }
        self.fmt_troubles(f)?;
        writeln!(
            f,
            "  stored      {} members, {} pull requests, {} reviews, {} Copilot days, {} insights",
            line.members, line.pull_requests, line.reviews, line.copilot_days, line.insights
        )?;
        match self.unread_repositories {
            0 => {}
            1 => writeln!(
                f,
                "  not read    1 repository: coflow team repositories {}",
                line.org
            )?,
            count => writeln!(
                f,
                "  not read    {count} repositories: coflow team repositories {}",
                line.org
            )?,
        }
        if let Some(receipt) = &self.receipt {
            writeln!(f, "  reconnect   {receipt}")?;
        }
        if let Some(headline) = &line.headline {
            writeln!(f, "  insight     {headline}")?;
        }
        writeln!(f, "  e-mail      {}", self.emails)?;
        for event in &self.history {
            writeln!(f, "  {event}")?;
        }
        Ok(())
    }
}
