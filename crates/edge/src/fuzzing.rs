//! What holds for anything that strangers send: each function takes any bytes, and panics if it does not. The fuzzer calls them
//! (`tests/fuzz`), and the tests of this crate do with every sample of its corpus.

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, request};
use bytes::Bytes;
use domain::Timestamp;

use crate::conditional::cut;
use crate::forwarded::Arrival;
use crate::http::condition::{Conditions, Validators};
use crate::http::multipart::{BadMultipart, FirstPart, boundary};
use crate::http::range::{Wanted, content_range, wanted};
use domain::Network;

/// A function and the name of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[("forwarded", forwarded), ("multipart", multipart), ("range", range)];

/// Lines of headers, `NAME: VALUE`, that a trusted proxy seems to have sent: a client is an address of theirs, and no address of
/// this server holds what could end a quoted word.
pub fn forwarded(bytes: &[u8]) {
    let mut parts = Request::new(()).into_parts().0;
    for line in bytes.split(|byte| *byte == b'\n').take(16) {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            parts.headers.append(name, value);
        }
    }
    let Some(trusted) = "10.0.0.0/8".parse::<Network>().ok() else { return };
    for (peer, loopback) in [([10, 1, 1, 1], false), ([127, 0, 0, 1], true), ([203, 0, 113, 5], false)] {
        let peer = Some(peer.into());
        let trusted = std::slice::from_ref(&trusted);
        let arrival =
            Arrival { public_url: None, trusted, peer, local: "127.0.0.1:8080", loopback, tls: false };
        let believed = peer.is_some_and(|peer| trusted.iter().any(|network| network.contains(peer)));
        let client = arrival.client(&parts.headers);
        assert!(client.is_some() && (believed || client == peer), "{client:?} of {peer:?}");
        addressed(&arrival, &parts);
    }
}

fn addressed(arrival: &Arrival<'_>, parts: &request::Parts) {
    let url = arrival.public_url(parts);
    assert!(matches!(url.scheme(), "http" | "https"), "{url:?}");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    assert!(!url.authority().is_empty() && url.authority().bytes().all(plain), "{url:?}");
    assert_eq!(*url.origin(), *format!("{}://{}", url.scheme(), url.authority()));
}

/// A `Content-Type` up to the first line feed, and behind it a body with its boundary, or with `b`: however the body is cut, its
/// first part is the same.
pub fn multipart(bytes: &[u8]) {
    let mut halves = bytes.splitn(2, |byte| *byte == b'\n');
    let (kind, body) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let named = std::str::from_utf8(kind).ok().and_then(boundary);
    let boundary = named.as_deref().unwrap_or("b");
    assert!(boundary.len() <= 70, "{boundary}");
    let whole = first_part(boundary, body, body.len());
    for piece_bytes in [1, 7, 4096] {
        assert_eq!(first_part(boundary, body, piece_bytes), whole, "in pieces of {piece_bytes}");
    }
    if let Ok(part) = whole {
        assert!(part.len() <= body.len(), "it gives no more than it got");
    }
}

fn first_part(boundary: &str, body: &[u8], piece_bytes: usize) -> Result<Vec<u8>, BadMultipart> {
    let mut part = FirstPart::new(boundary);
    let mut taken = Vec::new();
    for piece in body.chunks(piece_bytes.max(1)) {
        taken.extend_from_slice(&part.feed(Bytes::copy_from_slice(piece))?);
    }
    part.finish().map(|()| taken)
}

/// The number of bytes of a body up to the first line feed, behind it a `Range`: what is given lies in the body.
pub fn range(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (size, header) = text.split_once('\n').unwrap_or(("1000", text));
    let size_bytes = size.trim().parse().unwrap_or(1000);
    let all = wanted(Some(header), size_bytes);
    if let Wanted::Part(part) = &all {
        assert!(part.start < part.end && part.end <= size_bytes, "{part:?} of {size_bytes}");
        assert!(content_range(part, size_bytes).is_some(), "{part:?} of {size_bytes}");
        let content = Bytes::from_static(&[0; 64]);
        assert!(cut(&content, part).len() <= content.len());
    }
    let Ok(value) = HeaderValue::from_str(header) else { return };
    let headers: HeaderMap = [(::http::header::RANGE, value)].into_iter().collect();
    let now = Validators { tag: "\"a\"", modified: Timestamp::from_millis(0) };
    assert_eq!(Conditions::of(&Method::GET, &headers).part(&now, size_bytes), all);
    assert_eq!(Conditions::of(&Method::HEAD, &headers).part(&now, size_bytes), Wanted::Whole);
}

#[cfg(test)]
mod tests;
