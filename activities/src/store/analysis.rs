//! Pull requests to analyse, and their analyses. What the rules wrote in a model's place is tried again on later nights; an answer
//! that was not valid on several is left at that.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    llm::FallbackReason,
    pull_request::{Level, PullRequestAnalysis},
    team::TeamId,
};

use super::{ForAnalysis, Store, StoreError, column::storable};

/// What names a pull request within a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PullRequestKey {
    /// Repository's numeric id.
    pub repository_github_id: i64,
    /// Number within its repository.
    pub number: i64,
}

/// An analysis to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnalysis {
    /// Of which pull request.
    pub key: PullRequestKey,
    /// The version it looked at.
    pub version: DateTime<Utc>,
    /// What was found.
    pub analysis: PullRequestAnalysis,
    /// Why the rules wrote it although a model was to.
    pub fallback: Option<Fallback>,
}

/// Why the rules wrote in a model's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// Why.
    pub reason: FallbackReason,
    /// What was wrong with the answer, or what the server said.
    pub failure: Option<String>,
}

/// Which pull requests are to be analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToAnalyse {
    /// Those without an analysis of their current version.
    Changed,
    /// Those, and what the rules wrote in a model's place on an earlier day than this.
    ChangedOrFallenBack {
        /// UTC day.
        before: NaiveDate,
    },
}

impl ToAnalyse {
    fn before(self) -> Option<NaiveDate> {
        match self {
            Self::Changed => None,
            Self::ChangedOrFallenBack { before } => Some(before),
        }
    }
}

/// After so many nights an answer that is not valid is taken for the model's last word on a pull request.
const MOST_FAILED_NIGHTS: i32 = 3;

impl Store {
    /// Pull requests to analyse, newest change first.
    pub async fn load_unanalysed(
        &self,
        team: TeamId,
        which: ToAnalyse,
        limit: u32,
    ) -> Result<Vec<ForAnalysis>, StoreError> {
        let keys = self.list_unanalysed(team, which, limit).await?;
        self.load_for_analysis(team, &keys).await
    }

    /// How many pull requests there are to analyse, counted up to `limit`.
    pub async fn count_unanalysed(
        &self,
        team: TeamId,
        which: ToAnalyse,
        limit: u32,
    ) -> Result<usize, StoreError> {
        Ok(self.list_unanalysed(team, which, limit).await?.len())
    }

