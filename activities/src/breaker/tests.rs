//! When it opens, what counts, and how the held ones come back.

use super::*;
use crate::github::{Evidence, GithubFailure};

const SETTINGS: BreakerSettings = BreakerSettings {
    teams: 5,
    window: Duration::from_secs(300),
    probe_every: Duration::from_secs(60),
};

fn tally(alike: u32, active: u32) -> TroubleTally {
    TroubleTally {
        narrowed_at: None,
        next_probe_at: None,
        alike,
        active,
    }
}

#[test]
fn it_opens_for_many_of_those_at_work_and_for_the_apps_key_at_once() {
    use TroubleKind::{AppKey, Rejected, Unavailable};
    for (kind, alike, active, opens) in [
        (Rejected, 4, 4, false),
        (Rejected, 5, 6, true),
        (Rejected, 5, 25, true),
        (Rejected, 5, 26, false),
        (Unavailable, 200, 1000, true),
        (Unavailable, 199, 1000, false),
        (AppKey, 1, 1000, true),
    ] {
        let tally = tally(alike, active);
        assert_eq!(
            SETTINGS.opens(kind, &tally),
            opens,
            "{kind} {alike} of {active}"
        );
    }
    let off = BreakerSettings {
        teams: 0,
        ..SETTINGS
    };
    assert!(!off.opens(Rejected, &tally(0, 0)) && !off.opens(Rejected, &tally(9, 9)));
}

fn failed(class: FailureClass, endpoint: EndpointClass) -> Failure {
    let evidence = Evidence {
        endpoint,
        http_status: None,
        message: None,
        documentation_url: None,
        request_id: None,
        sso_url: None,
    };
    Failure::Github(GithubFailure {
        class,
        evidence: Box::new(evidence),
    })
}

#[test]
fn an_outage_of_one_part_of_github_is_not_counted_as_one_of_all() {
    use EndpointClass as E;
    let transient = |shrink_page, endpoint| {
        is_counted(&failed(FailureClass::Transient { shrink_page }, endpoint))
    };
    assert!(transient(false, E::User) && transient(true, E::Members));
    assert!(transient(false, E::PullRequests), "not an answer too large");
    assert!(!transient(true, E::PullRequests));
    for copilot in [E::UsersDayReport, E::ReportDownload, E::CopilotSeats] {
        assert!(!transient(false, copilot), "{copilot}");
        let rejected = failed(FailureClass::UserTokenRejected, copilot);
        assert!(is_counted(&rejected), "{copilot}");
    }
}

#[test]
fn a_thousand_teams_come_back_spread_over_the_time_between_two_tries() {
    let (over, now) = (TimeDelta::seconds(60), DateTime::UNIX_EPOCH);
    let place = |team, now| spread(TeamId(team), now, over).num_milliseconds();
    let places: Vec<i64> = (1..=1000).map(|team| place(team, now)).collect();
    assert!(places.iter().all(|place| (0..60_000).contains(place)));
    for second in 0..60 {
        let within = |place: &&i64| **place / 1000 == second;
        let count = places.iter().filter(within).count();
        assert!(count <= 40, "{count} teams in second {second}");
    }
    let later = now + over;
    let is_first = |now| place(1, now) < place(2, now);
    let mut firsts = (0..20).map(|minute| is_first(later + over * minute));
    assert!(
        firsts.any(|first| first) && firsts.any(|first| !first),
        "they take turns"
    );
}
