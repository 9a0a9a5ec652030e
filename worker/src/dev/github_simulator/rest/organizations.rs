//! Organizations, their members and repositories.

use serde_json::json;

use super::{
    Answer, Answered, Scope,
    pagination::page,
    shapes::{self, simple_organization, simple_user},
};
use crate::dev::github_simulator::{
    graphql::REPOSITORY_BLOCKED,
    model::{Organization, Repository},
};

/// `GET /orgs/{org}`: a public profile, for strangers too.
pub(crate) fn organization(scope: &Scope<'_>, login: &str) -> Answered {
    let organization = scope.public_organization(login)?;
    let mut fields = simple_organization(&scope.base_url(), organization);
    let time = organization
        .created_at
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    fields.extend(shapes::object(json!({
        "name": organization.name,
        "html_url": format!("https://github.com/{}", organization.login),
        "type": "Organization",
        "is_verified": false,
        "has_organization_projects": true,
        "has_repository_projects": true,
        "public_repos": organization.repositories.iter().filter(|each| !each.is_private).count(),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": time,
        "updated_at": time,
        "archived_at": null,
    })));
    let answer = Answer::ok(&fields);
    Ok(answer.with(
        "x-accepted-oauth-scopes",
        "admin:org, read:org, repo, user, write:org",
    ))
}

/// Any path of an organization under a login that it had before.
pub(crate) fn moved(scope: &Scope<'_>, organization: &Organization, rest: &[&str]) -> Answer {
    let base = scope.base_url();
    let mut url = format!("{base}/organizations/{}", organization.id);
    for segment in rest {
        url = format!("{url}/{segment}");
    }
    if !scope.call.query.is_empty() {
        url = format!("{url}?{}", scope.call.query);
    }
    moved_permanently(url)
}

fn moved_permanently(url: String) -> Answer {
    let moved = Answer::json(
        301,
        &json!({
            "message": "Moved Permanently",
            "url": url,
            "documentation_url": "https://docs.github.com/rest/guides/\
                                  best-practices-for-using-the-rest-api#follow-redirects",
        }),
    );
    moved.with("location", url)
}

/// `GET /orgs/{org}/members`: accounts only, without name and e-mail.
pub(crate) fn members(scope: &Scope<'_>, login: &str) -> Answered {
    let organization = scope.organization(login)?;
    let members: Vec<_> = organization.listed_members().collect();
    let page = page(scope, &members, 30);
    let base = scope.base_url();
    let shown: Vec<_> = page
        .items
        .iter()
        .map(|member| simple_user(&base, &member.actor, false))
        .collect();
    let answer = page.link(Answer::ok(&shown));
    Ok(answer.with(
        "x-accepted-oauth-scopes",
        "admin:org, read:org, repo, user, write:org",
    ))
}

/// `GET /orgs/{org}/repos`.
pub(crate) fn repositories(scope: &Scope<'_>, login: &str) -> Answered {
    let organization = scope.organization(login)?;
    let page = page(scope, &organization.repositories, 30);
    let base = scope.base_url();
    let show = |each: &Repository| shapes::repository(&base, organization, each);
    let shown: Vec<_> = page.items.iter().map(show).collect();
    Ok(page
        .link(Answer::ok(&shown))
        .with("x-accepted-oauth-scopes", "repo"))
}

/// `GET /repos/{owner}/{repo}`; a former name is answered with a redirect.
pub(crate) fn repository(scope: &Scope<'_>, owner: &str, name: &str) -> Answered {
    let organization = scope.organization(owner)?;
    let repository = organization.repository(name);
    let moved = match repository {
        Some(repository) => repository.formerly_called(name).then_some(repository.id),
        None => organization.transferred.get(name).copied(),
    };
    if let Some(id) = moved {
        let url = format!("{}/repositories/{id}", scope.base_url());
        return Ok(moved_permanently(url));
    }
    let repository = repository.ok_or_else(Answer::not_found)?;
    shown(scope, organization, repository)
}

/// `GET /repositories/{id}`, where the redirect leads.
pub(crate) fn repository_by_id(scope: &Scope<'_>, id: &str) -> Answered {
    let id: u64 = id.parse().map_err(|_| Answer::not_found())?;
    let holds = |organization: &&Organization| {
        organization
            .repositories
            .iter()
            .any(|repository| repository.id == id)
    };
    let found = scope
        .world
        .organizations
        .iter()
        .find(holds)
        .ok_or_else(Answer::not_found)?;
    let organization = scope.organization(&found.login)?;
    let repository = organization.repositories.iter().find(|each| each.id == id);
    shown(
        scope,
        organization,
        repository.ok_or_else(Answer::not_found)?,
    )
}

fn shown(scope: &Scope<'_>, organization: &Organization, repository: &Repository) -> Answered {
    if repository.is_blocked {
        return Err(Answer::refusal(403, REPOSITORY_BLOCKED, "/rest"));
    }
    let answer = Answer::ok(&shapes::repository(
        &scope.base_url(),
        organization,
        repository,
    ));
    Ok(answer.with("x-accepted-oauth-scopes", "repo"))
}
