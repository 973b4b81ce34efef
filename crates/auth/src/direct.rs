//! Identity tokens that are shown in place of a token of ours: who looks at them, and what comes of it.

use domain::{BoxFuture, Origin, Timestamp, TokenId};

use crate::identity_token::TokenFault;
use crate::secret::Secret;

/// Who looks at identity tokens that are shown in place of a token of ours.
pub trait DirectUse: Send + Sync {
    /// What such a token stands for. It may be asked for the same token again.
    fn shown<'a>(&'a self, shown: ShownIdentityToken<'a>) -> BoxFuture<'a, Result<Direct, DirectFault>>;
}

/// An identity token as it is shown.
#[derive(Clone, Copy)]
pub struct ShownIdentityToken<'a> {
    /// The token.
    pub text: &'a Secret<String>,
    /// The user name that came with it.
    pub name: Option<&'a str>,
    /// The request that it came with.
    pub origin: &'a Origin,
}

/// What an identity token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direct {
    /// The token of ours in whose place it is shown: what that may do it may, as long as that is good.
    pub token: TokenId,
    /// And only until this moment.
    pub until: Timestamp,
}

/// Why an identity token stands for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DirectFault {
    /// It is looked at, and not taken.
    #[error(transparent)]
    Untaken(#[from] Untaken),
    /// It could not be looked at.
    #[error("the identity token cannot be looked at at the moment")]
    Unavailable,
}

/// Why an identity token is not taken in place of a token of ours. The words are for whoever shows it, and say nothing that it does
/// not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untaken {
    /// Its issuer did not sign it.
    #[error("the identity token cannot be believed: {0}")]
    Unproved(TokenFault),
    /// Nobody here believes its issuer, or it names none.
    #[error("the identity token cannot be believed: its issuer (`iss`) is not known here")]
    Issuer,
    /// It is genuine, and for somebody else or for another time.
    #[error("the identity token is not taken: {0}")]
    Unfit(TokenFault),
    /// It is genuine, and no publisher takes it as it is.
    #[error("no publisher takes the identity token as it is")]
    NoRule,
    /// Several publishers do.
    #[error("several publishers take the identity token: give one as the user name, as PROJECT/PUBLISHER")]
    Ambiguous,
    /// It is shown where identity tokens are good for nothing.
    #[error("an identity token is good for packages alone; exchange it for what is good elsewhere")]
    Place,
}

impl Untaken {
    /// Whether somebody who is believed here signed it.
    #[must_use]
    pub const fn is_genuine(self) -> bool {
        matches!(self, Self::Unfit(_) | Self::NoRule | Self::Ambiguous)
    }
}
