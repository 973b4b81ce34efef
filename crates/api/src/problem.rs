//! What can go wrong, and how it is told: RFC 9457, one code each, one exhaustive match (docs/api.md 1).

use std::borrow::Cow;
use std::sync::Arc;

use auth::AuthError;
use domain::{Denied, RequestId, RightKind, TokenId};
use storage::{ContentError, DirectoryError, DirectoryRule, InForce};

use crate::planned::PlanShown;

mod document;
mod wrong;

pub use document::{ProblemDocument, ProblemField};
pub use wrong::{Where, WrongField};

/// After how many seconds a client may try again where nothing better is known.
const RETRY_SECS: u64 = 1;
/// Most wrong fields that one answer names.
pub(crate) const FIELDS_MAX: usize = 20;

macro_rules! codes {
    ($($name:ident = $status:literal $word:literal $title:literal;)*) => {
        /// What programs tell failures apart by. Word and status never change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// All of them, by status.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word in documents, and the end of the problem's address.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// The HTTP status it goes with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)*
                }
            }

            /// The same in words for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }
        }
    };
}

codes! {
    Malformed = 400 "malformed" "The request cannot be read";
    Invalid = 400 "invalid" "The request is not what the description allows";
    UnknownField = 400 "unknown-field" "There is no such field";
    UnknownParameter = 400 "unknown-parameter" "There is no such parameter";
    NotAuthenticated = 401 "not-authenticated" "Not logged in";
    BadCredentials = 401 "bad-credentials" "The credentials are not valid";
    Denied = 403 "denied" "It does not exist, or you may not do this there";
    MustChangePassword = 403 "must-change-password" "Change your password first";
    BeyondOwn = 403 "beyond-own" "You do not hold that yourself";
    WiderThanToken = 403 "wider-than-token" "Your own token does not reach so far";
    CrossSite = 403 "cross-site" "A page of another site may not ask this";
    NotFresh = 403 "not-fresh" "The password must have been given lately";
    NoRule = 403 "no-rule" "No publisher takes the token";
    OwnTokens = 403 "own-tokens" "Applications make no tokens for themselves";
    Absent = 404 "absent" "It does not exist";
    NoRoute = 404 "no-route" "There is no such path";
    Method = 405 "method" "The path has other methods";
    Slow = 408 "slow" "The body came too slowly";
    NameTaken = 409 "name-taken" "The name is taken";
    UnknownName = 409 "unknown-name" "A name in the request does not exist";
    Rule = 409 "rule" "A rule forbids it";
    Expired = 409 "expired" "It is over";
    AmbiguousRule = 409 "ambiguous-rule" "Several publishers take the token";
    WeakPassword = 409 "weak-password" "The password would be guessed";
    BadCursor = 409 "bad-cursor" "The list does not go on there";
    Stale = 409 "stale" "Others change the same at the same time";
    LastAdmin = 409 "last-admin" "It would leave nobody who administers";
    Builtin = 409 "builtin" "It belongs to every installation";
    InUse = 409 "in-use" "Something else needs it";
    NotEmpty = 409 "not-empty" "There is something in it";
    Cycle = 409 "cycle" "A team would be in itself";
    FormatFixed = 409 "format-fixed" "A repository keeps its format";
    PlanChanged = 409 "plan-changed" "It would do something else by now";
    PlanConflict = 409 "plan-conflict" "Lines of the plan stand in the way";
    TestFailed = 409 "test-failed" "A test of the plan would not be so";
    Confirm = 409 "confirm" "It must be confirmed by name";
    AlreadyMade = 409 "already-made" "The same was asked before, and done";
    PreconditionFailed = 412 "precondition-failed" "It is not, or no longer, what the request was meant for";
    TooLarge = 413 "too-large" "The body is too large";
    NotJson = 415 "not-json" "The body must be JSON";
    Misdirected = 421 "misdirected" "This server is not known by that name";
    KeyReused = 422 "key-reused" "The key was used for another request";
    Throttled = 429 "throttled" "Too many attempts";
    Busy = 429 "busy" "You do as much at once as one may";
    Internal = 500 "internal" "The server failed";
    Unavailable = 503 "unavailable" "It cannot be done at the moment";
    NotYetInForce = 503 "not-yet-in-force" "A change is stored and not in force yet";
    AuditUnavailable = 503 "audit-unavailable" "The audit cannot take anything in";
    NotConfirmed = 504 "not-confirmed" "A change is stored, and not every node has confirmed it";
    NoSpace = 507 "no-space" "There is no space left";
}

