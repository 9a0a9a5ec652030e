//! `OrganizationRepositories`: what there is to walk, and when it last changed.

use serde_json::json;

use super::{
    super::{
        credentials::{Quota, Viewer},
        model::{Organization, Repository, World},
    },
    Answer, Answered, Plan, cursor, organization, rate_limit, time,
};

/// One page of repositories in the order of their names.
pub(crate) fn answer(world: &World, viewer: &Viewer, plan: &Plan<'_>, quota: &Quota) -> Answered {
    let organization = organization(world, viewer, plan, quota)?;
    let after = plan.cursor("cursor")?;
    let mut repositories: Vec<&Repository> = organization.repositories.iter().collect();
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
    Ok(Answer::ok(&json!({ "data": {
        "rateLimit": rate_limit(plan, quota),
        "organization": {
            "databaseId": organization.id,
            "repositories": {
                "totalCount": total,
                "pageInfo": { "hasNextPage": rest.len() > page.len(), "endCursor": end },
                "nodes": page.iter().map(|each| node(organization, each)).collect::<Vec<_>>(),
            },
        },
    }})))
}

fn node(organization: &Organization, repository: &Repository) -> serde_json::Value {
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
        "isDisabled": false,
        "isEmpty": repository.is_empty,
        "isFork": repository.is_fork,
        "isPrivate": repository.is_private,
        "pullRequests": { "totalCount": repository.pull_requests.len(), "nodes": newest },
    })
}
