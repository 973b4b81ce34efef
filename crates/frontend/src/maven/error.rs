//! Every failure in a document and in the reason phrase, which is what Maven 3.8 prints (maven.md 4): one exhaustive match, no
//! wildcard arm.
#![warn(clippy::wildcard_enum_match_arm)]

use std::borrow::Cow;

use auth::AuthError;
use bytes::Bytes;
use domain::{Algorithm, Denied, Invalid, RightKind};
use http::header::{ALLOW, CONTENT_RANGE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::pom::BadPom;
use super::wire::TEXT;
use super::xml::Fault;
use crate::challenge;
use crate::error::Error;
use crate::head::Asked;
use crate::http::range::unsatisfied_range;
use crate::problem::problem;
use crate::reply::{Reply, Response};

/// Most characters of a client's own text that a message repeats.
const REPEATED_CHARS_MAX: usize = 128;

/// What Maven itself finds wrong with a request.
#[derive(Debug)]
pub(crate) enum Bad {
    /// No repository's address begins like this.
    NoRoute,
    /// The path has encoded slashes, relative segments, control characters, broken percent signs or dots at an end.
    Path,
    /// A part of the path is longer than names are.
    Name(Invalid),
    /// The address exists, the method does not.
    Method {
        /// The methods it has.
        allow: &'static str,
    },
    /// The path is outside the layout, and the repository is strict.
    Layout,
    /// The repository has no such file.
    NoFile,
    /// The repository has nothing to list at this place.
    NoMetadata,
    /// The repository has neither a file nor a version nor an artifact at this path.
    Nothing,
    /// There are no listings of directories.
    NoListing,
    /// The repository takes releases only.
    SnapshotRefused,
    /// The repository takes snapshots only.
    ReleaseRefused,
    /// The repository takes nothing.
    ReadOnly,
    /// A part of a file where only whole ones are taken (RFC 9110 §14.5).
    PartialPut,
    /// `X-Checksum-*` is no hash.
    ChecksumHeader(Algorithm),
    /// An uploaded hash does not begin with the digits of one.
    NoHash(Algorithm),
    /// The bytes have another hash than the client says.
    Checksum {
        /// The kind of hash.
        algorithm: Algorithm,
        /// The digits that the client says.
        expected: Box<str>,
        /// Those of the bytes.
        found: Box<str>,
    },
    /// A POM cannot be stored where it is.
    Pom(BadPom),
    /// The file is not what `If-Match` or `If-Unmodified-Since` say.
    Precondition,
    /// The range does not lie in the file.
    Range {
        /// How long the file is.
        size_bytes: u64,
    },
}

/// An answer in the making.
struct Wire {
    status: StatusCode,
    title: &'static str,
    detail: Cow<'static, str>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// Says a failure.
pub(crate) fn render(error: &Error<Bad>, _asked: &Asked<'_>) -> Response {
    let wire = match error {
        Error::Auth(error) => of_auth(error),
        Error::Denied(denied) => of_denied(denied),
        Error::OtherFormat => wire(404, "Not found", "this repository does not hold Maven artifacts"),
        Error::Bad(bad) => of_bad(bad),
        Error::TooLarge { bytes_max } => too_large(*bytes_max),
        Error::TimedOut => wire(408, "Too slow", "the body came too slowly"),
        Error::Aborted => wire(400, "Broken off", "the body ended before its time"),
        Error::Storage(error) => of_storage(error),
    };
    // HTTP/2 has no reason phrase, so both say the same.
    let mut reply = document(&wire).reason(&wire.detail);
    if wire.status == StatusCode::UNAUTHORIZED {
        reply = reply.header(WWW_AUTHENTICATE, challenge::basic());
    }
    match wire.header {
        Some((name, value)) => reply.header(name, value).into(),
        None => reply.into(),
    }
}

/// A problem document, but for what clients expect and go on from: Maven 3.9.11 and 4.0.0-rc-4 take any status beside one for
/// a failure, and the first deploy of a snapshot would end at the metadata that is not there yet.
fn document(wire: &Wire) -> Reply {
    match wire.status {
        StatusCode::NOT_FOUND | StatusCode::PRECONDITION_FAILED | StatusCode::RANGE_NOT_SATISFIABLE => {
            Reply::new(wire.status).bytes(TEXT, Bytes::from(format!("{}\n", wire.detail)))
        }
        _ => problem(wire.status, wire.title, &wire.detail),
    }
}

fn of_auth(error: &AuthError) -> Wire {
    let (status, retry_after_secs) = challenge::auth_status(error);
    let (title, detail) = match error {
        AuthError::Malformed => {
            ("Malformed credentials", "the credentials are malformed or given more than once")
        }
        AuthError::Invalid { .. } => ("Wrong credentials", "the user name, password or token is wrong"),
        AuthError::Throttled { .. } => ("Too many log-ins", "too many failed log-ins, try again later"),
        AuthError::Busy { .. } => ("Too many log-ins", "too many log-ins at once, try again in a moment"),
        AuthError::Unavailable => ("Unavailable", "credentials cannot be verified at the moment"),
    };
    let header = retry_after_secs.map(|secs| (RETRY_AFTER, secs.into()));
    Wire { status, title, detail: detail.into(), header }
}

/// The same words for absent and unreadable: only who may know that the repository exists is told what is missing.
fn of_denied(denied: &Denied) -> Wire {
    let (title, detail) = match (denied.authenticated, denied.may_know) {
        (false, _) => ("Not logged in", "log in with a user name or client ID and a token".into()),
        (true, false) => ("Forbidden", "there is no such repository, or you may not use it".into()),
        (true, true) => match denied.right {
            RightKind::Probe => ("Forbidden", "you may not look into this repository".into()),
            RightKind::Permission(permission) => {
                let lacks = format!("you lack the permission `{}` on this repository", permission.as_str());
                ("Forbidden", Cow::Owned(lacks))
            }
        },
    };
    Wire { status: challenge::status(denied), title, detail, header: None }
}

fn of_bad(bad: &Bad) -> Wire {
    match bad {
        Bad::NoRoute => wire(404, "Not found", "addresses here are /maven/p/PROJECT/REPOSITORY/PATH"),
        Bad::Path => wire(400, "Malformed path", "the path is malformed"),
        Bad::Name(invalid) => wire(400, "Malformed path", invalid.to_string()),
        Bad::Method { allow } => wire(405, "Method not allowed", format!("this address takes {allow}"))
            .with(ALLOW, HeaderValue::from_static(allow)),
        Bad::Layout => wire(
            400,
            "Not the Maven layout",
            "the path is not GROUP/ARTIFACT/VERSION/ARTIFACT-VERSION[-CLASSIFIER].EXTENSION",
        ),
        Bad::NoFile => wire(404, "Not found", "the repository has no such file"),
        Bad::NoMetadata => wire(404, "Not found", "the repository has nothing to list here"),
        Bad::Nothing => wire(404, "Not found", "the repository has no such file, version or artifact"),
        Bad::NoListing => wire(404, "Not found", "directories are not listed"),
        Bad::SnapshotRefused => {
            wire(409, "Snapshot refused", "this repository takes releases only, and this is a snapshot")
        }
        Bad::ReleaseRefused => {
            wire(409, "Release refused", "this repository takes snapshots only, and this is a release")
        }
        Bad::ReadOnly => wire(409, "Read-only", "this repository is read-only"),
        Bad::PartialPut => wire(400, "Partial file", "files are taken whole, without Content-Range"),
        Bad::ChecksumHeader(algorithm) => wire(
            400,
            "Malformed checksum",
            format!(
                "the header X-Checksum-{} must hold the hexadecimal digits of one hash",
                algorithm.as_str()
            ),
        ),
        Bad::NoHash(algorithm) => wire(
            400,
            "Malformed checksum",
            format!("the body does not begin with a hash of the kind {}", algorithm.as_str()),
        ),
        Bad::Checksum { algorithm, expected, found } => wire(
            400,
            "Checksum mismatch",
            format!("the {} of the file is {found}, not {expected}", algorithm.as_str()),
        ),
        Bad::Pom(pom) => wire(400, "POM refused", of_pom(pom)),
        Bad::Precondition => wire(412, "Changed in the meantime", "the file is not the one you asked about"),
        Bad::Range { size_bytes } => {
            let range = unsatisfied_range(*size_bytes).map(|value| (CONTENT_RANGE, value));
            Wire { header: range, ..wire(416, "Range not satisfiable", "the range does not lie in the file") }
        }
    }
}

fn of_pom(pom: &BadPom) -> Cow<'static, str> {
    match pom {
        BadPom::Unreadable(Fault::Malformed) => "the POM is not well-formed XML".into(),
        BadPom::Unreadable(Fault::DocumentType) => "the POM has a document type, which is not taken".into(),
        BadPom::Unreadable(Fault::TooDeep) => "the POM is nested too deeply".into(),
        BadPom::NoProject => "the POM is not a Maven project".into(),
        BadPom::Contradicts { what, path, pom } => {
            Cow::Owned(format!("the POM says {what} {}, its path {}", repeated(pom), repeated(path)))
        }
    }
}

/// Text of a client's, short enough for a header.
fn repeated(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(REPEATED_CHARS_MAX).collect()
}

fn of_storage(error: &storage::Error) -> Wire {
    use storage::Error as E;
    match error {
        E::Absent => wire(404, "Not found", "the repository has no such file"),
        E::Conflict => {
            wire(409, "Exists", "it exists with other content, and this repository never replaces it")
        }
        E::MissingOverwrite => {
            wire(403, "Forbidden", "it exists with other content, and you lack the permission `overwrite`")
        }
        E::DigestMismatch => wire(400, "Checksum mismatch", "the content does not have the given checksum"),
        E::SizeMismatch => wire(400, "Size mismatch", "the content does not have the given size"),
        E::OutOfOrder { .. } | E::UnknownUpload | E::Busy => {
            wire(503, "Interrupted", "the upload was interrupted, send it again").retry()
        }
        E::Unlinked { .. } | E::AbsentEntries { .. } | E::Stale => {
            wire(409, "Changed in the meantime", "the repository changed in the meantime, try again")
        }
        E::TooLarge { bytes_max } => too_large(*bytes_max),
        E::Exists => wire(409, "Exists", "the name is taken"),
        E::InUse => wire(409, "In use", "it is in use"),
        E::Unknown(_) => wire(404, "Not found", error.to_string()),
        E::NotYetInForce(_) => wire(503, "Unavailable", error.to_string()),
        E::Refused(why) => wire(403, "Forbidden", why.clone()),
        E::Invalid(invalid) => wire(400, "Malformed path", invalid.to_string()),
        E::Full => wire(503, "Unavailable", "too many requests are waiting, try again in a moment").retry(),
        E::Schema(_) | E::Unavailable { .. } => {
            wire(503, "Unavailable", "storage is unavailable at the moment")
        }
        E::Corrupt(_) => {
            wire(500, "Damaged", "what is stored here is damaged; an administrator finds it in the log")
        }
    }
}

fn too_large(bytes_max: u64) -> Wire {
    wire(413, "Too large", format!("at most {bytes_max} bytes are taken"))
}

fn wire(status: u16, title: &'static str, detail: impl Into<Cow<'static, str>>) -> Wire {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Wire { status, title, detail: detail.into(), header: None }
}

impl Wire {
    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Maven tries again after so many seconds.
    fn retry(self) -> Self {
        self.with(RETRY_AFTER, HeaderValue::from_static("1"))
    }
}

#[cfg(test)]
mod tests;
