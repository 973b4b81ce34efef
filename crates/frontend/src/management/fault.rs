//! What fails on the way to the API, in its words.

use api::{Code, Fault};

use edge::{BodyError, Misdirected};

/// The request is not for this server, as far as that is known.
pub(crate) fn misdirected(error: Misdirected) -> Fault {
    Fault::Told(Code::Misdirected, error.to_string().into())
}

/// The body did not come.
pub(super) fn body(error: BodyError) -> Fault {
    match error {
        BodyError::TooLarge { bytes_max } => {
            Fault::Told(Code::TooLarge, format!("the body may have {bytes_max} bytes").into())
        }
        BodyError::TimedOut => Fault::Told(Code::Slow, "the body came too slowly".into()),
        BodyError::Aborted => Fault::Told(Code::Malformed, "the body ended before its time".into()),
        BodyError::Busy(exceeded) => Fault::Storage(exceeded.into()),
    }
}
