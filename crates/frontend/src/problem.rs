//! `application/problem+json` (RFC 9457): the language of everything that is no package protocol.

use std::borrow::Cow;

use ::http::header::{ALLOW, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderValue, StatusCode};
use auth::AuthError;
use budget::Exceeded;
use bytes::Bytes;
use domain::{Denied, RightKind};
use edge::Misdirected;
use storage::{Fault, UploadError};

use crate::challenge;
use crate::error::NO_SPACE;
use crate::reply::Reply;

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain");

/// A failure of a protocol whose clients print the reason phrase: said there and in the body.
pub(crate) struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: Cow<'static, str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    plain: bool,
}

/// A failure for people and programs. `title` names the kind, `detail` what to do about this one; neither may hold a secret.
#[must_use]
pub(crate) fn problem(status: StatusCode, title: &str, detail: &str) -> Reply {
    let body = serde_json::json!({ "status": status.as_u16(), "title": title, "detail": detail });
    Reply::new(status).bytes(PROBLEM, Bytes::from(body.to_string()))
}

/// A refusal with the status of [`challenge::status`] or [`challenge::auth_status`]: Basic is challenged, `denied` says what
/// a caller with valid credentials lacks.
#[must_use]
pub(crate) fn refused((status, retry_after): (StatusCode, Option<u64>), denied: &str) -> Reply {
    let reply = match status {
        StatusCode::UNAUTHORIZED => {
            let detail = "log in with a user name or client ID and a token";
            problem(status, "Not logged in", detail).header(WWW_AUTHENTICATE, challenge::basic())
        }
        StatusCode::FORBIDDEN => problem(status, "Forbidden", denied),
        StatusCode::BAD_REQUEST => {
            problem(status, "Malformed credentials", "one Authorization header, please")
        }
        StatusCode::TOO_MANY_REQUESTS => problem(status, "Too many log-ins", "try again later"),
        _ => problem(status, "Unavailable", "log-ins cannot be checked at the moment"),
    };
    match retry_after {
        Some(secs) => reply.header(RETRY_AFTER, secs),
        None => reply,
    }
}

/// A refusal because the client, or all together, hold as much as they may.
#[must_use]
pub(crate) fn busy(exceeded: Exceeded) -> Reply {
    Problem::busy(exceeded).reply()
}

