//! What happened to a team's seats between two complete listings.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use workflows::domain::{copilot::CopilotSeat, licence::SeatEventKind};

/// One change of one seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatChange {
    /// Numeric id of the person.
    pub assignee_github_id: i64,
    /// Login, of the later listing where the seat is in both.
    pub assignee_login: String,
    /// What happened.
    pub kind: SeatEventKind,
    /// What changed to what, or the day of the cancellation; empty where the kind says all.
    pub detail: String,
}

/// A listing: its seats, one a person, and the UTC day on which GitHub was asked.
#[derive(Debug, Clone, Copy)]
pub struct SeatListing<'a> {
    /// The seats.
    pub seats: &'a [CopilotSeat],
    /// The day.
    pub day: NaiveDate,
}

/// The changes, by person. Two equal listings of a day have none between them.
pub fn seat_changes(before: SeatListing<'_>, after: SeatListing<'_>) -> Vec<SeatChange> {
    let by_id = |seats: &'_ [CopilotSeat]| -> BTreeMap<i64, usize> {
        let ids = seats.iter().enumerate();
        ids.map(|(index, seat)| (seat.assignee_github_id, index))
            .collect()
    };
    let (old, new) = (by_id(before.seats), by_id(after.seats));
    let mut changes = vec![];
    for (id, index) in &old {
        let was = &before.seats[*index];
        match new.get(id) {
            Some(index) => {
                let is = &after.seats[*index];
                changes.extend(changes_of(was, before.day, is, after.day));
            }
            None => changes.push(change(was, SeatEventKind::Removed, String::new())),
        }
    }
    let added = new.iter().filter(|(id, _)| !old.contains_key(id));
    changes.extend(added.map(|(_, index)| {
        let seat = &after.seats[*index];
        change(seat, SeatEventKind::Added, String::new())
    }));
    changes.sort_by_key(|change| change.assignee_github_id);
    changes
}

fn changes_of(
    was: &CopilotSeat,
    was_on: NaiveDate,
    is: &CopilotSeat,
    is_on: NaiveDate,
) -> Vec<SeatChange> {
    let mut changes = vec![];
    // A plan that becomes known is no change.
    if let (Some(old), Some(new)) = (&was.plan_type, &is.plan_type)
        && old != new
    {
        let detail = format!("{old} -> {new}");
        changes.push(change(is, SeatEventKind::PlanChanged, detail));
    }
    let (old, new) = (was.pending_cancellation_on, is.pending_cancellation_on);
    if old != new {
        let kind = match new {
            Some(_) => SeatEventKind::CancellationPlanned,
            None => SeatEventKind::CancellationWithdrawn,
        };
        let day = new.or(old).map_or_else(String::new, |day| day.to_string());
        changes.push(change(is, kind, day));
    }
    match (was.is_idle(was_on), is.is_idle(is_on)) {
        (false, true) => changes.push(change(is, SeatEventKind::BecameIdle, since(is))),
        (true, false) => changes.push(change(is, SeatEventKind::BecameActive, String::new())),
        (true, true) | (false, false) => {}
    }
    changes
}

/// Since when it is unused, as far as that is known.
fn since(seat: &CopilotSeat) -> String {
    let at = seat.last_known_at();
    at.map_or_else(String::new, |at| format!("since {}", at.date_naive()))
}

fn change(seat: &CopilotSeat, kind: SeatEventKind, detail: String) -> SeatChange {
    SeatChange {
        assignee_github_id: seat.assignee_github_id,
        assignee_login: seat.assignee_login.clone(),
        kind,
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn seat(id: i64) -> CopilotSeat {
        CopilotSeat {
            assignee_github_id: id,
            assignee_login: format!("user{id}"),
            created_at: Some("2026-01-01T00:00:00Z".parse().expect("a time")),
            last_activity_at: Some("2026-11-18T10:00:00Z".parse().expect("a time")),
            last_activity_editor: None,
            pending_cancellation_on: None,
            plan_type: Some("business".to_owned()),
        }
    }

    fn between(before: &[CopilotSeat], after: &[CopilotSeat], on: &str) -> Vec<String> {
        let before = SeatListing {
            seats: before,
            day: day("2026-11-19"),
        };
        let after = SeatListing {
            seats: after,
            day: day(on),
        };
        let changes = seat_changes(before, after).into_iter();
        changes
            .map(|change| {
                let SeatChange {
                    assignee_login,
                    kind,
                    detail,
                    ..
                } = change;
                format!("{assignee_login} {kind} {detail}")
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn who_comes_and_goes_is_told_and_equal_listings_tell_nothing() {
        let (before, after) = ([seat(2), seat(1)], [seat(3), seat(2)]);
        let found = between(&before, &after, "2026-11-20");
        assert_eq!(found, ["user1 removed", "user3 added"]);
        assert_eq!(between(&after, &after, "2026-11-19"), [""; 0]);
    }

    #[test]
    fn a_plan_that_changes_is_told_and_one_that_becomes_known_is_not() {
        let enterprise = CopilotSeat {
            plan_type: Some("enterprise".to_owned()),
            ..seat(1)
        };
        let unknown = CopilotSeat {
            plan_type: None,
            ..seat(1)
        };
        assert_eq!(
            between(&[seat(1)], std::slice::from_ref(&enterprise), "2026-11-20"),
            ["user1 plan_changed business -> enterprise"]
        );
        let one = std::slice::from_ref(&unknown);
        assert_eq!(between(one, &[seat(1)], "2026-11-20"), [""; 0]);
        assert_eq!(between(&[seat(1)], one, "2026-11-20"), [""; 0]);
    }

    #[test]
    fn a_cancellation_is_planned_moved_and_withdrawn() {
        let ending = |text: &str| {
            [CopilotSeat {
                pending_cancellation_on: Some(day(text)),
                ..seat(1)
            }]
        };
        let (none, early, late) = ([seat(1)], ending("2026-12-01"), ending("2027-01-01"));
        for (before, after, expected) in [
            (&none, &early, "user1 cancellation_planned 2026-12-01"),
            (&early, &late, "user1 cancellation_planned 2027-01-01"),
            (&late, &none, "user1 cancellation_withdrawn 2027-01-01"),
        ] {
            assert_eq!(between(before, after, "2026-11-20"), [expected]);
        }
    }

    /// Nothing has to change in the listing for a seat to become idle: the days that pass do it, once.
    #[test]
    fn a_seat_becomes_idle_by_time_and_active_by_use() {
        let unused = [seat(1)];
        assert_eq!(between(&unused, &unused, "2026-12-18"), [""; 0]);
        let idle = "user1 became_idle since 2026-11-18";
        assert_eq!(between(&unused, &unused, "2026-12-19"), [idle]);
        let long_unused = [CopilotSeat {
            last_activity_at: None,
            ..seat(1)
        }];
        assert_eq!(between(&long_unused, &long_unused, "2026-12-19"), [""; 0]);
        let active = "user1 became_active";
        assert_eq!(between(&long_unused, &unused, "2026-11-20"), [active]);
    }
}
