//! Copilot usage metrics reports: the envelope and all its files within one call, since the signed links live about an hour and must
//! not be kept. The files are read piece by piece, so that a report of any size takes the memory of some rows.

use std::{ops::RangeInclusive, vec};

use chrono::NaiveDate;
use serde::Deserialize;
use url::Url;
use workflows::domain::report::{DAYS_OF_28, ReportKind, ReportRows};

use super::{
    GithubClient, GithubFailure, NoDataReason, Token,
    account::parse,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    http::OpenAnswer,
    report_file::{Record, RecordCutter, Unreadable},
    wire::{report, rest},
};

/// How often an envelope is asked for: once, and twice again for expired links.
const MOST_ENVELOPES: u32 = 3;
/// More files than any report has.
const MOST_FILES: usize = 500;
/// A report is final within three days; a day of slack for the time zone of whoever counts.
const DAYS_UNTIL_GENERATED: i64 = 4;
/// Rows that are handed over at once, and the bytes after which it may be fewer.
const BATCH_ROWS: usize = 500;
const BATCH_BYTES: usize = 1024 * 1024;
/// An organization has one row a day: its report is small, and its days are joined in memory.
const MOST_ORGANIZATION_BYTES: u64 = 32 * 1024 * 1024;

/// A report, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched<T> {
    /// The report.
    Data(T),
    /// GitHub has none.
    NoData {
        /// In which form it said so.
        reason: NoDataReason,
    },
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct ReportQuestion<'a> {
    /// With this token,
    pub token: &'a Token,
    /// of this organization,
    pub org: &'a str,
    /// this report,
    pub kind: ReportKind,
    /// of this day; the reports of 28 days are the latest there are, and need none.
    pub day: NaiveDate,
    /// The UTC day, which tells a report that is not generated yet from a broken server.
    pub today: NaiveDate,
}

/// The next of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportPart {
    /// Some rows.
    Rows(ReportRows),
    /// The links have expired, and there are others: what was read so far is void, all rows come anew.
    Anew,
}

/// A report whose files are being read.
#[derive(Debug)]
pub struct OpenReport<'a> {
    client: &'a GithubClient,
    question: ReportQuestion<'a>,
    /// All are checked before the first is followed.
    links: vec::IntoIter<Url>,
    file_count: u32,
    days: RangeInclusive<NaiveDate>,
    file: Option<(OpenAnswer, RecordCutter)>,
    /// All files share one bound.
    bytes_left: u64,
    envelopes: u32,
    has_records: bool,
    has_rows: bool,
}

#[derive(Deserialize)]
struct Envelope {
    download_links: Vec<String>,
    report_day: Option<String>,
    report_start_day: Option<String>,
    report_end_day: Option<String>,
}

impl GithubClient {
    /// Asks for a report's envelope. Its files are read by [`OpenReport::next`], and only once that has returned `None` is the report
    /// complete.
    pub async fn open_report<'a>(
        &'a self,
        question: ReportQuestion<'a>,
    ) -> Result<Fetched<OpenReport<'a>>, GithubFailure> {
        let envelope = match self.fetch_envelope(&question).await {
            Ok(envelope) => envelope,
            Err(failure) => return no_data(failure, &question),
        };
        let links = self.check_links(&envelope)?;
        let most_bytes = self.inner.settings.max_report_bytes;
        Ok(Fetched::Data(OpenReport {
            client: self,
            question,
            file_count: links.len() as u32,
            links: links.into_iter(),
            days: envelope.days(&question)?,
            file: None,
            bytes_left: match question.kind.daily() {
                ReportKind::OrganizationDay => most_bytes.min(MOST_ORGANIZATION_BYTES),
                _ => most_bytes,
            },
            envelopes: 1,
            has_records: false,
            has_rows: false,
        }))
    }

    async fn fetch_envelope(
        &self,
        question: &ReportQuestion<'_>,
    ) -> Result<Envelope, GithubFailure> {
        let (endpoint, report) = (question.kind.into(), question.kind.as_str());
        let mut path = vec![
            "orgs",
            question.org,
            "copilot",
            "metrics",
            "reports",
            report,
        ];
        if !question.kind.is_daily() {
            path.push("latest");
        }
        let mut url = self.rest_url(&path);
        if question.kind.is_daily() {
            url.query_pairs_mut()
                .append_pair("day", &question.day.to_string());
        }
        let answer = self.get(endpoint, question.token, url).await?;
        parse(endpoint, &answer)
    }

    fn check_links(&self, envelope: &Envelope) -> Result<Vec<Url>, GithubFailure> {
        if envelope.download_links.len() > MOST_FILES {
            return Err(malformed("a report has too many files"));
        }
        let links = envelope.download_links.iter();
        links.map(|link| self.check_link(link)).collect()
    }
}

impl Envelope {
    fn days(
        &self,
        question: &ReportQuestion<'_>,
    ) -> Result<RangeInclusive<NaiveDate>, GithubFailure> {
        let day = |text: &Option<String>| text.as_deref().and_then(rest::day);
        if question.kind.is_daily() {
            return match day(&self.report_day) {
                Some(other) if other != question.day => Err(malformed(OTHER_DAYS)),
                _ => Ok(question.day..=question.day),
            };
        }
        let end = day(&self.report_end_day)
            .ok_or_else(|| malformed("a report of 28 days does not say which"))?;
        Ok(day(&self.report_start_day).unwrap_or(end - DAYS_OF_28)..=end)
    }
}

const OTHER_DAYS: &str = "a report holds other days than the one asked for";

