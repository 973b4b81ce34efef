//! Every failure in a document and in the reason phrase, which is what Maven 3.8 prints (docs/maven.md 4): one exhaustive match, no
//! wildcard arm.
#![warn(clippy::wildcard_enum_match_arm)]

use std::borrow::Cow;

use domain::{Algorithm, Invalid};
use edge::conditional::Unmet;
use edge::http::path::{BadPath, named};
use edge::http::range::unsatisfied_range;
use http::header::{ALLOW, CONTENT_RANGE};
use http::{HeaderValue, StatusCode};

use super::pom::BadPom;
use super::xml::Fault;
use crate::error::Error;
use crate::file_tree;
use crate::file_tree::checksum::Mismatch;
use crate::file_tree::error::{Own, in_use};
use crate::head::Asked;
use crate::problem::Problem;
use crate::reply::Response;

/// Most characters of a client's own text that a message repeats.
const REPEATED_CHARS_MAX: usize = 128;

/// What Maven itself finds wrong with a request.
#[derive(Debug)]
pub(crate) enum Bad {
    /// No repository's address begins like this.
    NoRoute,
    /// The path has encoded slashes, segments that lead upwards, control characters or broken percent signs.
    Path(BadPath),
    /// A name in the path ends with a dot.
    Dot,
    /// The path has a character that its place does not take.
    Character(char),
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
    /// An uploaded hash does not hold the digits of one.
    NoHash(Algorithm),
    /// The bytes have another hash than the client says.
    Checksum(Mismatch),
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

impl From<Unmet> for Bad {
    fn from(unmet: Unmet) -> Self {
        match unmet {
            Unmet::Precondition => Self::Precondition,
            Unmet::Range { size_bytes } => Self::Range { size_bytes },
        }
    }
}

impl From<Mismatch> for Error<Bad> {
    fn from(mismatch: Mismatch) -> Self {
        Self::Bad(Bad::Checksum(mismatch))
    }
}

/// Says a failure.
pub(crate) fn render(error: &Error<Bad>, _asked: &Asked<'_>) -> Response {
    let problem = file_tree::error::of(error, own(), of_bad);
    // Clients expect these and go on: Maven 3.9.11 and 4.0.0-rc-4 take any status beside a problem document for a failure, and
    // the first deploy of a snapshot would end at the metadata that is not there yet.
    let expected = matches!(
        problem.status(),
        StatusCode::NOT_FOUND | StatusCode::PRECONDITION_FAILED | StatusCode::RANGE_NOT_SATISFIABLE
    );
    let problem = if expected { problem.plain() } else { problem };
    problem.reply().into()
}

fn of_bad(bad: &Bad) -> Problem {
    match bad {
        Bad::NoRoute => Problem::new(404, "Not found", "addresses here are /maven/p/PROJECT/REPOSITORY/PATH"),
        Bad::Path(bad) => Problem::new(400, "Malformed path", bad.to_string()),
        Bad::Dot => Problem::new(400, "Malformed path", "a name in the path ends with a dot"),
        Bad::Character(character) => Problem::new(
            400,
            "Malformed path",
            format!("the path holds {}, which is not taken at this place", named(*character)),
        ),
        Bad::Name(invalid) => Problem::new(400, "Malformed path", invalid.to_string()),
        Bad::Method { allow } => {
            Problem::new(405, "Method not allowed", format!("this address takes {allow}"))
                .with(ALLOW, HeaderValue::from_static(allow))
        }
        Bad::Layout => Problem::new(
            400,
            "Not the Maven layout",
            "the path is not GROUP/ARTIFACT/VERSION/ARTIFACT-VERSION[-CLASSIFIER].EXTENSION",
        ),
        Bad::NoFile => Problem::new(404, "Not found", "the repository has no such file"),
        Bad::NoMetadata => Problem::new(404, "Not found", "the repository has nothing to list here"),
        Bad::Nothing => {
            Problem::new(404, "Not found", "the repository has no such file, version or artifact")
        }
        Bad::SnapshotRefused => Problem::new(
            409,
            "Snapshot refused",
            "this repository takes releases only, and this is a snapshot",
        ),
        Bad::ReleaseRefused => Problem::new(
            409,
            "Release refused",
            "this repository takes snapshots only, and this is a release",
        ),
        Bad::ReadOnly => Problem::new(409, "Read-only", "this repository is read-only"),
        Bad::PartialPut => Problem::new(400, "Partial file", "files are taken whole, without Content-Range"),
        Bad::ChecksumHeader(algorithm) => Problem::new(
            400,
            "Malformed checksum",
            format!(
                "the header X-Checksum-{} must hold the hexadecimal digits of one hash",
                algorithm.as_str()
            ),
        ),
        Bad::NoHash(algorithm) => Problem::new(
            400,
            "Malformed checksum",
            format!("the body holds no hash of the kind {}", algorithm.as_str()),
        ),
        Bad::Checksum(mismatch) => Problem::new(400, "Checksum mismatch", mismatch.to_string()),
        Bad::Pom(pom) => Problem::new(400, "POM refused", of_pom(pom)),
        Bad::Precondition => {
            Problem::new(412, "Changed in the meantime", "the file is not the one you asked about")
        }
        Bad::Range { size_bytes } => {
            Problem::new(416, "Range not satisfiable", "the range does not lie in the file")
                .with(CONTENT_RANGE, unsatisfied_range(*size_bytes))
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

fn own() -> Own {
    Own {
        other_format: "this repository does not hold Maven artifacts",
        conflict: Problem::new(
            409,
            "Exists",
            "it exists with other content, and this repository never replaces it",
        ),
        kept: in_use(),
        reserved: "it was removed, and its name stays reserved for the content it had; publish another version",
        mismatch: Problem::new(
            400,
            "Checksum mismatch",
            "the file does not have the hash that was sent before it",
        ),
    }
}

#[cfg(test)]
mod tests;
