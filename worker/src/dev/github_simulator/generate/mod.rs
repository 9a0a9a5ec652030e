//! Makes an organization out of a description. Deterministic: the same seed, description and
//! time give the same organization, bit for bit.

mod assemble;
mod authors;
mod people;
mod pull_requests;
mod repositories;
mod text;

use chrono::{DateTime, Days, NaiveDate, SubsecRound, Utc};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub(crate) use assemble::{Parts, assemble};
pub(crate) use people::{bot, person};
pub(crate) use pull_requests::{invent_oid, invent_reviews};

use super::{
    OrgSpec,
    model::{
        AccessBarrier, BillingAnswer, Copilot, EmptyReport, Installation, InstallationState,
        LinkKind, Organization, World,
    },
};

/// Invents an organization and adds it to the world.
pub(crate) fn add_organization(world: &mut World, spec: &OrgSpec, now: DateTime<Utc>) {
    let now = now.trunc_subsecs(0);
    let id = world.ids.next("organization", 9_100_001);
    let mut rng = random_for(world.seed, &[id]);
    let members = people::members(&mut world.ids, &mut rng, spec.members);
    let repositories = repositories::invent(&mut world.ids, &mut rng, spec, &members, now);
    let mut organization = Organization {
        id,
        login: spec.login.clone(),
        name: spec
            .name
            .clone()
            .unwrap_or_else(|| text::title_case(&spec.login)),
        created_at: now - Days::new(900),
        members,
        repositories,
        copilot: copilot(spec, now.date_naive()),
        installation: Installation {
            id: world.ids.next("installation", 51_000_001),
            state: InstallationState::Active,
            withheld: Vec::new(),
        },
        former_logins: Vec::new(),
        former_members: Vec::new(),
        hidden_members: Default::default(),
        transferred: Default::default(),
        barrier: AccessBarrier::None,
    };
    if let Some(seats) = spec.seats {
        people::assign_seats(&mut world.ids, world.seed, &mut organization, seats, now);
        for seat in organization
            .copilot
            .seats
            .iter_mut()
            .rev()
            .take(spec.idle_seats)
        {
            seat.is_idle = true;
        }
    }
    world.add_organization(organization);
}

/// Gives an organization this many seats: members in their order, then people who join for it.
pub(crate) fn set_seats(world: &mut World, login: &str, count: usize, now: DateTime<Utc>) -> bool {
    let World {
        ids,
        organizations,
        seed,
        ..
    } = world;
    let mut found = organizations.iter_mut();
    let Some(organization) = found.find(|org| org.login.eq_ignore_ascii_case(login)) else {
        return false;
    };
    organization.copilot.is_enabled = true;
    people::assign_seats(ids, *seed, organization, count, now.trunc_subsecs(0));
    true
}

fn copilot(spec: &OrgSpec, today: NaiveDate) -> Copilot {
    Copilot {
        is_enabled: spec.seats.is_some(),
        plan_type: "business".to_owned(),
        seat_management: "assign_selected".to_owned(),
        seats: Vec::new(),
        billing: BillingAnswer::Normal,
        metrics_policy: spec.policy,
        report_minimum_seats: 5,
        since: today - Days::new(180),
        delayed: Default::default(),
        published: Default::default(),
        late: Default::default(),
        zeros: Default::default(),
        padding: Default::default(),
        links: LinkKind::Normal,
        empty_report: EmptyReport::NoContent,
    }
}

/// A generator of its own for each thing, so that adding one thing never changes another.
pub(crate) fn random_for(seed: u64, path: &[u64]) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(
        path.iter()
            .fold(mix(seed), |state, part| mix(state ^ mix(*part))),
    )
}

/// The finalizer of SplitMix64: spreads neighbouring numbers over the whole range.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