impl OpenReport<'_> {
    /// The days it is about.
    pub fn days(&self) -> &RangeInclusive<NaiveDate> {
        &self.days
    }

    /// The files it consists of.
    pub fn file_count(&self) -> u32 {
        self.file_count
    }

    /// The next rows; `None` once all files were read to their end.
    pub async fn next(&mut self) -> Result<Option<ReportPart>, GithubFailure> {
        let (mut records, mut bytes) = (Vec::new(), 0);
        while records.is_empty() || (records.len() < BATCH_ROWS && bytes < BATCH_BYTES) {
            if self.file.is_none() {
                let Some(link) = self.links.next() else {
                    break;
                };
                match self.client.open_file(link, self.bytes_left).await {
                    Ok(file) => self.file = Some((file, RecordCutter::default())),
                    Err(failure) => return self.renew(failure).await,
                }
            }
            bytes += self.read_piece(&mut records).await?;
        }
        if !records.is_empty() {
            return Ok(Some(ReportPart::Rows(self.rows(records)?)));
        }
        // Records that are all of other days are not an empty day.
        if self.has_records && !self.has_rows {
            return Err(malformed(OTHER_DAYS));
        }
        Ok(None)
    }

    /// Reads on in the open file and closes it at its end; tells how many bytes.
    async fn read_piece(&mut self, records: &mut Vec<Record>) -> Result<usize, GithubFailure> {
        let Some((file, cutter)) = &mut self.file else {
            return Ok(0);
        };
        if let Some(piece) = file.piece().await? {
            let piece = piece.as_ref();
            cutter.take(piece, records).map_err(unreadable)?;
            return Ok(piece.len());
        }
        if let Some((file, cutter)) = self.file.take() {
            self.bytes_left = file.bytes_left();
            cutter.finish().map_err(unreadable)?;
        }
        Ok(0)
    }

    /// Asks for other links instead of those that have expired: the one thing that is asked for again here, since links cannot outlive
    /// the call.
    async fn renew(&mut self, failure: GithubFailure) -> Result<Option<ReportPart>, GithubFailure> {
        if failure.class != FailureClass::LinkExpired || self.envelopes == MOST_ENVELOPES {
            return Err(failure);
        }
        match self.client.open_report(self.question).await? {
            Fetched::Data(other) => {
                let envelopes = self.envelopes + 1;
                *self = OpenReport { envelopes, ..other };
                Ok(Some(ReportPart::Anew))
            }
            // It was there a moment ago.
            Fetched::NoData { .. } => Err(failure),
        }
    }

    fn rows(&mut self, records: Vec<Record>) -> Result<ReportRows, GithubFailure> {
        self.has_records = true;
        let mut of_days = Vec::with_capacity(records.len());
        let only_day = (self.days.start() == self.days.end()).then(|| *self.days.end());
        for record in records {
            let day = report::day_of(&record)
                .or(only_day)
                .ok_or_else(|| malformed("a record does not say its day"))?;
            // A wrapper may hold other days.
            if self.days.contains(&day) {
                of_days.push((record, day));
            }
        }
        self.has_rows |= !of_days.is_empty();
        let rows = of_days.into_iter();
        let without_id = || malformed("a record of a report lacks an id");
        Ok(match self.question.kind.daily() {
            ReportKind::UserTeamsDay => ReportRows::UserTeams(
                rows.map(|(record, day)| report::user_team_day(record, day))
                    .collect::<Option<_>>()
                    .ok_or_else(without_id)?,
            ),
            ReportKind::RepositoriesDay => ReportRows::Repositories(
                rows.map(|(record, day)| report::repository_day(record, day))
                    .collect::<Option<_>>()
                    .ok_or_else(without_id)?,
            ),
            ReportKind::UsersDay | ReportKind::Users28Days => ReportRows::Members(
                rows.map(|(record, day)| report::member_day(record, day))
                    .collect::<Option<_>>()
                    .ok_or_else(without_id)?,
            ),
            ReportKind::OrganizationDay | ReportKind::Organization28Days => {
                ReportRows::Organization(
                    rows.map(|(record, day)| report::organization_day(record, day))
                        .collect(),
                )
            }
        })
    }
}

/// Turns a failure into "no data" where it means that. A bad gateway does so only for the envelope of a recent day.
fn no_data<T>(
    failure: GithubFailure,
    question: &ReportQuestion<'_>,
) -> Result<Fetched<T>, GithubFailure> {
    if let FailureClass::NoData(reason) = failure.class {
        return Ok(Fetched::NoData { reason });
    }
    let age = (question.today - question.day).num_days();
    let is_recent = age <= DAYS_UNTIL_GENERATED || !question.kind.is_daily();
    if is_recent && matches!(failure.evidence.http_status, Some(502 | 503)) {
        return Ok(Fetched::NoData {
            reason: NoDataReason::NotGeneratedYet,
        });
    }
    Err(failure)
}

fn unreadable(why: Unreadable) -> GithubFailure {
    match why {
        Unreadable::NotRecords => malformed("a report file is not JSON, or was cut off"),
        Unreadable::RecordTooLarge => GithubFailure::without_answer(
            FailureClass::BodyTooLarge { shrink_page: false },
            EndpointClass::ReportDownload,
            "a record of a report is larger than allowed",
        ),
    }
}

fn malformed(message: &'static str) -> GithubFailure {
    GithubFailure::without_answer(
        FailureClass::MalformedAnswer,
        EndpointClass::ReportDownload,
        message,
    )
}