    async fn list_unanalysed(
        &self,
        team: TeamId,
        which: ToAnalyse,
        limit: u32,
    ) -> Result<Vec<PullRequestKey>, StoreError> {
        let keys = sqlx::query_as!(
            PullRequestKey,
            r#"select repository_github_id, number
               from pull_request
               where team_id = $1 and (analysed_updated_at is null or analysed_updated_at < updated_at
                   or (analysis_fallback is not null and analysis_tried_on < $2 and analysis_failed_nights < $3))
               order by updated_at desc, repository_github_id, number
               limit $4"#,
            team.0,
            which.before(),
            MOST_FAILED_NIGHTS,
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(keys)
    }

    /// Those of these pull requests that are still to be analysed.
    pub async fn retain_unanalysed(
        &self,
        team: TeamId,
        which: ToAnalyse,
        keys: &[PullRequestKey],
    ) -> Result<Vec<PullRequestKey>, StoreError> {
        let (repositories, numbers) = split(keys);
        let left = sqlx::query_as!(
            PullRequestKey,
            r#"select p.repository_github_id, p.number
               from unnest($2::bigint[], $3::bigint[]) as k (repository, number)
               join pull_request p
                   on p.team_id = $1 and p.repository_github_id = k.repository and p.number = k.number
               where p.analysed_updated_at is null or p.analysed_updated_at < p.updated_at
                   or (p.analysis_fallback is not null and p.analysis_tried_on < $4 and p.analysis_failed_nights < $5)
               order by p.repository_github_id, p.number"#,
            team.0,
            &repositories,
            &numbers,
            which.before(),
            MOST_FAILED_NIGHTS,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(left)
    }

    /// Stores analyses, each of the version (`updated_at`) it looked at, as tried on a UTC day. Returns how many were written. A second
    /// time on the same day counts no other failed night.
    pub async fn store_analyses(
        &self,
        team: TeamId,
        analyses: &[NewAnalysis],
        tried_on: NaiveDate,
    ) -> Result<u64, StoreError> {
        let columns = Columns::of(analyses);
        let written = sqlx::query!(
            r#"update pull_request p set
                   analysed_updated_at = a.version, ai_evidence = a.ai_evidence,
                   ai_evidence_source = a.ai_evidence_source, change_kind = a.change_kind, summary = a.summary,
                   risk = a.risk, review_friction = a.review_friction, analysed_by = a.analysed_by,
                   analysis_fallback = a.fallback, analysis_failure = a.failure, analysis_tried_on = $13,
                   analysis_failed_nights = case
                       when a.fallback is distinct from 'answer_invalid' then 0
                       when p.analysed_updated_at is distinct from a.version then 1
                       when p.analysis_tried_on = $13 then greatest(p.analysis_failed_nights, 1)
                       else p.analysis_failed_nights + 1 end
               from unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
                       $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $14::text[])
                   as a (repository, number, version, ai_evidence, ai_evidence_source, change_kind, summary,
                       analysed_by, risk, review_friction, fallback, failure)
               where p.team_id = $1 and p.repository_github_id = a.repository and p.number = a.number
                   and (p.analysed_updated_at is null or p.analysed_updated_at <= a.version)"#,
            team.0,
            &columns.repositories,
            &columns.numbers,
            &columns.versions,
            &columns.grades as &[&str],
            &columns.sources as &[Cow<'_, str>],
            &columns.kinds as &[&str],
            &columns.summaries as &[Cow<'_, str>],
            &columns.writers as &[&str],
            &columns.risks as &[Option<&str>],
            &columns.frictions as &[Option<&str>],
            &columns.fallbacks as &[Option<&str>],
            tried_on,
            &columns.failures as &[Option<Cow<'_, str>>],
        )
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected())
    }
}

/// Keys, a vector a column.
pub(super) fn split(keys: &[PullRequestKey]) -> (Vec<i64>, Vec<i64>) {
    let columns = keys
        .iter()
        .map(|key| (key.repository_github_id, key.number));
    columns.unzip()
}

/// Analyses, a vector a column.
struct Columns<'a> {
    repositories: Vec<i64>,
    numbers: Vec<i64>,
    versions: Vec<DateTime<Utc>>,
    grades: Vec<&'a str>,
    sources: Vec<Cow<'a, str>>,
    kinds: Vec<&'a str>,
    summaries: Vec<Cow<'a, str>>,
    writers: Vec<&'a str>,
    risks: Vec<Option<&'a str>>,
    frictions: Vec<Option<&'a str>>,
    fallbacks: Vec<Option<&'a str>>,
    failures: Vec<Option<Cow<'a, str>>>,
}

impl<'a> Columns<'a> {
    fn of(analyses: &'a [NewAnalysis]) -> Self {
        let found = || analyses.iter().map(|new| &new.analysis);
        let fallbacks = || analyses.iter().map(|new| new.fallback.as_ref());
        let keys = || analyses.iter().map(|new| new.key);
        Self {
            repositories: keys().map(|key| key.repository_github_id).collect(),
            numbers: keys().map(|key| key.number).collect(),
            versions: analyses.iter().map(|new| new.version).collect(),
            grades: found().map(|a| a.ai_evidence.as_str()).collect(),
            sources: found().map(|a| storable(&a.ai_evidence_source)).collect(),
            kinds: found().map(|a| a.kind.as_str()).collect(),
            summaries: found().map(|a| storable(&a.summary)).collect(),
            writers: found().map(|a| a.written_by.as_str()).collect(),
            risks: found().map(|a| a.risk.map(Level::as_str)).collect(),
            frictions: found()
                .map(|a| a.review_friction.map(Level::as_str))
                .collect(),
            fallbacks: fallbacks().map(|f| Some(f?.reason.as_str())).collect(),
            failures: fallbacks()
                .map(|f| f?.failure.as_deref().map(storable))
                .collect(),
        }
    }
}
