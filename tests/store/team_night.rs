//! How a team's nights ended: one row for the day on which each began.

use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};
use workflows::{activity_definitions::RecordTeamNight, domain::night::NightOutcome};

use super::{add_team, at, open_store};

#[tokio::test]
async fn a_night_that_parks_and_goes_on_after_midnight_is_one_night() {
    let (database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    for (outcome, began_seconds_ago, now) in [
        (NightOutcome::Parked, 15 * 60, "2026-11-20T23:50:00Z"),
        (NightOutcome::Succeeded, 8 * 3600, "2026-11-21T07:35:00Z"),
        // The next night, whose age is not told: an older run.
        (NightOutcome::Failed, 0, "2026-11-22T04:45:00Z"),
    ] {
        let record = RecordTeamNight {
            team: team.clone(),
            outcome,
            cause: None,
            evidence_id: None,
            began_seconds_ago,
        };
        for _ in 0..2 {
            let recorded = store.record_team_night(&record, at(now)).await;
            recorded.unwrap();
        }
    }
    let url = database.url.expose_secret();
    let mut connection = PgConnection::connect(url).await.unwrap();
    let nights = "select night_on || ' ' || outcome from team_night order by 1";
    let nights: Vec<String> = sqlx::query_scalar(nights)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(nights, ["2026-11-20 succeeded", "2026-11-22 failed"]);
    connection.close().await.unwrap();
}
