//! Billing, seats and reports.

use serde_json::{Value, json};

use super::{Hub, day, options};
use crate::dev::github_simulator::{
    BillingAnswer, EmptyReport, LinkKind, OrgSpec, Scenario, usage::METRICS7,
};

fn report(org: &str, kind: &str, day: &str) -> String {
    format!("/orgs/{org}/copilot/metrics/reports/{kind}-1-day?day={day}")
}

fn rows(files: &[String]) -> Vec<Value> {
    let lines = files.iter().flat_map(|file| file.lines());
    lines
        .map(|line| serde_json::from_str(line).expect("a row"))
        .collect()
}

#[tokio::test]
async fn the_organizations_row_is_the_sum_of_its_users_rows() {
    let hub = Hub::start(options(Scenario::Demo)).await;
    let envelope = hub
        .get_json(&report("aurora", "organization", "2026-11-19"))
        .await;
    assert_eq!(envelope["report_day"], "2026-11-19");
    let whole: Value = serde_json::from_str(&hub.download(&envelope).await[0]).expect("an object");
    let envelope = hub.get_json(&report("aurora", "users", "2026-11-19")).await;
    let files = hub.download(&envelope).await;
    assert_eq!(files.len(), 2, "two shards");
    let users = rows(&files);
    assert!(users.len() > 3, "a Thursday");
    assert_eq!(whole["daily_active_users"], json!(users.len()));
    for metric in METRICS7 {
        let sum: u64 = users.iter().filter_map(|user| user[metric].as_u64()).sum();
        assert_eq!(whole[metric], json!(sum), "{metric}");
        let by_feature = whole["totals_by_feature"].as_array().expect("features");
        let sum: u64 = by_feature
            .iter()
            .filter_map(|one| one[metric].as_u64())
            .sum();
        assert_eq!(whole[metric], json!(sum), "{metric} by feature");
    }
    assert!(whole["organization_id"].is_string() && users[0]["user_id"].is_u64());
    assert!(whole["totals_by_language_model"][0]["user_initiated_interaction_count"].is_null());
    assert!(users[0]["totals_by_ide"][0]["last_known_ide_version"].is_object());
    assert!(users.iter().all(|user| user["ai_credits_used"].is_f64()));
}

#[tokio::test]
async fn weekends_dip_and_idle_seats_never_appear() {
    let hub = Hub::start(options(Scenario::Demo)).await;
    let latest = hub.get_json("/orgs/aurora/copilot/metrics/reports/organization-28-day/latest");
    let latest = latest.await;
    assert_eq!(latest["report_end_day"], "2026-11-22");
    let wrapper: Value = serde_json::from_str(&hub.download(&latest).await[0]).expect("JSON");
    let days = wrapper["day_totals"].as_array().expect("days");
    assert_eq!(days.len(), 28);
    let active = |day: &str| {
        let found = days
            .iter()
            .find(|each| each["day"] == day)
            .expect("the day");
        found["daily_active_users"].as_u64().expect("a count")
    };
    let weekend = active("2026-11-14") + active("2026-11-15");
    assert!(
        weekend < active("2026-11-12"),
        "Saturday and Sunday together below a Thursday"
    );
    let users = hub
        .get_json("/orgs/aurora/copilot/metrics/reports/users-28-day/latest")
        .await;
    let files = hub.download(&users).await;
    let seats = hub
        .get_json("/orgs/aurora/copilot/billing/seats?per_page=100")
        .await;
    assert_eq!(seats["total_seats"], json!(10));
    let seats = seats["seats"].as_array().expect("seats");
    let idle: Vec<_> = seats
        .iter()
        .filter(|seat| seat["last_activity_at"].is_null())
        .collect();
    assert_eq!(idle.len(), 1);
    let idle = &idle[0]["assignee"]["id"];
    assert!(rows(&files).iter().all(|row| row["user_id"] != *idle));
}

