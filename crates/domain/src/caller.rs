use std::sync::Arc;

use crate::clock::Timestamp;
use crate::id::{NodeId, PrincipalId, SessionId, TokenId};
use crate::permission::Permissions;

/// The five kinds of principal (docs/design.md 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// A person of the organisation.
    Member,
    /// An external person who works in some projects.
    Collaborator,
    /// An external person who mostly looks.
    Guest,
    /// A program with a client ID; also the automation identity.
    Application,
    /// Nobody in particular.
    Anonymous,
}

/// Who is calling, established by `auth` and by nobody else. Holds no secret.
#[derive(Debug, Clone)]
pub struct Caller {
    who: Who,
    credential: Credential,
    limits: TokenLimits,
}

/// What a caller proved itself by. Holds no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// Nothing.
    None,
    /// A token, presented itself or behind a bearer.
    Token(TokenId),
    /// This password of theirs, itself or behind a bearer: passwords are counted.
    Password(u32),
    /// A session in a browser, and when the password was given for it.
    Session(SessionId, Timestamp),
}

/// The principal behind a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// No credentials, or those of an anonymous bearer.
    Anonymous,
    /// A person or application that proved who it is.
    Principal(PrincipalId, PrincipalKind),
}

/// What the presented token is limited to. Intersected with the owner's rights, without closure (docs/access.md 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenLimits {
    /// Everything its owner may.
    Full,
    /// These permissions at these nodes and below; at most 256 pairs.
    Only(Arc<[(NodeId, Permissions)]>),
}

impl Caller {
    /// A caller without credentials.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { who: Who::Anonymous, credential: Credential::None, limits: TokenLimits::Full }
    }

    /// A caller whose credentials were verified. Only `auth` may call this; a test of the repository enforces it.
    #[must_use]
    pub const fn assertion(
        id: PrincipalId,
        kind: PrincipalKind,
        token: Option<TokenId>,
        limits: TokenLimits,
    ) -> Self {
        let credential = match token {
            Some(token) => Credential::Token(token),
            None => Credential::Password(0),
        };
        Self { who: Who::Principal(id, kind), credential, limits }
    }

    /// The same, by this password of theirs: passwords are counted.
    #[must_use]
    pub fn by_password(self, generation: u32) -> Self {
        Self { credential: Credential::Password(generation), ..self }
    }

    /// The same, in a session for which the password was given then.
    #[must_use]
    pub fn in_session(self, session: SessionId, signed_in: Timestamp) -> Self {
        Self { credential: Credential::Session(session, signed_in), ..self }
    }

    /// The principal.
    #[must_use]
    pub const fn who(&self) -> Who {
        self.who
    }

    /// The principal's id; anonymous has one too.
    #[must_use]
    pub const fn principal(&self) -> PrincipalId {
        match self.who {
            Who::Anonymous => PrincipalId::ANONYMOUS,
            Who::Principal(id, _) => id,
        }
    }

    /// Whether credentials were verified.
    #[must_use]
    pub const fn is_authenticated(&self) -> bool {
        matches!(self.who, Who::Principal(..))
    }

    /// The permanent token that was presented, directly or behind a bearer.
    #[must_use]
    pub const fn token(&self) -> Option<TokenId> {
        self.credential.token()
    }

    /// What was presented, directly or behind a bearer.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        self.credential
    }

    /// What that token is limited to.
    #[must_use]
    pub const fn limits(&self) -> &TokenLimits {
        &self.limits
    }
}

impl Credential {
    /// The token, if it is one.
    #[must_use]
    pub const fn token(self) -> Option<TokenId> {
        match self {
            Self::Token(token) => Some(token),
            Self::None | Self::Password(_) | Self::Session(..) => None,
        }
    }

    /// The session, if it is one.
    #[must_use]
    pub const fn session(self) -> Option<SessionId> {
        match self {
            Self::Session(session, _) => Some(session),
            Self::None | Self::Password(_) | Self::Token(_) => None,
        }
    }
}

impl PrincipalKind {
    /// The word used in API, CLI, configuration and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Collaborator => "collaborator",
            Self::Guest => "guest",
            Self::Application => "application",
            Self::Anonymous => "anonymous",
        }
    }

    /// Whether it is one of the two external kinds, which join no team.
    #[must_use]
    pub const fn is_external(self) -> bool {
        matches!(self, Self::Collaborator | Self::Guest)
    }

    /// Whether a person stands behind it.
    #[must_use]
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Member | Self::Collaborator | Self::Guest)
    }
}

impl TokenLimits {
    /// Most (node, permissions) pairs one token may hold.
    pub const PAIRS_MAX: usize = 256;

    /// What the limits leave at the given nodes, the path of a node to the root.
    #[must_use]
    pub fn allowed_on(&self, path: &[NodeId]) -> Permissions {
        match self {
            Self::Full => Permissions::ALL,
            Self::Only(pairs) => pairs
                .iter()
                .filter(|(node, _)| path.contains(node))
                .fold(Permissions::NONE, |sum, (_, some)| sum.union(*some)),
        }
    }
}