/// What every endpoint may answer besides what its own description names.
pub(crate) const COMMON: [Code; 22] = [
    Code::Malformed,
    Code::Invalid,
    Code::UnknownField,
    Code::UnknownParameter,
    Code::NotAuthenticated,
    Code::BadCredentials,
    Code::Denied,
    Code::CrossSite,
    Code::MustChangePassword,
    Code::Method,
    Code::Slow,
    Code::PreconditionFailed,
    Code::TooLarge,
    Code::NotJson,
    Code::Misdirected,
    Code::Throttled,
    Code::Busy,
    Code::Internal,
    Code::Unavailable,
    Code::AuditUnavailable,
    Code::NotYetInForce,
    Code::NoSpace,
];

/// Why a request failed.
#[derive(Debug)]
pub enum Fault {
    /// The gate refused.
    Denied(Denied),
    /// The credentials are malformed, wrong, or cannot be checked now.
    Auth(AuthError),
    /// Storage refused or failed.
    Directory(DirectoryError),
    /// Storage refused or failed about content.
    Content(ContentError),
    /// Fields of the body or parameters of the query are not what the description allows; at least one, at most 20.
    Fields(Vec<WrongField>),
    /// The path has other methods.
    Method {
        /// Those, between commas.
        allowed: String,
        /// Whether it has one for which nobody has to log in: then it is told to anybody.
        is_open: bool,
    },
    /// Too many attempts.
    Throttled {
        /// When the next may be made.
        retry_after_secs: u64,
    },
    /// The caller asked more often than one may.
    TooOften {
        /// What about it, for people.
        words: &'static str,
        /// When the next request will be answered.
        retry_after_secs: u64,
    },
    /// A password that has to be changed was presented for something else.
    MustChange,
    /// Whatever else is noticed where its code is known. The words are for people and repeat no value of the request.
    Told(Code, Cow<'static, str>),
    /// A plan was to be applied and is not, for what these words say of it.
    Plan(Code, &'static str, Arc<PlanShown>),
    /// A change is in force here, and not every node that lives has said that it is there too.
    Unconfirmed(Unconfirmed),
    /// What the caller was told of elsewhere is not in force here yet.
    Behind,
}

/// A change that stays, though not every node has confirmed it.
#[derive(Debug, Clone)]
pub struct Unconfirmed {
    /// As it is in force at the node that answers.
    pub change: InForce,
    /// Where what was made is found: a path on this server.
    pub location: Option<String>,
}

/// A failure as it is told.
#[derive(Debug)]
pub struct Problem {
    /// Which one.
    pub code: Code,
    /// What can be done about it, for people; may change.
    pub detail: Cow<'static, str>,
    /// `Retry-After`, in seconds.
    pub retry_after_secs: Option<u64>,
    /// `Allow`.
    pub allowed: Option<String>,
    missing: Option<&'static str>,
    fields: Vec<WrongField>,
    plan: Option<Arc<PlanShown>>,
    /// The change that stays all the same.
    pub unconfirmed: Option<Unconfirmed>,
}

impl Fault {
    /// What is wrong is one field of the body.
    pub fn field(pointer: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Fields(vec![WrongField {
            at: Where::Pointer(pointer.to_owned()),
            code: Code::Invalid,
            detail: detail.into(),
        }])
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.problem().code
    }

    /// How it is told. Says the same for what is absent and for what the caller may not touch.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Denied(denied) => Problem::denied(denied),
            Self::Auth(error) => Problem::auth(error),
            Self::Directory(error) => Problem::stored(error),
            Self::Content(error) => Problem::content(error),
            Self::Fields(fields) => Problem::fields(fields),
            Self::Method { allowed, .. } => Problem {
                allowed: Some(allowed.clone()),
                ..Problem::new(Code::Method, format!("the path knows {allowed}"))
            },
            Self::Throttled { retry_after_secs } => {
                Problem::new(Code::Throttled, "too many attempts that failed").after(*retry_after_secs)
            }
            Self::TooOften { words, retry_after_secs } => {
                Problem::new(Code::Throttled, *words).after(*retry_after_secs)
            }
            Self::MustChange => Problem::must_change(),
            Self::Told(code, detail) => Problem::new(*code, detail.clone()),
            Self::Plan(code, detail, plan) => {
                Problem { plan: Some(Arc::clone(plan)), ..Problem::new(*code, *detail) }
            }
            Self::Unconfirmed(unconfirmed) => {
                let detail = "it is done and in force here; a node that lives has not said so in time, and follows by itself: the \
                              same request waits for it again";
                Problem { unconfirmed: Some(unconfirmed.clone()), ..Problem::new(Code::NotConfirmed, detail) }
            }
            Self::Behind => {
                let detail = "what `Wharfinger-Policy-Version` asks for is not in force at this node yet";
                Problem::new(Code::NotYetInForce, detail).after(RETRY_SECS)
            }
        }
    }
}

