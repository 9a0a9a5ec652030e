//! The rows of the Copilot reports, projected from usage and pull requests.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde_json::{Map, Value, json};

use super::{
    model::{ActorKind, PullRequest, Seat},
    usage::{Activity, Cell, CliUse, METRICS7, Metrics, Usage},
};

type Fields = Map<String, Value>;

/// The organization's row of a day: the sum of its users' rows.
pub(crate) fn organization_day(usage: &Usage<'_>, day: NaiveDate) -> Value {
    let active = usage.active(day);
    let cells: Vec<Cell> = active
        .iter()
        .flat_map(|(seat, activity)| usage.cells(seat, day, *activity))
        .collect();
    let cli: Vec<CliUse> = active
        .iter()
        .filter_map(|(seat, activity)| usage.cli(seat, day, *activity))
        .collect();
    let mut row = Fields::new();
    row.insert("day".to_owned(), json!(day));
    row.insert(
        "organization_id".to_owned(),
        json!(usage.organization.id.to_string()),
    );
    row.insert("enterprise_id".to_owned(), Value::Null);
    for (field, count) in active_users(usage, day, &active, cli.len()) {
        row.insert(field.to_owned(), json!(count));
    }
    add_totals(&mut row, &cells, None);
    if !cli.is_empty() {
        row.insert("totals_by_cli".to_owned(), cli_totals(&cli));
    }
    row.insert("pull_requests".to_owned(), pull_requests(usage, day));
    Value::Object(row)
}

/// The users' rows of a day; who did nothing has none.
pub(crate) fn user_days(usage: &Usage<'_>, day: NaiveDate) -> Vec<Value> {
    let active = usage.active(day);
    active
        .into_iter()
        .map(|(seat, activity)| user_day(usage, day, seat, activity))
        .collect()
}

fn user_day(usage: &Usage<'_>, day: NaiveDate, seat: &Seat, activity: Activity) -> Value {
    let cells = usage.cells(seat, day, activity);
    let cli = usage.cli(seat, day, activity);
    let (phase_number, phase) = match (activity.agent, activity.chat) {
        (true, _) => (3, "Agent first"),
        (false, true) => (2, "Chat"),
        (false, false) => (1, "Code completion"),
    };
    let mut row = Fields::new();
    let facts = json!({
        "day": day,
        "organization_id": usage.organization.id.to_string(),
        "enterprise_id": null,
        "user_id": seat.assignee.id,
        "user_login": seat.assignee.login,
        "used_agent": activity.agent,
        "used_chat": activity.chat,
        "used_cli": activity.cli,
        "ai_credits_used": usage.credits(seat, day, activity) as f64 / 100.0,
        "ai_adoption_phase": { "phase_number": phase_number, "phase": phase, "version": "v1" },
    });
    row.extend(facts.as_object().cloned().unwrap_or_default());
    add_totals(&mut row, &cells, Some(day));
    if let Some(cli) = cli {
        row.insert("totals_by_cli".to_owned(), cli_totals(&[cli]));
    }
    Value::Object(row)
}

/// One row for each member of the only team; teams under five seats are left out.
pub(crate) fn team_days(usage: &Usage<'_>, day: NaiveDate) -> Vec<Value> {
    let organization = usage.organization;
    let seats = &organization.copilot.seats;
    let row = |seat: &Seat| {
        json!({
            "day": day,
            "organization_id": organization.id.to_string(),
            "user_id": seat.assignee.id,
            "user_login": seat.assignee.login,
            "team_id": organization.id % 100_000,
            "slug": "engineering",
        })
    };
    if seats.len() < 5 {
        Vec::new()
    } else {
        seats.iter().map(row).collect()
    }
}

/// One row for each repository with pull requests that day.
pub(crate) fn repository_days(usage: &Usage<'_>, day: NaiveDate) -> Vec<Value> {
    let organization = usage.organization;
    let rows = organization.repositories.iter().filter_map(|repository| {
        let all: Vec<_> = repository.pull_requests.iter().collect();
        let counts = pull_request_counts(&all, day);
        (counts["total_created"] != 0 || counts["total_merged"] != 0).then(|| {
            json!({
                "day": day,
                "organization_id": organization.id.to_string(),
                "repository_id": repository.id,
                "repository_name": repository.name,
                "pull_requests": counts,
            })
        })
    });
    rows.collect()
}

