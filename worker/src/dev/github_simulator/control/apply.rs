//! Which command changes what. Each arm is one call.

use serde_json::Value;

use super::{Command, copilot, credentials, organizations, pull_requests, repositories};
use crate::dev::github_simulator::{ControlError, state::State};

/// Carries out a command that changes organizations or tokens.
pub(crate) fn apply_to_world(state: &State, command: Command) -> Result<Value, ControlError> {
    match command {
        Command::RevokeToken { token } => credentials::set_revoked(state, &token, true),
        Command::RestoreToken { token } => credentials::set_revoked(state, &token, false),
        Command::RevokeTokenAfter {
            token,
            n,
            operation,
        } => credentials::set_fuse(state, &token, n, operation),
        Command::IssueToken(spec) => credentials::issue(state, spec),
        Command::IssueOauthTokens { org, login } => {
            credentials::issue_pair(state, &org, login.as_deref())
        }
        Command::WithholdPermissions { org, names } => {
            credentials::withhold_permissions(state, &org, names)
        }
        Command::SuspendInstallation { org } => {
            credentials::suspend_installation(state, &org, true)
        }
        Command::UnsuspendInstallation { org } => {
            credentials::suspend_installation(state, &org, false)
        }
        Command::Uninstall { org } => credentials::uninstall(state, &org),
        Command::CreateOrganization(spec) => organizations::create(state, &spec),
        Command::SetBarrier { org, barrier } => organizations::set_barrier(state, &org, barrier),
        Command::AddMember { org, login } => organizations::add_member(state, &org, &login),
        Command::RemoveMember { org, login } => organizations::remove_member(state, &org, &login),
        Command::SetHidden {
            org,
            login,
            is_hidden,
        } => organizations::set_hidden(state, &org, &login, is_hidden),
        Command::SetRole { org, login, role } => organizations::set_role(state, &org, &login, role),
        Command::RenameOrganization { org, name } => organizations::rename(state, &org, &name),
        Command::RenameRepository { org, repo, name } => {
            repositories::rename_repository(state, &org, &repo, &name)
        }
        Command::ChangeRepository { org, repo, change } => {
            repositories::change(state, &org, &repo, change)
        }
        Command::AddPullRequest {
            org,
            repo,
            pull_request,
        } => pull_requests::add(state, &org, &repo, pull_request),
        Command::MergePullRequest { org, repo, number } => {
            pull_requests::merge(state, &org, &repo, number)
        }
        Command::UpdatePullRequest { org, repo, number } => {
            pull_requests::update(state, &org, &repo, number)
        }
        Command::SetSeats { org, n } => copilot::set_seats(state, &org, n),
        command => copilot::apply(state, command),
    }
}
