use auth::AuthError;
use budget::Exceeded;
use domain::Denied;
use edge::{BodyError, Misdirected};

/// What is told when the disk is full.
pub(crate) const NO_SPACE: &str = "there is no space left to store it; an administrator has to make room";

/// Why a request failed. Exhaustive on purpose: each protocol's `render` decides every variant.
#[derive(Debug)]
pub enum Error<B> {
    /// The request was meant for a host that is not known to be this server: 421.
    Misdirected(Misdirected),
    /// The credentials are malformed, wrong, or cannot be checked now.
    Auth(AuthError),
    /// The gate refused; see [`crate::challenge::status`].
    Denied(Denied),
    /// The repository is readable and speaks another protocol: 404.
    OtherFormat,
    /// What the protocol itself found wrong.
    Bad(B),
    /// The body is larger than it may be: 413.
    TooLarge {
        /// The bound, in bytes.
        bytes_max: u64,
    },
    /// The body came too slowly: 408.
    TimedOut,
    /// The client went away or broke the framing in the middle of its body: 400, which hardly anybody reads.
    Aborted,
    /// The client, or all together, hold as much as they may: 429 or 503; see [`crate::challenge::busy_status`].
    Busy(Exceeded),
    /// Storage refused or failed.
    Storage(storage::Error),
}

impl<B> From<Misdirected> for Error<B> {
    fn from(error: Misdirected) -> Self {
        Self::Misdirected(error)
    }
}

impl<B> From<Denied> for Error<B> {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl<B> From<Exceeded> for Error<B> {
    fn from(exceeded: Exceeded) -> Self {
        Self::Busy(exceeded)
    }
}

impl<B> From<AuthError> for Error<B> {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl<B> From<storage::Error> for Error<B> {
    fn from(error: storage::Error) -> Self {
        Self::Storage(error)
    }
}

impl<B> From<BodyError> for Error<B> {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { bytes_max } => Self::TooLarge { bytes_max },
            BodyError::TimedOut => Self::TimedOut,
            BodyError::Aborted => Self::Aborted,
            BodyError::Busy(exceeded) => Self::Busy(exceeded),
        }
    }
}
