//! What the database knows of the team without asking anybody: where its work stands, and what holds it.

use activities::store::StoreError;
use chrono::{DateTime, Utc};
use workflows::domain::{cause::Cause, pipeline::PipelineStatus};

use super::{Checkup, Finding, Verdict};
use crate::teams::{
    coverage, emails, evidence, nights,
    repositories::{self, RepositoryLine, RepositoryStanding},
    view,
};

impl Checkup<'_> {
    pub(super) async fn check_stored(&mut self) -> Result<(), StoreError> {
        let team = self.team.clone();
        let since = team.pipeline_changed_at;
        let verdict = self
            .stand(
                "pipeline",
                team.pipeline_status.as_str(),
                team.pipeline_cause,
                team.pipeline_evidence_id,
                since,
            )
            .await?;
        self.find(match team.pipeline_status {
            PipelineStatus::NotStarted => {
                verdict.next(format!("coflow team onboard {}", team.slug))
            }
            _ => verdict,
        });
        let finding = self
            .stand(
                "Copilot",
                team.copilot_status.as_str(),
                team.copilot_cause,
                team.copilot_evidence_id,
                team.copilot_status_since,
            )
            .await?;
        self.find(match team.copilot_fresh_through {
            Some(day) => Finding {
                finding: format!("{}, data through {day}", finding.finding),
                ..finding
            },
            None => finding,
        });
        self.check_last_night().await?;
        self.check_waiting().await?;
        self.check_repositories().await?;
        if self.is_copilot_connected() {
            self.check_reports().await?;
        }
        let mails = emails::summary(self.store, &team.team, &team.slug).await?;
        let verdict = match mails.needs_somebody {
            true => Verdict::Attention,
            false => Verdict::Ok,
        };
        self.find(Finding::new("team's e-mails", verdict, mails.line));
        Ok(())
    }

    /// A status, with its cause and all that GitHub said of it.
    async fn stand(
        &self,
        check: &'static str,
        status: &str,
        cause: Option<Cause>,
        evidence_id: Option<i64>,
        since: DateTime<Utc>,
    ) -> Result<Finding, StoreError> {
        let since = since.format("%Y-%m-%d %H:%M UTC");
        let mut finding = match cause {
            None => Finding::new(check, Verdict::Ok, format!("{status} since {since}")),
            Some(cause) => {
                let finding = Finding::of_cause(check, cause, &self.asked);
                Finding {
                    finding: format!("{status} since {since}, {}", finding.finding),
                    ..finding
                }
            }
        };
        if let Some(id) = evidence_id {
            let team = self.team.team.id;
            let chain = self.store.load_evidence_chain(team, id).await?;
            let now = activities::clock::now();
            let lines = chain.iter().map(|one| evidence::describe(one, now));
            finding.evidence.extend(lines);
        }
        Ok(finding)
    }

    /// Days without a report are no fault by themselves: GitHub is late, or nobody worked.
    async fn check_reports(&mut self) -> Result<(), StoreError> {
        let coverage = coverage::load(self.store, &self.team.team).await?;
        let mut reports = coverage.reports.iter();
        let Some(organization) = reports.next() else {
            return Ok(());
        };
        let verdict = match coverage.reports.iter().any(|days| days.is_doubtful) {
            true => Verdict::Attention,
            false => Verdict::Ok,
        };
        let finding = Finding::new("Copilot reports", verdict, organization);
        self.find(reports.fold(finding, Finding::known_from));
        Ok(())
    }

    async fn check_repositories(&mut self) -> Result<(), StoreError> {
        let all = repositories::list(self.store, &self.team.team).await?;
        let failed = all
            .iter()
            .filter(|line| line.state == RepositoryStanding::Failed);
        let evidence: Vec<String> = failed.map(describe_failed).collect();
        let (all, unread) = (all.len(), evidence.len());
        let finding = if unread == 0 {
            Finding::new("repositories", Verdict::Ok, format!("{all}, none failed"))
        } else {
            Finding {
                evidence,
                ..Finding::new(
                    "repositories",
                    Verdict::Attention,
                    format!("{unread} of {all} could not be read"),
                )
            }
            .next(format!(
                "nothing at first: the next night tries again. coflow team repositories {}",
                self.team.slug
            ))
        };
        self.find(finding);
        Ok(())
    }

    /// One that failed leaves yesterday's data, and the next one tries again.
    async fn check_last_night(&mut self) -> Result<(), StoreError> {
        let Some(night) = nights::load_failed(self.store, &self.team.team).await? else {
            return Ok(());
        };
        let finding = Finding::new("last night", Verdict::Attention, &night);
        let finding = match night.cause {
            Some(cause) => finding.next(cause.next_action(&self.team.slug)),
            None => finding,
        };
        self.find(
            night
                .evidence
                .into_iter()
                .fold(finding, Finding::known_from),
        );
        Ok(())
    }

    async fn check_waiting(&mut self) -> Result<(), StoreError> {
        let progress = self.store.load_progress(self.team.team.id).await?;
        if let Some(waiting) = view::waiting(&progress) {
            let finding = Finding::new("waiting", Verdict::Attention, waiting);
            self.find(finding.next("nothing: it goes on by itself"));
        }
        Ok(())
    }
}

fn describe_failed(line: &RepositoryLine) -> String {
    let cause = line.cause.map_or("unknown", Cause::as_str);
    format!(
        "{} ({cause}): {} (request {})",
        line.repository,
        line.message.as_deref().unwrap_or("-"),
        line.request_id.as_deref().unwrap_or("-"),
    )
}
