use std::fmt::{self, Write as _};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// Wraps the integer the database assigned.
            #[must_use]
            pub const fn new(raw: u32) -> Self {
                Self(raw)
            }

            /// The database's integer.
            #[must_use]
            pub const fn get(self) -> u32 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A person, application or the anonymous principal. Drawn from the sequence of subjects, never reused.
    PrincipalId;
    /// A team. Drawn from the same sequence as principals, so that a subject is one integer.
    TeamId;
    /// A principal or a team: what a grant names.
    SubjectId;
    /// A project. Drawn from the sequence of nodes, never reused.
    ProjectId;
    /// A repository. Drawn from the same sequence as projects, so that a node is one integer.
    RepositoryId;
    /// The organisation, a project or a repository: where a grant holds.
    NodeId;
    /// A role, of the organisation or of one project.
    RoleId;
    /// A grant row.
    GrantId;
}

impl NodeId {
    /// The organisation, root of the tree.
    pub const ORGANISATION: Self = Self::new(1);
}

impl TeamId {
    /// Everybody, anonymous included; computed.
    pub const ANYONE: Self = Self::new(1);
    /// Members and applications; computed.
    pub const EVERYONE: Self = Self::new(2);
    /// Members; computed.
    pub const ORG_MEMBERS: Self = Self::new(3);
    /// The administrators; its members are edited, its last active one is never lost.
    pub const ORG_ADMINS: Self = Self::new(4);
}

impl PrincipalId {
    /// The principal of a caller without credentials.
    pub const ANONYMOUS: Self = Self::new(5);
}

impl SubjectId {
    /// The first integer the sequence of subjects hands out; those below are built in.
    pub const FIRST_FREE: u32 = 16;
}

impl From<PrincipalId> for SubjectId {
    fn from(id: PrincipalId) -> Self {
        Self::new(id.get())
    }
}

impl From<TeamId> for SubjectId {
    fn from(id: TeamId) -> Self {
        Self::new(id.get())
    }
}

impl From<ProjectId> for NodeId {
    fn from(id: ProjectId) -> Self {
        Self::new(id.get())
    }
}

impl From<RepositoryId> for NodeId {
    fn from(id: RepositoryId) -> Self {
        Self::new(id.get())
    }
}

/// The public id of a permanent token: the 8 base62 characters in it, read as a number (below 62⁸). Says nothing about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(u64);

impl TokenId {
    /// The digits of which tokens and their ids are made.
    pub const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// Wraps the number; the reader of tokens guarantees the bound.
    #[must_use]
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// As it stands in the token: 8 characters.
impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..8_u32).rev().try_for_each(|place| {
            let digit = self.0 / 62_u64.pow(place) % 62;
            let digit = usize::try_from(digit).ok().and_then(|digit| Self::DIGITS.get(digit));
            f.write_char(digit.map_or('?', |digit| char::from(*digit)))
        })
    }
}

/// A session of a person in a browser: the public id in its secret, made as those of tokens are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(TokenId);

impl SessionId {
    /// Of the secret with this public id.
    #[must_use]
    pub const fn new(id: TokenId) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

/// As it stands in the secret: 8 characters.
impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An upload session: 128 random bits, unguessable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UploadId(u128);

impl UploadId {
    /// Wraps 128 random bits.
    #[must_use]
    pub const fn new(raw: u128) -> Self {
        Self(raw)
    }

    /// The bits.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }

    /// Reads the 32 lower-case hexadecimal digits written by `Display`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let canonical = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if canonical { u128::from_str_radix(text, 16).ok().map(Self) } else { None }
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The order of access changes: incremented in the transaction of every one (docs/design.md 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PolicyVersion(u64);

impl PolicyVersion {
    /// Wraps the database's counter.
    #[must_use]
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }

    /// The counter.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// A point of the history of access changes. The version alone does not tell it: a database set back to a backup hands out the
/// numbers after the backup a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PolicyPoint {
    /// Which history: a random number, another one once somebody has found that a database was set back.
    pub epoch: u64,
    /// The version.
    pub version: PolicyVersion,
    /// Drawn at random with the version: says whether the same number means the same change, before anybody has found out.
    pub stamp: u64,
}
