//! The objects of GitHub's REST schema, with every field it requires.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use crate::dev::github_simulator::model::{Actor, ActorKind, Organization, Repository};

/// `simple-user`.
pub(crate) fn simple_user(base: &str, actor: &Actor, is_site_admin: bool) -> Value {
    let login = match actor.kind {
        ActorKind::User => actor.login.clone(),
        ActorKind::Bot => format!("{}[bot]", actor.login),
    };
    let url = format!("{base}/users/{login}");
    let mut user = object(json!({
        "login": login,
        "id": actor.id,
        "node_id": node_id("User", actor.id),
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{}?v=4", actor.id),
        "gravatar_id": "",
        "url": url,
        "html_url": format!("https://github.com/{login}"),
        "type": actor.type_name(),
        "user_view_type": "public",
        "site_admin": is_site_admin,
    }));
    for (field, path) in [
        ("followers_url", "/followers"),
        ("following_url", "/following{/other_user}"),
        ("gists_url", "/gists{/gist_id}"),
        ("starred_url", "/starred{/owner}{/repo}"),
        ("subscriptions_url", "/subscriptions"),
        ("organizations_url", "/orgs"),
        ("repos_url", "/repos"),
        ("events_url", "/events{/privacy}"),
        ("received_events_url", "/received_events"),
    ] {
        user.insert(field.to_owned(), json!(format!("{url}{path}")));
    }
    Value::Object(user)
}

/// `organization-simple`.
pub(crate) fn simple_organization(base: &str, organization: &Organization) -> Map<String, Value> {
    let url = format!("{base}/orgs/{}", organization.login);
    object(json!({
        "login": organization.login,
        "id": organization.id,
        "node_id": node_id("Organization", organization.id),
        "url": url,
        "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events"),
        "hooks_url": format!("{url}/hooks"),
        "issues_url": format!("{url}/issues"),
        "members_url": format!("{url}/members{{/member}}"),
        "public_members_url": format!("{url}/public_members{{/member}}"),
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{}?v=4", organization.id),
        "description": Value::Null,
    }))
}

/// `full-repository`, which has every field of `minimal-repository` too.
pub(crate) fn repository(base: &str, owner: &Organization, repository: &Repository) -> Value {
    let full_name = format!("{}/{}", owner.login, repository.name);
    let url = format!("{base}/repos/{full_name}");
    let time = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut fields = object(json!({
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": full_name,
        "owner": organization_account(base, owner.id, &owner.login),
        "private": repository.is_private,
        "html_url": format!("https://github.com/{full_name}"),
        "description": Value::Null,
        "fork": repository.is_fork,
        "url": url,
        "created_at": time(repository.created_at),
        "updated_at": time(repository.updated_at()),
        "pushed_at": time(repository.updated_at()),
        "archived": repository.is_archived,
        "disabled": repository.is_disabled,
        "visibility": if repository.is_private { "private" } else { "public" },
        "default_branch": "main",
        "size": if repository.is_empty { 0 } else { 4_096 },
        "language": Value::Null,
        "forks": 0, "forks_count": 0, "open_issues": 0, "open_issues_count": 0,
        "stargazers_count": 0, "watchers": 0, "watchers_count": 0,
        "network_count": 0, "subscribers_count": 0,
        "has_issues": true, "has_projects": true, "has_wiki": true,
        "has_pages": false, "has_discussions": false,
        "homepage": null, "license": null, "mirror_url": null,
        "clone_url": format!("https://github.com/{full_name}.git"),
        "git_url": format!("git://github.com/{full_name}.git"),
        "ssh_url": format!("git@github.com:{full_name}.git"),
        "svn_url": format!("https://github.com/{full_name}"),
    }));
    for (field, path) in REPOSITORY_LINKS {
        fields.insert((*field).to_owned(), json!(format!("{url}/{path}")));
    }
    Value::Object(fields)
}

/// The links a repository carries, below its own address.
const REPOSITORY_LINKS: &[(&str, &str)] = &[
    ("archive_url", "{archive_format}{/ref}"),
    ("assignees_url", "assignees{/user}"),
    ("blobs_url", "git/blobs{/sha}"),
    ("branches_url", "branches{/branch}"),
    ("collaborators_url", "collaborators{/collaborator}"),
    ("comments_url", "comments{/number}"),
    ("commits_url", "commits{/sha}"),
    ("compare_url", "compare/{base}...{head}"),
    ("contents_url", "contents/{+path}"),
    ("contributors_url", "contributors"),
    ("deployments_url", "deployments"),
    ("downloads_url", "downloads"),
    ("events_url", "events"),
    ("forks_url", "forks"),
    ("git_commits_url", "git/commits{/sha}"),
    ("git_refs_url", "git/refs{/sha}"),
    ("git_tags_url", "git/tags{/sha}"),
    ("hooks_url", "hooks"),
    ("issue_comment_url", "issues/comments{/number}"),
    ("issue_events_url", "issues/events{/number}"),
    ("issues_url", "issues{/number}"),
    ("keys_url", "keys{/key_id}"),
    ("labels_url", "labels{/name}"),
    ("languages_url", "languages"),
    ("merges_url", "merges"),
    ("milestones_url", "milestones{/number}"),
    (
        "notifications_url",
        "notifications{?since,all,participating}",
    ),
    ("pulls_url", "pulls{/number}"),
    ("releases_url", "releases{/id}"),
    ("stargazers_url", "stargazers"),
    ("statuses_url", "statuses/{sha}"),
    ("subscribers_url", "subscribers"),
    ("subscription_url", "subscription"),
    ("tags_url", "tags"),
    ("teams_url", "teams"),
    ("trees_url", "git/trees{/sha}"),
];

/// `simple-user` of an organization, where an account of either kind may stand.
pub(crate) fn organization_account(base: &str, id: u64, login: &str) -> Value {
    let actor = Actor {
        id,
        kind: ActorKind::User,
        login: login.to_owned(),
        name: None,
        email: None,
    };
    let mut fields = object(simple_user(base, &actor, false));
    fields.insert("type".to_owned(), json!("Organization"));
    fields.insert("node_id".to_owned(), json!(node_id("Organization", id)));
    Value::Object(fields)
}

/// The node ids of REST objects: opaque, and stable for an id.
pub(crate) fn node_id(kind: &str, id: u64) -> String {
    STANDARD.encode(format!("{kind}{id}"))
}

/// The fields of an object written with `json!`.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}
