//! A checkup of one team: what the database knows, and what GitHub says at this moment of its credential, permissions, policy,
//! licences and limits. It changes nothing but a token that had to be replaced.

use activities::{
    github::GithubClient,
    store::{Store, StoreError, Team},
};
use workflows::domain::{copilot::CopilotStatus, team::TeamRef};

mod access;
mod copilot;
mod finding;
mod stored;

pub use finding::{Asked, Finding, Verdict};

struct Checkup<'a> {
    store: &'a Store,
    github: &'a GithubClient,
    team: Team,
    asked: Asked,
    minimum_seats: i64,
    findings: Vec<Finding>,
}

/// Checks a team up.
///
/// # Errors
/// When the database does not answer or the team was removed. What is wrong with the team is a finding.
pub async fn check_up(
    store: &Store,
    github: &GithubClient,
    team: &TeamRef,
    minimum_seats: i64,
) -> Result<Vec<Finding>, StoreError> {
    let stored = store.load_team(team.id).await?;
    let stored = stored.ok_or(StoreError::TeamMissing(team.id.0))?;
    let mut checkup = Checkup {
        store,
        github,
        asked: Asked {
            organization: stored.slug.clone(),
            web_url: github.web_url(&[]),
        },
        team: stored,
        minimum_seats,
        findings: vec![],
    };
    checkup.check_stored().await?;
    let access = checkup.check_access().await?;
    checkup.check_copilot(access.as_ref()).await;
    Ok(checkup.findings)
}

impl Checkup<'_> {
    fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn is_copilot_connected(&self) -> bool {
        self.team.copilot_status != CopilotStatus::Disabled
    }
}
