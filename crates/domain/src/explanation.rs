//! Why somebody may or may not do something somewhere (docs/api.md 7): the decision itself, with what led to it.

use crate::clock::Timestamp;
use crate::facts::GrantedWhat;
use crate::id::{GrantId, NodeId, PolicyVersion, SubjectId};
use crate::node::ResolvedNode;
use crate::permission::Permissions;

/// A decision and what led to it, all at one version of the matrix.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The node; `None` if there is none of the name.
    pub node: Option<ResolvedNode>,
    /// Yes or no.
    pub allowed: bool,
    /// Everything that may be done there through the credential.
    pub held: Permissions,
    /// Why it is so.
    pub reason: Reason,
    /// What decided, in the order in which it is asked.
    pub stages: Stages,
    /// The grants that reach the principal on the way to the node, those that are enough first. What no grant in force gives and one
    /// that ran out gave is among them too.
    pub ways: Vec<Way>,
    /// How many more there are: at most [`Explanation::WAYS_MAX`] are told.
    pub left_out: usize,
    /// The version that decided.
    pub version: PolicyVersion,
}

/// A decision as the log tells it: without what led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Why it is so.
    pub reason: Reason,
    /// Everything that may be done there through the credential.
    pub held: Permissions,
    /// The version that decided.
    pub version: PolicyVersion,
}

/// What a decision is made of: grants, what an application requests, the ceiling of the kind, the limits of the token, and what
/// everybody has besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// What all grants come to, with their closure.
    pub granted: Permissions,
    /// What an application that names requested rights has in place of grants.
    pub requested: Option<Requested>,
    /// What the kind can have at most.
    pub ceiling: Permissions,
    /// What the limits of the token leave at this node.
    pub limits: Permissions,
    /// What everybody has there.
    pub public: Permissions,
}

/// The requested rights of an application at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requested {
    /// What it requests.
    pub permissions: Permissions,
    /// Whether that is authorised on the way to the node.
    pub authorised: bool,
}

/// One grant and how it reaches a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Which grant.
    pub grant: GrantId,
    /// Who was granted it.
    pub to: SubjectId,
    /// The teams between the principal and that, from the principal's side; the computed ones of all are joined without one.
    pub through: Vec<SubjectId>,
    /// Where.
    pub on: NodeId,
    /// Role or permissions.
    pub what: GrantedWhat,
    /// What that comes to, with its closure.
    pub gives: Permissions,
    /// From this moment on it does not hold.
    pub expires: Option<Timestamp>,
    /// Whether that moment is past.
    pub expired: bool,
    /// Whether it alone makes the answer a yes.
    pub sufficient: bool,
}

/// Why an answer is as it is. Words of the API: they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A grant gives it.
    Granted,
    /// Everybody may.
    Public,
    /// No grant gives it.
    NoGrant,
    /// A grant that ran out gave it.
    GrantExpired,
    /// Somebody of this kind can never have it.
    Ceiling,
    /// The application does not request it.
    ApplicationRights,
    /// What the application requests is not authorised there.
    ApplicationProject,
    /// The token is limited to other things.
    TokenLimits,
    /// The principal is suspended.
    Suspended,
    /// The token was revoked.
    TokenRevoked,
    /// The token is disabled.
    TokenDisabled,
    /// The token ran out.
    TokenExpired,
    /// The token is not good yet.
    TokenEarly,
    /// The token is good from other addresses only.
    TokenAddress,
    /// The node is not there, or whoever asks may not know that it is.
    NothingKnown,
}

impl Explanation {
    /// Most grants of one explanation.
    pub const WAYS_MAX: usize = 100;

    /// What is said of a node that is not there and of one that whoever asks may not know: the same.
    #[must_use]
    pub const fn nothing_known(version: PolicyVersion) -> Self {
        Self {
            node: None,
            allowed: false,
            held: Permissions::NONE,
            reason: Reason::NothingKnown,
            stages: Stages::NOTHING,
            ways: Vec::new(),
            left_out: 0,
            version,
        }
    }
}

