//! The caller: account, budget, membership of an organization.

use serde_json::{Map, Value, json};

use super::{
    Answer, Answered, Scope,
    shapes::{object, simple_organization, simple_user},
};
use crate::dev::github_simulator::{
    credentials::{Grant, Quota, Resource},
    model::{AccessBarrier, Actor, Member, Organization, Role},
};

/// `GET /user`: who the token belongs to.
pub(crate) fn user(scope: &Scope<'_>) -> Answered {
    let Grant::Person { user, .. } = &scope.viewer.grant else {
        return Err(Answer::refusal(
            403,
            "Resource not accessible by integration",
            "/rest/users",
        ));
    };
    let answer = Answer::ok(&profile(scope, user));
    Ok(answer.with("x-accepted-oauth-scopes", "user"))
}

/// `GET /user/{account_id}`: everybody's profile, by what does not change.
pub(crate) fn account(scope: &Scope<'_>, id: &str) -> Answered {
    let id: u64 = id.parse().map_err(|_| Answer::not_found())?;
    let mut organizations = scope.world.organizations.iter();
    let account = organizations.find_map(|organization| organization.account(id));
    let account = account.ok_or_else(Answer::not_found)?;
    Ok(Answer::ok(&profile(scope, account)))
}

fn profile(scope: &Scope<'_>, user: &Actor) -> Map<String, Value> {
    let mut fields = object(simple_user(&scope.base_url(), user, false));
    fields.insert("name".to_owned(), json!(user.name));
    fields.insert("email".to_owned(), json!(user.email));
    for absent in ["company", "blog", "location", "hireable", "bio"] {
        fields.insert(absent.to_owned(), Value::Null);
    }
    for count in ["public_repos", "public_gists", "followers", "following"] {
        fields.insert(count.to_owned(), json!(0));
    }
    for time in ["created_at", "updated_at"] {
        fields.insert(time.to_owned(), json!("2024-01-15T09:00:00Z"));
    }
    fields
}

/// `GET /user/emails`: every account has an address; some show it to everybody, too.
pub(crate) fn emails(scope: &Scope<'_>) -> Answered {
    scope.require(&["user:email", "user"], "emails")?;
    let Grant::Person { user, .. } = &scope.viewer.grant else {
        return Err(Answer::not_found());
    };
    let (email, visibility) = match &user.email {
        Some(email) => (email.clone(), "public"),
        None => (format!("{}@private.example.com", user.login), "private"),
    };
    let primary =
        json!({ "email": email, "primary": true, "verified": true, "visibility": visibility });
    Ok(Answer::ok(&json!([primary])).with("x-accepted-oauth-scopes", "user, user:email"))
}

/// `GET /rate_limit`: what is left; asking is free.
pub(crate) fn rate_limit(scope: &Scope<'_>) -> Answered {
    let token = scope.call.token.as_deref().unwrap_or_default();
    let times = (scope.state.clock.base(), scope.now);
    let quota = |resource| scope.state.credentials().spend(token, resource, 0, times);
    let show = |quota: Quota| {
        json!({
            "limit": quota.limit,
            "used": quota.used,
            "remaining": quota.remaining(),
            "reset": quota.reset_at.timestamp(),
        })
    };
    let core = show(quota(Resource::Core));
    let graphql = show(quota(Resource::Graphql));
    let search = json!({
        "limit": 30, "used": 0, "remaining": 30, "reset": scope.now.timestamp() + 60,
    });
    let resources = json!({ "core": core, "graphql": graphql, "search": search });
    Ok(Answer::ok(&json!({ "resources": resources, "rate": core })))
}

/// `GET /user/memberships/orgs/{org}`: role and whether the invitation was accepted.
pub(crate) fn membership(scope: &Scope<'_>, login: &str) -> Answered {
    let Grant::Person { user, .. } = &scope.viewer.grant else {
        return Err(Answer::refusal(
            403,
            "Resource not accessible by integration",
            "/rest/orgs",
        ));
    };
    scope.require(&["read:org", "write:org", "admin:org", "repo"], "members")?;
    let organization = scope.organization(login)?;
    if organization.barrier == AccessBarrier::AppBlocked {
        return Err(Answer::refusal(403, "Forbidden", "/rest/orgs"));
    }
    let member = organization.member(user.id).ok_or_else(Answer::not_found)?;
    Ok(shown(scope, organization, member))
}

/// `GET /orgs/{org}/memberships/{username}`: the same of anybody, for whoever is inside.
pub(crate) fn membership_of(scope: &Scope<'_>, login: &str, username: &str) -> Answered {
    scope.require(&["read:org", "write:org", "admin:org", "repo"], "members")?;
    let organization = scope.organization(login)?;
    let mut members = organization.members.iter();
    let member = members.find(|member| member.actor.login.eq_ignore_ascii_case(username));
    Ok(shown(
        scope,
        organization,
        member.ok_or_else(Answer::not_found)?,
    ))
}

fn shown(scope: &Scope<'_>, organization: &Organization, member: &Member) -> Answer {
    let (state, role) = match member.role {
        Role::Admin => ("active", "admin"),
        Role::Member => ("active", "member"),
        Role::PendingAdmin => ("pending", "admin"),
    };
    let base = scope.base_url();
    let organization_url = format!("{base}/orgs/{}", organization.login);
    let answer = Answer::ok(&json!({
        "url": format!("{organization_url}/memberships/{}", member.actor.login),
        "state": state,
        "role": role,
        "organization_url": organization_url,
        "organization": simple_organization(&base, organization),
        "user": simple_user(&base, &member.actor, false),
    }));
    answer.with(
        "x-accepted-oauth-scopes",
        "admin:org, read:org, repo, user, write:org",
    )
}
