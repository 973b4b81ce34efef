use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::id::{PrincipalId, SessionId, TokenId};

/// Identifies a request in logs, answers and audit: 64 random bits, shown as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(pub u64);

/// Where a request came from: what the audit needs to know besides who and what.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The request.
    pub request: RequestId,
    /// The client's address, behind trusted proxies the one they report.
    pub address: Option<IpAddr>,
    /// The client's `User-Agent`, at most 256 bytes, control characters removed.
    pub agent: Option<Arc<str>>,
}

/// A session in a browser was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionUse {
    /// Which.
    pub session: SessionId,
    /// When, in minutes since 1970.
    pub minute: u32,
}

/// A token was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    /// Which.
    pub token: TokenId,
    /// When, in minutes since 1970.
    pub minute: u32,
    /// From where, if that is known.
    pub address: Option<IpAddr>,
    /// With what `User-Agent`, as [`Origin::agent`].
    pub agent: Option<Arc<str>>,
}

/// Somebody was let in by their password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordUse {
    /// Who.
    pub principal: PrincipalId,
    /// When, in minutes since 1970.
    pub minute: u32,
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