impl Verdict {
    /// Of a node that is not there.
    #[must_use]
    pub const fn nothing_known(version: PolicyVersion) -> Self {
        Self { reason: Reason::NothingKnown, held: Permissions::NONE, version }
    }
}

impl Stages {
    /// Nothing is granted.
    pub const NOTHING: Self = Self {
        granted: Permissions::NONE,
        requested: None,
        ceiling: Permissions::NONE,
        limits: Permissions::ALL,
        public: Permissions::NONE,
    };

    /// What the principal has before ceiling and limits cut it off.
    #[must_use]
    pub const fn own(&self) -> Permissions {
        match self.requested {
            None => self.granted,
            Some(Requested { permissions, authorised: true }) => permissions,
            Some(Requested { authorised: false, .. }) => Permissions::NONE,
        }
    }

    /// Everything that is left in the end.
    #[must_use]
    pub const fn held(&self) -> Permissions {
        self.own().intersection(self.ceiling).intersection(self.limits).union(self.public)
    }

    /// Why any of these permissions may or may not be exercised: the first stage that has none of them left.
    #[must_use]
    pub const fn reason(&self, any_of: Permissions) -> Reason {
        if self.own().intersection(self.ceiling).intersection(self.limits).intersects(any_of) {
            return Reason::Granted;
        }
        if self.public.intersects(any_of) {
            return Reason::Public;
        }
        match self.requested {
            Some(Requested { permissions, .. }) if !permissions.intersects(any_of) => {
                return Reason::ApplicationRights;
            }
            Some(Requested { authorised: false, .. }) => return Reason::ApplicationProject,
            Some(_) => {}
            None if !self.granted.intersects(any_of) => return Reason::NoGrant,
            None => {}
        }
        if self.own().intersection(self.ceiling).intersects(any_of) {
            Reason::TokenLimits
        } else {
            Reason::Ceiling
        }
    }
}

impl Reason {
    /// Every one.
    pub const ALL: [Self; 15] = [
        Self::Granted,
        Self::Public,
        Self::NoGrant,
        Self::GrantExpired,
        Self::Ceiling,
        Self::ApplicationRights,
        Self::ApplicationProject,
        Self::TokenLimits,
        Self::Suspended,
        Self::TokenRevoked,
        Self::TokenDisabled,
        Self::TokenExpired,
        Self::TokenEarly,
        Self::TokenAddress,
        Self::NothingKnown,
    ];

    /// The word of the API and the logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Public => "public",
            Self::NoGrant => "no-grant",
            Self::GrantExpired => "grant-expired",
            Self::Ceiling => "ceiling",
            Self::ApplicationRights => "application-rights",
            Self::ApplicationProject => "application-project",
            Self::TokenLimits => "token-limits",
            Self::Suspended => "suspended",
            Self::TokenRevoked => "token-revoked",
            Self::TokenDisabled => "token-disabled",
            Self::TokenExpired => "token-expired",
            Self::TokenEarly => "token-early",
            Self::TokenAddress => "token-address",
            Self::NothingKnown => "nothing-known",
        }
    }

    /// What cut off something that the principal had otherwise, if that is why.
    #[must_use]
    pub const fn cut_by(self) -> Option<&'static str> {
        match self {
            Self::Ceiling => Some("ceiling"),
            Self::ApplicationRights | Self::ApplicationProject => Some("application"),
            Self::TokenLimits => Some("token"),
            Self::Suspended => Some("suspension"),
            Self::TokenRevoked
            | Self::TokenDisabled
            | Self::TokenExpired
            | Self::TokenEarly
            | Self::TokenAddress => Some("credential"),
            Self::Granted | Self::Public | Self::NoGrant | Self::GrantExpired | Self::NothingKnown => None,
        }
    }
}
