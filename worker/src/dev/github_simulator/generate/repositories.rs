//! Repositories of an invented organization, the special ones included.

use chrono::{DateTime, Days, Utc};
use rand_chacha::ChaCha8Rng;

use super::{
    super::{
        OrgSpec,
        model::{Ids, Member, Repository},
    },
    authors::Author,
    pull_requests::{Context, Overflow},
    text::REPOSITORY_NAMES,
};

/// All repositories of the organization, with their pull requests.
pub(crate) fn invent(
    ids: &mut Ids,
    rng: &mut ChaCha8Rng,
    spec: &OrgSpec,
    members: &[Member],
    now: DateTime<Utc>,
) -> Vec<Repository> {
    let authors = Author::cast(members, spec.shape);
    let context = Context {
        authors: &authors,
        members,
        now,
        spec,
    };
    let mut repositories = Vec::new();
    for at in 0..spec.repositories {
        let mut repository = new_repository(ids, &repository_name(at), now);
        let overflow = Overflow::of(spec.overflow && at == 0);
        context.fill(
            ids,
            rng,
            &mut repository,
            spec.pull_requests_per_repository,
            overflow,
        );
        repositories.push(repository);
    }
    if spec.special_repositories {
        add_special(ids, rng, &context, &mut repositories);
    }
    repositories
}

fn add_special(
    ids: &mut Ids,
    rng: &mut ChaCha8Rng,
    context: &Context<'_>,
    repositories: &mut Vec<Repository>,
) {
    if let Some(first) = repositories.first_mut() {
        first.former_names.push(format!("{}-old", first.name));
    }
    let mut archived = new_repository(ids, "attic", context.now);
    archived.is_archived = true;
    context.fill(ids, rng, &mut archived, 20, Overflow::No);
    let mut empty = new_repository(ids, "blank-page", context.now);
    empty.is_empty = true;
    let mut fork = new_repository(ids, "forked-parser", context.now);
    fork.is_fork = true;
    fork.is_private = false;
    context.fill(ids, rng, &mut fork, 5, Overflow::No);
    repositories.extend([archived, empty, fork]);
}

fn new_repository(ids: &mut Ids, name: &str, now: DateTime<Utc>) -> Repository {
    let id = ids.next("repository", 720_000_001);
    Repository::new(id, name, now - Days::new(800))
}

fn repository_name(at: usize) -> String {
    match REPOSITORY_NAMES.get(at) {
        Some(name) => (*name).to_owned(),
        None => format!("service-{:02}", at + 1),
    }
}
