//! Listings in slices: where one stands is kept after every page, whoever reads it.

use activities::store::{ListingKind, LookedUp, OpenListing, Store};
use workflows::domain::{
    member::{Member, MemberRole},
    team::TeamId,
};

use super::{add_team, at, open_store, walk::NOW};

const EARLIER: &str = "2026-11-19T04:00:00Z";
const MEMBERS: ListingKind = ListingKind::Members;

async fn open(store: &Store, team: TeamId, not_before: &str, now: &str) -> OpenListing {
    let opened = store.open_listing(team, MEMBERS, at(not_before), at(now));
    opened.await.unwrap()
}

#[tokio::test]
async fn another_worker_goes_on_at_the_cursor_and_a_late_one_moves_nothing() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let top = open(&store, team, EARLIER, NOW).await;
    assert_eq!((top.cursor.as_deref(), top.is_read), (None, false));
    let advance = async |from: &OpenListing, next, has_gaps| {
        let advanced = store.advance_listing(team, from, next, has_gaps).await;
        advanced.unwrap()
    };
    let second = advance(&top, Some("c1"), true).await.unwrap();
    assert_eq!(second.cursor.as_deref(), Some("c1"));
    let later = "2026-11-20T05:00:00Z";
    assert_eq!(open(&store, team, EARLIER, later).await, second);
    // The first worker was only slow: its answer to the page that it had asked for comes late.
    let late = advance(&top, Some("other"), false).await;
    assert_eq!(late, Some(second.clone()), "it goes on where the other is");
    let end = advance(&second, None, false).await.unwrap();
    assert!(end.is_read && end.has_gaps, "a gap of any page is one");
    assert_eq!(open(&store, team, EARLIER, later).await, end);

    for _ in 0..2 {
        store.close_listing(team, MEMBERS, at(NOW)).await.unwrap();
    }
    assert_eq!(advance(&second, None, false).await, None);
    let next = open(&store, team, EARLIER, later).await;
    assert_eq!((next.started_at, next.has_gaps), (at(later), false));
}

#[tokio::test]
async fn a_listing_of_yesterday_and_one_without_its_cursor_begin_anew() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let old = open(&store, team, EARLIER, EARLIER).await;
    store
        .advance_listing(team, &old, Some("c1"), true)
        .await
        .unwrap();
    let new = open(&store, team, NOW, NOW).await;
    assert_eq!((new.started_at, new.cursor), (at(NOW), None));
    assert!(!new.has_gaps);

    let new = open(&store, team, NOW, NOW).await;
    let second = store.advance_listing(team, &new, Some("c1"), true).await;
    let second = second.unwrap().unwrap();
    let restarted = store.restart_listing(team, &second).await.unwrap();
    assert_eq!(open(&store, team, NOW, NOW).await, restarted);
    assert!(restarted.was_restarted && !restarted.has_gaps);
    assert_eq!((restarted.cursor, restarted.started_at), (None, at(NOW)));
}

#[tokio::test]
async fn who_was_left_alone_for_longest_is_looked_up_first_and_nobody_twice() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let member = |id: i64| Member {
        github_id: id,
        login: format!("m{id}"),
        name: None,
        email: None,
        role: MemberRole::Member,
    };
    for (seen, ids) in [(EARLIER, [1, 2, 3]), ("2026-11-19T05:00:00Z", [4, 5, 1])] {
        let page = ids.map(member);
        store
            .store_member_page(team, &page, at(seen))
            .await
            .unwrap();
    }
    let next = async |listing: &str| {
        let next = store.next_unlisted_member(team, at(listing), 3).await;
        next.unwrap().map(|member| member.github_id)
    };
    let mut order = vec![];
    while let Some(id) = next(NOW).await {
        order.push(id);
        let found = match id {
            2 => LookedUp::Gone,
            3 => LookedUp::Here("renamed".to_owned()),
            _ => LookedUp::Unknown,
        };
        for _ in 0..2 {
            let noted = store.note_member_looked_up(team, id, at(NOW), &found);
            noted.await.unwrap();
        }
    }
    assert_eq!(order, [2, 3, 1], "three at most");
    let tomorrow = "2026-11-21T04:00:00Z";
    assert_eq!(next(tomorrow).await, Some(4), "whose turn did not come");
    let counts = store
        .finish_member_listing(team, at(EARLIER))
        .await
        .unwrap();
    assert_eq!((counts.active, counts.inactive), (4, 1));
}
