//! Every failure as NuGet clients show it: one exhaustive match, no wildcard arm. `dotnet` prints `409 (REASON)`, so the reason
//! phrase carries the message; the body says the same as `application/problem+json`.
#![warn(clippy::wildcard_enum_match_arm)]

use budget::Exceeded;
use edge::conditional::Unmet;
use edge::http::multipart::BadMultipart;
use edge::http::range::unsatisfied_range;
use http::HeaderValue;
use http::header::{ALLOW, CONTENT_RANGE};
use storage::ContentError;

use super::fault::Fault;
use super::wire::WARNING;
use crate::error::Error;
use crate::problem::Problem;
use crate::reply::Response;

/// What NuGet itself finds wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bad {
    /// No route has this form.
    NoRoute,
    /// The path has encoded slashes, relative segments, control characters or broken percent signs.
    Path,
    /// The route exists, the method does not.
    Method {
        /// The methods it has.
        allow: &'static str,
    },
    /// What only feeds of V2 have.
    OldProtocol {
        /// The address of the index of V3.
        index: String,
    },
    /// The repository has no package of this id.
    UnknownPackage,
    /// The package has no such version.
    UnknownVersion,
    /// The version has no such file.
    UnknownFile,
    /// No symbols here have this key.
    UnknownSymbols,
    /// No symbols of this version were pushed.
    UnknownSymbolsPackage,
    /// What symbols are of is not here.
    SymbolsOfNothing,
    /// Other symbols of the version are there.
    SymbolsExist,
    /// The file is not what `If-Match` or `If-Unmodified-Since` say.
    Precondition,
    /// The range does not lie in the file.
    Range {
        /// How long the file is.
        size_bytes: u64,
    },
    /// The body of a push is neither a form nor bytes.
    ContentType,
    /// The form of a push is broken.
    Form(BadMultipart),
    /// The package is not one that can be published.
    Package(Fault),
    /// The version is there with other bytes and is never replaced.
    Exists,
    /// The version is there without symbols, and what is pushed is the same with symbols.
    SymbolsInPlace,
    /// The version is there with other bytes and the caller may not overwrite.
    ExistsProtected,
    /// The search takes longer than one may.
    LongSearch,
}

impl From<Unmet> for Bad {
    fn from(unmet: Unmet) -> Self {
        match unmet {
            Unmet::Precondition => Self::Precondition,
            Unmet::Range { size_bytes } => Self::Range { size_bytes },
        }
    }
}

/// Says a failure.
pub(crate) fn render(error: &Error<Bad>) -> Response {
    let problem = match error {
        // Whoever restores meets this on the service index, whose reason phrase not every version of the client shows.
        Error::Misdirected(error) => {
            Problem::misdirected(error).with(WARNING, HeaderValue::try_from(error.to_string()).ok())
        }
        Error::Auth(error) => Problem::of_auth(error),
        Error::Denied(denied) => Problem::of_denied(denied),
        Error::OtherFormat => Problem::new(404, "Not found", "this repository does not hold NuGet packages"),
        Error::Bad(bad) => of_bad(bad),
        Error::TooLarge { bytes_max } => Problem::too_large(*bytes_max),
        Error::TimedOut => Problem::new(408, "Too slow", "the body came too slowly"),
        Error::Aborted => Problem::new(400, "Broken off", "the body ended before its time"),
        Error::Busy(exceeded) => Problem::busy(*exceeded),
        Error::Content(error) => of_content(error),
        Error::Upload(error) => Problem::of_upload(error, damaged()),
        Error::Fault(fault) => Problem::of_fault(fault),
    };
    problem.reply().into()
}

