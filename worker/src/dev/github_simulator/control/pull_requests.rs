//! Commands about pull requests, and the methods for them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Command, Control, NewPullRequest, PullRequestAuthor, organizations::organization_mut};
use crate::dev::github_simulator::{
    ControlError,
    generate::{Parts, assemble, bot, invent_oid, invent_reviews, random_for},
    model::{Actor, ChangedFile, Commit, Organization, PullRequest, PullRequestState, Repository},
    state::State,
};

impl Control {
    /// Opens a pull request; returns its number.
    pub fn add_pull_request(&self, org: &str, repo: &str, pull_request: NewPullRequest) -> u64 {
        let (org, repo) = (org.to_owned(), repo.to_owned());
        let number = self.run(Command::AddPullRequest {
            org,
            repo,
            pull_request,
        });
        number.as_u64().unwrap_or_default()
    }

    /// Merges a pull request now.
    pub fn merge_pull_request(&self, org: &str, repo: &str, number: u64) {
        let (org, repo) = (org.to_owned(), repo.to_owned());
        self.run(Command::MergePullRequest { org, repo, number });
    }

    /// Touches a pull request, as a comment does: `updatedAt` becomes now.
    pub fn update_pull_request(&self, org: &str, repo: &str, number: u64) {
        let (org, repo) = (org.to_owned(), repo.to_owned());
        self.run(Command::UpdatePullRequest { org, repo, number });
    }
}

pub(crate) fn add(
    state: &State,
    org: &str,
    repo: &str,
    new: NewPullRequest,
) -> Result<Value, ControlError> {
    let now = state.clock.now();
    let mut world = state.world_mut();
    let no_organization = || ControlError::NoOrganization(org.to_owned());
    let at = world
        .organizations
        .iter()
        .position(|one| one.login.eq_ignore_ascii_case(org));
    let at = at.ok_or_else(no_organization)?;
    let world = &mut *world;
    let organization = &mut world.organizations[at];
    let author = author(organization, &new.author)?;
    let members = organization.members.clone();
    let repository = repository_mut(organization, repo)?;
    let number = repository.next_number();
    let mut rng = random_for(world.seed, &[repository.id, number]);
    let created_at = new.created_at.unwrap_or(now);
    let (from, to) = (created_at, new.merged_at.unwrap_or(now));
    let reviews = invent_reviews(&mut world.ids, &mut rng, &members, (from, to), new.reviews);
    let commit = |at: usize| Commit {
        oid: invent_oid(&mut rng),
        message: match new.trailer.as_ref().filter(|_| at == 0) {
            Some(trailer) => format!("{}\n\n{trailer}", new.title),
            None => format!("{} ({})", new.title, at + 1),
        },
        committed_at: created_at - TimeDelta::minutes(5 * (new.commits - at) as i64),
        author: author.clone(),
    };
    let parts = Parts {
        number,
        commits: (0..new.commits).map(commit).collect(),
        title: new.title.clone(),
        body: new.body,
        author: author.clone(),
        state: match new.merged_at {
            Some(_) => PullRequestState::Merged,
            None => PullRequestState::Open,
        },
        is_draft: new.is_draft,
        created_at,
        ended_at: new.merged_at,
        labels: new.labels,
        reviews,
        files: (0..new.files).map(file).collect(),
        size: None,
    };
    repository
        .pull_requests
        .push(assemble(&mut world.ids, repository.id, parts));
    repository.sort();
    world.index_pull_requests(at);
    Ok(json!(number))
}

fn file(at: usize) -> ChangedFile {
    ChangedFile {
        path: format!("src/new/part_{at}.rs"),
        additions: 10,
        deletions: 0,
        change_type: "ADDED",
    }
}

fn author(
    organization: &Organization,
    wanted: &PullRequestAuthor,
) -> Result<Option<Arc<Actor>>, ControlError> {
    let missing =
        |login: &str| ControlError::NoMember(organization.login.clone(), login.to_owned());
    match wanted {
        PullRequestAuthor::Deleted => Ok(None),
        PullRequestAuthor::Bot(login) => Ok(Some(Arc::new(bot(login, 198_982_749)))),
        PullRequestAuthor::Admin => {
            let admin = organization.admin().ok_or_else(|| missing("(an owner)"))?;
            Ok(Some(Arc::clone(&admin.actor)))
        }
        PullRequestAuthor::Member(login) => {
            let mut members = organization.members.iter();
            let found = members.find(|member| member.actor.login.eq_ignore_ascii_case(login));
            Ok(Some(Arc::clone(
                &found.ok_or_else(|| missing(login))?.actor,
            )))
        }
    }
}

pub(crate) fn merge(
    state: &State,
    org: &str,
    repo: &str,
    number: u64,
) -> Result<Value, ControlError> {
    change(state, org, repo, number, |each, now| {
        each.state = PullRequestState::Merged;
        each.is_draft = false;
        each.merged_at = Some(now);
        each.closed_at = Some(now);
    })
}

pub(crate) fn update(
    state: &State,
    org: &str,
    repo: &str,
    number: u64,
) -> Result<Value, ControlError> {
    change(state, org, repo, number, |_, _| {})
}

fn change(
    state: &State,
    org: &str,
    repo: &str,
    number: u64,
    change: fn(&mut PullRequest, DateTime<Utc>),
) -> Result<Value, ControlError> {
    let now = state.clock.now();
    let mut world = state.world_mut();
    let repository = repository_mut(organization_mut(&mut world, org)?, repo)?;
    let missing = || ControlError::NoPullRequest(org.to_owned(), repo.to_owned(), number);
    let pull_request = repository.pull_request_mut(number).ok_or_else(missing)?;
    change(pull_request, now);
    pull_request.touch(now);
    repository.sort();
    Ok(Value::Null)
}

fn repository_mut<'o>(
    organization: &'o mut Organization,
    repo: &str,
) -> Result<&'o mut Repository, ControlError> {
    let org = organization.login.clone();
    let found = organization.repository_mut(repo);
    found.ok_or_else(|| ControlError::NoRepository(org, repo.to_owned()))
}
