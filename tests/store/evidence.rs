//! Evidence that hangs together, and logins that change.

use activities::store::{EvidenceLinks, NewEvidence, SlugChange, StatusEventKind, Store};
use workflows::domain::{cause::Cause, team::TeamRef};

use super::{add_team, at, open_store};

const NOW: &str = "2026-11-20T04:00:00Z";

async fn keep(store: &Store, team: &TeamRef, endpoint: &str, links: EvidenceLinks) -> i64 {
    let new = NewEvidence {
        team: team.id,
        cause: Cause::Unknown,
        endpoint: endpoint.to_owned(),
        http_status: Some(403),
        message: "no".to_owned(),
        request_id: None,
        probe: None,
        happened_at: at(NOW),
    };
    let first = store.store_linked_evidence(&new, &links).await.unwrap();
    let again = store.store_linked_evidence(&new, &links).await.unwrap();
    assert_eq!(first, again, "one row");
    first
}

#[tokio::test]
async fn evidence_of_one_finding_is_read_together_and_only_by_its_team() {
    let (_database, store) = open_store().await;
    let (acme, globex) = (
        add_team(&store, "acme").await,
        add_team(&store, "globex").await,
    );
    let links = |related_id| EvidenceLinks {
        documentation_url: Some("https://docs.github.com/rest".to_owned()),
        sso_url: Some("https://github.com/orgs/acme/sso?authorization_request=AZ".to_owned()),
        related_id,
    };
    let first = keep(&store, &acme, "members", links(None)).await;
    let second = keep(&store, &acme, "user", links(Some(first))).await;
    let third = keep(&store, &acme, "organization", links(Some(second))).await;

    let chain = store.load_evidence_chain(acme.id, third).await.unwrap();
    let ids: Vec<i64> = chain.iter().map(|one| one.id).collect();
    assert_eq!(ids, [third, second, first]);
    assert_eq!(chain[0].links, links(Some(second)));
    let one = store.load_evidence(acme.id, second).await.unwrap().unwrap();
    assert_eq!(one, chain[1]);
    let foreign = store.load_evidence_chain(globex.id, third).await.unwrap();
    assert!(foreign.is_empty());
    // What names another team's evidence shows nothing of it.
    let own = keep(&store, &globex, "user", links(Some(first))).await;
    let chain = store.load_evidence_chain(globex.id, own).await.unwrap();
    assert_eq!(chain.len(), 1);
}

#[tokio::test]
async fn a_login_changes_once_and_never_to_another_team_s() {
    let (_database, store) = open_store().await;
    let (acme, _) = (
        add_team(&store, "acme").await,
        add_team(&store, "globex").await,
    );
    let rename = |login: &'static str| {
        let (store, id) = (store.clone(), acme.id);
        async move { store.rename_team(id, login, at(NOW)).await.unwrap() }
    };
    assert_eq!(rename("acme").await, SlugChange::None);
    assert_eq!(rename("Globex").await, SlugChange::Taken);
    assert_eq!(rename("acme-labs").await, SlugChange::Made);
    assert_eq!(rename("acme-labs").await, SlugChange::None);

    let stored = store.load_team(acme.id).await.unwrap().unwrap();
    assert_eq!((&*stored.slug, &*stored.team.key), ("acme-labs", "acme"));
    let events = store.status_events(acme.id, 10).await.unwrap();
    let renamed: Vec<_> = events
        .iter()
        .filter(|event| event.kind == StatusEventKind::Slug)
        .map(|event| (event.from_status.as_deref(), &*event.to_status))
        .collect();
    assert_eq!(renamed, [(Some("acme"), "acme-labs")]);
}
