//! Failures as text for people: those that every tree of files has, with the few words that a protocol says otherwise. Exhaustive
//! matches, no wildcard arm.
#![warn(clippy::wildcard_enum_match_arm)]

use budget::Exceeded;
use storage::ContentError;

use crate::error::Error;
use crate::problem::Problem;

/// What each protocol says in its own words.
pub(crate) struct Own {
    /// The repository is one of another protocol.
    pub(crate) other_format: &'static str,
    /// The name has other content, and the policy keeps it.
    pub(crate) conflict: Problem,
    /// The policy keeps the name.
    pub(crate) kept: Problem,
    /// The name was removed and stays reserved.
    pub(crate) reserved: &'static str,
    /// The bytes are not those that were announced.
    pub(crate) mismatch: Problem,
}

/// A failure; `of_bad` says what the protocol itself finds wrong.
pub(crate) fn of<B>(error: &Error<B>, own: Own, of_bad: impl FnOnce(&B) -> Problem) -> Problem {
    match error {
        Error::Misdirected(error) => Problem::misdirected(error),
        Error::Auth(error) => Problem::of_auth(error),
        Error::Denied(denied) => Problem::of_denied(denied),
        Error::OtherFormat => Problem::new(404, "Not found", own.other_format),
        Error::Bad(bad) => of_bad(bad),
        Error::TooLarge { bytes_max } => Problem::too_large(*bytes_max),
        Error::TimedOut => Problem::new(408, "Too slow", "the body came too slowly"),
        Error::Aborted => Problem::new(400, "Broken off", "the body ended before its time"),
        Error::Busy(exceeded) => Problem::busy(*exceeded),
        Error::Content(error) => of_content(error, own),
        Error::Upload(error) => Problem::of_upload(error, own.mismatch),
        Error::Fault(fault) => Problem::of_fault(fault),
    }
}

fn of_content(error: &ContentError, own: Own) -> Problem {
    use ContentError as E;
    match error {
        E::Absent => Problem::new(404, "Not found", "the repository has no such file"),
        E::Conflict => own.conflict,
        E::Kept { .. } => own.kept,
        E::Pinned { .. } => Problem::pinned(error),
        E::MissingOverwrite => Problem::new(
            403,
            "Forbidden",
            "it exists with other content, and you lack the permission `overwrite`",
        ),
        E::DigestMismatch => own.mismatch,
        E::UnknownUpload => Problem::interrupted(),
        E::Unlinked { .. } | E::AbsentEntries { .. } => {
            Problem::new(409, "Changed in the meantime", "the repository changed in the meantime, try again")
        }
        E::TooLarge { bytes_max } => Problem::too_large(*bytes_max),
        E::NotHosted(_) => Problem::not_hosted(error),
        E::Reserved { .. } => Problem::new(409, "Reserved", own.reserved),
        E::InUse { .. } | E::Member { .. } | E::Tagged { .. } => in_use(),
        E::Refused(why) => Problem::new(403, "Forbidden", why.clone()),
        E::Denied(denied) => Problem::of_denied(denied),
        E::TooSlow => Problem::busy(Exceeded::Total),
        E::Fault(fault) => Problem::of_fault(fault),
    }
}

/// Something else needs the file.
pub(crate) fn in_use() -> Problem {
    Problem::new(409, "In use", "it is in use")
}
