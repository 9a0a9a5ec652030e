//! Who is an administrator of an organization: one question for connecting, for the Copilot step and for probes. Everybody who is
//! not is told apart, since each is helped by somebody else.

use workflows::domain::cause::Cause;

use super::{
    GithubClient, GithubFailure, Token, account::parse, classify::Bearer, endpoint::EndpointClass,
    failure_class::FailureClass, wire::rest::WireMembership,
};

/// What the owner of a token is in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// An owner who has accepted: the only person who administers.
    ActiveAdmin,
    /// Invited as an owner, not accepted yet: may nothing.
    PendingAdmin,
    /// A member who has accepted.
    Member,
    /// Invited as a member, not accepted yet.
    PendingMember,
    /// No member (404).
    Outsider,
    /// The organization has blocked the App that the token was made with (403).
    AppBlocked,
    /// The App itself: no human role applies, its permissions are the proof.
    Installation,
}

impl Standing {
    /// Whether nothing that is for administrators is refused because of the role.
    pub fn administers(self) -> bool {
        self.obstacle().is_none()
    }

    /// Whether it sees more of the organization than the public does.
    pub fn is_inside(self) -> bool {
        match self {
            Self::ActiveAdmin | Self::Member | Self::Installation => true,
            Self::PendingAdmin | Self::PendingMember | Self::Outsider | Self::AppBlocked => false,
        }
    }

    /// What keeps it from administering.
    pub fn obstacle(self) -> Option<Cause> {
        match self {
            Self::ActiveAdmin | Self::Installation => None,
            Self::PendingAdmin | Self::Member | Self::PendingMember | Self::Outsider => {
                Some(Cause::NotOrgAdmin)
            }
            Self::AppBlocked => Some(Cause::AppNotApproved),
        }
    }

    /// The status with which GitHub tells it.
    pub fn http_status(self) -> u16 {
        match self {
            Self::ActiveAdmin | Self::PendingAdmin | Self::Member | Self::PendingMember => 200,
            Self::Outsider => 404,
            Self::AppBlocked => 403,
            Self::Installation => 200,
        }
    }

    /// One sentence: what `login` is in the organization, and who can do what it may not.
    pub fn explain(self, login: &str, organization: &str) -> String {
        match self {
            Self::ActiveAdmin => format!("{login} is an owner of {organization}"),
            Self::PendingAdmin => format!(
                "{login} is invited as an owner of {organization} and has not accepted yet: {login} accepts the invitation on GitHub"
            ),
            Self::Member => format!(
                "{login} is a member of {organization} and not an owner: an organization owner connects with a token of their own"
            ),
            Self::PendingMember => format!(
                "{login} is invited to {organization} as a member and has not accepted yet: an organization owner connects with a token of their own"
            ),
            Self::Outsider => format!(
                "{login} is no member of {organization}: an organization owner connects with a token of their own"
            ),
            Self::AppBlocked => format!(
                "{organization} has blocked the App that this token was made with: an organization owner unblocks it in the organization's settings"
            ),
            Self::Installation => format!("the App is installed in {organization}"),
        }
    }
}

impl GithubClient {
    /// What the token's owner is in the organization: `GET /user/memberships/orgs/{org}`. The App is not asked about: it has no
    /// role.
    pub async fn fetch_standing(
        &self,
        token: &Token,
        organization: &str,
    ) -> Result<Standing, GithubFailure> {
        if Bearer::of(token) == Bearer::Installation {
            return Ok(Standing::Installation);
        }
        let endpoint = EndpointClass::Membership;
        let url = self.rest_url(&["user", "memberships", "orgs", organization]);
        let answer = match self.get(endpoint, token, url).await {
            Err(failure) if failure.class == FailureClass::OrganizationNotFound => {
                return Ok(Standing::Outsider);
            }
            // Every refusal that has another reason is a class of its own.
            Err(failure) if failure.class == FailureClass::Forbidden => {
                return Ok(Standing::AppBlocked);
            }
            other => other?,
        };
        let membership: WireMembership = parse(endpoint, &answer)?;
        Ok(standing(&membership.role, &membership.state))
    }
}

/// States and roles that this version does not know may nothing.
fn standing(role: &str, state: &str) -> Standing {
    match (role, state) {
        ("admin", "active") => Standing::ActiveAdmin,
        ("admin", _) => Standing::PendingAdmin,
        (_, "active") => Standing::Member,
        (_, _) => Standing::PendingMember,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_active_admin_administers() {
        assert!(standing("admin", "active").administers());
        for (role, state) in [
            ("admin", "pending"),
            ("member", "active"),
            ("member", "pending"),
            ("billing_manager", "active"),
            ("admin", "suspended"),
        ] {
            let found = standing(role, state);
            assert_eq!(found.obstacle(), Some(Cause::NotOrgAdmin), "{role} {state}");
        }
        assert!(
            !Standing::PendingAdmin.is_inside(),
            "sees what the public does"
        );
    }

    #[test]
    fn each_standing_is_told_in_words_of_its_own() {
        use Standing as S;
        let all = [
            S::ActiveAdmin,
            S::PendingAdmin,
            S::Member,
            S::PendingMember,
            S::Outsider,
            S::AppBlocked,
            S::Installation,
        ];
        let said: std::collections::BTreeSet<_> =
            all.iter().map(|each| each.explain("ann", "acme")).collect();
        assert_eq!(said.len(), all.len(), "{said:#?}");
    }
}