fn of_bad(bad: &Bad) -> Problem {
    match bad {
        Bad::NoRoute => Problem::new(404, "Not found", "this feed has no such address"),
        Bad::Path => Problem::new(400, "Malformed address", "the address is malformed"),
        Bad::Method { allow } => {
            Problem::new(405, "Method not allowed", format!("this address takes {allow}"))
                .with(ALLOW, HeaderValue::from_static(allow))
        }
        Bad::OldProtocol { index } => {
            let words = format!("this feed speaks NuGet V3 alone, use {index} as the source");
            let warning = HeaderValue::try_from(&words).ok();
            Problem::new(410, "Gone", words).with(WARNING, warning)
        }
        Bad::UnknownPackage => Problem::new(404, "Not found", "the feed has no package of this id"),
        Bad::UnknownVersion => Problem::new(404, "Not found", "the feed has no such version of the package"),
        Bad::UnknownFile => Problem::new(404, "Not found", "the package has no such file"),
        Bad::UnknownSymbols => Problem::new(404, "Not found", "the feed has no symbols of this name and key"),
        Bad::UnknownSymbolsPackage => {
            Problem::new(404, "Not found", "the feed has no package of symbols of this version")
        }
        Bad::SymbolsOfNothing => Problem::new(
            404,
            "Not found",
            "the feed has no such version of the package; push the package before its symbols",
        ),
        Bad::SymbolsExist => Problem::new(
            409,
            "Exists",
            "other symbols of this version are there, and you lack the permission `overwrite`",
        ),
        Bad::Precondition => {
            Problem::new(412, "Changed in the meantime", "the file is not the one you asked about")
        }
        Bad::Range { size_bytes } => {
            Problem::new(416, "Range not satisfiable", "the range does not lie in the file")
                .with(CONTENT_RANGE, unsatisfied_range(*size_bytes))
        }
        Bad::ContentType => Problem::new(
            400,
            "Not a package",
            "send the package as multipart/form-data or application/octet-stream",
        ),
        Bad::Form(bad) => Problem::new(400, "Not a package", bad.to_string()),
        Bad::Package(fault) => Problem::new(400, "Not a package", fault.to_string()),
        Bad::Exists => Problem::new(
            409,
            "Exists",
            "this version exists with other content, and this repository never replaces it",
        ),
        Bad::SymbolsInPlace => Problem::new(
            409,
            "Exists",
            "this version exists without symbols and is not replaced by a symbols package: push that as .snupkg, made \
             with SymbolPackageFormat=snupkg",
        ),
        Bad::ExistsProtected => Problem::new(
            409,
            "Exists",
            "this version exists with other content, and you lack the permission `overwrite`",
        ),
        Bad::LongSearch => Problem::new(
            503,
            "Too slow",
            "the search takes too long, try again in a moment or look for longer words",
        )
        .retry(),
    }
}

fn of_content(error: &ContentError) -> Problem {
    use ContentError as E;
    match error {
        E::Absent => Problem::new(404, "Not found", "the feed has nothing of this name"),
        E::Conflict => of_bad(&Bad::Exists),
        E::MissingOverwrite => of_bad(&Bad::ExistsProtected),
        E::DigestMismatch => damaged(),
        E::UnknownUpload => Problem::interrupted(),
        E::Unlinked { .. } | E::AbsentEntries { .. } => {
            Problem::new(503, "Interrupted", "the package was removed in the meantime, try again").retry()
        }
        E::TooLarge { bytes_max } => Problem::too_large(*bytes_max),
        E::NotHosted(_) => Problem::not_hosted(error),
        E::Reserved { .. } => Problem::new(
            409,
            "Reserved",
            "the version was removed and stays reserved for the package it was; push another version",
        ),
        E::Pinned { .. } => Problem::pinned(error),
        E::InUse { .. } | E::Member { .. } | E::Kept { .. } | E::Tagged { .. } => {
            Problem::new(409, "In use", error.to_string())
        }
        E::Refused(why) => Problem::new(403, "Refused", why.clone()),
        E::Denied(denied) => Problem::of_denied(denied),
        E::TooSlow => Problem::busy(Exceeded::Total),
        E::Fault(fault) => Problem::of_fault(fault),
    }
}

fn damaged() -> Problem {
    Problem::new(400, "Damaged", "the content is not what was announced")
}

#[cfg(test)]
mod tests;
