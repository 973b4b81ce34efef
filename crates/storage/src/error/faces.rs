//! What the callers of each face have to answer for. Detail for the log is in the sources.

use std::borrow::Cow;

use budget::Exceeded;
use domain::{Denied, Digest, EntryKey, Invalid, Mode, UnknownFormat};

use super::{BoxError, Error};

/// What can happen whatever is asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Too much is waiting; the same request may succeed later.
    #[error("too many requests are waiting")]
    Full,
    /// This client does as much at a time as one may; the same request may succeed later.
    #[error("the client does too much at a time")]
    Crowded,
    /// The database or the bytes cannot be reached or written.
    #[error("storage is unavailable: {doing}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: BoxError,
    },
    /// The disk of the bytes or of the rows is full. Nothing of what was asked is kept.
    #[error("there is no space left to store it: {doing}")]
    NoSpace {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        #[source]
        source: BoxError,
    },
    /// What is stored contradicts itself: rows, or bytes that no longer have their digest.
    #[error("stored data is damaged: {0}")]
    Corrupt(Cow<'static, str>),
}

/// What the verbs of bytes and names can fail with.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// There is no such name, blob or advisory here.
    #[error("it does not exist here")]
    Absent,
    /// The repository's rule keeps what is there, whatever the caller's rights: immutable or write-once.
    #[error("it exists with other content and may not be replaced")]
    Conflict,
    /// The rule would let it be replaced, but the caller may not overwrite.
    #[error("it exists with other content and the caller may not overwrite")]
    MissingOverwrite,
    /// The bytes do not have the digest that was announced for their name.
    #[error("the content does not have the given digest")]
    DigestMismatch,
    /// Nobody publishes to the repository: its names come from elsewhere.
    #[error("nothing is published to a {} repository", .0.as_str())]
    NotHosted(Mode),
    /// An upload of the batch is gone, or of somebody else.
    #[error("there is no such upload")]
    UnknownUpload,
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
    /// More bytes than are handed out whole.
    #[error("more than {bytes_max} bytes")]
    TooLarge {
        /// The bound, in bytes.
        bytes_max: u64,
    },
    /// The blob is the content of this name, or belongs to its content; remove the name first.
    #[error("the name {} needs it", by.name)]
    InUse {
        /// The first name that was found.
        by: Box<EntryKey>,
    },
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
    /// A bound or a rule of content forbids it; the text is for people and names no secret.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// The right behind the proof, or the credential behind that, was withdrawn since it was given.
    #[error("the right to do it was withdrawn")]
    Denied(Denied),
    /// A search took longer than one may; another one, with more or longer words, may not.
    #[error("the search took too long")]
    TooSlow,
    /// What can happen whatever is asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What sessions of uploads can fail with.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// No such session of this principal in this repository.
    #[error("there is no such upload")]
    UnknownUpload,
    /// Somebody else is writing to this session at this moment.
    #[error("the upload is being written to")]
    Busy,
    /// More bytes than an upload may have, or than are handed out whole.
    #[error("more than {bytes_max} bytes")]
    TooLarge {
        /// The bound, in bytes.
        bytes_max: u64,
    },
    /// The bytes do not have the digest they were announced with; they are discarded.
    #[error("the content does not have the given digest")]
    DigestMismatch,
    /// Content has no digest of this kind; the text is for people and names no secret.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// The right behind the proof, or the credential behind that, was withdrawn since it was given.
    #[error("the right to do it was withdrawn")]
    Denied(Denied),
    /// What can happen whatever is asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What administration can fail with.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// There is no such principal, repository, token or grant.
    #[error("it does not exist here")]
    Absent,
    /// The name is taken by something else.
    #[error("the name is taken")]
    Exists,
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
    /// What was to go holds something that is pinned.
    #[error("{name} is pinned and neither removed nor replaced: {reason}")]
    Pinned {
        /// What is pinned.
        name: Box<str>,
        /// Why, in the words of who pinned it.
        reason: Box<str>,
    },
    /// What is there is not what the change was meant for.
    #[error("it is not, or no longer, what the change was meant for")]
    Precondition,
    /// A second right that only a part of the change takes.
    #[error("the right to do it is missing")]
    Denied(Denied),
    /// Caller gave a name that cannot be one.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// What can happen whatever is asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Rules of the directory that programs tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryRule {
    /// `org-admins` always has an active member.
    LastAdministrator,
    /// It belongs to every installation, or to the organisation itself.
    Builtin,
    /// Something else needs it.
    InUse,
    /// There is something in it.
    NotEmpty,
    /// A team would be in itself.
    Cycle,
    /// A repository speaks one protocol for all of its life.
    FormatFixed,
    /// Something else was asked with the caller's key.
    KeyReused,
    /// An identity token was exchanged before.
    Exchanged,
    /// It was done too often in a short time.
    TooOften,
}

