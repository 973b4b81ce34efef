use auth::AuthError;
use budget::Exceeded;
use domain::Denied;
use edge::conditional::Unmet;
use edge::{BodyError, Misdirected};
use storage::{ContentError, Fault, UploadError};

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
    /// Storage refused something about bytes or names.
    Content(ContentError),
    /// Storage refused something about a session of an upload.
    Upload(UploadError),
    /// Storage, or work beside the request, failed or has too much to do.
    Fault(Fault),
}

impl<B> Error<B> {
    /// As a failure of storage, for who speaks no protocol; what is wrong with a question is as good as nothing there.
    pub(crate) fn of_content(self) -> ContentError {
        match self {
            Self::Fault(fault) => fault.into(),
            Self::Content(error) => error,
            _ => ContentError::Absent,
        }
    }
}

impl<B> From<Misdirected> for Error<B> {
    fn from(error: Misdirected) -> Self {
        Self::Misdirected(error)
    }
}

impl<B: From<Unmet>> From<Unmet> for Error<B> {
    fn from(unmet: Unmet) -> Self {
        Self::Bad(unmet.into())
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

impl<B> From<ContentError> for Error<B> {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::Fault(fault) => Self::Fault(fault),
            ContentError::Denied(denied) => Self::Denied(denied),
            other => Self::Content(other),
        }
    }
}

impl<B> From<UploadError> for Error<B> {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Fault(fault) => Self::Fault(fault),
            UploadError::Denied(denied) => Self::Denied(denied),
            other => Self::Upload(other),
        }
    }
}

impl<B> From<Fault> for Error<B> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
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
