//! Queues the weekly digests of one page of teams. What a digest tells is stored with it, so that a second attempt at sending it says
//! the same; what cannot be told of one team holds up no other.

use chrono::{DateTime, Utc};
use workflows::{
    activity_definitions::QueueWeeklyDigests,
    domain::{
        team::TeamId,
        weekly_digest::{DigestPage, Week},
    },
};

use crate::{
    clock,
    failure::{Decision, FIRST_ATTEMPT, Failure},
    mail::{DigestInsight, Email, Headline, StaleData, WeeklyDigest},
    store::{DataStanding, Store, StoreError, StoredInsight},
};

/// Days of the insight that a digest tells whole.
const WEEK_DAYS: u16 = 7;

pub(crate) async fn run(store: &Store, input: &QueueWeeklyDigests) -> Result<DigestPage, Failure> {
    let now = clock::now();
    let page = store.load_digest_teams(input).await?;
    let mut report = DigestPage {
        teams: 0,
        queued: 0,
        next_after: page.next_after,
    };
    for team in page.teams {
        report.teams += 1;
        report.queued += leave_out_unreadable(team, queue(store, team, input.week, now).await)?;
    }
    Ok(report)
}

/// What no other attempt would mend is said in the log; the next week tries again.
fn leave_out_unreadable(team: TeamId, queued: Result<u32, StoreError>) -> Result<u32, Failure> {
    let failure = match queued {
        Ok(queued) => return Ok(queued),
        // A newer program may read it; the other teams do not wait for that.
        Err(error @ StoreError::UnknownWord(_)) => {
            tracing::error!(team.id = team.0, error = %error, "a weekly digest could not be written");
            return Ok(0);
        }
        Err(error) => Failure::from(error),
    };
    match failure.decide(FIRST_ATTEMPT, clock::now()) {
        Decision::Fail(_) | Decision::Park(_) => {
            tracing::error!(team.id = team.0, error = %failure, "a weekly digest could not be written");
            Ok(0)
        }
        Decision::Retry
        | Decision::RetrySmallerPage
        | Decision::WaitUntil { .. }
        | Decision::Confirm(_)
        | Decision::SkipRepository(_)
        | Decision::NoData(_) => Err(failure),
    }
}

/// Returns how many e-mails are new: none of a team that is gone, or whose insights are.
async fn queue(
    store: &Store,
    team: TeamId,
    week: Week,
    now: DateTime<Utc>,
) -> Result<u32, StoreError> {
    let Some(standing) = store.load_data_standing(team).await? else {
        return Ok(0);
    };
    let insights = store.load_latest_insights(team).await?;
    match compose(standing, insights, week, now) {
        Some(digest) => {
            let email = Email::WeeklyDigest(digest);
            store.queue_weekly_digest(team, week, &email, now).await
        }
        None => Ok(0),
    }
}

/// The digest, from the latest insight of each window. `None` without one of the week.
fn compose(
    standing: DataStanding,
    insights: Vec<StoredInsight>,
    week: Week,
    now: DateTime<Utc>,
) -> Option<WeeklyDigest> {
    let (of_week, longer): (Vec<_>, Vec<_>) = insights
        .into_iter()
        .partition(|stored| stored.window_days == WEEK_DAYS);
    let StoredInsight { day, insight, .. } = of_week.into_iter().next()?;
    let DataStanding {
        slug,
        status,
        cause,
        synced_at,
    } = standing;
    Some(WeeklyDigest {
        organization: slug,
        week,
        insight: DigestInsight {
            day,
            headline: insight.headline,
            detail: insight.detail,
            recommendation: insight.recommendation,
            actions: insight.actions,
            written_by: insight.written_by,
            fallback: insight.fallback,
        },
        longer: longer.into_iter().map(headline).collect(),
        stale: synced_at.and_then(|at| StaleData::of(at, now, status, cause)),
    })
}

fn headline(stored: StoredInsight) -> Headline {
    Headline {
        window_days: stored.window_days,
        text: stored.insight.headline,
    }
}
