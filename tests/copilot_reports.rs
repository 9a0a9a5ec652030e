//! Copilot's reports from GitHub to the database: every kind, every framing, and what is not believed.

use activities::clock;
use chrono::{Datelike, Days, NaiveDate};
use worker::{
    dev::github_simulator::{Fault, LinkKind, OrgSpec, RequestFilter},
    teams::view,
};
use workflows::domain::{cause::Cause, copilot::CopilotStatus, report::ReportKind, team::TeamRef};

use crate::support::App;

const CONNECTED: (CopilotStatus, Option<Cause>) = (CopilotStatus::Connected, None);
const DATA: [&str; 4] = [
    "copilot_organization_day",
    "copilot_member_day",
    "copilot_user_team_day",
    "copilot_repository_day",
];

fn today() -> NaiveDate {
    clock::now().date_naive()
}

fn weekday_before(mut day: NaiveDate) -> NaiveDate {
    while day.weekday().number_from_monday() > 5 {
        day = day - Days::new(1);
    }
    day
}

/// A team that has connected Copilot and is not onboarded yet.
async fn add_connected(app: &App) -> TeamRef {
    let organization = OrgSpec::named("acme").repositories(2).members(8).seats(8);
    let team = app.add_team_with_history(organization, 30).await;
    app.connect_copilot(&team).await;
    team
}

async fn assert_connected(app: &App, team: &TeamRef) {
    let team = app.team(team).await;
    assert_eq!((team.copilot_status, team.copilot_cause), CONNECTED);
}

/// State and reason of a line of the ledger.
async fn line(app: &App, day: NaiveDate, report: ReportKind) -> String {
    let lines = format!(
        "select state || ' ' || coalesce(reason, '') from copilot_ledger
         where day = '{day}' and report = '{report}'"
    );
    app.select(&lines).await.concat()
}

async fn card(app: &App, team: &TeamRef) -> String {
    let web_url = &app.activities.github.web_url;
    let card = view::card(&app.store, team, web_url).await;
    card.expect("a card").to_string()
}

#[tokio::test]
async fn every_report_is_stored_with_its_columns_and_its_record() {
    let app = App::start().await;
    let team = add_connected(&app).await;
    app.onboard(&team).await;
    assert_connected(&app, &team).await;

    for report in ReportKind::DAILY {
        let stored = format!(
            "select count(*) from copilot_ledger
             where report = '{report}' and state in ('final', 'provisional')"
        );
        let days = app.count(&stored).await;
        assert!(days >= 28, "{report}: {days} of 30 days");
    }
    for (table, columns) in [
        (
            "copilot_organization_day",
            "monthly_active_chat_users, monthly_active_agent_users, daily_active_cli_users,
             pull_requests_created, pull_requests_reviewed, pull_requests_merged,
             pull_requests_created_by_copilot, pull_requests_reviewed_by_copilot, pull_requests_merged_by_copilot",
        ),
        (
            "copilot_member_day",
            "used_agent, used_chat, used_cli, ai_credits_used, adoption_phase_number, adoption_phase, generations",
        ),
        ("copilot_user_team_day", "github_id, github_team_id, login, slug"),
        (
            "copilot_repository_day",
            "github_id, name, pull_requests_created, pull_requests_merged",
        ),
    ] {
        let rows = app.count(&format!("select count(*) from {table}")).await;
        assert!(rows > 0, "{table}");
        let unfilled = format!("select count(*) from {table} where num_nulls({columns}) > 0");
        assert_eq!(app.count(&unfilled).await, 0, "{table}: {columns}");
    }
    let cli = "select count(*) from copilot_organization_day
        where cli_sessions > 0 and cli_requests > 0 and cli_prompts > 0
            and cli_prompt_tokens > 0 and cli_output_tokens > 0";
    assert!(app.count(cli).await > 0, "somebody used the command line");
    let raw = "select count(*) from copilot_member_day where raw->>'enterprise_id' is null
        and raw ? 'enterprise_id' and raw ? 'totals_by_language_model'";
    let members = app.count("select count(*) from copilot_member_day").await;
    assert_eq!(app.count(raw).await, members, "what has no column is kept");

    let joined = "select count(*) from copilot_member_day m
        join copilot_user_team_day t using (team_id, day, github_id)";
    assert_eq!(
        app.count(joined).await,
        members,
        "each is in a team that day"
    );
    let card = card(&app, &team).await;
    assert!(card.contains(" of 28 days from "), "{card}");
    assert!(card.contains("user-teams-1-day"), "{card}");
}