#[tokio::test]
async fn a_report_appears_two_days_later_unless_it_is_delayed_or_published() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    let status = async |day: &str| {
        hub.get(&report("acme", "users", day))
            .await
            .status()
            .as_u16()
    };
    assert_eq!(status("2026-11-22").await, 200);
    assert_eq!(status("2026-11-23").await, 204);
    assert_eq!(status("2030-01-01").await, 204);
    assert_eq!(status("yesterday").await, 422);
    hub.control.delay_report("acme", day("2026-11-22"));
    assert_eq!(status("2026-11-22").await, 204);
    hub.control.publish_report("acme", day("2026-11-22"));
    hub.control.publish_report("acme", day("2026-11-23"));
    assert_eq!(status("2026-11-22").await, 200);
    assert_eq!(status("2026-11-23").await, 200);
    hub.control
        .set_empty_report("acme", EmptyReport::JsonString);
    let text = hub
        .get(&report("acme", "users", "2030-01-01"))
        .await
        .text()
        .await;
    assert_eq!(text.expect("text"), "\"No report available\"");
}

#[tokio::test]
async fn late_data_adds_to_a_day_that_was_read_before() {
    let hub = Hub::with(OrgSpec::named("acme").members(12).seats(12)).await;
    let path = report("acme", "organization", "2026-11-21");
    let read = async || -> Value {
        let files = hub.download(&hub.get_json(&path).await).await;
        serde_json::from_str(&files[0]).expect("an object")
    };
    let before = read().await;
    hub.control.add_late_data("acme", day("2026-11-21"));
    let after = read().await;
    let count = |row: &Value, field: &str| row[field].as_u64().expect("a count");
    assert_eq!(
        count(&after, "daily_active_users"),
        count(&before, "daily_active_users") + 1
    );
    let generated = "code_generation_activity_count";
    assert!(count(&after, generated) > count(&before, generated));
}

#[tokio::test]
async fn a_days_reports_tell_of_no_use_while_they_are_told_to() {
    let hub = Hub::with(OrgSpec::named("acme").members(12).seats(12)).await;
    let read = async |kind: &str| {
        let envelope = hub.get_json(&report("acme", kind, "2026-11-19")).await;
        rows(&hub.download(&envelope).await)
    };
    let before = (read("organization").await, read("users").await);
    hub.control.set_zero_day("acme", day("2026-11-19"), true);
    assert_eq!(read("users").await, Vec::<Value>::new());
    let whole = &read("organization").await[0];
    assert_eq!(whole["daily_active_users"], json!(0));
    assert!(METRICS7.iter().all(|metric| whole[metric] == json!(0)));
    hub.control.set_zero_day("acme", day("2026-11-19"), false);
    assert_eq!((read("organization").await, read("users").await), before);
}

#[tokio::test]
async fn files_come_as_arrays_cut_short_and_as_large_as_they_are_told_to() {
    let hub = Hub::with(OrgSpec::named("acme").members(12).seats(12)).await;
    let read = async || {
        let envelope = hub.get_json(&report("acme", "users", "2026-11-19")).await;
        hub.download(&envelope).await
    };
    let lines = read().await;
    hub.control.set_download_links("acme", LinkKind::Arrays);
    let arrays = read().await;
    let arrays: Vec<Vec<Value>> = arrays
        .iter()
        .map(|file| serde_json::from_str(file).expect("an array"))
        .collect();
    assert_eq!(arrays.concat(), rows(&lines));
    hub.control.set_download_links("acme", LinkKind::CutShort);
    let cut = &read().await[0];
    assert!(lines[0].starts_with(cut.as_str()) && !cut.ends_with(['}', '\n']));

    hub.control.set_download_links("acme", LinkKind::Normal);
    hub.control.pad_users_reports("acme", 100, 10_000);
    let padded = read().await;
    assert_eq!(padded[1], lines[1], "only the first file");
    assert!(padded[0].starts_with(&lines[0]) && padded[0].len() > 1_000_000);
    assert_eq!(rows(&padded).len(), rows(&lines).len() + 100);
}

