//! People of an organization.

use serde::{Deserialize, Serialize};

use super::words;

/// A member as GitHub lists it. The numeric id is the key: logins change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// GitHub's numeric user id.
    pub github_id: i64,
    /// Login at the time of the listing.
    pub login: String,
    /// Display name, when public.
    pub name: Option<String>,
    /// E-mail address, when public.
    pub email: Option<String>,
    /// Role in the organization.
    pub role: MemberRole,
}

/// Role of a member in the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// May administer the organization.
    Admin,
    /// Everybody else.
    Member,
}

words!(MemberRole { Admin => "admin", Member => "member" });
