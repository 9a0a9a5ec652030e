//! `OrganizationMembers`: who belongs to the organization.

use serde_json::{Value, json};

use super::{
    super::{
        credentials::{Grant, Quota, Viewer},
        model::{Member, Organization, Role, World},
    },
    Answer, Answered, Plan, cursor, is_visible, organization, rate_limit,
};

/// One page of members in the order of their ids.
pub(crate) fn answer(world: &World, viewer: &Viewer, plan: &Plan<'_>, quota: &Quota) -> Answered {
    let organization = organization(world, viewer, plan, quota)?;
    check_scopes(viewer)?;
    let after = cursor::decode_position(plan.cursor("cursor")?.as_deref())? as u64;
    // Nobody here shows their membership to the public.
    let is_inside = is_visible(organization, viewer);
    let listed = organization.listed_members().filter(|_| is_inside);
    let mut members: Vec<&Member> = listed.collect();
    members.sort_unstable_by_key(|member| member.actor.id);
    let total = members.len();
    let rest = &members[members.partition_point(|member| member.actor.id <= after)..];
    let page = &rest[..rest.len().min(plan.first)];
    let end = page
        .last()
        .map(|member| cursor::encode(&member.actor.id.to_string()));
    Ok(Answer::ok(&json!({ "data": {
        "rateLimit": rate_limit(plan, quota),
        "organization": {
            "databaseId": organization.id,
            "login": organization.login,
            "membersWithRole": {
                "totalCount": total,
                "pageInfo": { "hasNextPage": rest.len() > page.len(), "endCursor": end },
                "edges": page.iter().map(|member| edge(organization, member)).collect::<Vec<_>>(),
            },
        },
    }})))
}

fn edge(organization: &Organization, member: &Member) -> Value {
    let actor = &member.actor;
    if organization.hidden_members.contains(&actor.id) {
        return Value::Null;
    }
    json!({
        "role": if member.role == Role::Admin { "ADMIN" } else { "MEMBER" },
        "node": {
            "databaseId": actor.id,
            "login": actor.login,
            "name": actor.name,
            // GraphQL's `email` is not nullable: a hidden one is empty.
            "email": actor.email.as_deref().unwrap_or_default(),
        },
    })
}

/// The field `email` needs a scope of its own, the members need `read:org`.
fn check_scopes(viewer: &Viewer) -> Result<(), Answer> {
    let needs: [(&str, &[&str]); 2] = [
        ("membersWithRole", &["read:org", "write:org", "admin:org"]),
        ("email", &["user:email", "read:user", "user"]),
    ];
    let Grant::Person {
        scopes: Some(scopes),
        ..
    } = &viewer.grant
    else {
        return Ok(());
    };
    for (field, accepted) in needs {
        if !viewer.has_scope(accepted) {
            let message = format!(
                "Your token has not been granted the required scopes to execute this query. The \
                 '{field}' field requires one of the following scopes: {accepted:?}, but your \
                 token has only been granted the: {scopes:?} scopes. Please modify your token's \
                 scopes at: https://github.com/settings/tokens."
            );
            let error = json!({ "type": "INSUFFICIENT_SCOPES", "message": message });
            return Err(Answer::ok(&json!({ "errors": [error] })));
        }
    }
    Ok(())
}
