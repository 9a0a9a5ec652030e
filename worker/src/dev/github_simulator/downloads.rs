//! The download host: report files behind signed links. It wants no token and refuses one.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State as Shared},
    response::Response,
};
use chrono::{Days, NaiveDate};
use futures::stream;
use serde_json::{Value, json};

use super::{
    faults::{Disturbance, Fault},
    http::{Answer, Answered, Call, deliver, drop_connection, pause},
    model::{LinkKind, Padding, World},
    report_rows,
    requests::record_of,
    signed_link::{ReportFile, ReportKind, signature},
    state::State,
    usage::Usage,
};

const XML: &str = "application/xml";
/// Ids that no invented person has.
const FIRST_PADDING_ID: usize = 900_000_000;

/// Answers one request for a file.
pub(crate) async fn serve(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let sequence = state.log().next_sequence();
    let call = Call::read(request, sequence).await;
    let file = call.segments().get(1).and_then(|id| ReportFile::of(id));
    let mut record = record_of(&call, file.as_ref().map(|file| file.organization.clone()));
    // A signature is a secret for as long as it is valid.
    record.query.clear();
    let answer = match pause(&state, &record).await {
        Some(Disturbance::Fault(Fault::DropConnection)) => return drop_connection(&state, record),
        Some(Disturbance::Fault(Fault::NotJson)) => web_page(),
        Some(Disturbance::Fault(Fault::Status(status))) => refuse(status, "SimulatedFailure"),
        _ => answer(&state, &call, file.as_ref()).unwrap_or_else(|refusal| refusal),
    };
    let padding = padding(&state, file.as_ref(), &answer);
    let (text, response) = (answer.body.clone(), deliver(&state, record, answer));
    match padding {
        Some((day, padding)) => padded(response, text, day, padding),
        None => response,
    }
}

/// What is added to a file: to the first of a users' report, when it is sent at all.
fn padding(
    state: &State,
    file: Option<&ReportFile>,
    answer: &Answer,
) -> Option<(NaiveDate, Padding)> {
    let file = file?;
    let world = state.world();
    let padding = world.organization(&file.organization)?.copilot.padding;
    let is_padded = padding.rows > 0
        && answer.status == 200
        && file.shard == 0
        && file.kind == ReportKind::UsersDay;
    is_padded.then_some((file.day, padding))
}

/// Sends the rows that a file has, and then the others, of which only one is there at a time.
fn padded(response: Response, text: String, day: NaiveDate, padding: Padding) -> Response {
    let note = "x".repeat(padding.row_bytes);
    let row = move |number: usize| {
        format!(
            "{{\"user_id\":{},\"user_login\":\"padding-{number}\",\"day\":\"{day}\",\"used_chat\":true,\"note\":\"{note}\"}}\n",
            FIRST_PADDING_ID + number
        )
    };
    let pieces = std::iter::once(text).chain((0..padding.rows).map(row));
    let pieces = stream::iter(pieces.map(Ok::<_, Infallible>));
    response.map(|_| Body::from_stream(pieces))
}

fn answer(state: &State, call: &Call, file: Option<&ReportFile>) -> Answered {
    let segments = call.segments();
    let (Some(file), ["reports", id]) = (file, segments.as_slice()) else {
        return Err(refuse(404, "BlobNotFound"));
    };
    if call.headers.contains_key("authorization") {
        return Err(refuse(400, "InvalidAuthenticationInfo"));
    }
    let world = state.world();
    let expires: i64 = call
        .parameter("se")
        .and_then(|se| se.parse().ok())
        .unwrap_or_default();
    if call.parameter("sig") != Some(signature(id, expires, world.seed)) {
        return Err(refuse(403, "AuthenticationFailed"));
    }
    if expires < state.clock.now().timestamp() {
        return Err(refuse(403, "AuthenticationFailed"));
    }
    let organization = world.organization(&file.organization);
    match organization.map(|organization| organization.copilot.links) {
        None => Err(refuse(404, "BlobNotFound")),
        Some(LinkKind::NotJson) => Ok(web_page()),
        Some(LinkKind::RedirectToForeignHost) => {
            let elsewhere = "https://copilot-reports.github.com.example.invalid/reports";
            Ok(Answer::text(302, XML, "").with("location", elsewhere))
        }
        Some(kind) => {
            let text = framed(contents(&world, file), kind);
            Ok(Answer::text(200, "application/octet-stream", &text))
        }
    }
}

/// The same rows in another framing, or without their end.
fn framed(mut text: String, kind: LinkKind) -> String {
    match kind {
        LinkKind::Arrays => {
            let rows: Vec<&str> = text.lines().collect();
            format!("[{}]", rows.join(",\n"))
        }
        LinkKind::CutShort => {
            text.truncate(text.trim_end().len().saturating_sub(10));
            text
        }
        _ => text,
    }
}

/// The text of a file: one object, a wrapper of days, or one row a line.
fn contents(world: &World, file: &ReportFile) -> String {
    let Some(organization) = world.organization(&file.organization) else {
        return String::new();
    };
    let usage = Usage::new(world.seed, organization);
    let start = file.day - Days::new(27);
    let days = || start.iter_days().take(28);
    match file.kind {
        ReportKind::OrganizationDay => report_rows::organization_day(&usage, file.day).to_string(),
        ReportKind::Organization28Days => {
            let totals: Vec<_> = days()
                .map(|day| report_rows::organization_day(&usage, day))
                .collect();
            json!({
                "report_start_day": start,
                "report_end_day": file.day,
                "organization_id": organization.id.to_string(),
                "day_totals": totals,
            })
            .to_string()
        }
        ReportKind::UsersDay => lines(file, report_rows::user_days(&usage, file.day)),
        ReportKind::Users28Days => {
            let mut rows: Vec<_> = days()
                .flat_map(|day| report_rows::user_days(&usage, day))
                .collect();
            for row in &mut rows {
                row["report_start_day"] = json!(start);
                row["report_end_day"] = json!(file.day);
            }
            lines(file, rows)
        }
        ReportKind::UserTeamsDay => lines(file, report_rows::team_days(&usage, file.day)),
        ReportKind::RepositoriesDay => lines(file, report_rows::repository_days(&usage, file.day)),
    }
}

/// The rows of one shard, one a line. A shard may be empty.
fn lines(file: &ReportFile, rows: Vec<Value>) -> String {
    let shards = file.kind.shards();
    let mine = rows.iter().skip(file.shard).step_by(shards);
    mine.map(|row| format!("{row}\n")).collect()
}

fn web_page() -> Answer {
    Answer::text(
        200,
        "text/html",
        "<!DOCTYPE html><html><body>Sign in to continue</body></html>",
    )
}

fn refuse(status: u16, code: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>The \
         request was refused.</Message></Error>"
    );
    Answer::text(status, XML, &body)
}
