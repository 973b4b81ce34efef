use domain::SourceError;

use crate::direct::Untaken;

/// The request's credentials could not even be taken apart, and no client sends such a thing: 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// More than one `Authorization`, or more than one `X-NuGet-ApiKey`: which one would count?
    #[error("the request repeats a header that holds credentials")]
    Repeated,
    /// A header longer than the bound.
    #[error("a header with credentials is longer than {bytes_max} bytes")]
    TooLong {
        /// The bound, in bytes.
        bytes_max: usize,
    },
}

/// Why a request is not let in. The variants tell no more than the client may know: an unknown user, a wrong, expired or revoked
/// token and a suspended owner are one and the same `Invalid` (docs/access.md 6, enumeration).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// 400.
    #[error("malformed credentials")]
    Malformed,
    /// 401. `bearer` tells whether it came as `Bearer`, which protocols answer with `error="invalid_token"`.
    #[error("invalid credentials")]
    Invalid {
        /// Whether the credential was presented as `Bearer`.
        bearer: bool,
    },
    /// 401: an identity token that stands for nothing.
    #[error("{why}")]
    Untaken {
        /// Whether it was presented as `Bearer`.
        bearer: bool,
        /// Why, for whoever shows it.
        why: Untaken,
    },
    /// 429: too many failures from there. Never for a valid token or a cached password.
    #[error("too many failed log-ins")]
    Throttled {
        /// After so many seconds another attempt is looked at.
        retry_after_secs: u64,
    },
    /// 429: too many passwords or identity tokens are waiting to be verified.
    #[error("too many log-ins at once")]
    Busy {
        /// After so many seconds another attempt is worth it.
        retry_after_secs: u64,
    },
    /// 403: the password is right, and was set by an administrator: it is good for nothing but setting another one.
    #[error("the password has to be changed")]
    MustChange,
    /// 503: the verification itself failed.
    #[error("credentials cannot be verified at the moment")]
    Unavailable,
}

/// Why the authenticator could not be built.
#[derive(Debug, thiserror::Error)]
pub enum AuthSetupError {
    /// The credentials could not be loaded.
    #[error("the credentials could not be loaded")]
    Source(#[from] SourceError),
    /// A limit makes no sense; the text says which.
    #[error("unusable limit: {0}")]
    Limits(&'static str),
}

/// The bytes are no key ring. Holds nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key ring is damaged or was not written by this program: {reason}")]
pub struct InvalidKeys {
    /// What is wrong, without any part of the content.
    pub reason: &'static str,
}

/// Why a password could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// An empty password would be no password.
    #[error("the password is empty")]
    Empty,
    /// Longer than the bound.
    #[error("the password is longer than {bytes_max} bytes")]
    TooLong {
        /// The bound, in bytes.
        bytes_max: usize,
    },
    /// It begins as a token does, so that log-in would take it for one.
    #[error("a password must not begin like a token")]
    LikeToken,
    /// The hash could not be computed, for example for want of memory.
    #[error("the password could not be hashed")]
    Failed,
}

impl From<Malformed> for AuthError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}
