//! `OrganizationRepositories`: what there is to walk, and when it last changed.

use serde_json::{Value, json};

use super::{
    super::{
        credentials::{Quota, Viewer},
        model::{Organization, Repository, World},
    },
    Answer, Answered, Plan, REPOSITORY_BLOCKED, cursor, is_visible, organization, rate_limit, time,
};

/// One page of repositories in the order of their names.
pub(crate) fn answer(world: &World, viewer: &Viewer, plan: &Plan<'_>, quota: &Quota) -> Answered {
    let organization = organization(world, viewer, plan, quota)?;
    let after = plan.cursor("cursor")?;
    let is_inside = is_visible(organization, viewer);
    let all = organization.repositories.iter();
    let mut repositories: Vec<&Repository> =
        all.filter(|each| is_inside || !each.is_private).collect();
    repositories.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    let total = repositories.len();
    let start = after.map_or(0, |after| {
        repositories.partition_point(|repository| repository.name.as_str() <= after.as_str())
    });
    let rest = &repositories[start..];
    let page = &rest[..rest.len().min(plan.first)];
    let end = page
        .last()
        .map(|repository| cursor::encode(&repository.name));
    let mut body = json!({ "data": {
        "rateLimit": rate_limit(plan, quota),
        "organization": {
            "databaseId": organization.id,
            "repositories": {
                "totalCount": total,
                "pageInfo": { "hasNextPage": rest.len() > page.len(), "endCursor": end },
                "nodes": page.iter().map(|each| node(organization, each)).collect::<Vec<_>>(),
            },
        },
    }});
    let errors = errors(page);
    if !errors.is_empty() {
        body["errors"] = errors.into();
    }
    Ok(Answer::ok(&body))
}

/// One for each repository that is null.
fn errors(page: &[&Repository]) -> Vec<Value> {
    let blocked = page.iter().enumerate().filter(|(_, each)| each.is_blocked);
    let error = |(at, _)| {
        json!({
            "type": "FORBIDDEN",
            "path": ["organization", "repositories", "nodes", at],
            "message": REPOSITORY_BLOCKED,
        })
    };
    blocked.map(error).collect()
}

fn node(organization: &Organization, repository: &Repository) -> Value {
    if repository.is_blocked {
        return Value::Null;
    }
    let (newest, _) = repository.page_by_update(None, 1);
    let newest: Vec<_> = newest
        .iter()
        .map(|each| json!({ "updatedAt": time(each.updated_at) }))
        .collect();
    json!({
        "databaseId": repository.id,
        "name": repository.name,
        "nameWithOwner": format!("{}/{}", organization.login, repository.name),
        "isArchived": repository.is_archived,
        "isDisabled": repository.is_disabled,
        "isEmpty": repository.is_empty,
        "isFork": repository.is_fork,
        "isPrivate": repository.is_private,
        "pullRequests": { "totalCount": repository.pull_requests.len(), "nodes": newest },
    })
}
