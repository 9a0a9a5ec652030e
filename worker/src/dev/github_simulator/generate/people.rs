//! People and bots, and who of them has a Copilot seat.

use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{
    super::model::{Actor, ActorKind, Ids, Member, Organization, Role, Seat},
    random_for,
    text::{FIRST_NAMES, LAST_NAMES},
};

/// The members of a new organization. The first is an owner; some hide name or e-mail.
pub(crate) fn members(ids: &mut Ids, rng: &mut ChaCha8Rng, count: usize) -> Vec<Member> {
    let member = |at: usize, actor| Member {
        actor: Arc::new(actor),
        role: if at == 0 { Role::Admin } else { Role::Member },
    };
    (0..count)
        .map(|at| member(at, invent_person(ids, rng)))
        .collect()
}

fn invent_person(ids: &mut Ids, rng: &mut ChaCha8Rng) -> Actor {
    let id = ids.next("account", 1_400_001);
    let first = FIRST_NAMES[rng.random_range(0..FIRST_NAMES.len())];
    let last = LAST_NAMES[rng.random_range(0..LAST_NAMES.len())];
    let login = format!(
        "{}-{}-{}",
        first.to_lowercase(),
        last.to_lowercase(),
        id % 1_000
    );
    Actor {
        id,
        kind: ActorKind::User,
        name: rng.random_bool(0.9).then(|| format!("{first} {last}")),
        email: rng.random_bool(0.6).then(|| format!("{login}@example.com")),
        login,
    }
}

/// A person known by login and id only, as in recorded data.
pub(crate) fn person(login: &str, id: u64) -> Actor {
    Actor {
        id,
        kind: ActorKind::User,
        login: login.to_owned(),
        name: None,
        email: None,
    }
}

/// An app's account. The REST suffix `[bot]` is no part of its GraphQL login.
pub(crate) fn bot(login: &str, id: u64) -> Actor {
    let login = login.strip_suffix("[bot]").unwrap_or(login).to_owned();
    Actor {
        id,
        kind: ActorKind::Bot,
        login,
        name: None,
        email: None,
    }
}

/// Gives the organization exactly this many seats. Who had one keeps it; when seats outnumber
/// the members, new people join.
pub(crate) fn assign_seats(
    ids: &mut Ids,
    seed: u64,
    organization: &mut Organization,
    count: usize,
    now: DateTime<Utc>,
) {
    let mut rng = random_for(
        seed,
        &[organization.id, 2, organization.members.len() as u64],
    );
    while organization.members.len() < count {
        let actor = Arc::new(invent_person(ids, &mut rng));
        organization.members.push(Member {
            actor,
            role: Role::Member,
        });
    }
    let seats = &mut organization.copilot.seats;
    seats.truncate(count);
    for member in &organization.members {
        if seats.len() == count {
            break;
        }
        if seats.iter().all(|seat| seat.assignee.id != member.actor.id) {
            let created_at = now - Days::new(rng.random_range(0..200));
            let assignee = Arc::clone(&member.actor);
            seats.push(Seat {
                assignee,
                created_at,
                is_idle: false,
                pending_cancellation_on: None,
            });
        }
    }
}
