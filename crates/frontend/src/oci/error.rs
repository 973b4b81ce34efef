//! Every failure in the words of the distribution specification: one exhaustive match, no wildcard arm.
#![warn(clippy::wildcard_enum_match_arm)]

use std::borrow::Cow;

use auth::AuthError;
use budget::Exceeded;
use bytes::Bytes;
use domain::{Denied, Digest, RightKind};
use http::header::{ALLOW, CONTENT_RANGE, HeaderName, LOCATION, RANGE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use storage::{ContentError, Fault, UploadError};

use super::manifest::Fault as ManifestFault;
use super::route::name::{BadName, NAME_BYTES_MAX};
use super::wire::{API_VERSION, API_VERSION_2, ErrorItem, Errors, UPLOAD_UUID};
use super::{location, scope};
use crate::challenge;
use crate::error::{Error, NO_SPACE};
use crate::head::Asked;
use crate::reply::{Reply, Response};

/// Most missing digests named in one answer.
const NAMED_MAX: usize = 32;

/// What OCI itself finds wrong with a request.
#[derive(Debug)]
pub(crate) enum Bad {
    /// No route has this form; reserved words below `/v2/` too.
    NoRoute,
    /// The path has encoded slashes, relative segments, control characters or broken percent signs.
    Path,
    /// The route exists, the method does not.
    Method {
        /// The methods it has.
        allow: &'static str,
    },
    /// Not the name of an image.
    Name(BadName),
    /// Not a tag.
    Tag,
    /// More `tag=` than are taken at once.
    TooManyTags {
        /// How many are.
        tags_max: usize,
    },
    /// Not a digest.
    Digest,
    /// A digest of an algorithm that we do not know.
    Algorithm(Box<str>),
    /// The end of an upload without `digest=`.
    MissingDigest,
    /// A parameter is malformed or repeated.
    Parameter(&'static str),
    /// `n` is no number.
    PageSize,
    /// `Content-Range` is malformed or contradicts `Content-Length`.
    ContentRange,
    /// The range does not lie in the blob.
    Range {
        /// How long the blob is.
        size_bytes: u64,
    },
    /// The upload goes on elsewhere than the client believes; it lives on.
    UploadAt(location::Progress),
    /// No such upload of this caller in this repository.
    UnknownUpload,
    /// The repository does not link this blob.
    UnknownBlob,
    /// No such tag or manifest.
    UnknownManifest,
    /// The repository has nothing of this name.
    UnknownImage,
    /// Not a manifest that can be stored.
    Manifest(ManifestFault),
    /// A manifest gives a blob another length than it has.
    BlobSize(Digest),
}

/// An answer in the making.
struct Wire {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    detail: Option<Value>,
    headers: Vec<(HeaderName, String)>,
}

/// Says a failure.
pub(crate) fn render(error: &Error<Bad>, asked: &Asked<'_>) -> Response {
    let wire = match error {
        Error::Misdirected(error) => wire(421, "UNSUPPORTED", error.to_string()),
        Error::Auth(error) => of_auth(error),
        Error::Denied(denied) => of_denied(denied),
        Error::OtherFormat => wire(404, "NAME_UNKNOWN", "this repository does not hold images"),
        Error::Bad(bad) => of_bad(bad),
        Error::TooLarge { bytes_max } => too_large(*bytes_max),
        Error::TimedOut => wire(408, "BLOB_UPLOAD_INVALID", "the body came too slowly"),
        Error::Aborted => wire(400, "BLOB_UPLOAD_INVALID", "the body ended before its time"),
        Error::Busy(exceeded) => busy(*exceeded),
        Error::Content(error) => of_content(error),
        Error::Upload(error) => of_upload(error),
        Error::Fault(fault) => of_fault(fault),
    };
    let mut reply = Reply::new(wire.status).header(API_VERSION, API_VERSION_2);
    for (name, value) in wire.headers {
        reply = reply.header(name, value);
    }
    if wire.status == StatusCode::INSUFFICIENT_STORAGE {
        // The engine reads no body of a 5xx and tries again, unless it finds these words.
        reply = reply.reason("no space left on device");
    }
    if wire.status == StatusCode::UNAUTHORIZED {
        let scope = scope(&asked.head);
        reply = reply.header(WWW_AUTHENTICATE, challenge::bearer(asked, error, scope.as_deref()));
    }
    let item = ErrorItem { code: wire.code, message: wire.message, detail: wire.detail };
    let body = serde_json::to_vec(&Errors { errors: vec![item] }).unwrap_or_default();
    reply.bytes(HeaderValue::from_static("application/json"), Bytes::from(body)).into()
}

fn of_auth(error: &AuthError) -> Wire {
    let (status, retry_after_secs) = challenge::auth_status(error);
    let (code, message) = match error {
        AuthError::Malformed => ("UNAUTHORIZED", "the credentials are malformed or given more than once"),
        AuthError::Invalid { .. } => ("UNAUTHORIZED", "the user name, password or token is wrong"),
        AuthError::Untaken { why, .. } => return wire(401, "UNAUTHORIZED", why.to_string()),
        AuthError::MustChange => ("DENIED", challenge::MUST_CHANGE),
        AuthError::Throttled { .. } => ("TOOMANYREQUESTS", "too many failed log-ins, try again later"),
        AuthError::Busy { .. } => ("TOOMANYREQUESTS", "too many log-ins at once, try again in a moment"),
        AuthError::Unavailable => ("UNAVAILABLE", "credentials cannot be verified at the moment"),
    };
    let headers = retry_after_secs.map(|secs| (RETRY_AFTER, secs.to_string())).into_iter().collect();
    Wire { status, code, message: message.into(), detail: None, headers }
}

fn busy(exceeded: Exceeded) -> Wire {
    let (status, retry_after_secs) = challenge::busy_status(exceeded);
    let code = match exceeded {
        Exceeded::Own => "TOOMANYREQUESTS",
        Exceeded::Total => "UNAVAILABLE",
    };
    let headers = vec![(RETRY_AFTER, retry_after_secs.to_string())];
    Wire { status, code, message: challenge::busy_words(exceeded).into(), detail: None, headers }
}

/// The same words for absent and unreadable: only who may know that the repository exists is told what is missing.
fn of_denied(denied: &Denied) -> Wire {
    let status = challenge::status(denied);
    let message = match (denied.authenticated, denied.may_know) {
        (false, _) => "authentication required".into(),
        (true, false) => "there is no such repository, or you may not use it".into(),
        (true, true) => match denied.right {
            RightKind::Probe => "you may not look into this repository".into(),
            RightKind::Permission(permission) => {
                Cow::Owned(format!("you lack the permission `{}` on this repository", permission.as_str()))
            }
        },
    };
    let code = if denied.authenticated { "DENIED" } else { "UNAUTHORIZED" };
    Wire { status, code, message, detail: None, headers: Vec::new() }
}

fn of_bad(bad: &Bad) -> Wire {
    match bad {
        Bad::NoRoute => wire(404, "UNSUPPORTED", "this registry has no such address"),
        Bad::Path => wire(400, "NAME_INVALID", "the address is malformed"),
        Bad::Method { allow } => {
            wire(405, "UNSUPPORTED", "this address does not take the method").with(ALLOW, (*allow).to_owned())
        }
        Bad::Name(name) => of_name(*name),
        Bad::Tag => {
            wire(400, "MANIFEST_INVALID", "not a tag: letters, digits, '_', '.' and '-', at most 128")
        }
        Bad::TooManyTags { tags_max } => wire(414, "UNSUPPORTED", format!("at most {tags_max} tags at once")),
        Bad::Digest => wire(400, "DIGEST_INVALID", "not a digest: sha256 or sha512 and lower-case digits"),
        Bad::Algorithm(name) => wire(400, "DIGEST_INVALID", unsupported_algorithm(name)),
        Bad::MissingDigest => wire(400, "DIGEST_INVALID", "the parameter `digest` is missing"),
        Bad::Parameter(name) => {
            wire(400, "UNSUPPORTED", format!("the parameter `{name}` is malformed or repeated"))
        }
        Bad::PageSize => wire(400, "PAGINATION_NUMBER_INVALID", "the parameter `n` must be a number"),
        Bad::ContentRange => {
            wire(400, "BLOB_UPLOAD_INVALID", "Content-Range must be FIRST-LAST and fit Content-Length")
        }
        Bad::Range { size_bytes } => wire(416, "RANGE_INVALID", "the range does not lie in the blob")
            .with(CONTENT_RANGE, format!("bytes */{size_bytes}")),
        Bad::UploadAt(upload) => wire(416, "BLOB_UPLOAD_INVALID", "the upload goes on elsewhere, see Range")
            .with(LOCATION, upload.location())
            .with(RANGE, upload.range())
            .with(UPLOAD_UUID, upload.id.to_string()),
        Bad::UnknownUpload => unknown_upload(),
        Bad::UnknownBlob => wire(404, "BLOB_UNKNOWN", "the repository does not have this blob"),
        Bad::UnknownManifest => wire(404, "MANIFEST_UNKNOWN", "the repository has no such tag or manifest"),
        Bad::UnknownImage => wire(404, "NAME_UNKNOWN", "the repository has no image of this name"),
        Bad::BlobSize(digest) => {
            wire(400, "SIZE_INVALID", format!("the manifest gives {digest} another size than it has"))
        }
        Bad::Manifest(fault) => wire(400, "MANIFEST_INVALID", of_manifest(fault)),
    }
}

fn of_name(bad: BadName) -> Wire {
    let message = match bad {
        BadName::Grammar => "image names are lower-case letters and digits with '.', '_', '-' inside".into(),
        BadName::TooLong => Cow::Owned(format!("image names are at most {NAME_BYTES_MAX} bytes long")),
        BadName::NoImage => "image names here are PROJECT/REPOSITORY/IMAGE".into(),
        BadName::Reserved => "names that begin with '_' are reserved".into(),
    };
    // A name that cannot be is a bad request; a reserved one is an extension that is not here. Without an image it is good
    // and nobody's: docker shows that at once, and tries an invalid one again for a minute.
    match bad {
        BadName::Grammar | BadName::TooLong => wire(400, "NAME_INVALID", message),
        BadName::NoImage => wire(404, "NAME_UNKNOWN", message),
        BadName::Reserved => wire(404, "UNSUPPORTED", message),
    }
}

/// Why a document is no manifest, in words for people.
pub(super) fn of_manifest(fault: &ManifestFault) -> Cow<'static, str> {
    match fault {
        ManifestFault::Json { line, column } => {
            Cow::Owned(format!("the manifest is malformed at line {line}, column {column}"))
        }
        ManifestFault::NoType => "neither Content-Type nor mediaType says what the manifest is".into(),
        ManifestFault::TypesDiffer => "Content-Type and mediaType of the manifest differ".into(),
        ManifestFault::UnknownType => "manifests of this type are not taken".into(),
        ManifestFault::Schema1 => "manifests of schema 1 are not taken; push with a current client".into(),
        ManifestFault::SchemaVersion => "schemaVersion must be 2".into(),
        ManifestFault::Ambiguous => "the manifest has members of another kind of manifest".into(),
        ManifestFault::NoConfig => "the manifest has no config".into(),
        ManifestFault::NoManifests => "the index has no list of manifests".into(),
        ManifestFault::Algorithm(name) => unsupported_algorithm(name).into(),
        ManifestFault::ArtifactType => "artifactType is too long".into(),
        ManifestFault::Sizes => "the manifest gives one blob two sizes".into(),
        ManifestFault::TooDeep => "the manifest is nested too deeply".into(),
    }
}

fn unsupported_algorithm(name: &str) -> String {
    format!("digests of the algorithm {name} are not supported here: sha256 and sha512 are")
}

fn of_content(error: &ContentError) -> Wire {
    use ContentError as E;
    match error {
        E::Absent => wire(404, "NAME_UNKNOWN", "the repository has nothing of this name"),
        E::Conflict => {
            wire(409, "DENIED", "it exists with other content and this repository never replaces it")
        }
        E::MissingOverwrite => {
            wire(403, "DENIED", "it exists with other content and you lack the permission `overwrite`")
        }
        E::DigestMismatch => digest_mismatch(),
        E::UnknownUpload => unknown_upload(),
        E::Unlinked { digests } => {
            wire(400, "MANIFEST_BLOB_UNKNOWN", "the manifest names blobs that the repository does not have")
                .about(json!({ "digests": named(digests) }))
        }
        E::AbsentEntries { names } => {
            let names: Vec<&str> = names.iter().take(NAMED_MAX).map(AsRef::as_ref).collect();
            wire(400, "MANIFEST_BLOB_UNKNOWN", "the index names manifests that the repository does not have")
                .about(json!({ "digests": names }))
        }
        E::TooLarge { bytes_max } => too_large(*bytes_max),
        E::InUse { by } => {
            let by = by.to_string();
            wire(405, "UNSUPPORTED", format!("{by} needs this blob; delete that manifest first"))
                .with(ALLOW, "GET, HEAD".to_owned())
                .about(json!({ "needed_by": by }))
        }
        E::NotHosted(_) => wire(405, "UNSUPPORTED", error.to_string()).with(ALLOW, "GET, HEAD".to_owned()),
        E::Kept { name } => {
            let name = name.to_string();
            wire(409, "DENIED", format!("{name} is immutable here: it is neither replaced nor removed"))
        }
        E::Pinned { name, reason } => {
            wire(409, "DENIED", error.to_string()).about(json!({ "pinned": name, "reason": reason }))
        }
        E::Tagged { tags } => {
            let names = tags.join(", ");
            wire(
                409,
                "DENIED",
                format!("this repository deletes a digest with one tag only, and these name it: {names}"),
            )
            .about(json!({ "tags": tags }))
        }
        E::Reserved { name } => wire(409, "DENIED", format!("{name} was removed and stays reserved")),
        E::Member { of, forcible } => member(&of.to_string(), *forcible),
        E::Refused(why) => wire(403, "DENIED", why.clone()),
        E::Denied(denied) => of_denied(denied),
        E::TooSlow => busy(Exceeded::Total),
        E::Fault(fault) => of_fault(fault),
    }
}

fn of_upload(error: &UploadError) -> Wire {
    use UploadError as E;
    match error {
        E::UnknownUpload => unknown_upload(),
        E::Busy => wire(409, "BLOB_UPLOAD_INVALID", "the upload is being written to by another request"),
        E::TooLarge { bytes_max } => too_large(*bytes_max),
        E::DigestMismatch => digest_mismatch(),
        E::Refused(why) => wire(403, "DENIED", why.clone()),
        E::Denied(denied) => of_denied(denied),
        E::Fault(fault) => of_fault(fault),
    }
}

fn of_fault(fault: &Fault) -> Wire {
    match fault {
        Fault::Full => busy(Exceeded::Total),
        Fault::Crowded => busy(Exceeded::Own),
        Fault::NoSpace { .. } => wire(507, "UNAVAILABLE", NO_SPACE),
        Fault::Unavailable { .. } => wire(503, "UNAVAILABLE", "storage is unavailable at the moment").retry(),
        Fault::Corrupt(_) => {
            wire(500, "UNKNOWN", "what is stored here is damaged; an administrator finds it in the log")
        }
    }
}

fn digest_mismatch() -> Wire {
    wire(400, "DIGEST_INVALID", "the content does not have the given digest")
}

fn member(of: &str, forcible: bool) -> Wire {
    let force = if forcible { ", or say ?force=true and leave it incomplete" } else { "" };
    wire(405, "UNSUPPORTED", format!("the manifest is a member of {of}; delete that first{force}"))
        .with(ALLOW, "GET, HEAD, PUT".to_owned())
        .about(json!({ "member_of": of }))
}

fn unknown_upload() -> Wire {
    wire(404, "BLOB_UPLOAD_UNKNOWN", "there is no such upload; begin again")
}

fn too_large(bytes_max: u64) -> Wire {
    wire(413, "SIZE_INVALID", format!("at most {bytes_max} bytes are taken"))
}

fn named(digests: &[Digest]) -> Vec<String> {
    digests.iter().take(NAMED_MAX).map(Digest::to_string).collect()
}

fn wire(status: u16, code: &'static str, message: impl Into<Cow<'static, str>>) -> Wire {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Wire { status, code, message: message.into(), detail: None, headers: Vec::new() }
}

impl Wire {
    fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same request may succeed in a moment.
    fn retry(self) -> Self {
        self.with(RETRY_AFTER, challenge::RETRY_SECS.to_string())
    }

    fn about(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }
}

#[cfg(test)]
mod tests;
