//! Commands about organizations and members, and the methods for them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Command, Control};
use crate::dev::github_simulator::{
    AccessBarrier, ControlError, OrgSpec, Role,
    generate::{add_organization, person},
    model::{Member, Organization, World},
    state::State,
};

impl Control {
    /// Invents an organization; returns its admin's token.
    pub fn create_organization(&self, spec: OrgSpec) -> String {
        let token = self.run(Command::CreateOrganization(spec));
        token.as_str().unwrap_or_default().to_owned()
    }

    /// Puts up, or with `AccessBarrier::None` takes away, what refuses a good token.
    pub fn set_barrier(&self, org: &str, barrier: AccessBarrier) {
        self.run(Command::SetBarrier {
            org: org.to_owned(),
            barrier,
        });
    }

    /// Adds a person to an organization; returns the numeric id.
    pub fn add_member(&self, org: &str, login: &str) -> u64 {
        let (org, login) = (org.to_owned(), login.to_owned());
        self.run(Command::AddMember { org, login })
            .as_u64()
            .unwrap_or_default()
    }

    /// Removes a person, together with the Copilot seat.
    pub fn remove_member(&self, org: &str, login: &str) {
        self.run(Command::RemoveMember {
            org: org.to_owned(),
            login: login.to_owned(),
        });
    }

    /// Lets GitHub list a member as null, or by name again.
    pub fn set_hidden(&self, org: &str, login: &str, is_hidden: bool) {
        self.run(Command::SetHidden {
            org: org.to_owned(),
            login: login.to_owned(),
            is_hidden,
        });
    }

    /// Changes a member's role.
    pub fn set_role(&self, org: &str, login: &str, role: Role) {
        self.run(Command::SetRole {
            org: org.to_owned(),
            login: login.to_owned(),
            role,
        });
    }

    /// Renames an organization. REST redirects from its former login until another takes it; GraphQL knows it no more.
    pub fn rename_organization(&self, org: &str, name: &str) {
        let (org, name) = (org.to_owned(), name.to_owned());
        self.run(Command::RenameOrganization { org, name });
    }

    /// The logins of an organization's members, the owner first.
    pub fn member_logins(&self, org: &str) -> Vec<String> {
        let world = self.state.world();
        let organization = world.organization(org);
        let members = organization
            .map(|found| found.members.iter())
            .unwrap_or_default();
        members.map(|member| member.actor.login.clone()).collect()
    }
}

/// An organization to change.
pub(crate) fn organization_mut<'w>(
    world: &'w mut World,
    org: &str,
) -> Result<&'w mut Organization, ControlError> {
    world
        .organization_mut(org)
        .ok_or_else(|| ControlError::NoOrganization(org.to_owned()))
}

pub(crate) fn create(state: &State, spec: &OrgSpec) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    if world.organization(&spec.login).is_some() {
        return Err(ControlError::OrganizationExists(spec.login.clone()));
    }
    add_organization(&mut world, spec, state.clock.now());
    let admin = world
        .organization(&spec.login)
        .and_then(Organization::admin);
    if let Some(admin) = admin {
        state.credentials().issue_admin(&spec.login, &admin.actor);
    }
    Ok(json!(format!("sim-{}-admin", spec.login)))
}

pub(crate) fn rename(state: &State, org: &str, name: &str) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    let organization = organization_mut(&mut world, org)?;
    let former = std::mem::replace(&mut organization.login, name.to_owned());
    organization.former_logins.push(former);
    Ok(Value::Null)
}

pub(crate) fn set_barrier(
    state: &State,
    org: &str,
    barrier: AccessBarrier,
) -> Result<Value, ControlError> {
    organization_mut(&mut state.world_mut(), org)?.barrier = barrier;
    Ok(Value::Null)
}

pub(crate) fn add_member(state: &State, org: &str, login: &str) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    let id = world.ids.next("account", 1_400_001);
    let actor = Arc::new(person(login, id));
    let organization = organization_mut(&mut world, org)?;
    organization.members.push(Member {
        actor,
        role: Role::Member,
    });
    Ok(json!(id))
}

pub(crate) fn remove_member(state: &State, org: &str, login: &str) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    let organization = organization_mut(&mut world, org)?;
    let actor = Arc::clone(&member_mut(organization, login)?.actor);
    let id = actor.id;
    organization.former_members.push(actor);
    organization.members.retain(|member| member.actor.id != id);
    organization
        .copilot
        .seats
        .retain(|seat| seat.assignee.id != id);
    Ok(Value::Null)
}

pub(crate) fn set_hidden(
    state: &State,
    org: &str,
    login: &str,
    is_hidden: bool,
) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    let organization = organization_mut(&mut world, org)?;
    let id = member_mut(organization, login)?.actor.id;
    organization.hidden_members.remove(&id);
    if is_hidden {
        organization.hidden_members.insert(id);
    }
    Ok(Value::Null)
}

pub(crate) fn set_role(
    state: &State,
    org: &str,
    login: &str,
    role: Role,
) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    member_mut(organization_mut(&mut world, org)?, login)?.role = role;
    Ok(Value::Null)
}

fn member_mut<'o>(
    organization: &'o mut Organization,
    login: &str,
) -> Result<&'o mut Member, ControlError> {
    let org = organization.login.clone();
    let mut members = organization.members.iter_mut();
    let found = members.find(|member| member.actor.login.eq_ignore_ascii_case(login));
    found.ok_or_else(|| ControlError::NoMember(org, login.to_owned()))
}