impl Problem {
    /// A failure; `title` names the kind, `detail` what to do about this one.
    pub(crate) fn new(status: u16, title: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, title, detail: detail.into(), headers: Vec::new(), plain: false }
    }

    /// A failed authentication.
    pub(crate) fn of_auth(error: &AuthError) -> Self {
        let (status, retry_after_secs) = challenge::auth_status(error);
        let (title, detail) = match error {
            AuthError::Malformed => {
                ("Malformed credentials", "the credentials are malformed or given more than once")
            }
            AuthError::Invalid { .. } => ("Wrong credentials", "the user name, password or token is wrong"),
            AuthError::Untaken { why, .. } => return Self::new(401, "Wrong credentials", why.to_string()),
            AuthError::MustChange => ("Change your password", challenge::MUST_CHANGE),
            AuthError::Throttled { .. } => ("Too many log-ins", "too many failed log-ins, try again later"),
            AuthError::Busy { .. } => ("Too many log-ins", "too many log-ins at once, try again in a moment"),
            AuthError::Unavailable => ("Unavailable", "credentials cannot be verified at the moment"),
        };
        let headers = retry_after_secs.map(|secs| (RETRY_AFTER, secs.into())).into_iter().collect();
        Self { status, title, detail: detail.into(), headers, plain: false }
    }

    /// A host that is not known to be this server.
    pub(crate) fn misdirected(error: &Misdirected) -> Self {
        Self::new(421, "Misdirected", error.to_string())
    }

    /// A refusal by the gate. The same words for absent and unreadable: only who may know that the repository exists is told
    /// what is missing.
    pub(crate) fn of_denied(denied: &Denied) -> Self {
        let (title, detail) = match (denied.authenticated, denied.may_know) {
            (false, _) => ("Not logged in", "log in with a user name or client ID and a token".into()),
            (true, false) => ("Forbidden", "there is no such repository, or you may not use it".into()),
            (true, true) => match denied.right {
                RightKind::Probe => ("Forbidden", "you may not look into this repository".into()),
                RightKind::Permission(permission) => {
                    let lacks =
                        format!("you lack the permission `{}` on this repository", permission.as_str());
                    ("Forbidden", Cow::Owned(lacks))
                }
            },
        };
        Self { status: challenge::status(denied), title, detail, headers: Vec::new(), plain: false }
    }

    /// What can fail in storage whatever is asked of it.
    pub(crate) fn of_fault(fault: &Fault) -> Self {
        match fault {
            Fault::Full => Self::busy(Exceeded::Total),
            Fault::Crowded => Self::busy(Exceeded::Own),
            Fault::NoSpace { .. } => Self::no_space(),
            Fault::Unavailable { .. } => Self::unavailable(),
            Fault::Corrupt(_) => Self::damaged(),
        }
    }

    /// What can become of an upload; `mismatch` says that its bytes are not those that were announced.
    pub(crate) fn of_upload(error: &UploadError, mismatch: Self) -> Self {
        use UploadError as E;
        match error {
            E::UnknownUpload | E::Busy => Self::interrupted(),
            E::TooLarge { bytes_max } => Self::too_large(*bytes_max),
            E::DigestMismatch => mismatch,
            E::Refused(why) => Self::new(403, "Forbidden", why.clone()),
            E::Denied(denied) => Self::of_denied(denied),
            E::Fault(fault) => Self::of_fault(fault),
        }
    }

    /// An upload whose bytes are gone.
    pub(crate) fn interrupted() -> Self {
        Self::new(503, "Interrupted", "the upload was interrupted, send it again").retry()
    }

    /// A body that is larger than it may be.
    pub(crate) fn too_large(bytes_max: u64) -> Self {
        Self::new(413, "Too large", format!("at most {bytes_max} bytes are taken"))
    }

    /// The client, or all together, hold as much as they may.
    pub(crate) fn busy(exceeded: Exceeded) -> Self {
        let (status, retry_after_secs) = challenge::busy_status(exceeded);
        let problem = Self::new(status.as_u16(), "Busy", challenge::busy_words(exceeded));
        problem.with(RETRY_AFTER, HeaderValue::from(retry_after_secs))
    }

    /// Nobody publishes to the repository: its names come from elsewhere.
    pub(crate) fn not_hosted(error: &storage::ContentError) -> Self {
        Self::new(405, "Read only", error.to_string()).with(ALLOW, HeaderValue::from_static("GET, HEAD"))
    }

    /// Somebody pinned it.
    pub(crate) fn pinned(error: &storage::ContentError) -> Self {
        Self::new(409, "Pinned", error.to_string())
    }

    /// What is stored cannot be reached.
    fn unavailable() -> Self {
        Self::new(503, "Unavailable", "storage is unavailable at the moment").retry()
    }

    /// The disk is full. No time to come back is named, because somebody has to make room first.
    fn no_space() -> Self {
        Self::new(507, "No space", NO_SPACE)
    }

    /// What is stored contradicts itself; the log has the rest.
    fn damaged() -> Self {
        Self::new(500, "Damaged", "what is stored here is damaged; an administrator finds it in the log")
    }

    /// With one more header, if there is a value for it.
    pub(crate) fn with(mut self, name: HeaderName, value: impl Into<Option<HeaderValue>>) -> Self {
        self.headers.extend(value.into().map(|value| (name, value)));
        self
    }

    /// Said in plain text instead of a document, for clients that take any document for a failure.
    pub(crate) const fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// Its status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The same request may succeed in a moment.
    pub(crate) fn retry(self) -> Self {
        self.with(RETRY_AFTER, HeaderValue::from(challenge::RETRY_SECS))
    }

    /// The answer; a 401 challenges with Basic.
    pub(crate) fn reply(self) -> Reply {
        // HTTP/2 has no reason phrase, so both say the same.
        let reply = if self.plain {
            Reply::new(self.status).bytes(TEXT, Bytes::from(format!("{}\n", self.detail)))
        } else {
            problem(self.status, self.title, &self.detail)
        };
        let mut reply = reply.reason(&self.detail);
        if self.status == StatusCode::UNAUTHORIZED {
            reply = reply.header(WWW_AUTHENTICATE, challenge::basic());
        }
        for (name, value) in self.headers {
            reply = reply.header(name, value);
        }
        reply
    }
}
