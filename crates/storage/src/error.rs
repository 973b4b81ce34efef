use std::borrow::Cow;
use std::io::{self, ErrorKind};

use budget::Exceeded;
use domain::{Denied, Digest, EntryKey, Invalid, Mode, UnknownFormat};
use postgres::error::SqlState;

use crate::model::Pin;

mod faces;

pub use faces::{ContentError, DirectoryError, DirectoryRule, Fault, OpenError, UploadError};

/// Everything that can go wrong below the faces of this crate; each face tells its callers what of it can happen there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no such name, blob, principal or grant here.
    #[error("it does not exist here")]
    Absent,
    /// The repository's rule keeps what is there, whatever the caller's rights: immutable or write-once.
    #[error("it exists with other content and may not be replaced")]
    Conflict,
    /// The rule would let it be replaced, but the caller may not overwrite.
    #[error("it exists with other content and the caller may not overwrite")]
    MissingOverwrite,
    /// The bytes do not have the digest they were announced with; they are discarded.
    #[error("the content does not have the given digest")]
    DigestMismatch,
    /// No such upload session of this principal in this repository.
    #[error("there is no such upload")]
    UnknownUpload,
    /// Somebody else is writing to this upload at this moment.
    #[error("the upload is being written to")]
    Busy,
    /// A batch names blobs that this repository does not link.
    #[error("the repository lacks {} of the blobs", digests.len())]
    Unlinked {
        /// The missing ones, in the order of the batch.
        digests: Vec<Digest>,
    },
    /// A batch needs entries that this repository does not have.
    #[error("the repository lacks {} of the entries", names.len())]
    AbsentEntries {
        /// The missing names as given, in the order of the batch.
        names: Vec<Box<str>>,
    },
    /// More bytes than allowed.
    #[error("more than {bytes_max} bytes")]
    TooLarge {
        /// The bound, in bytes.
        bytes_max: u64,
    },
    /// The name is taken by something else.
    #[error("the name is taken")]
    Exists,
    /// The blob is the content of this name, or belongs to its content; remove the name first.
    #[error("the name {} needs it", by.name)]
    InUse {
        /// The first name that was found.
        by: Box<EntryKey>,
    },
    /// Nobody publishes to the repository: its names come from elsewhere.
    #[error("nothing is published to a {} repository", .0.as_str())]
    NotHosted(Mode),
    /// The repository's rule keeps this name for ever.
    #[error("{} is never removed here", name.name)]
    Kept {
        /// The name, which may be one that points at what was to be removed.
        name: Box<EntryKey>,
    },
    /// The name is pinned, or what it belongs to is.
    #[error("{name} is pinned and neither removed nor replaced: {reason}")]
    Pinned {
        /// What is pinned.
        name: Box<str>,
        /// Why, in the words of who pinned it.
        reason: Box<str>,
    },
    /// Several tags point at what was to be removed, and the repository's rule takes it away with one only.
    #[error("{} tags point at it", tags.len())]
    Tagged {
        /// Some of the tags, as given.
        tags: Vec<Box<str>>,
    },
    /// The name was removed and stays reserved for the bytes it had.
    #[error("{} was removed and stays reserved for the content it had", name.name)]
    Reserved {
        /// The name.
        name: Box<EntryKey>,
    },
    /// The name is a member of what this tag names, at one remove or several; remove the tag first.
    #[error("it is a member of {}", of.name)]
    Member {
        /// The first tag that was found, or an index that none was looked for above.
        of: Box<EntryKey>,
        /// Whether the repository's rule leaves it to the caller.
        forcible: bool,
    },
    /// There is no subject, node or role of this name; as it was given.
    #[error("unknown {0}")]
    Unknown(Box<str>),
    /// The rights behind the proof changed since it was given; ask the gate again and repeat.
    #[error("access changed in the meantime")]
    Stale,
    /// The change is stored, but somebody who follows has not taken it over yet; it comes into force on its own.
    #[error("the change is stored but not in force everywhere yet")]
    NotYetInForce(#[source] BoxError),
    /// A rule of the directory forbids it; the text is for people and names no secret.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// Nobody gives more, or longer, than they hold; the text is for people and names no secret.
    #[error("{0}")]
    BeyondOwn(Cow<'static, str>),
    /// A token reaches no further, and lives no longer, than the one that makes it; the text is for people.
    #[error("{0}")]
    WiderThanToken(Cow<'static, str>),
    /// An application asks for a token of its own.
    #[error("an application makes no token for itself; ask a person for one")]
    OwnToken,
    /// A rule that programs tell apart forbids it; the text is for people and names no secret.
    #[error("{1}")]
    Forbidden(DirectoryRule, Cow<'static, str>),
    /// The same was asked before, with the same key of the caller's.
    #[error("it was made already")]
    AlreadyMade {
        /// What kind of object.
        kind: Box<str>,
        /// Its id.
        id: u64,
    },
    /// What is there is not what the change was meant for.
    #[error("it is not, or no longer, what the change was meant for")]
    Precondition,
    /// Caller gave a name that cannot be one.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The right behind the proof, or the credential behind that, was withdrawn since it was given.
    #[error("the right to do it was withdrawn")]
    Denied(Denied),
    /// A search took longer than one may; another one, with more or longer words, may not.
    #[error("the search took too long")]
    TooSlow,
    /// The schema is newer than this program, or a migration was altered after it ran.
    #[error("the database cannot be used: {0}")]
    Schema(Cow<'static, str>),
    /// A repository has a format that this program does not know.
    #[error("the repository {repository} cannot be served")]
    Format {
        /// The first of them, as `PROJECT/REPOSITORY`.
        repository: Box<str>,
        /// Its format, and those that are known.
        #[source]
        unknown: UnknownFormat,
    },
    /// Another change came in the way of this one, and nothing of it is kept: made again, it may succeed.
    #[error("another change came in between: {0}")]
    Raced(Cow<'static, str>),
    /// The bytes of a content are gone, cut short or altered.
    #[error("stored data is damaged: {0}")]
    Damaged(Cow<'static, str>),
    /// What can happen whatever is asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Any failure below.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// `Unavailable`, or `NoSpace` if that is why.
    pub(crate) fn unavailable(doing: &'static str, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        if tells_of_no_space(&*source) {
            Fault::NoSpace { doing, source }.into()
        } else {
            Fault::Unavailable { doing, source }.into()
        }
    }

    /// The same for everybody who shared the work that failed.
    pub(crate) fn shared(&self, doing: &'static str) -> Self {
        let source = self.to_string().into();
        match self {
            Self::Fault(Fault::NoSpace { .. }) => Fault::NoSpace { doing, source }.into(),
            _ => Fault::Unavailable { doing, source }.into(),
        }
    }

    pub(crate) fn corrupt(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Fault(Fault::Corrupt(what.into()))
    }

    pub(crate) fn damaged(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Damaged(what.into())
    }

    pub(crate) fn refused(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(why.into())
    }

    pub(crate) fn forbidden(rule: DirectoryRule, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Forbidden(rule, why.into())
    }

    pub(crate) fn pinned(pin: &Pin) -> Self {
        Self::Pinned { name: pin.key.to_string().into(), reason: pin.reason.clone() }
    }

    pub(crate) fn beyond_own(why: impl Into<Cow<'static, str>>) -> Self {
        Self::BeyondOwn(why.into())
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<Exceeded> for Error {
    fn from(exceeded: Exceeded) -> Self {
        Self::Fault(exceeded.into())
    }
}

/// Whether the file system, SQLite or PostgreSQL says that its disk is full.
fn tells_of_no_space(error: &(dyn std::error::Error + 'static)) -> bool {
    let full = |error: &io::Error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
    let code = |error: &rusqlite::Error| error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
    let state = |error: &postgres::Error| error.code() == Some(&SqlState::DISK_FULL);
    error.downcast_ref().is_some_and(full)
        || error.downcast_ref().is_some_and(code)
        || error.downcast_ref().is_some_and(state)
}