fn active_users(
    usage: &Usage<'_>,
    day: NaiveDate,
    active: &[(&Seat, Activity)],
    cli_users: usize,
) -> [(&'static str, usize); 6] {
    let mut week = std::collections::BTreeSet::new();
    let mut month = week.clone();
    let (mut chat, mut agent) = (week.clone(), week.clone());
    for back in 0..28 {
        for (seat, activity) in usage.active(day - Days::new(back)) {
            let user = seat.assignee.id;
            month.insert(user);
            if back < 7 {
                week.insert(user);
            }
            if activity.chat {
                chat.insert(user);
            }
            if activity.agent {
                agent.insert(user);
            }
        }
    }
    [
        ("daily_active_users", active.len()),
        ("weekly_active_users", week.len()),
        ("monthly_active_users", month.len()),
        ("monthly_active_chat_users", chat.len()),
        ("monthly_active_agent_users", agent.len()),
        ("daily_active_cli_users", cli_users),
    ]
}

/// The totals and their breakdowns. User rows also name the versions seen on the day.
fn add_totals(row: &mut Fields, cells: &[Cell], versions_on: Option<NaiveDate>) {
    add_metrics(row, &sum(cells.iter()), 0);
    let by_ide = group(cells, 0, |cell| vec![("ide", cell.ide)]);
    let by_ide = by_ide.into_iter().map(|ide| match versions_on {
        Some(day) => with_versions(ide, day),
        None => ide,
    });
    row.insert("totals_by_ide".to_owned(), by_ide.collect());
    let by_feature = group(cells, 0, |cell| vec![("feature", cell.feature)]);
    row.insert("totals_by_feature".to_owned(), Value::Array(by_feature));
    let by_language_feature = group(cells, 1, |cell| {
        vec![("language", cell.language), ("feature", cell.feature)]
    });
    row.insert(
        "totals_by_language_feature".to_owned(),
        Value::Array(by_language_feature),
    );
    let by_language_model = group(cells, 1, |cell| {
        vec![("language", cell.language), ("model", cell.model)]
    });
    row.insert(
        "totals_by_language_model".to_owned(),
        Value::Array(by_language_model),
    );
    let by_model_feature = group(cells, 0, |cell| {
        vec![("model", cell.model), ("feature", cell.feature)]
    });
    row.insert(
        "totals_by_model_feature".to_owned(),
        Value::Array(by_model_feature),
    );
}

fn with_versions(mut ide: Value, day: NaiveDate) -> Value {
    let sampled_at = format!("{day}T14:00:00Z");
    let (ide_version, plugin, plugin_version) = match ide["ide"].as_str() {
        Some("vscode") => ("1.106.2", "copilot-chat", "0.33.3"),
        _ => ("2025.3.1", "copilot-intellij", "1.5.60"),
    };
    ide["last_known_ide_version"] = json!({ "sampled_at": sampled_at, "ide_version": ide_version });
    ide["last_known_plugin_version"] =
        json!({ "sampled_at": sampled_at, "plugin": plugin, "plugin_version": plugin_version });
    ide
}

/// Sums by key. `skipped` leaves out that many of the seven counters from the front.
fn group(
    cells: &[Cell],
    skipped: usize,
    key: fn(&Cell) -> Vec<(&'static str, &'static str)>,
) -> Vec<Value> {
    let mut groups: BTreeMap<Vec<(&str, &str)>, Vec<&Cell>> = BTreeMap::new();
    for cell in cells {
        groups.entry(key(cell)).or_default().push(cell);
    }
    let rows = groups.into_iter().map(|(key, cells)| {
        let mut row: Fields = key
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        add_metrics(&mut row, &sum(cells.into_iter()), skipped);
        Value::Object(row)
    });
    rows.collect()
}

fn sum<'c>(cells: impl Iterator<Item = &'c Cell>) -> Metrics {
    cells.fold(Metrics::default(), |mut total, cell| {
        for (total, part) in total.iter_mut().zip(cell.metrics) {
            *total += part;
        }
        total
    })
}

fn add_metrics(row: &mut Fields, metrics: &Metrics, skipped: usize) {
    for (name, count) in METRICS7.iter().zip(metrics).skip(skipped) {
        row.insert((*name).to_owned(), json!(count));
    }
}

fn cli_totals(cli: &[CliUse]) -> Value {
    let sum = |part: fn(&CliUse) -> u64| cli.iter().map(part).sum::<u64>();
    let requests = sum(|each| each.requests);
    let prompt = sum(|each| each.prompt_tokens);
    let output = sum(|each| each.output_tokens);
    json!({
        "session_count": sum(|each| each.sessions),
        "request_count": requests,
        "prompt_count": requests,
        "token_usage": {
            "prompt_tokens_sum": prompt,
            "output_tokens_sum": output,
            "avg_tokens_per_request": (prompt + output) as f64 / requests.max(1) as f64,
        },
    })
}

fn pull_requests(usage: &Usage<'_>, day: NaiveDate) -> Value {
    let repositories = usage.organization.repositories.iter();
    let all: Vec<_> = repositories
        .flat_map(|repository| &repository.pull_requests)
        .collect();
    pull_request_counts(&all, day)
}

fn pull_request_counts(all: &[&PullRequest], day: NaiveDate) -> Value {
    let is_agent = |each: &PullRequest| {
        let author = each.author.as_ref();
        author.is_some_and(|a| a.kind == ActorKind::Bot && a.login == "copilot-swe-agent")
    };
    let created = all
        .iter()
        .filter(|each| each.created_at.date_naive() == day);
    let merged = all
        .iter()
        .filter(|each| each.merged_at.is_some_and(|at| at.date_naive() == day));
    let reviewed = all.iter().filter(|each| {
        each.reviews
            .iter()
            .any(|one| one.submitted_at.date_naive() == day)
    });
    let minutes = |of_agent: bool| {
        let chosen = merged.clone().filter(|each| !of_agent || is_agent(each));
        median(
            chosen
                .filter_map(|each| Some((each.merged_at? - each.created_at).num_minutes().max(0))),
        )
    };
    json!({
        "total_created": created.clone().count(),
        "total_reviewed": reviewed.count(),
        "total_merged": merged.clone().count(),
        "median_minutes_to_merge": minutes(false),
        "total_suggestions": 0,
        "total_applied_suggestions": 0,
        "total_created_by_copilot": created.filter(|each| is_agent(each)).count(),
        "total_merged_created_by_copilot": merged.clone().filter(|each| is_agent(each)).count(),
        "total_reviewed_by_copilot": 0,
        "median_minutes_to_merge_copilot_authored": minutes(true),
    })
}

fn median(values: impl Iterator<Item = i64>) -> Option<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle] as f64),
        _ => Some((values[middle - 1] + values[middle]) as f64 / 2.0),
    }
}
