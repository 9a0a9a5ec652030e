//! Recorded pull requests of a real organization, one JSON object a line. All times move by
//! the same number of days, so that the newest was merged yesterday.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use chrono::{DateTime, Days, TimeDelta, Utc};
use rand::RngExt;
use serde::Deserialize;

use super::{
    SimulatorError,
    generate::{self, Parts, assemble, invent_reviews, random_for},
    model::{
        Actor, ActorKind, ChangedFile, Commit, Member, Organization, PullRequestState, Repository,
        Role, World,
    },
};

/// The organization that gets the recorded repositories.
const ORGANIZATION: &str = "aurora";

#[derive(Debug, Deserialize)]
struct Line {
    repository: String,
    number: u64,
    title: String,
    body: Option<String>,
    author: Option<Author>,
    created_at: DateTime<Utc>,
    merged_at: DateTime<Utc>,
    sha: String,
    #[serde(default)]
    ai_co_authors: Vec<String>,
    additions: u64,
    deletions: u64,
    changed_files: u64,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct Author {
    login: String,
    id: u64,
    #[serde(default)]
    bot: bool,
}

#[derive(Debug, Deserialize)]
struct File {
    path: String,
    additions: u64,
    deletions: u64,
}

/// Replaces repositories, pull requests and members of `aurora` by those of a file. Its owner
/// stays, and with the owner the token.
pub(crate) fn load(
    world: &mut World,
    path: &Path,
    now: DateTime<Utc>,
) -> Result<(), SimulatorError> {
    let lines = read(path)?;
    let newest = lines.iter().map(|line| line.merged_at).max();
    let newest = newest.ok_or_else(|| SimulatorError::NoData {
        path: path.to_owned(),
    })?;
    let yesterday = now.date_naive() - Days::new(1);
    let shift = yesterday - newest.date_naive();
    let seats = {
        let organization = world.organization_mut(ORGANIZATION);
        let organization = organization.ok_or(SimulatorError::NoOrganizationForData)?;
        replace_members(organization, &lines)
    };
    let repositories = repositories(world, lines, shift);
    let at = world
        .organizations
        .iter()
        .position(|org| org.login == ORGANIZATION);
    let at = at.ok_or(SimulatorError::NoOrganizationForData)?;
    world.organizations[at].repositories = repositories;
    world.index_pull_requests(at);
    generate::set_seats(world, ORGANIZATION, seats, now);
    if let Some(seat) = world.organizations[at].copilot.seats.last_mut() {
        seat.is_idle = true;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<Line>, SimulatorError> {
    let text = std::fs::read_to_string(path).map_err(|source| SimulatorError::UnreadableData {
        path: path.to_owned(),
        source,
    })?;
    let mut seen = HashSet::new();
    let mut lines = Vec::new();
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let bad = |reason: String| SimulatorError::BadLine {
            path: path.to_owned(),
            line: at + 1,
            reason,
        };
        let line: Line = serde_json::from_str(line).map_err(|error| bad(error.to_string()))?;
        if !seen.insert((line.repository.clone(), line.number)) {
            let Line {
                repository, number, ..
            } = &line;
            return Err(bad(format!(
                "{repository} has the pull request {number} twice"
            )));
        }
        lines.push(line);
    }
    Ok(lines)
}

/// Makes every person of the file a member, the busiest first, and takes the seats back.
/// Returns how many seats there were.
fn replace_members(organization: &mut Organization, lines: &[Line]) -> usize {
    let mut people: BTreeMap<u64, (usize, &str)> = BTreeMap::new();
    for author in lines
        .iter()
        .filter_map(|line| line.author.as_ref())
        .filter(|each| !each.bot)
    {
        people.entry(author.id).or_insert((0, &author.login)).0 += 1;
    }
    let mut people: Vec<_> = people.into_iter().collect();
    people.sort_by_key(|(id, (count, _))| (std::cmp::Reverse(*count), *id));
    organization
        .members
        .retain(|member| member.role == Role::Admin);
    organization
        .members
        .extend(people.into_iter().map(|(id, (_, login))| Member {
            actor: Arc::new(generate::person(login, id)),
            role: Role::Member,
        }));
    let seats = organization.copilot.seats.len();
    organization.copilot.seats.clear();
    seats
}

fn repositories(world: &mut World, lines: Vec<Line>, shift: TimeDelta) -> Vec<Repository> {
    let members = world
        .organization(ORGANIZATION)
        .map(|org| org.members.clone());
    let members = members.unwrap_or_default();
    let mut actors: HashMap<u64, Arc<Actor>> = members
        .iter()
        .map(|each| (each.actor.id, Arc::clone(&each.actor)))
        .collect();
    let mut by_name: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in lines {
        by_name
            .entry(line.repository.clone())
            .or_default()
            .push(line);
    }
    let mut repositories = Vec::new();
    for (name, mut lines) in by_name {
        lines.sort_by_key(|line| line.number);
        let oldest = lines
            .iter()
            .map(|line| line.created_at)
            .min()
            .unwrap_or_default();
        let id = world.ids.next("repository", 720_000_001);
        let mut repository = Repository::new(id, &name, oldest + shift - Days::new(1));
        for line in lines {
            let author = line
                .author
                .as_ref()
                .map(|author| actor(&mut actors, author));
            let parts = parts(world, id, &members, line, author, shift);
            repository
                .pull_requests
                .push(assemble(&mut world.ids, id, parts));
        }
        repository.sort();
        repositories.push(repository);
    }
    repositories
}

fn actor(actors: &mut HashMap<u64, Arc<Actor>>, author: &Author) -> Arc<Actor> {
    let new = || match author.bot {
        true => generate::bot(&author.login, author.id),
        false => generate::person(&author.login, author.id),
    };
    Arc::clone(actors.entry(author.id).or_insert_with(|| Arc::new(new())))
}

/// Everything is as recorded but the reviews, which a git history does not hold.
fn parts(
    world: &mut World,
    repository_id: u64,
    members: &[Member],
    line: Line,
    author: Option<Arc<Actor>>,
    shift: TimeDelta,
) -> Parts {
    let mut rng = random_for(world.seed, &[repository_id, line.number]);
    let created_at = line.created_at + shift;
    let merged_at = line.merged_at + shift;
    // Squashed or rebased work can be "created" after its merge: reviews then share its time.
    let from = created_at.min(merged_at - TimeDelta::seconds(1));
    let from = if created_at < merged_at {
        from
    } else {
        merged_at
    };
    let count = rng.random_range(0..4);
    let reviews = invent_reviews(&mut world.ids, &mut rng, members, (from, merged_at), count);
    let body = line.body.clone().unwrap_or_default();
    let commit = Commit {
        oid: line.sha.clone(),
        message: commit_message(&line, &body),
        committed_at: created_at,
        author: author
            .clone()
            .filter(|author| author.kind == ActorKind::User),
    };
    let file = |file: File| ChangedFile {
        path: file.path,
        additions: file.additions,
        deletions: file.deletions,
        change_type: "MODIFIED",
    };
    Parts {
        number: line.number,
        title: line.title,
        body,
        author,
        state: PullRequestState::Merged,
        is_draft: false,
        created_at,
        ended_at: Some(merged_at),
        labels: Vec::new(),
        reviews,
        commits: vec![commit],
        size: Some((line.additions, line.deletions, line.changed_files)),
        files: line.files.into_iter().map(file).collect(),
    }
}

fn commit_message(line: &Line, body: &str) -> String {
    let mut message = format!("{} (#{})", line.title, line.number);
    if !body.is_empty() {
        message = format!("{message}\n\n{body}");
    }
    if !line.ai_co_authors.is_empty() {
        let trailers: Vec<_> = line
            .ai_co_authors
            .iter()
            .map(|name| trailer(name))
            .collect();
        message = format!("{message}\n\n{}", trailers.join("\n"));
    }
    message
}

/// The trailer as the tool writes it; the recording keeps only its name.
fn trailer(name: &str) -> String {
    let lower = name.to_lowercase();
    let address = match lower.as_str() {
        "copilot" | "copilot-swe-agent[bot]" => "198982749+Copilot@users.noreply.github.com",
        _ if lower.contains("autofix") => {
            "62310815+github-advanced-security[bot]@users.noreply.github.com"
        }
        _ => "noreply@anthropic.com",
    };
    format!("Co-authored-by: {name} <{address}>")
}
