use edge::PublicUrl;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::manifest::{Attributes, check};
use super::route::route;
use super::{MOUNT, scope};
use crate::head::Head;

/// A type up to the first line feed, empty for none, and a manifest behind it: what is kept of it is read back.
pub fn oci_manifest(bytes: &[u8]) {
    let mut halves = bytes.splitn(2, |byte| *byte == b'\n');
    let (kind, document) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let kind = std::str::from_utf8(kind).ok().filter(|kind| !kind.is_empty());
    let Ok(manifest) = check(kind, document) else { return };
    let kept = manifest.attributes.to_json();
    assert_eq!(Attributes::from_json(&kept).to_json(), kept);
    assert!(manifest.required.is_sorted_by(|one, next| one.0 <= next.0), "{:?}", manifest.required);
}

/// A method, a path, a query and a header's value, one a line: whatever they are, there is one route, and a scope that can be told.
pub fn oci_route(bytes: &[u8]) {
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, path, query, value) = (line(), line(), line(), line());
    let Ok(method) = Method::from_bytes(method) else { return };
    let (Ok(path), Ok(query)) = (std::str::from_utf8(path), std::str::from_utf8(query)) else { return };
    let value = HeaderValue::from_bytes(value).unwrap_or(HeaderValue::from_static("x"));
    let names = ["range", "content-range", "if-none-match", "if-range", "content-type", "content-length"];
    let headers: HeaderMap =
        names.into_iter().map(|name| (HeaderName::from_static(name), value.clone())).collect();
    let head = Head {
        method: &method,
        mount: MOUNT,
        foreign: false,
        path,
        query: (!query.is_empty()).then_some(query),
        headers: &headers,
        public_url: PublicUrl::Fixed("https://hub.example"),
    };
    drop(route(&head));
    if let Some(scope) = scope(&head) {
        assert!(HeaderValue::from_str(&scope).is_ok(), "{scope:?}");
    }
}
