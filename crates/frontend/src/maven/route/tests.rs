use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::maven::layout::FilePath;
use edge::PublicUrl;

/// One line that says where a request leads.
fn leads(method: &str, path: &str, headers: &[(&'static str, &str)]) -> String {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    say(route(&head(&method, path, &headers)))
}

fn head<'a>(method: &'a Method, path: &'a str, headers: &'a HeaderMap) -> Head<'a> {
    let public_url = PublicUrl::Fixed("https://hub.example");
    Head { method, mount: "/maven", foreign: false, path, query: None, headers, public_url }
}

fn say(routed: Routed<Maven>) -> String {
    match routed {
        Routed::Open(Ok(never)) => match never {},
        Routed::Browse(Ok(never)) => match never {},
        Routed::Open(Err(bad)) | Routed::Browse(Err(bad)) => format!("open bad {bad:?}"),
        Routed::Probe(at) => line("probe", &at, |look| match look {
            Look::File(file) => fetch(file),
            Look::Metadata { at, hash, .. } => format!("metadata of {}{}", at.path, hashed(*hash)),
            Look::Options { allow } => format!("options {allow}"),
        }),
        Routed::Read(at) => line("read", &at, |get| match get {
            Get::File(file) => fetch(file),
            Get::Listing(list) => listing(list),
            Get::Catalog { hash, .. } => format!("catalogue{}", hashed(*hash)),
        }),
        Routed::Publish(at) => line("publish", &at, |push| match push {
            Push::File { file, declared } => {
                let declared: String = declared.iter().map(|digest| format!(" {digest}")).collect();
                format!("{}{declared}", stored(file))
            }
            Push::Hash { of, hash } => format!("{}{}", stored(of), hashed(Some(*hash))),
            Push::Metadata(at) => format!("metadata of {}", at.path),
            Push::MetadataHash => "metadata hash".to_owned(),
        }),
        Routed::Delete(at) => line("delete", &at, |remove| {
            let file = remove.file.as_ref().map_or_else(|| "-".to_owned(), stored);
            format!("{file} or {}", remove.directory.path)
        }),
    }
}

fn line<T>(right: &str, at: &At<T, Bad>, show: impl Fn(&T) -> String) -> String {
    let repository = at.repository.as_ref().map_or_else(|| "nowhere".to_owned(), ToString::to_string);
    let op = at.op.as_ref().map_or_else(|bad| format!("bad {bad:?}"), show);
    format!("{right} {repository} {op}")
}

fn listing(list: &List) -> String {
    let List { at, page: PageQuery { style, from, after, within } } = list;
    let from = from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
    let after = after.as_ref().map(|after| format!(" after {after}")).unwrap_or_default();
    format!("{style:?} of `{}`{}{from}{after}", at.path, if *within { "" } else { " from above" })
}

fn fetch(fetch: &Fetch) -> String {
    format!("{}{}", stored(&fetch.file), hashed(fetch.hash))
}

fn stored(file: &Stored) -> String {
    let kind = if matches!(file.path, FilePath::File(_)) { "file" } else { "raw" };
    format!("{kind} {}|{}", file.key.package, file.key.name)
}

fn hashed(hash: Option<Hash>) -> String {
    let Some(Hash { algorithm, of }) = hash else { return String::new() };
    let of = of.map(|of| format!(" of {}", of.as_str())).unwrap_or_default();
    format!(" {}{of}", algorithm.as_str())
}

