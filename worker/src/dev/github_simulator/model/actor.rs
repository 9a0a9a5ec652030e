//! Who acts on GitHub: people and bots. A deleted user is the absence of an actor.

/// Whether an account is a person's or an app's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActorKind {
    User,
    Bot,
}

/// One account. Bots carry their GraphQL login, without the `[bot]` REST appends.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) id: u64,
    pub(crate) kind: ActorKind,
    pub(crate) login: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
}

impl Actor {
    /// The GraphQL type name.
    pub(crate) fn type_name(&self) -> &'static str {
        match self.kind {
            ActorKind::User => "User",
            ActorKind::Bot => "Bot",
        }
    }
}