impl Problem {
    fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retry_after_secs: None,
            allowed: None,
            missing: None,
            fields: Vec::new(),
            plan: None,
            unconfirmed: None,
        }
    }

    fn after(self, secs: u64) -> Self {
        Self { retry_after_secs: Some(secs), ..self }
    }

    fn denied(denied: &Denied) -> Self {
        if !denied.authenticated {
            return Self::new(Code::NotAuthenticated, "log in with your name and a token");
        }
        let detail = "it does not exist, or you may not do this there";
        let missing = match denied.right {
            RightKind::Permission(permission) if denied.may_know => Some(permission.as_str()),
            RightKind::Permission(_) | RightKind::Probe => None,
        };
        Self { missing, ..Self::new(Code::Denied, detail) }
    }

    fn auth(error: &AuthError) -> Self {
        match error {
            AuthError::Malformed => Self::new(Code::Malformed, "the Authorization header is malformed"),
            AuthError::Invalid { .. } => Self::new(Code::BadCredentials, "the credentials are not valid"),
            AuthError::Untaken { why, .. } => Self::new(Code::BadCredentials, why.to_string()),
            AuthError::MustChange => Self::must_change(),
            AuthError::Throttled { retry_after_secs } => {
                Self::new(Code::Throttled, "too many failed attempts").after(*retry_after_secs)
            }
            AuthError::Busy { retry_after_secs } => {
                let detail = "too many passwords are waiting to be checked; a token is never kept waiting";
                Self::new(Code::Busy, detail).after(*retry_after_secs)
            }
            AuthError::Unavailable => {
                Self::new(Code::Unavailable, "credentials cannot be checked at the moment").after(RETRY_SECS)
            }
        }
    }

    fn must_change() -> Self {
        let detail = "an administrator set your password: it is good for nothing but setting another one \
                      (`wharfinger me password`)";
        Self::new(Code::MustChangePassword, detail)
    }

    fn fields(fields: &[WrongField]) -> Self {
        let code = match fields {
            [first, rest @ ..] if rest.iter().all(|field| field.code == first.code) => first.code,
            _ => Code::Invalid,
        };
        let told: Vec<String> = fields.iter().map(ToString::to_string).collect();
        Self { fields: fields.to_vec(), ..Self::new(code, told.join("; ")) }
    }

    /// 400 is what the schema refuses, 409 what the state or a rule refuses of what the schema allows, 403 what the caller
    /// lacks a right for.
    fn stored(error: &DirectoryError) -> Self {
        use DirectoryError as E;
        let code = match error {
            E::Absent => Code::Absent,
            E::Unknown(_) => Code::UnknownName,
            E::Stale => Code::Stale,
            E::Exists => Code::NameTaken,
            E::Refused(_) => Code::Rule,
            E::BeyondOwn(_) => Code::BeyondOwn,
            E::WiderThanToken(_) => Code::WiderThanToken,
            E::OwnToken => Code::OwnTokens,
            E::Forbidden(rule, _) => Self::ruled(*rule),
            E::AlreadyMade { kind, id } => return Self::made_already(kind, *id),
            E::Pinned { .. } => Code::InUse,
            E::Precondition => Code::PreconditionFailed,
            E::Denied(denied) => return Self::denied(denied),
            E::Invalid(_) => Code::Invalid,
            E::NotYetInForce(_) => {
                return Self::new(Code::NotYetInForce, error.to_string()).after(RETRY_SECS);
            }
            E::Fault(fault) => return Self::faulty(fault),
        };
        Self::new(code, error.to_string())
    }

    /// As [`Self::stored`], of names and bytes.
    fn content(error: &ContentError) -> Self {
        use ContentError as E;
        let code = match error {
            E::Absent => Code::Absent,
            E::InUse { .. } | E::Member { .. } | E::Pinned { .. } | E::Tagged { .. } => Code::InUse,
            E::Denied(denied) => return Self::denied(denied),
            E::Fault(fault) => return Self::faulty(fault),
            E::Conflict
            | E::MissingOverwrite
            | E::DigestMismatch
            | E::NotHosted(_)
            | E::UnknownUpload
            | E::Unlinked { .. }
            | E::AbsentEntries { .. }
            | E::TooLarge { .. }
            | E::Kept { .. }
            | E::Reserved { .. }
            | E::Refused(_)
            | E::TooSlow => Code::Rule,
        };
        Self::new(code, error.to_string())
    }

    /// A secret is kept nowhere, so it cannot be told again.
    fn made_already(kind: &str, id: u64) -> Self {
        let detail = if kind == "token" {
            let token = auth::id_text(TokenId::new(id));
            format!("it made the token {token}, whose secret was told then; revoke that one and make another")
        } else {
            "it was done when it was asked first".to_owned()
        };
        Self::new(Code::AlreadyMade, detail)
    }

    const fn ruled(rule: DirectoryRule) -> Code {
        match rule {
            DirectoryRule::LastAdministrator => Code::LastAdmin,
            DirectoryRule::Builtin => Code::Builtin,
            DirectoryRule::InUse => Code::InUse,
            DirectoryRule::NotEmpty => Code::NotEmpty,
            DirectoryRule::Cycle => Code::Cycle,
            DirectoryRule::FormatFixed => Code::FormatFixed,
            DirectoryRule::KeyReused => Code::KeyReused,
            DirectoryRule::Exchanged => Code::NoRule,
            DirectoryRule::TooOften => Code::Throttled,
        }
    }

    fn faulty(fault: &storage::Fault) -> Self {
        use storage::Fault as F;
        match fault {
            F::Full => {
                let detail = "too many requests are waiting, try again in a moment";
                Self::new(Code::Unavailable, detail).after(RETRY_SECS)
            }
            F::Crowded => {
                let detail = "you do as much at once as one may, try again in a moment";
                Self::new(Code::Busy, detail).after(RETRY_SECS)
            }
            F::NoSpace { .. } => {
                let detail = "there is no space left to store it; an administrator has to make room";
                Self::new(Code::NoSpace, detail)
            }
            F::Unavailable { .. } => {
                let detail = "the data cannot be reached at the moment";
                Self::new(Code::Unavailable, detail).after(RETRY_SECS)
            }
            F::Corrupt(_) => Self::new(Code::Internal, "the log says what happened"),
        }
    }

    /// The document of this one failure.
    #[must_use]
    pub fn document(&self, request: RequestId) -> ProblemDocument {
        let code = self.code.as_str();
        ProblemDocument {
            kind: format!("/api/problems/{code}"),
            code: code.to_owned(),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone().into_owned(),
            request_id: request.to_string(),
            missing: self.missing.map(str::to_owned),
            errors: self.fields.iter().map(ProblemField::of).collect(),
            plan: self.plan.as_deref().cloned().map(Box::new),
            committed: self.unconfirmed.as_ref().map(|_| true),
        }
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<AuthError> for Fault {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl From<storage::Fault> for Fault {
    fn from(fault: storage::Fault) -> Self {
        Self::Directory(fault.into())
    }
}

impl From<ContentError> for Fault {
    fn from(error: ContentError) -> Self {
        Self::Content(error)
    }
}

impl From<DirectoryError> for Fault {
    fn from(error: DirectoryError) -> Self {
        Self::Directory(error)
    }
}

#[cfg(test)]
mod tests;
