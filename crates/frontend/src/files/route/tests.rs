use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;
use crate::file_tree::listing::Style;
use edge::PublicUrl;

/// One line that says where a request leads.
fn leads(method: &str, path: &str, headers: &[(&'static str, &str)]) -> String {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    let headers: HeaderMap = headers.iter().map(pair).collect();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let public_url = PublicUrl::Fixed("https://hub.example");
    let head =
        Head { method: &method, mount: "/files", foreign: false, path, query, headers: &headers, public_url };
    say(route(&head))
}

fn say(routed: Routed<Files>) -> String {
    match routed {
        Routed::Open(Ok(never)) => match never {},
        Routed::Browse(Ok(never)) => match never {},
        Routed::Open(Err(bad)) | Routed::Browse(Err(bad)) => format!("open bad {bad:?}"),
        Routed::Probe(at) => line("probe", &at, |look| match look {
            Look::File(fetch) => fetch.path.key.name.to_string(),
            Look::Options { allow } => format!("options {allow}"),
        }),
        Routed::Read(at) => line("read", &at, |get| match get {
            Get::File(fetch) => fetch.path.key.name.to_string(),
            Get::Listing(List { path, page }) => {
                let style = if page.style == Style::Json { " as JSON" } else { "" };
                let after = page.after.as_deref().map(|after| format!(" after {after}")).unwrap_or_default();
                format!("list `{path}`{style}{after}{}", if page.within { "" } else { " from above" })
            }
        }),
        Routed::Publish(at) => line("publish", &at, |push| {
            let declared: String = push.declared.iter().map(|digest| format!(" {digest}")).collect();
            format!("{}{declared}{}", push.path.key.name, if push.only_new { " if new" } else { "" })
        }),
        Routed::Delete(at) => line("delete", &at, |remove| remove.path.key.name.to_string()),
    }
}

fn line<T>(right: &str, at: &At<T, Bad>, show: impl Fn(&T) -> String) -> String {
    let repository = at.repository.as_ref().map_or_else(|| "nowhere".to_owned(), ToString::to_string);
    let op = at.op.as_ref().map_or_else(|bad| format!("bad {bad:?}"), show);
    format!("{right} {repository} {op}")
}

#[test]
fn the_variant_names_the_right() {
    for (method, path, expected) in [
        ("GET", "/p/a/b/x/y.txt", "read a/b x/y.txt"),
        ("HEAD", "/p/a/b/x/y.txt", "probe a/b x/y.txt"),
        ("PUT", "/p/a/b/x/y.txt", "publish a/b x/y.txt"),
        ("DELETE", "/p/a/b/x/y.txt", "delete a/b x/y.txt"),
        ("OPTIONS", "/p/a/b/x", "probe a/b options GET, HEAD, PUT, DELETE, OPTIONS"),
        ("OPTIONS", "/p/a/b/x/", "probe a/b options GET, HEAD, OPTIONS"),
        ("POST", "/p/a/b/x", "probe a/b bad Method { allow: \"GET, HEAD, PUT, DELETE, OPTIONS\" }"),
        ("PATCH", "/p/a/b/", "probe a/b bad Method { allow: \"GET, HEAD, OPTIONS\" }"),
        ("GET", "/p/a/b", "read a/b list `` from above"),
        ("GET", "/p/a/b/", "read a/b list ``"),
        ("HEAD", "/p/a/b/x/", "read a/b list `x`"),
        ("GET", "/p/a/b/x/?after=c%20d", "read a/b list `x` after c d"),
        ("PUT", "/p/a/b/x/", "publish a/b bad Method { allow: \"GET, HEAD, OPTIONS\" }"),
        ("DELETE", "/p/a/b", "delete a/b bad Method { allow: \"GET, HEAD, OPTIONS\" }"),
        ("GET", "/p/A/B/X", "read a/b X"),
        ("GET", "/p/a/b/p/a/b", "read a/b p/a/b"),
        ("GET", "/p/a/b/%C3%A4%20b", "read a/b ä b"),
    ] {
        assert_eq!(leads(method, path, &[]), expected, "{method} {path}");
    }
    let json = [("accept", "application/json")];
    assert_eq!(leads("GET", "/p/a/b/", &json), "read a/b list `` as JSON");
    let browser = [("accept", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8")];
    assert_eq!(leads("GET", "/p/a/b/", &browser), "read a/b list ``");
}

#[test]
fn what_is_malformed_is_so_before_or_after_the_gate() {
    for (method, path, expected) in [
        ("GET", "", "open bad NoRoute"),
        ("GET", "/p/a", "open bad NoRoute"),
        ("GET", "/a/b/c", "open bad NoRoute"),
        ("GET", "/p/a/b/x%2Fy", "open bad Path(Character('/'))"),
        ("GET", "/p/a/b/x%25y", "open bad Path(Character('%'))"),
        ("GET", "/p/a/b/x%00", "open bad Path(Character('\\0'))"),
        ("GET", "/p/a/b//x", "open bad Path(Segment)"),
        ("GET", "/p/a/b/./x", "open bad Path(Segment)"),
        ("GET", "/p/a/b/%2e%2e/x", "open bad Path(Segment)"),
        ("GET", "/p/a/b/%zz", "open bad Path(Encoding)"),
        ("GET", "/p/a/b..c/x", "read nowhere x"),
        ("GET", "/p/a/b/x.", "read a/b bad Dot"),
        ("GET", "/p/a/b/x./", "read a/b bad Dot"),
        ("HEAD", "/p/a/b/x:y", "probe a/b bad Character(':')"),
        ("PUT", "/p/a/b/x*y", "publish a/b bad Character('*')"),
        ("DELETE", "/p/a/b/x,y", "delete a/b bad Character(',')"),
    ] {
        assert_eq!(leads(method, path, &[]), expected, "{method} {path}");
    }
}

#[test]
fn what_comes_along_with_a_file() {
    const MD5: &str = "68995fcbf432492d15484d04a9d2ac40";
    let put = |headers: &[(&'static str, &str)]| leads("PUT", "/p/a/b/x", headers);
    let delete = |headers: &[(&'static str, &str)]| leads("DELETE", "/p/a/b/x", headers);
    assert_eq!(put(&[("x-checksum-md5", MD5)]), format!("publish a/b x md5:{MD5}"));
    let digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(put(&[("content-digest", digest)]), format!("publish a/b x {empty}"));
    let both = [("content-digest", digest), ("x-checksum-md5", MD5), ("if-none-match", " * ")];
    assert_eq!(put(&both), format!("publish a/b x md5:{MD5} {empty} if new"));
    assert_eq!(put(&[("x-checksum-sha1", MD5)]), "publish a/b bad ChecksumHeader(Sha1)");
    assert_eq!(put(&[("content-digest", "sha-256=x")]), "publish a/b bad ContentDigest");
    assert_eq!(put(&[("content-range", "bytes 0-1/2")]), "publish a/b bad PartialPut");
    for condition in [
        ("if-match", "*"),
        ("if-match", "\"a\""),
        ("if-none-match", "\"a\""),
        ("if-none-match", "\"a\", *"),
        ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ] {
        assert_eq!(put(&[condition]), "publish a/b bad Condition", "{condition:?}");
        assert_eq!(delete(&[condition]), "delete a/b bad Condition", "{condition:?}");
    }
    assert_eq!(delete(&[("if-none-match", "*")]), "delete a/b bad Condition");
    let twice = [("if-none-match", "*"), ("if-none-match", "*")];
    assert_eq!(put(&twice), "publish a/b bad Condition");
    // Says nothing about a change (RFC 9110 §13.1.3).
    assert_eq!(put(&[("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")]), "publish a/b x");
}
