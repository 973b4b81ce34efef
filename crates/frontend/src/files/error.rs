//! Every failure as one line of plain text, which is what people read whose client prints the body as it comes (docs/files.md 4): one
//! exhaustive match, no wildcard arm.
#![warn(clippy::wildcard_enum_match_arm)]

use domain::{Algorithm, Invalid};
use edge::conditional::Unmet;
use edge::http::path::{BadPath, named};
use edge::http::range::unsatisfied_range;
use http::HeaderValue;
use http::header::{ALLOW, CONTENT_RANGE};

use crate::error::Error;
use crate::file_tree;
use crate::file_tree::checksum::Mismatch;
use crate::file_tree::error::Own;
use crate::problem::Problem;
use crate::reply::Response;

/// What is found wrong with a request for a file.
#[derive(Debug)]
pub(crate) enum Bad {
    /// No repository's address begins like this.
    NoRoute,
    /// The path has encoded slashes, empty or relative segments, control characters or broken percent signs.
    Path(BadPath),
    /// The path is longer than any.
    Long {
        /// The bound, in bytes.
        bytes_max: usize,
    },
    /// The path has more names than any.
    Deep {
        /// The bound.
        names_max: usize,
    },
    /// A name in the path ends with a dot.
    Dot,
    /// The path has a character that none has.
    Character(char),
    /// The path cannot be a name.
    Name(Invalid),
    /// The address exists, the method does not.
    Method {
        /// The methods it has.
        allow: &'static str,
    },
    /// The repository has no such file.
    NoFile,
    /// The repository has no file in such a directory.
    NoDirectory,
    /// A part of a file where only whole ones are taken (RFC 9110 §14.5).
    PartialPut,
    /// A change on a condition other than that nothing is there.
    Condition,
    /// `X-Checksum-*` is no hash.
    ChecksumHeader(Algorithm),
    /// `Content-Digest` is no hash.
    ContentDigest,
    /// The bytes have another hash than the client says.
    Checksum(Mismatch),
    /// The file is not what the client's conditions say, or is there and should not be.
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
pub(crate) fn render(error: &Error<Bad>) -> Response {
    let problem = file_tree::error::of(error, own(), of_bad);
    problem.plain().reply().into()
}

fn of_bad(bad: &Bad) -> Problem {
    let malformed = |detail: String| Problem::new(400, "Malformed path", detail);
    match bad {
        Bad::NoRoute => Problem::new(404, "Not found", "addresses here are /files/p/PROJECT/REPOSITORY/PATH"),
        Bad::Path(bad) => malformed(bad.to_string()),
        Bad::Long { bytes_max } => malformed(format!("the path is longer than {bytes_max} bytes")),
        Bad::Deep { names_max } => malformed(format!("the path has more than {names_max} names")),
        Bad::Dot => malformed("a name in the path ends with a dot".to_owned()),
        Bad::Character(character) => {
            malformed(format!("the path holds {}, which no name may have", named(*character)))
        }
        Bad::Name(invalid) => malformed(invalid.to_string()),
        Bad::Method { allow } => {
            Problem::new(405, "Method not allowed", format!("this address takes {allow}"))
                .with(ALLOW, HeaderValue::from_static(allow))
        }
        Bad::NoFile => Problem::new(404, "Not found", "the repository has no such file"),
        Bad::NoDirectory => Problem::new(404, "Not found", "the repository has no such directory"),
        Bad::PartialPut => Problem::new(400, "Partial file", "files are taken whole, without Content-Range"),
        Bad::Condition => {
            Problem::new(400, "Condition", "the only condition for a change is If-None-Match: * on PUT")
        }
        Bad::ChecksumHeader(algorithm) => {
            let name = algorithm.as_str();
            let detail = format!("the header X-Checksum-{name} must hold the hexadecimal digits of one hash");
            Problem::new(400, "Malformed checksum", detail)
        }
        Bad::ContentDigest => Problem::new(
            400,
            "Malformed checksum",
            "the header Content-Digest must hold hashes in Base64, as sha-256=:…:",
        ),
        Bad::Checksum(mismatch) => Problem::new(400, "Checksum mismatch", mismatch.to_string()),
        Bad::Precondition => Problem::new(412, "Precondition failed", "the file is not as you expect it"),
        Bad::Range { size_bytes } => {
            Problem::new(416, "Range not satisfiable", "the range does not lie in the file")
                .with(CONTENT_RANGE, unsatisfied_range(*size_bytes))
        }
    }
}

fn own() -> Own {
    Own {
        other_format: "this repository does not hold generic files",
        conflict: Problem::new(
            409,
            "Immutable",
            "it exists with other content, and its name is immutable here",
        ),
        kept: Problem::new(409, "Immutable", "its name is immutable here"),
        reserved: "it was removed, and its name stays reserved for the content it had",
        mismatch: Problem::new(
            400,
            "Checksum mismatch",
            "the file does not have the hash that was sent with it",
        ),
    }
}

#[cfg(test)]
mod tests;