#[tokio::test]
async fn seats_decide_about_reports_and_heal_the_past_days_too() {
    let hub = Hub::with(OrgSpec::named("birch").members(4).seats(3)).await;
    let path = report("birch", "organization", "2026-10-15");
    assert_eq!(hub.get(&path).await.status(), 204);
    let billing = hub.get_json("/orgs/birch/copilot/billing").await;
    assert_eq!(billing["seat_breakdown"]["total"], json!(3));
    hub.control.set_seats("birch", 8);
    assert_eq!(hub.get(&path).await.status(), 200);
    let seats = hub
        .get_json("/orgs/birch/copilot/billing/seats?per_page=3&page=3")
        .await;
    assert_eq!(seats["total_seats"], json!(8));
    assert_eq!(seats["seats"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        hub.control.member_logins("birch").len(),
        8,
        "four people joined"
    );
}

#[tokio::test]
async fn billing_answers_as_the_control_says() {
    let hub = Hub::start(options(Scenario::Demo)).await;
    for (answer, status) in [
        (BillingAnswer::NotFound, 404),
        (BillingAnswer::PaymentProblem422, 422),
        (BillingAnswer::NotEnabled422, 422),
        (BillingAnswer::Normal, 200),
    ] {
        hub.control.set_billing("aurora", answer);
        let response = hub.get("/orgs/aurora/copilot/billing").await;
        assert_eq!(response.status(), status, "{answer:?}");
        let body: Value = response.json().await.expect("JSON");
        if answer == BillingAnswer::NotEnabled422 {
            let text = "Copilot Business is not enabled for this organization.";
            assert_eq!(body["message"], text);
        }
    }
    hub.control.set_seat_management("aurora", "disabled");
    let billing = hub.get_json("/orgs/aurora/copilot/billing").await;
    assert_eq!(billing["seat_management_setting"], "disabled");
    let token = hub.control.admin_token("ember");
    let day = report("ember", "organization", "2026-11-19");
    for path in ["/orgs/ember/copilot/billing", day.as_str()] {
        let request = hub.client.get(hub.url(path)).bearer_auth(&token);
        let request = request.header("x-github-api-version", "2022-11-28");
        assert_eq!(
            request.send().await.expect("an answer").status(),
            404,
            "no Copilot at all: {path}"
        );
    }
}

#[tokio::test]
async fn the_download_host_refuses_tokens_and_bad_signatures() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    let path = report("acme", "organization", "2026-11-20");
    let link = async || {
        let envelope = hub.get_json(&path).await;
        envelope["download_links"][0]
            .as_str()
            .expect("a link")
            .to_owned()
    };
    let status = async |request: reqwest::RequestBuilder| {
        request.send().await.expect("an answer").status().as_u16()
    };
    let good = link().await;
    assert!(good.starts_with(&format!(
        "http://{}/reports/",
        hub.simulator.download_host()
    )));
    assert_eq!(status(hub.client.get(&good)).await, 200);
    assert_eq!(
        status(hub.client.get(&good).bearer_auth(&hub.token)).await,
        400
    );
    assert_eq!(status(hub.client.get(format!("{good}0"))).await, 403);
    let nothing = format!("http://{}/reports/x?sig=1", hub.simulator.download_host());
    assert_eq!(status(hub.client.get(nothing)).await, 404);
    hub.control.set_download_links("acme", LinkKind::Expired);
    assert_eq!(status(hub.client.get(link().await)).await, 403);
    hub.control
        .set_download_links("acme", LinkKind::RedirectToForeignHost);
    assert_eq!(status(hub.client.get(link().await)).await, 302);
    hub.control
        .set_download_links("acme", LinkKind::ForeignHost);
    assert!(
        link()
            .await
            .starts_with("https://copilot-reports.github.com.example.invalid/")
    );
    hub.control.set_download_links("acme", LinkKind::NotJson);
    let page = hub
        .client
        .get(link().await)
        .send()
        .await
        .expect("an answer");
    assert!(
        page.text()
            .await
            .expect("text")
            .starts_with("<!DOCTYPE html>")
    );
    hub.control.set_download_links("acme", LinkKind::Normal);
    hub.control
        .advance_time(std::time::Duration::from_secs(3_700));
    assert_eq!(status(hub.client.get(good)).await, 403, "an hour is over");
}