/// Why storage could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
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
    /// What can happen whatever is asked.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<Exceeded> for Fault {
    fn from(exceeded: Exceeded) -> Self {
        match exceeded {
            Exceeded::Own => Self::Crowded,
            Exceeded::Total => Self::Full,
        }
    }
}

impl From<Exceeded> for ContentError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Fault(exceeded.into())
    }
}

/// As far as a face knows nothing else: what it has no word for is nothing that its verbs do, and so a fault of ours.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Fault(fault) => fault,
            Error::Damaged(what) => Self::Corrupt(what),
            // Of two that were under way one has to come again.
            Error::Stale | Error::TooSlow | Error::Busy | Error::Raced(_) => Self::Full,
            other => Self::Corrupt(other.to_string().into()),
        }
    }
}

impl From<Error> for ContentError {
    fn from(error: Error) -> Self {
        match error {
            Error::Absent => Self::Absent,
            Error::Conflict => Self::Conflict,
            Error::MissingOverwrite => Self::MissingOverwrite,
            Error::DigestMismatch => Self::DigestMismatch,
            Error::NotHosted(mode) => Self::NotHosted(mode),
            Error::UnknownUpload => Self::UnknownUpload,
            Error::Unlinked { digests } => Self::Unlinked { digests },
            Error::AbsentEntries { names } => Self::AbsentEntries { names },
            Error::TooLarge { bytes_max } => Self::TooLarge { bytes_max },
            Error::InUse { by } => Self::InUse { by },
            Error::Kept { name } => Self::Kept { name },
            Error::Pinned { name, reason } => Self::Pinned { name, reason },
            Error::Tagged { tags } => Self::Tagged { tags },
            Error::Reserved { name } => Self::Reserved { name },
            Error::Member { of, forcible } => Self::Member { of, forcible },
            Error::Refused(why) => Self::Refused(why),
            Error::Denied(denied) => Self::Denied(denied),
            Error::TooSlow => Self::TooSlow,
            other => Self::Fault(other.into()),
        }
    }
}

impl From<Error> for UploadError {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownUpload => Self::UnknownUpload,
            Error::Busy => Self::Busy,
            Error::TooLarge { bytes_max } => Self::TooLarge { bytes_max },
            Error::DigestMismatch => Self::DigestMismatch,
            Error::Refused(why) => Self::Refused(why),
            Error::Denied(denied) => Self::Denied(denied),
            other => Self::Fault(other.into()),
        }
    }
}

impl From<Error> for DirectoryError {
    fn from(error: Error) -> Self {
        match error {
            Error::Absent => Self::Absent,
            Error::Exists => Self::Exists,
            Error::Unknown(name) => Self::Unknown(name),
            Error::Stale | Error::Raced(_) => Self::Stale,
            Error::NotYetInForce(why) => Self::NotYetInForce(why),
            Error::Refused(why) => Self::Refused(why),
            Error::BeyondOwn(why) => Self::BeyondOwn(why),
            Error::WiderThanToken(why) => Self::WiderThanToken(why),
            Error::OwnToken => Self::OwnToken,
            Error::Forbidden(rule, why) => Self::Forbidden(rule, why),
            Error::AlreadyMade { kind, id } => Self::AlreadyMade { kind, id },
            Error::Pinned { name, reason } => Self::Pinned { name, reason },
            Error::Precondition => Self::Precondition,
            Error::Denied(denied) => Self::Denied(denied),
            Error::Invalid(invalid) => Self::Invalid(invalid),
            other => Self::Fault(other.into()),
        }
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        match error {
            Error::Schema(why) => Self::Schema(why),
            Error::Format { repository, unknown } => Self::Format { repository, unknown },
            other => Self::Fault(other.into()),
        }
    }
}
