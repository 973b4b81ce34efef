use std::borrow::Cow;

use auth::Presented;
use domain::RequestId;
use edge::PublicUrl;
use http::{HeaderMap, HeaderName, Method};

/// Everything of a request but its body: what `route` reads. Copying it copies references.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// Method.
    pub method: &'a Method,
    /// Where the protocol is mounted, such as `/v2`, or `/{org}` in Space's host forms; what an answer's `Location` begins with.
    pub mount: &'a str,
    /// The address names another organisation than this one: whatever repository it goes on to name is absent (docs/design.md 3).
    pub foreign: bool,
    /// Path behind the mount: empty or beginning with `/`, percent-encoded as sent.
    pub path: &'a str,
    /// Query without `?`.
    pub query: Option<&'a str>,
    /// Headers. The credentials among them are for `auth` alone.
    pub headers: &'a HeaderMap,
    /// How the client reaches this server; resolved when asked for.
    pub public_url: PublicUrl<'a>,
}

/// A request as `render` sees it: how it was asked and what came along.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The head.
    pub head: Head<'a>,
    /// The request's id, as in the log and in `X-Request-Id`.
    pub id: RequestId,
    /// What was presented, once it was verified; `None` if it failed.
    pub presented: Option<Presented>,
}

impl<'a> Head<'a> {
    /// A header's value as text: the first one, if it is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the answer has no body.
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// `https://HOST`, without a slash at the end; for realms and absolute links only.
    #[must_use]
    pub fn origin(&self) -> Cow<'a, str> {
        self.public_url.origin()
    }
}
