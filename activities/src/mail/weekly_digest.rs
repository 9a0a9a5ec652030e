//! "Your week": what a week was like, for those who asked for it. A model may have written the insight, and models quote other people:
//! each of its texts is one paragraph of bounded length, and none is part of the subject.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use workflows::domain::{
    cause::Cause, llm::FallbackReason, pipeline::PipelineStatus, weekly_digest::Week,
};

use super::{
    Headline,
    letter::Letter,
    wording::{bounded, day},
};

/// What the e-mail tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyDigest {
    /// Login of the organization.
    pub organization: String,
    /// The week that it is the digest of.
    pub week: Week,
    /// The latest insight of 7 days.
    pub insight: DigestInsight,
    /// Headlines of the longer windows, the shorter ones first.
    pub longer: Vec<Headline>,
    /// Said when the data is old.
    pub stale: Option<StaleData>,
}

/// An insight, as the digest tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestInsight {
    /// The day it was written for; its window ends the day before.
    pub day: NaiveDate,
    /// One line.
    pub headline: String,
    /// A few sentences.
    pub detail: String,
    /// One thing to try.
    pub recommendation: String,
    /// What to do for it.
    pub actions: Vec<String>,
    /// Who wrote it: a model and prompt version, or the rules.
    pub written_by: String,
    /// Why the rules wrote it in a model's place.
    pub fallback: Option<FallbackReason>,
}

/// Data that no sync has brought up to date for too long, and how the team stands meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleData {
    /// The day of the last sync that ended well.
    pub data_on: NaiveDate,
    /// Status of the pipeline.
    pub status: PipelineStatus,
    /// What is wrong, when that is known.
    pub cause: Option<Cause>,
}

impl StaleData {
    /// A night may be late; after this long it was missed.
    const STALE_AFTER: TimeDelta = TimeDelta::hours(36);

    /// `None` while the data is fresh enough to say nothing of its age.
    pub fn of(
        synced_at: DateTime<Utc>,
        now: DateTime<Utc>,
        status: PipelineStatus,
        cause: Option<Cause>,
    ) -> Option<Self> {
        let is_stale = now - synced_at > Self::STALE_AFTER;
        is_stale.then(|| Self {
            data_on: synced_at.date_naive(),
            status,
            cause,
        })
    }
}

/// Longer than any insight that was checked, short of a letter that nobody reads.
const MOST_CHARACTERS: usize = 3_000;

pub(super) fn write(fields: &WeeklyDigest) -> Letter {
    let WeeklyDigest {
        organization,
        week,
        insight,
        longer,
        stale,
    } = fields;
    let title = format!("week {} of {}", week.number(), week.year());
    let mut letter = Letter::new(format!("{organization} in {title}")).paragraph(format!(
        "This is the digest of {organization} for {title}, {} to {}.",
        day(week.monday()),
        day(week.sunday())
    ));
    if let Some(stale) = stale {
        letter = warn(letter, organization, stale);
    }
    letter = tell(letter, insight);
    for Headline { window_days, text } in longer {
        letter = letter.paragraph(format!("The last {window_days} days: {}", quoted(text)));
    }
    letter
        .facts([
            ("Days", Some(format!("the 7 before {}", day(insight.day)))),
            ("Written by", Some(author(insight))),
        ])
        .paragraph("Read all of it again:")
        .command(format!("coflow insights show {organization}"))
        .paragraph("You get this e-mail every week because it was asked for with your address. To get it no more:")
        .command(format!("coflow team notify {organization} --no-digest ADDRESS"))
}

fn warn(letter: Letter, organization: &str, stale: &StaleData) -> Letter {
    let reason = reason(stale.status);
    let letter = letter.paragraph(format!("The data is of {}: {reason}.", day(stale.data_on)));
    let letter = match stale.cause {
        Some(cause) => letter.paragraph(format!(
            "{} What to do: {}",
            cause.explanation(),
            cause.next_action(organization)
        )),
        None => letter,
    };
    letter.command(format!("coflow team show {organization}"))
}

/// Why nothing newer is there, behind a colon.
fn reason(status: PipelineStatus) -> &'static str {
    use PipelineStatus as S;
    match status {
        S::AwaitingReconnect => "coflow waits for a reconnect",
        S::Failed => "the work on it has failed",
        S::Complete => "no night has ended well since",
        S::NotStarted => "its onboarding is not started",
        S::SyncingMembers
        | S::Syncing
        | S::SyncingCopilot
        | S::LlmProcessing
        | S::ComputingMetrics
        | S::ComputingInsights
        | S::Phase1Complete
        | S::BackgroundSyncing
        | S::BackgroundLlm
        | S::BackgroundMetrics
        | S::BackgroundInsights => "its onboarding is still under way",
    }
}

fn tell(letter: Letter, insight: &DigestInsight) -> Letter {
    let letter = letter
        .paragraph(quoted(&insight.headline))
        .paragraph(quoted(&insight.detail))
        .paragraph(format!("Try: {}", quoted(&insight.recommendation)));
    let numbered = insight.actions.iter().enumerate();
    numbered.fold(letter, |letter, (index, action)| {
        letter.paragraph(format!("{}. {}", index + 1, quoted(action)))
    })
}

fn author(insight: &DigestInsight) -> String {
    let author = &insight.written_by;
    match insight.fallback {
        Some(reason) => format!("{author}, in a model's place: {}", reason.explanation()),
        None => author.clone(),
    }
}

fn quoted(text: &str) -> String {
    bounded(text, MOST_CHARACTERS)
}
