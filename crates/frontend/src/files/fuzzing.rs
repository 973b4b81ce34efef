use edge::PublicUrl;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::op::Get;
use super::path::FilePath;
use super::route::route;
use super::{content_digest, path};
use crate::head::Head;
use crate::protocol::Routed;

/// A path in a repository as it is sent, and behind a line feed the value of a header: a file that is named by the path is named by
/// one path only, which has no way up, and leads to itself when it is sent again.
pub fn files_path(bytes: &[u8]) {
    let mut halves = bytes.splitn(2, |byte| *byte == b'\n');
    let (below, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let Ok(below) = std::str::from_utf8(below) else { return };
    let value = HeaderValue::from_bytes(value).unwrap_or(HeaderValue::from_static("x"));
    let names = ["range", "content-range", "if-none-match", "x-checksum-sha1", "content-digest"];
    let headers: HeaderMap =
        names.into_iter().map(|name| (HeaderName::from_static(name), value.clone())).collect();
    for method in [Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS] {
        drop(asked(&method, below, &headers));
    }
    if let Ok(digests) = content_digest::declared(&headers) {
        assert!(digests.iter().all(|digest| digest.as_bytes().len() >= 32), "{digests:?}");
    }
    let Some(FilePath { key, hash_of }) = asked(&Method::GET, below, &headers) else { return };
    let name = key.name.key();
    assert!(!name.is_empty() && name.len() <= path::PATH_BYTES_MAX, "{name:?}");
    let names: Vec<&str> = name.split('/').collect();
    assert!(names.len() <= path::NAMES_MAX, "{name:?}");
    for name in names {
        assert!(!name.is_empty() && !name.ends_with('.') && !name.contains(['\\', '%', '\0']), "{name:?}");
    }
    if let Some((file, _)) = &hash_of {
        assert!(name.starts_with(file.name.key()), "{name:?} of {file:?}");
    }
    let mut encoded = String::new();
    edge::http::query::encode_into(&mut encoded, name);
    let again = asked(&Method::GET, &encoded, &headers);
    assert_eq!(again.map(|path| path.key), Some(key.clone()), "{name:?}");
}

/// The file that a request leads to.
fn asked(method: &Method, below: &str, headers: &HeaderMap) -> Option<FilePath> {
    let path = format!("/p/alpha/files/{below}");
    let head = Head {
        method,
        mount: "/files",
        foreign: false,
        path: &path,
        query: None,
        headers,
        public_url: PublicUrl::Fixed("https://hub.example"),
    };
    match route(&head) {
        Routed::Read(at) => match at.op.ok()? {
            Get::File(fetch) => Some(fetch.path),
            Get::Listing(_) => None,
        },
        _ => None,
    }
}