#[test]
fn addresses_lead_to_files_hashes_metadata_and_directories() {
    let jar = "/p/alpha/jars/org/foo/bar/1.0/bar-1.0.jar";
    for (method, path, expected) in [
        ("GET", jar, "read alpha/jars file org.foo:bar|1.0/bar-1.0.jar"),
        ("HEAD", jar, "probe alpha/jars file org.foo:bar|1.0/bar-1.0.jar"),
        ("PUT", jar, "publish alpha/jars file org.foo:bar|1.0/bar-1.0.jar"),
        ("DELETE", jar, "delete alpha/jars file org.foo:bar|1.0/bar-1.0.jar or org/foo/bar/1.0/bar-1.0.jar"),
        ("OPTIONS", jar, "probe alpha/jars options GET, HEAD, PUT, DELETE, OPTIONS"),
        ("MKCOL", jar, "probe alpha/jars bad Method { allow: \"GET, HEAD, PUT, DELETE, OPTIONS\" }"),
        ("GET", "/p/Alpha/JARS/org/Foo/bar/1/bar-1.pom", "read alpha/jars file org.Foo:bar|1/bar-1.pom"),
        ("GET", "/p/alpha/jars/a/b/1/b-1.jar.sha1", "read alpha/jars file a:b|1/b-1.jar sha1"),
        ("HEAD", "/p/alpha/jars/a/b/1/b-1.jar.sha512", "probe alpha/jars file a:b|1/b-1.jar sha512"),
        ("PUT", "/p/alpha/jars/a/b/1/b-1.jar.asc.md5", "publish alpha/jars file a:b|1/b-1.jar.asc md5"),
        (
            "GET",
            "/p/alpha/jars/a/b/1/b-1.jar.sha512.sha1",
            "read alpha/jars file a:b|1/b-1.jar sha1 of sha512",
        ),
        ("PUT", "/p/alpha/jars/a/b/1/b-1.jar.sha1.md5", "publish alpha/jars file a:b|1/b-1.jar md5 of sha1"),
        ("PUT", "/p/alpha/jars/a/b/maven-metadata.xml.sha1.md5", "publish alpha/jars metadata hash"),
        ("GET", "/p/alpha/jars/.sha1.md5", "read alpha/jars raw /|.sha1 md5"),
        (
            "DELETE",
            "/p/alpha/jars/a/b/1/b-1.jar.md5",
            "delete alpha/jars bad Method { allow: \"GET, HEAD, PUT, OPTIONS\" }",
        ),
        ("GET", "/p/alpha/jars/a/b/.sha1", "read alpha/jars raw /|a/b/.sha1"),
        ("GET", "/p/alpha/jars/a/b/maven-metadata.xml", "probe alpha/jars metadata of a/b"),
        ("HEAD", "/p/alpha/jars/a/b/maven-metadata.xml", "probe alpha/jars metadata of a/b"),
        ("GET", "/p/alpha/jars/a/b/maven-metadata.xml.sha256", "probe alpha/jars metadata of a/b sha256"),
        ("GET", "/p/alpha/jars/maven-metadata.xml", "probe alpha/jars metadata of "),
        ("PUT", "/p/alpha/jars/a/b/maven-metadata.xml", "publish alpha/jars metadata of a/b"),
        ("PUT", "/p/alpha/jars/a/b/maven-metadata.xml.md5", "publish alpha/jars metadata hash"),
        (
            "DELETE",
            "/p/alpha/jars/a/maven-metadata.xml",
            "delete alpha/jars bad Method { allow: \"GET, HEAD, PUT, OPTIONS\" }",
        ),
        ("GET", "/p/alpha/jars/a/b/", "read alpha/jars Html of `a/b`"),
        ("HEAD", "/p/alpha/jars/a/b/", "read alpha/jars Html of `a/b`"),
        ("GET", "/p/alpha/jars", "read alpha/jars Html of `` from above"),
        ("GET", "/p/alpha/jars/", "read alpha/jars Html of ``"),
        (
            "PUT",
            "/p/alpha/jars/a/b/",
            "publish alpha/jars bad Method { allow: \"GET, HEAD, DELETE, OPTIONS\" }",
        ),
        ("DELETE", "/p/alpha/jars/a/b/1/", "delete alpha/jars - or a/b/1"),
        ("DELETE", "/p/alpha/jars/a/b/1", "delete alpha/jars raw /|a/b/1 or a/b/1"),
        ("GET", "/p/alpha/jars/.meta/prefixes.txt", "read alpha/jars raw /|.meta/prefixes.txt"),
        ("POST", "/p/alpha/jars/a/", "probe alpha/jars bad Method { allow: \"GET, HEAD, DELETE, OPTIONS\" }"),
        ("GET", "", "open bad NoRoute"),
        ("GET", "/", "open bad NoRoute"),
        ("GET", "/p", "open bad NoRoute"),
        ("GET", "/p/alpha", "open bad NoRoute"),
        ("GET", "/alpha/jars/a/b/1/b-1.jar", "open bad NoRoute"),
        ("GET", "/p/al..pha/jars/a", "read nowhere raw /|a"),
        ("PUT", "/p/p/jars/a", "publish nowhere raw /|a"),
    ] {
        assert_eq!(leads(method, path, &[]), expected, "{method} {path}");
    }
}

#[test]
fn hostile_paths_lead_nowhere() {
    for path in [
        "/p/alpha/jars/../../etc/passwd",
        "/p/alpha/jars/a/%2e%2e/b",
        "/p/alpha/jars/a/%2E./b",
        "/p/alpha/jars/a%2fb",
        "/p/alpha/jars/a/%252e%252e/b",
        "/p/alpha/jars/a\\..\\b",
        "/p/alpha/jars/a/%5c..%5cb",
        "/p/alpha/jars/a/%00",
        "/p/alpha/jars/a/%2e/b",
        "/p/alpha/jars/a/.//../b",
        "/p/alpha/jars/%c0%ae%c0%ae/b",
        "/p/alpha/jars/a/%0d%0aX: y",
    ] {
        for method in ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"] {
            let led = leads(method, path, &[]);
            assert!(led.starts_with("open bad Path("), "{method} {path}: {led}");
        }
    }
    for path in ["/p/alpha/jars/a/b./c", "/p/alpha/jars/a/b.jar.", "/p/alpha/jars/a/.../", "/p/alpha/jars/x."]
    {
        assert_eq!(leads("GET", path, &[]), "read alpha/jars bad Dot", "{path}");
    }
    let long = format!("/p/alpha/jars/{}", "x".repeat(513));
    assert!(leads("GET", &long, &[]).starts_with("read alpha/jars bad Name("));
}

