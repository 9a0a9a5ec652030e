//! Analyses as people read them, and their wish to have them anew.

use chrono::{DateTime, Utc};
use workflows::domain::{
    llm::FallbackReason,
    pull_request::{AiEvidence, ChangeKind, Level},
    team::TeamId,
};

use super::{
    Store, StoreError,
    column::{narrow, parse},
};

/// One pull request with its analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalysedPullRequest {
    /// Repository, with its owner.
    pub repository: String,
    /// Number within the repository.
    pub number: i64,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// Title; anybody's text.
    pub title: String,
    /// Graded evidence of AI; `None` before the first analysis.
    pub ai_evidence: Option<AiEvidence>,
    /// What the grade rests on.
    pub ai_evidence_source: String,
    /// Kind of work.
    pub kind: Option<ChangeKind>,
    /// One sentence.
    pub summary: String,
    /// What merging it puts at risk.
    pub risk: Option<Level>,
    /// How hard it was to review.
    pub review_friction: Option<Level>,
    /// Who wrote the analysis.
    pub written_by: String,
    /// Why the rules wrote it although a model was to.
    pub fallback: Option<FallbackReason>,
    /// What was wrong with the model's answer.
    pub failure: Option<String>,
}

impl Store {
    /// Pull requests that changed since then, newest change first, with their analyses.
    pub async fn list_analyses(
        &self,
        team: TeamId,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AnalysedPullRequest>, StoreError> {
        let rows = sqlx::query!(
            r#"select r.full_name, p.number, p.updated_at, p.title, p.ai_evidence, p.ai_evidence_source, p.change_kind,
                   p.summary, p.risk, p.review_friction, p.analysed_by, p.analysis_fallback, p.analysis_failure
               from pull_request p
               join tracked_repository r on (r.team_id, r.github_id) = (p.team_id, p.repository_github_id)
               where p.team_id = $1 and p.updated_at >= $2
               order by p.updated_at desc, r.full_name, p.number
               limit $3"#,
            team.0,
            since,
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(AnalysedPullRequest {
                    repository: row.full_name,
                    number: row.number,
                    updated_at: row.updated_at,
                    title: row.title,
                    ai_evidence: parse(row.ai_evidence)?,
                    ai_evidence_source: row.ai_evidence_source.unwrap_or_default(),
                    kind: parse(row.change_kind)?,
                    summary: row.summary.unwrap_or_default(),
                    risk: parse(row.risk)?,
                    review_friction: parse(row.review_friction)?,
                    written_by: row.analysed_by.unwrap_or_default(),
                    fallback: parse(row.analysis_fallback)?,
                    failure: row.analysis_failure,
                })
            })
            .collect()
    }

    /// Asks for every analysis anew that is not of this prompt's version: an older one's, and the rules'. Returns how many.
    pub async fn ask_analyses_again(
        &self,
        team: TeamId,
        prompt_version: &str,
    ) -> Result<u64, StoreError> {
        let asked = sqlx::query!(
            r#"update pull_request set analysed_updated_at = null, analysis_tried_on = null, analysis_failed_nights = 0
               where team_id = $1 and analysed_updated_at is not null
                   and analysed_by is distinct from $2 and right(analysed_by, length($2) + 1) is distinct from ' ' || $2"#,
            team.0,
            prompt_version,
        )
        .execute(&self.pool)
        .await?;
        Ok(asked.rows_affected())
    }

    /// Asks for the team's insights anew: none counts as written from the input that there is now.
    pub async fn ask_insights_again(&self, team: TeamId) -> Result<(), StoreError> {
        sqlx::query!(
            "update insight set input_hash = '' where team_id = $1",
            team.0
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How many of the team's analyses the rules wrote in a model's place, by reason.
    pub async fn count_fallbacks(
        &self,
        team: TeamId,
    ) -> Result<Vec<(FallbackReason, u64)>, StoreError> {
        let rows = sqlx::query!(
            r#"select analysis_fallback as "reason!", count(*) as "count!" from pull_request
               where team_id = $1 and analysis_fallback is not null
               group by analysis_fallback order by count(*) desc, analysis_fallback"#,
            team.0,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| Ok((row.reason.parse()?, narrow(row.count))))
            .collect()
    }

    /// Those of these words, in lower case, that name another team of this deployment.
    pub async fn find_other_teams(
        &self,
        team: TeamId,
        words: &[String],
    ) -> Result<Vec<String>, StoreError> {
        if words.is_empty() {
            return Ok(vec![]);
        }
        let found = sqlx::query_scalar!(
            "select lower(slug) as \"slug!\" from team where id <> $1 and lower(slug) = any($2)",
            team.0,
            words,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(found)
    }
}
