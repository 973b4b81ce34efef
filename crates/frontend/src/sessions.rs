//! Sessions in browsers, as HTTP carries them (docs/api.md 9): the cookie, where it is believed, and what no page of another site may
//! ask with it. Only the management looks for one; where packages are, cookies are not read.

use ::http::header::{COOKIE, HeaderName, ORIGIN};
use ::http::{HeaderMap, HeaderValue, Method};
use api::{Code, Fault, SessionCookie};
use auth::Secret;
use edge::PublicUrl;

use crate::head::Head;

/// The cookie where there is TLS: browsers send it to this host alone, and take it from nobody else.
const NAME: &str = "__Host-wharfinger";
/// The cookie on this machine itself, where there is none.
const LOCAL_NAME: &str = "wharfinger-local";
/// Where sessions begin, below `/api`.
const SIGN_IN: &str = "/v1/sessions";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// What the session of a request is shown by, if a cookie comes along.
///
/// # Errors
/// `Malformed` for two of them.
pub(crate) fn shown(head: &Head<'_>) -> Result<Option<Secret<String>>, Fault> {
    let Some(name) = name(&head.public_url) else { return Ok(None) };
    let mut found = cookies(head.headers, name);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(text), None) => Ok(Some(Secret::new(text.to_owned()))),
        (Some(_), Some(_)) => {
            Err(Fault::Told(Code::Malformed, format!("the cookie `{name}` is there twice").into()))
        }
    }
}

/// Refuses what a page of another site makes a browser ask: to change anything, and to begin a session where its cookie would be read
/// by others on the way.
///
/// # Errors
/// `CrossSite`, or `Rule` for a session without TLS beyond this machine.
pub(crate) fn admissible(head: &Head<'_>, with_cookie: bool) -> Result<(), Fault> {
    if matches!(*head.method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let same_site = match (head.header(&FETCH_SITE), head.header(&ORIGIN)) {
        (Some("same-origin"), _) => true,
        // No page asks, but a program or a person; those send no cookies of ours.
        (Some("none"), _) | (None, None) => !with_cookie,
        (Some(_), _) => false,
        (None, Some(origin)) => origin == head.origin(),
    };
    if !same_site {
        let detail = "a page of another site may change nothing here";
        return Err(Fault::Told(Code::CrossSite, detail.into()));
    }
    if *head.method == Method::POST && head.path == SIGN_IN && name(&head.public_url).is_none() {
        let detail =
            "without TLS a session can be carried off on the way: use https, or ask from this machine itself";
        return Err(Fault::Told(Code::Rule, detail.into()));
    }
    Ok(())
}

/// Whether sessions can begin at the address that was asked: there is TLS, or it is this machine itself.
pub(crate) fn can_begin(head: &Head<'_>) -> bool {
    name(&head.public_url).is_some()
}

/// What a browser keeps of what was chosen here, or of a form: no secret that opens anything.
pub(crate) fn chosen<'a>(head: &Head<'a>, what: &str) -> Option<&'a str> {
    let name = format!("{}-{what}", name(&head.public_url).unwrap_or(LOCAL_NAME));
    cookies(head.headers, &name).next()
}

/// Such a cookie.
pub(crate) fn keep(head: &Head<'_>, what: &str, value: &str, secs: u64) -> Option<HeaderValue> {
    let name = name(&head.public_url).unwrap_or(LOCAL_NAME);
    let secure = if name == NAME { "; Secure" } else { "" };
    let text = format!("{name}-{what}={value}; Path=/; Max-Age={secs}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).ok()
}

/// What a browser is told to keep, or to forget; `None` where there are no sessions.
pub(crate) fn set(url: &PublicUrl<'_>, cookie: &SessionCookie) -> Option<HeaderValue> {
    let name = name(url)?;
    let secure = if name == NAME { "; Secure" } else { "" };
    let (text, secs) = match cookie {
        SessionCookie::Begun { secret, secs } => (secret.expose().as_str(), *secs),
        SessionCookie::Ended => ("", 0),
    };
    let value = format!("{name}={text}; Path=/; Max-Age={secs}; HttpOnly; SameSite=Lax{secure}");
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether a script of a page asks, which shows people its own way to sign in: told to ask for Basic, the browser would open its own
/// box over the page.
pub(crate) fn is_script(head: &Head<'_>) -> bool {
    head.header(&FETCH_MODE).is_some_and(|mode| mode != "navigate")
}

/// Which cookie it is at this address; `None` where none is.
fn name(url: &PublicUrl<'_>) -> Option<&'static str> {
    if url.scheme() == "https" {
        return Some(NAME);
    }
    let authority = url.authority();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_local = host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    is_local.then_some(LOCAL_NAME)
}

/// The values of all cookies of a name (RFC 6265 §5.4); HTTP/2 sends them in headers of their own.
fn cookies<'a, 'n>(headers: &'a HeaderMap, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests;
