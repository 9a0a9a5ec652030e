//! `RepositoryPullRequests`: one page of a repository's pull requests, newest change first.

use serde::Serialize;
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};

use super::{
    super::{
        credentials::{Quota, Viewer},
        model::{Actor, ChangedFile, Commit, PullRequest, Review, World},
    },
    Answer, Answered, Plan, REPOSITORY_BLOCKED, check_barrier, cursor, is_visible, missing,
    rate_limit, time,
};

#[derive(Serialize)]
struct Body<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    rate_limit: Value,
    repository: RepositoryPage<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryPage<'a> {
    database_id: u64,
    name_with_owner: String,
    pull_requests: Connection<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection<'a> {
    total_count: usize,
    page_info: Value,
    nodes: Vec<&'a RawValue>,
}

/// One page behind the cursor.
pub(crate) fn answer(world: &World, viewer: &Viewer, plan: &Plan<'_>, quota: &Quota) -> Answered {
    let (owner, name) = (plan.text("owner"), plan.text("name"));
    // Repositories are found by the former name of their owner as well.
    let organization = world
        .organization(&owner)
        .or_else(|| world.organization_formerly(&owner))
        .filter(|found| is_visible(found, viewer));
    let found = organization.and_then(|found| Some((found, found.repository(&name)?)));
    let (organization, repository) = found.ok_or_else(|| {
        let message = format!("Could not resolve to a Repository with the name '{owner}/{name}'.");
        missing(plan, quota, "repository", &message)
    })?;
    check_barrier(organization, plan, quota, "repository")?;
    if repository.is_blocked {
        let data = json!({ "rateLimit": rate_limit(plan, quota), "repository": Value::Null });
        let error = json!({
            "type": "FORBIDDEN", "path": ["repository"], "message": REPOSITORY_BLOCKED,
        });
        return Err(Answer::graphql_error(data, error));
    }
    let after = plan.cursor("cursor")?;
    let after = after
        .map(|after| cursor::decode_update(&after))
        .transpose()?;
    let (page, has_next_page) = repository.page_by_update(after, plan.first);
    let end = page
        .last()
        .map(|last| cursor::encode_update(last.updated_at, last.id));
    let pull_requests = Connection {
        total_count: repository.pull_requests.len(),
        page_info: json!({ "hasNextPage": has_next_page, "endCursor": end }),
        nodes: page.into_iter().map(projected).collect(),
    };
    let repository = RepositoryPage {
        database_id: repository.id,
        name_with_owner: format!("{}/{}", organization.login, repository.name),
        pull_requests,
    };
    let rate_limit = rate_limit(plan, quota);
    Ok(Answer::ok(&Body {
        data: Data {
            rate_limit,
            repository,
        },
    }))
}

fn projected(pull_request: &PullRequest) -> &RawValue {
    pull_request
        .projected
        .get_or_init(|| to_raw_value(&project(pull_request)).expect("a JSON value can be written"))
}

fn project(each: &PullRequest) -> Value {
    let labels: Vec<_> = each
        .labels
        .iter()
        .take(20)
        .map(|name| json!({ "name": name }))
        .collect();
    json!({
        "id": each.node_id,
        "fullDatabaseId": each.id.to_string(),
        "number": each.number,
        "title": each.title,
        "body": each.body,
        "state": each.state.name(),
        "isDraft": each.is_draft,
        "createdAt": time(each.created_at),
        "updatedAt": time(each.updated_at),
        "mergedAt": each.merged_at.map(time),
        "closedAt": each.closed_at.map(time),
        "additions": each.additions,
        "deletions": each.deletions,
        "changedFiles": each.changed_files,
        "author": actor(each.author.as_deref()),
        "labels": { "nodes": labels },
        "reviews": connection(&each.reviews, each.reviews.len(), 0, 50, review),
        "commits": connection(&each.commits, each.commits.len(), 0, 50, commit),
        "files": files(each, 0),
    })
}

/// A page of a list that only grows, with position cursors. Pages of files and of overflow
/// are made by the same function, so that they fit together.
pub(crate) fn connection<T>(
    items: &[T],
    total: usize,
    start: usize,
    first: usize,
    project: fn(&T) -> Value,
) -> Value {
    let rest = items.get(start..).unwrap_or_default();
    let page = &rest[..rest.len().min(first)];
    let end = (!page.is_empty()).then(|| cursor::encode(&(start + page.len()).to_string()));
    json!({
        "totalCount": total,
        "pageInfo": { "hasNextPage": rest.len() > page.len(), "endCursor": end },
        "nodes": page.iter().map(project).collect::<Vec<_>>(),
    })
}

/// Files: the total may exceed what GitHub lists.
pub(crate) fn files(each: &PullRequest, start: usize) -> Value {
    connection(&each.files, each.changed_files as usize, start, 100, file)
}

pub(crate) fn review(review: &Review) -> Value {
    json!({
        "fullDatabaseId": review.id.to_string(),
        "state": review.state,
        "submittedAt": time(review.submitted_at),
        "author": actor(review.author.as_deref()),
    })
}

pub(crate) fn commit(commit: &Commit) -> Value {
    let user = commit.author.as_deref();
    json!({ "commit": {
        "oid": commit.oid,
        "message": commit.message,
        "committedDate": time(commit.committed_at),
        "author": { "user": user.map(|user| json!({ "databaseId": user.id, "login": user.login })) },
    }})
}

fn file(file: &ChangedFile) -> Value {
    json!({
        "path": file.path,
        "additions": file.additions,
        "deletions": file.deletions,
        "changeType": file.change_type,
    })
}

fn actor(actor: Option<&Actor>) -> Value {
    match actor {
        None => Value::Null,
        Some(actor) => json!({
            "__typename": actor.type_name(),
            "login": actor.login,
            "databaseId": actor.id,
        }),
    }
}