/// `http://host/maven/p/alpha/jars/` with a slash of the build tool's own behind it.
#[test]
fn slashes_and_dots_between_names_are_one_slash() {
    for path in [
        "/p/alpha/jars//a/b/1/b-1.jar",
        "//p/./alpha/jars/a//.//b/1/b-1.jar",
        "/./p/alpha//jars/a/b/1//b-1.jar",
    ] {
        for (method, right) in [("GET", "read"), ("PUT", "publish")] {
            assert_eq!(leads(method, path, &[]), format!("{right} alpha/jars file a:b|1/b-1.jar"), "{path}");
        }
    }
    for path in
        ["/p/alpha/jars/a/b/1/", "/p/alpha/jars/a/b/1//", "/p/alpha/jars/a/b/1/.", "/p/alpha/jars/a//b/1/./"]
    {
        assert_eq!(leads("DELETE", path, &[]), "delete alpha/jars - or a/b/1", "{path}");
    }
    for path in ["", "/", "//", "/.", "/./"] {
        assert_eq!(leads("GET", path, &[]), "open bad NoRoute", "{path}");
    }
}

#[test]
fn characters_that_deceive_are_named() {
    for path in ["/p/alpha/jars/a/b/1/b-1%E2%80%AEraj.txt", "/p/alpha/jars/a/b/%E2%80%AE/"] {
        assert_eq!(leads("GET", path, &[]), "read alpha/jars bad Character('\\u{202e}')", "{path}");
    }
}

#[test]
fn the_catalogue_is_for_readers_and_never_sent() {
    for (method, path, expected) in [
        ("GET", "/p/alpha/jars/archetype-catalog.xml", "read alpha/jars catalogue"),
        ("HEAD", "/p/alpha/jars/archetype-catalog.xml.sha1", "read alpha/jars catalogue sha1"),
        (
            "PUT",
            "/p/alpha/jars/archetype-catalog.xml",
            "publish alpha/jars bad Method { allow: \"GET, HEAD, OPTIONS\" }",
        ),
        (
            "DELETE",
            "/p/alpha/jars/archetype-catalog.xml",
            "delete alpha/jars bad Method { allow: \"GET, HEAD, OPTIONS\" }",
        ),
    ] {
        assert_eq!(leads(method, path, &[]), expected, "{method} {path}");
    }
}

#[test]
fn tools_get_json_and_browsers_html() {
    let style = |accept: &str| leads("GET", "/p/alpha/jars/a/", &[("accept", accept)]);
    for accept in ["application/json", "application/json, */*;q=0.5", "Application/JSON"] {
        assert_eq!(style(accept), "read alpha/jars Json of `a`", "{accept}");
    }
    for accept in ["*/*", "text/html", "text/html,application/json;q=0.9", ""] {
        assert_eq!(style(accept), "read alpha/jars Html of `a`", "{accept}");
    }
}

#[test]
fn announced_hashes_go_with_the_file() {
    let put = |headers: &[(&'static str, &str)]| leads("PUT", "/p/alpha/jars/a/b/1/b-1.jar", headers);
    let (md5, sha1) = ("00".repeat(16), "Ab".repeat(20));
    assert_eq!(
        put(&[("x-checksum-md5", &md5), ("x-checksum-sha1", &format!(" {sha1} "))]),
        format!("publish alpha/jars file a:b|1/b-1.jar md5:{md5} sha1:{}", "ab".repeat(20))
    );
    for bad in ["", "abc", "sha1:00", &"00".repeat(21), &"0g".repeat(20)] {
        assert_eq!(put(&[("x-checksum-sha1", bad)]), "publish alpha/jars bad ChecksumHeader(Sha1)");
    }
}

proptest! {
    #[test]
    fn nothing_panics(method in "[A-Z]{1,9}", path in any::<String>(), value in "[ -~]{0,40}") {
        let names = ["x-checksum-sha1", "range", "if-match", "if-modified-since"];
        let headers: Vec<_> = names.into_iter().map(|name| (name, &*value)).collect();
        let _ = leads(&method, &path, &headers);
    }

    #[test]
    fn nothing_close_to_a_route_panics(
        method in "(GET|HEAD|PUT|DELETE|OPTIONS)",
        path in "(/(p|a|b|1\\.0|b-1\\.0\\.jar|1-SNAPSHOT|maven-metadata\\.xml|\\.sha1|\\.md5|\\.\\.|%2[fFeE]|%|)){0,9}(\\.sha1|\\.md5)?/?",
    ) {
        let _ = leads(&method, &path, &[]);
    }
}
