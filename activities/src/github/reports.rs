//! Copilot usage metrics reports: the envelope and all files of one day, within one call, since the signed links live about an hour
//! and must not be kept.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use workflows::domain::copilot::{MemberDay, OrganizationDay};

use super::{
    GithubClient, GithubFailure, NoDataReason, Token,
    account::parse,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    report_file::{self, Record},
    wire::{report, rest},
};

/// How often an envelope is asked for: once, and twice again for expired links.
const MOST_ENVELOPES: u32 = 3;
/// More files than any report has.
const MOST_FILES: usize = 500;
/// A report is final within three days; a day of slack for the time zone of whoever counts.
const DAYS_UNTIL_GENERATED: i64 = 4;

/// A day's report, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched<T> {
    /// The report.
    Data {
        /// What it says.
        value: T,
        /// Files it was read from.
        file_count: u32,
    },
    /// GitHub has none.
    NoData {
        /// In which form it said so.
        reason: NoDataReason,
    },
}

#[derive(Deserialize)]
struct Envelope {
    download_links: Vec<String>,
    report_day: Option<String>,
}

impl GithubClient {
    /// `organization-1-day`. `today` (UTC) tells a report that is not generated yet from a broken server.
    pub async fn fetch_organization_day(
        &self,
        token: &Token,
        org: &str,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Fetched<OrganizationDay>, GithubFailure> {
        let endpoint = EndpointClass::OrganizationDayReport;
        let fetched = self.fetch_report(endpoint, token, org, day, today).await?;
        let Fetched::Data { value, file_count } = fetched else {
            return Ok(without_value(fetched));
        };
        let joined = value
            .into_iter()
            .map(|record| report::organization_day(record, day))
            .reduce(report::join_organization_days);
        Ok(match joined {
            Some(value) => Fetched::Data { value, file_count },
            None => Fetched::NoData {
                reason: NoDataReason::NoRecords,
            },
        })
    }

    /// `users-1-day`: one record per person, sorted by id; it may be empty. `today` as for the organization's day.
    pub async fn fetch_member_days(
        &self,
        token: &Token,
        org: &str,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Fetched<Vec<MemberDay>>, GithubFailure> {
        let endpoint = EndpointClass::UsersDayReport;
        let fetched = self.fetch_report(endpoint, token, org, day, today).await?;
        let Fetched::Data { value, file_count } = fetched else {
            return Ok(without_value(fetched));
        };
        let mut people = BTreeMap::<i64, MemberDay>::new();
        for record in value {
            let member = report::member_day(record, day)
                .ok_or_else(|| malformed("a record of the users' report lacks the user's id"))?;
            let joined = match people.remove(&member.github_id) {
                Some(earlier) => report::join_member_days(earlier, member),
                None => member,
            };
            people.insert(joined.github_id, joined);
        }
        Ok(Fetched::Data {
            value: people.into_values().collect(),
            file_count,
        })
    }

    /// The records of a day. Expired links are the one thing asked for again here: links cannot outlive the call.
    async fn fetch_report(
        &self,
        endpoint: EndpointClass,
        token: &Token,
        org: &str,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Fetched<Vec<Record>>, GithubFailure> {
        let mut envelopes = 1;
        loop {
            match self.fetch_report_once(endpoint, token, org, day).await {
                Err(failure)
                    if failure.class == FailureClass::LinkExpired && envelopes < MOST_ENVELOPES =>
                {
                    envelopes += 1;
                }
                Err(failure) => return no_data(failure, day, today),
                fetched => return fetched,
            }
        }
    }

    async fn fetch_report_once(
        &self,
        endpoint: EndpointClass,
        token: &Token,
        org: &str,
        day: NaiveDate,
    ) -> Result<Fetched<Vec<Record>>, GithubFailure> {
        let report = match endpoint {
            EndpointClass::OrganizationDayReport => "organization-1-day",
            _ => "users-1-day",
        };
        let mut url = self.rest_url(&["orgs", org, "copilot", "metrics", "reports", report]);
        url.query_pairs_mut().append_pair("day", &day.to_string());
        let answer = self.get(endpoint, token, url).await?;
        let envelope: Envelope = parse(endpoint, &answer)?;
        if envelope.download_links.len() > MOST_FILES {
            return Err(malformed("a report has too many files"));
        }
        // All links are checked before the first is followed.
        let links = envelope
            .download_links
            .iter()
            .map(|link| self.check_link(link))
            .collect::<Result<Vec<_>, _>>()?;
        let report_day = envelope.report_day.as_deref().and_then(rest::day);
        let mut records = Vec::new();
        let file_count = links.len() as u32;
        // All files are held at once, so that they share one bound.
        let mut bytes_left = self.inner.settings.max_report_bytes;
        for link in links {
            let file = self.download(link, bytes_left).await?;
            bytes_left -= file.len() as u64;
            let rows = report_file::records(&file)
                .map_err(|_| malformed("a report file is not JSON, or was cut off"))?;
            records.extend(rows);
        }
        let value = of_day(records, day, report_day.unwrap_or(day))?;
        Ok(Fetched::Data { value, file_count })
    }
}

/// The records of the day asked for; a wrapper may hold others. Records that are all of other days are not an empty day.
fn of_day(
    records: Vec<Record>,
    day: NaiveDate,
    report_day: NaiveDate,
) -> Result<Vec<Record>, GithubFailure> {
    let count = records.len();
    let kept: Vec<Record> = records
        .into_iter()
        .filter(|record| report::day_of(record).unwrap_or(report_day) == day)
        .collect();
    if kept.is_empty() && count > 0 {
        return Err(malformed(
            "a report holds other days than the one asked for",
        ));
    }
    Ok(kept)
}

/// Turns a failure into "no data" where it means that. A bad gateway does so only for the envelope of a recent day.
fn no_data<T>(
    failure: GithubFailure,
    day: NaiveDate,
    today: NaiveDate,
) -> Result<Fetched<T>, GithubFailure> {
    if let FailureClass::NoData(reason) = failure.class {
        return Ok(Fetched::NoData { reason });
    }
    let is_recent = (today - day).num_days() <= DAYS_UNTIL_GENERATED;
    let is_gateway = matches!(failure.evidence.http_status, Some(502 | 503));
    if is_recent && is_gateway && failure.evidence.endpoint.is_report() {
        return Ok(Fetched::NoData {
            reason: NoDataReason::NotGeneratedYet,
        });
    }
    Err(failure)
}

fn without_value<T, U>(fetched: Fetched<T>) -> Fetched<U> {
    let reason = match fetched {
        Fetched::NoData { reason } => reason,
        Fetched::Data { .. } => NoDataReason::NoRecords,
    };
    Fetched::NoData { reason }
}

fn malformed(message: &'static str) -> GithubFailure {
    GithubFailure::without_answer(
        FailureClass::MalformedAnswer,
        EndpointClass::ReportDownload,
        message,
    )
}
