//! Who opens invented pull requests, and how often.

use std::sync::Arc;

use super::{
    super::{
        PullRequestShape,
        model::{Actor, Member},
    },
    people::bot,
};

/// What an author of pull requests is: it decides the title and who commits.
#[derive(Clone, Debug)]
pub(crate) enum Author {
    Member(Arc<Actor>),
    Agent(Arc<Actor>),
    Dependabot(Arc<Actor>),
    Deleted,
}

impl Author {
    /// Everyone who opens pull requests, as often as they do it.
    pub(crate) fn cast(members: &[Member], shape: PullRequestShape) -> Vec<Self> {
        let people = members
            .iter()
            .map(|member| Self::Member(Arc::clone(&member.actor)));
        if shape != PullRequestShape::Varied {
            return people.collect();
        }
        let people: Vec<_> = people.collect();
        let share = people.len().div_ceil(12);
        let mut cast: Vec<_> = std::iter::repeat_n(people, 2).flatten().collect();
        let agent = Self::Agent(Arc::new(bot("copilot-swe-agent", 198_982_749)));
        let dependabot = Self::Dependabot(Arc::new(bot("dependabot", 49_699_333)));
        for each in [agent, dependabot, Self::Deleted] {
            cast.extend(std::iter::repeat_n(each, share));
        }
        cast
    }

    /// The account; none for a deleted one.
    pub(crate) fn actor(&self) -> Option<Arc<Actor>> {
        match self {
            Self::Member(actor) | Self::Agent(actor) | Self::Dependabot(actor) => {
                Some(Arc::clone(actor))
            }
            Self::Deleted => None,
        }
    }
}
