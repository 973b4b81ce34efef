use std::net::IpAddr;
use std::sync::Arc;

use domain::{Caller, Origin, PrincipalId, Reason, Timestamp, TokenId};

/// Who is calling and by what they showed it. Holds no secret.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who is calling.
    pub caller: Caller,
    /// What was presented.
    pub presented: Presented,
    /// What a bearer made of this stands for.
    pub(crate) handle: Handle,
    /// When what was presented ends by itself, at the latest. A bearer made of a bearer lives no longer than that one.
    pub(crate) expires: Option<Timestamp>,
}

/// Whoever shows credentials, as far as that is known before they are looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Peer<'a> {
    /// From where; some tokens are good from some networks only.
    pub address: Option<IpAddr>,
    /// With what `User-Agent`; decides nothing, and is noted.
    pub agent: Option<&'a Arc<str>>,
}

impl From<Option<IpAddr>> for Peer<'static> {
    fn from(address: Option<IpAddr>) -> Self {
        Self { address, agent: None }
    }
}

impl<'a> From<&'a Origin> for Peer<'a> {
    fn from(origin: &'a Origin) -> Self {
        Self { address: origin.address, agent: origin.agent.as_ref() }
    }
}

/// What was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// No credentials.
    Nothing,
    /// A bearer given out for nothing.
    AnonymousBearer,
    /// A permanent token, in whatever header.
    Token,
    /// A token of an issuer, in place of one of ours.
    IdentityToken,
    /// Name and password.
    Password,
    /// Name and a password that has to be changed, which is all it is good for.
    PasswordToChange,
    /// A bearer given out for a token or password.
    Bearer,
    /// A session in a browser.
    Session,
}

/// Whom credentials that failed named: for log and audit alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Somebody who is there; whoever sent the credentials did not prove to be them.
    pub principal: Option<PrincipalId>,
    /// The token whose id was sent along.
    pub token: Option<TokenId>,
    /// Why the right secret would not have been let in either.
    pub refused: Option<Reason>,
}

impl Presented {
    /// The word of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::AnonymousBearer => "anonymous-bearer",
            Self::Token => "token",
            Self::IdentityToken => "identity-token",
            Self::Password => "password",
            Self::PasswordToChange => "password-to-change",
            Self::Bearer => "bearer",
            Self::Session => "session",
        }
    }
}

/// The credential behind a call: what is looked up again with each request that shows a bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handle {
    Anonymous,
    Token(TokenId),
    /// After a password log-in: whose, and which password.
    Password(PrincipalId, u32),
}

impl Identity {
    pub(crate) const fn anonymous(presented: Presented, expires: Option<Timestamp>) -> Self {
        Self { caller: Caller::anonymous(), presented, handle: Handle::Anonymous, expires }
    }
}
