//! User interfaces in browsers that come from another origin (CORS, as the Fetch standard has it): those of a list in the
//! settings may read package paths and the token endpoint, with credentials that they hold themselves. Nothing that could
//! honour a cookie is opened, and `Access-Control-Allow-Credentials` is never sent.

use std::fmt;
use std::str::FromStr;

use ::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use ::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, request};

use crate::reply::{Reply, Response};

/// What scripts may read of an answer besides its body.
const EXPOSED: &str =
    "Docker-Content-Digest, Link, Location, WWW-Authenticate, OCI-Filters-Applied, Content-Range";
/// What scripts may send.
const ALLOWED: &str = "Authorization, Accept, Range, If-None-Match";
/// How long a browser may remember a preflight, in seconds.
const REMEMBERED_SECS: u64 = 600;
/// Longest origin, in bytes.
const ORIGIN_BYTES_MAX: usize = 300;

/// Which user interfaces in browsers may read what is here; nobody by default.
#[derive(Debug, Clone, Default)]
pub struct Browsers {
    /// Where they come from.
    pub origins: Vec<WebOrigin>,
    /// Whether they may delete as well, with the right to.
    pub delete: bool,
}

/// An origin as browsers write it: `https://HOST[:PORT]`, lower case, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin(Box<str>);

/// The text is no origin of a web page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoOrigin;

impl FromStr for WebOrigin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(NoOrigin)?;
        let plain = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase() || b".-:[]".contains(&byte);
        let fits = text.len() <= ORIGIN_BYTES_MAX && !host.is_empty() && host.bytes().all(plain);
        let uri: Uri = text.parse().map_err(|_| NoOrigin)?;
        if fits && uri.host().is_some() { Ok(Self(text.into())) } else { Err(NoOrigin) }
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Browsers {
    /// Whether anybody is let in at all.
    pub(crate) fn any(&self) -> bool {
        !self.origins.is_empty()
    }

    /// The answer to a browser's question before it sends a request, which it asks without credentials; `None` if it is none,
    /// or of an origin that is not let in.
    pub(crate) fn preflight(&self, parts: &request::Parts) -> Option<Response> {
        let wanted = parts.headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        if parts.method != Method::OPTIONS || wanted.is_empty() {
            return None;
        }
        let origin = self.origin(&parts.headers)?;
        let methods = if self.delete { "GET, HEAD, DELETE" } else { "GET, HEAD" };
        let reply = Reply::new(StatusCode::NO_CONTENT)
            .header(ACCESS_CONTROL_ALLOW_ORIGIN, origin)
            .header(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods))
            .header(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED))
            .header(ACCESS_CONTROL_MAX_AGE, REMEMBERED_SECS.to_string());
        Some(reply.into())
    }

    /// Lets the browser hand an answer, a refusal too, to a script of an origin that is let in.
    pub(crate) fn open(&self, parts: &request::Parts, response: &mut Response) {
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let allowed = match parts.method {
            Method::GET | Method::HEAD => true,
            Method::DELETE => self.delete,
            _ => false,
        };
        if let Some(origin) = self.origin(&parts.headers).filter(|_| allowed) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }

    /// The origin of a request, if it is on the list.
    fn origin(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut lines = headers.get_all(ORIGIN).iter();
        let origin = lines.next().filter(|_| lines.next().is_none())?;
        self.origins.iter().any(|known| known.0.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_what_browsers_send() {
        for good in ["https://ui.example.org", "http://localhost:3000", "https://[::1]:8443"] {
            assert_eq!(good.parse::<WebOrigin>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "*",
            "null",
            "ui.example.org",
            "https://",
            "https://ui.example.org/",
            "https://UI.example",
            "ftp://a",
            "https://a b",
        ] {
            assert_eq!(bad.parse::<WebOrigin>(), Err(NoOrigin), "{bad}");
        }
    }
}