#[tokio::test]
async fn framings_change_nothing_and_a_cut_file_costs_no_earlier_data() {
    let app = App::start().await;
    let team = add_connected(&app).await;
    app.onboard(&team).await;
    let before = app.rows(&DATA).await;
    app.github().set_download_links("acme", LinkKind::Arrays);
    app.refresh(&team).await;
    assert_eq!(app.rows(&DATA).await, before, "an array has the same rows");

    app.github().set_download_links("acme", LinkKind::CutShort);
    app.refresh(&team).await;
    assert_eq!(
        app.rows(&DATA).await,
        before,
        "nothing of a cut file is stored"
    );
    assert_eq!(app.team(&team).await.copilot_consecutive_failures, 1);
}

#[tokio::test]
async fn a_report_that_is_refused_keeps_no_other_out() {
    let app = App::start().await;
    let team = add_connected(&app).await;
    for (report, status) in [("user-teams-1-day", 403), ("repos-1-day", 404)] {
        let only = RequestFilter::path(report);
        app.github()
            .fail_next_matching(10_000, Fault::Status(status), only);
    }
    app.onboard(&team).await;
    assert_connected(&app, &team).await;
    assert!(app.overview(&team).await.copilot_days >= 28);
    for report in ["user-teams-1-day", "repos-1-day"] {
        let asked = app.asked(report);
        // In both phases once, and once more for certainty.
        assert!(asked <= 4, "{report}: asked {asked} times");
        let refused = format!(
            "select count(*) from copilot_ledger
             where report = '{report}' and state = 'failed' and reason like 'refused: %'"
        );
        let refused = app.count(&refused).await;
        assert!((1..=2).contains(&refused), "{report}: {refused} days");
    }

    app.github().clear_faults();
    app.refresh(&team).await;
    let stored = "select count(*) from copilot_ledger
        where report in ('user-teams-1-day', 'repos-1-day') and state in ('final', 'provisional')";
    assert!(app.count(stored).await >= 2 * 28);
    assert_connected(&app, &team).await;
}

#[tokio::test]
async fn a_suspicious_zero_is_held_and_earlier_data_stays() {
    let app = App::start().await;
    let team = add_connected(&app).await;
    // One of these is no weekend.
    app.github().publish_report("acme", today() - Days::new(1));
    app.onboard(&team).await;
    let day = weekday_before(today() - Days::new(1));
    assert!(day + Days::new(4) > today(), "GitHub may change it");
    let data = ["copilot_organization_day", "copilot_member_day"];
    let before = app.rows(&data).await;

    app.github().set_zero_day("acme", day, true);
    app.refresh(&team).await;
    assert_eq!(app.rows(&data).await, before, "the earlier report stays");
    for report in [ReportKind::OrganizationDay, ReportKind::UsersDay] {
        let found = line(&app, day, report).await;
        assert_eq!(found, "held zero_against_stored_report", "{report}");
    }
    assert_connected(&app, &team).await;
    let told = card(&app, &team).await;
    let held = format!("organization-1-day: {day} zero_against_stored_report");
    assert!(told.contains(&held), "{told}");

    app.github().set_zero_day("acme", day, false);
    app.refresh(&team).await;
    assert_eq!(line(&app, day, ReportKind::UsersDay).await, "provisional ");
    assert_eq!(app.rows(&data).await, before);
    assert!(!card(&app, &team).await.contains("held"));
}

