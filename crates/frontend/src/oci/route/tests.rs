use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;
use edge::PublicUrl;

mod cases;
mod say;

use say::say;

const D: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const U: &str = "0123456789abcdef0123456789abcdef";

fn d5() -> String {
    format!("sha512:{}", "ab".repeat(64))
}

/// One line that says where a request leads; `{D}`, `{D5}` and `{U}` stand for the digests and the upload above.
fn leads(method: &str, target: &str, headers: &[(&'static str, &str)]) -> String {
    let target = target.replace("{D}", D).replace("{D5}", &d5()).replace("{U}", U);
    let (path, query) = target.split_once('?').map_or((&*target, None), |(path, query)| (path, Some(query)));
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let line = say(route(&head(&method, path, query, &headers)));
    line.replace(D, "{D}").replace(&d5(), "{D5}").replace(U, "{U}")
}

fn head<'a>(method: &'a Method, path: &'a str, query: Option<&'a str>, headers: &'a HeaderMap) -> Head<'a> {
    Head {
        method,
        mount: "/v2",
        foreign: false,
        path,
        query,
        headers,
        public_url: PublicUrl::Fixed("https://hub.example"),
    }
}

fn check(cases: &[(&str, &str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(method, target, expected)| {
            let got = leads(method, target, &[]);
            (got != *expected).then(|| format!("{method} {target}\n  want {expected}\n  got  {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn names_are_cut_from_the_right_whatever_they_are_called() {
    check(cases::NAMES);
}

#[test]
fn hostile_paths_lead_nowhere() {
    check(cases::HOSTILE);
}

#[test]
fn methods_decide_the_right() {
    check(cases::METHODS);
}

#[test]
fn queries_are_decoded_and_unknown_parameters_ignored() {
    check(cases::QUERIES);
}

#[test]
fn every_word_of_the_routes_may_be_part_of_an_image() {
    let words = ["manifests", "blobs", "uploads", "tags", "list", "referrers", "p", "v2", "latest"];
    for (first, second) in words.iter().flat_map(|first| words.iter().map(move |second| (first, second))) {
        for prefix in ["", "/p"] {
            let name = format!("{prefix}/a/b/{first}/{second}");
            let spelt = name.trim_start_matches('/');
            let image = format!("a/b {first}/{second} [{spelt}]");
            let get = |rest: &str| leads("GET", &format!("{name}/{rest}"), &[]);
            assert_eq!(get("manifests/latest"), format!("read {image} manifest tag latest"));
            assert_eq!(get("manifests/{D}"), format!("read {image} manifest {{D}}"));
            assert_eq!(get("blobs/{D}"), format!("read {image} blob {{D}}"));
            assert_eq!(get("tags/list"), format!("read {image} tags"));
            assert_eq!(get("blobs/uploads/{U}"), format!("publish {image} status {{U}}"));
            assert_eq!(
                leads("POST", &format!("{name}/blobs/uploads/"), &[]),
                format!("publish {image} session")
            );
            assert_eq!(
                leads("POST", &format!("{name}/blobs/uploads"), &[]),
                format!("publish {image} session")
            );
        }
    }
}

#[test]
fn the_bounds_of_names_and_tags_are_exact() {
    let name = |bytes: usize| format!("a/b/{}", "c".repeat(bytes - 4));
    assert!(leads("GET", &format!("/{}/tags/list", name(255)), &[]).starts_with("read a/b"));
    assert_eq!(leads("GET", &format!("/{}/tags/list", name(256)), &[]), "read a/b bad Name(TooLong)");
    assert_eq!(
        leads("GET", &format!("/a/b/c/manifests/{}", "t".repeat(128)), &[]),
        format!("read a/b c [a/b/c] manifest tag {}", "t".repeat(128))
    );
    assert_eq!(leads("GET", &format!("/a/b/c/manifests/{}", "t".repeat(129)), &[]), "read a/b bad Tag");
    let long = "x".repeat(65);
    assert_eq!(leads("GET", &format!("/{long}/b/c/tags/list"), &[]), "read - bad NoRoute");
    assert_eq!(leads("GET", &format!("/a/{long}/c/tags/list"), &[]), "read - bad NoRoute");
    let tags = |count: usize| "tag=x&".repeat(count);
    let put = |count| leads("PUT", &format!("/a/b/c/manifests/{{D}}?{}", tags(count)), &[]);
    assert!(put(32).starts_with("publish a/b c [a/b/c] manifest {D} tags x,"));
    assert_eq!(put(33), "publish a/b bad TooManyTags { tags_max: 32 }");
    let flood = format!("/a/b/c/blobs/uploads/?{}digest={{D}}", "x=y&".repeat(10_000));
    assert_eq!(leads("POST", &flood, &[]), "publish a/b c [a/b/c] session");
}

#[test]
fn headers_go_with_the_operation() {
    let blob = |headers: &[(&'static str, &str)]| leads("GET", "/a/b/c/blobs/{D}", headers);
    let plain = "read a/b c [a/b/c] blob {D}";
    assert_eq!(blob(&[("range", "bytes=0-1")]), format!("{plain} range bytes=0-1"));
    assert_eq!(blob(&[("range", "bytes=0-1"), ("if-range", "\"other\"")]), plain);
    assert_eq!(
        blob(&[("range", "bytes=0-1"), ("if-range", &format!("\"{D}\""))]),
        format!("{plain} range bytes=0-1")
    );
    assert_eq!(
        blob(&[("if-none-match", "\"x\""), ("accept-encoding", "zstd, gzip")]),
        format!("{plain} known \"x\"")
    );
    assert_eq!(
        leads("HEAD", "/a/b/c/blobs/{D}", &[("range", "bytes=0-1")]),
        "probe a/b c [a/b/c] blob {D}",
        "a range is for GET"
    );
    let patch = |value| leads("PATCH", "/a/b/c/blobs/uploads/{U}", &[("content-range", value)]);
    assert_eq!(patch("0-9"), "publish a/b c [a/b/c] append {U} at 0-9");
    assert_eq!(patch("9-0"), "publish a/b bad ContentRange");
    let put = |value| leads("PUT", "/a/b/c/manifests/latest", &[("content-type", value)]);
    let image = "publish a/b c [a/b/c] manifest tag latest";
    assert_eq!(put("application/x; charset=utf-8"), format!("{image} as application/x"));
    assert_eq!(put(" ; "), image);
}

proptest! {
    #[test]
    fn nothing_panics(
        method in "[A-Z]{1,9}",
        path in any::<String>(),
        query in proptest::option::of(any::<String>()),
        value in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        route_anything(&method, &path, query.as_deref(), &value);
    }

    #[test]
    fn nothing_close_to_a_route_panics(
        method in "(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)",
        path in "(/(p|a|b|_x|A|manifests|blobs|uploads|tags|list|referrers|sha256:[0-9a-f]{0,70}|\\.\\.|%2[fFeE0]|%|)){0,8}/?",
        query in "((digest|mount|from|n|last|tag|digest-algorithm)=[a-z0-9:%/+-]{0,20}&){0,4}",
        value in "[0-9a-z=*/, \"-]{0,24}",
    ) {
        route_anything(&method, &path, Some(&query), value.as_bytes());
    }

    #[test]
    fn good_names_are_spelt_back(
        prefix in "(p/)?",
        parts in proptest::collection::vec("[a-z0-9]{1,5}([._-][a-z0-9]{1,5}){0,2}", 3..7),
        reference in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,40}",
    ) {
        prop_assume!(parts[0] != "p");
        let name = format!("{prefix}{}", parts.join("/"));
        let (repository, image) = (parts[..2].join("/"), parts[2..].join("/"));
        let got = leads("GET", &format!("/{name}/manifests/{reference}"), &[]);
        prop_assert_eq!(got, format!("read {repository} {image} [{name}] manifest tag {reference}"));
    }
}

fn route_anything(method: &str, path: &str, query: Option<&str>, value: &[u8]) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let value = HeaderValue::from_bytes(value).unwrap_or(HeaderValue::from_static("x"));
    let names = ["range", "content-range", "if-none-match", "if-range", "content-type"];
    let headers: HeaderMap =
        names.into_iter().map(|name| (HeaderName::from_static(name), value.clone())).collect();
    let head = head(&method, path, query, &headers);
    let _ = say(route(&head));
    let _ = crate::oci::scope(&head);
}