#[tokio::test]
async fn a_zero_beside_active_seats_is_no_usage_until_it_was_said_thrice() {
    let app = App::start().await;
    let team = add_connected(&app).await;
    let settled = weekday_before(today() - Days::new(5));
    let other = weekday_before(settled - Days::new(1));
    for day in [settled, other] {
        app.github().set_zero_day("acme", day, true);
    }
    // It was said in the last two nights as well.
    let reports = [ReportKind::OrganizationDay, ReportKind::UsersDay];
    for nights_ago in [2, 1] {
        let then = clock::now() - chrono::Duration::days(nights_ago);
        for report in reports {
            let held = app
                .store
                .record_held(team.id, settled, report, "zero", then);
            held.await.expect("held");
        }
    }
    app.onboard(&team).await;
    for report in reports {
        assert_eq!(line(&app, settled, report).await, "final ", "{report}");
        let doubted = line(&app, other, report).await;
        assert_eq!(doubted, "held zero_against_seats", "{report}");
    }
    let rows = |day: NaiveDate| {
        format!("select count(*) from copilot_organization_day where day = '{day}'")
    };
    assert_eq!(
        app.count(&rows(settled)).await,
        1,
        "a zero that is believed"
    );
    assert_eq!(app.count(&rows(other)).await, 0, "no usage is not said");
}

#[tokio::test]
async fn days_that_cannot_be_had_alone_come_with_the_latest_28() {
    let app = App::start().await;
    let team = add_connected(&app).await;
    let missing = weekday_before(today() - Days::new(10));
    app.github().delay_report("acme", missing);
    app.onboard(&team).await;
    for report in [ReportKind::OrganizationDay, ReportKind::UsersDay] {
        let latest = match report {
            ReportKind::OrganizationDay => ReportKind::Organization28Days,
            _ => ReportKind::Users28Days,
        };
        assert_eq!(line(&app, missing, report).await, format!("final {latest}"));
        assert_eq!(app.asked(latest.as_str()), 1, "one request");
    }
    let rows = format!("select count(*) from copilot_member_day where day = '{missing}'");
    assert!(app.count(&rows).await > 0);
    let refreshed = app.rows(&DATA).await;
    app.refresh(&team).await;
    assert_eq!(app.rows(&DATA).await, refreshed);
    assert_eq!(app.asked("28-day"), 2, "nothing is missing any more");
}

/// What filled a day is read again while it may change; a later one that tells of no use takes nothing away.
#[tokio::test]
async fn a_day_that_the_latest_28_filled_keeps_its_rows() {
    let app = App::start().await;
    let team = add_connected(&app).await;
    let day = today() - Days::new(3);
    // Somebody was active, also when it is a weekend.
    app.github().add_late_data("acme", day);
    app.github().delay_report("acme", day);
    app.onboard(&team).await;
    let latest = ReportKind::Users28Days;
    let filled = line(&app, day, ReportKind::UsersDay).await;
    assert_eq!(filled, format!("provisional {latest}"));
    let rows = format!("select count(*) from copilot_member_day where day = '{day}'");
    let before = app.count(&rows).await;
    assert!(before > 0);

    app.github().set_zero_day("acme", day, true);
    app.refresh(&team).await;
    assert!(app.asked(latest.as_str()) > 1, "it was read again");
    assert_eq!(app.count(&rows).await, before);
    assert_eq!(line(&app, day, ReportKind::UsersDay).await, filled);
}

#[tokio::test]
async fn a_large_report_is_stored_row_by_row() {
    let app = App::start().await;
    let team = add_connected(&app).await;
    app.onboard(&team).await;
    // Twelve megabytes for each of the days that are read again.
    app.github().pad_users_reports("acme", 3_000, 4_000);
    app.refresh(&team).await;
    assert_connected(&app, &team).await;
    let large =
        "select count(*) from copilot_ledger where report = 'users-1-day' and row_count > 3000";
    let large = app.count(large).await;
    assert!(large >= 1, "{large} days");
    let padded = "select count(*) from copilot_member_day where login like 'padding-%'";
    assert_eq!(app.count(padded).await, 3_000 * large);
    let cut = "select count(*) from copilot_member_day
        where login like 'padding-%' and length(raw->>'note') <> 4000";
    assert_eq!(app.count(cut).await, 0, "each record is whole");
}
