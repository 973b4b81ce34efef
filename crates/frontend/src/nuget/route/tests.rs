use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;
use edge::PublicUrl;

mod say;

use say::say;

const BASE: &str = "https://hub.example/nuget/p/a/b/v3";

fn head<'a>(method: &'a Method, path: &'a str, query: Option<&'a str>, headers: &'a HeaderMap) -> Head<'a> {
    let public_url = PublicUrl::Fixed("https://hub.example");
    Head { method, mount: "/nuget", foreign: false, path, query, headers, public_url }
}

/// Where a request leads, as one line.
fn leads(method: &str, target: &str, headers: &[(&'static str, &str)]) -> String {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    let headers: HeaderMap = headers.iter().map(pair).collect();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    say(route(&head(&method, path, query, &headers)))
}

fn get(path: &str) -> String {
    leads("GET", &format!("/p/a/b/v3/{path}"), &[])
}

#[test]
fn every_route_leads_where_the_table_says() {
    let cases = [
        ("GET", "index.json", "probe a/b index"),
        ("HEAD", "index.json", "probe a/b index"),
        ("GET", "flat/x.y/index.json", "read a/b versions x.y"),
        ("HEAD", "flat/x.y/index.json", "probe a/b versions x.y"),
        ("GET", "flat/x.y/1.0/x.y.1.0.nupkg", "read a/b Package x.y 1.0.0"),
        ("GET", "flat/x.y/1.0/x.y.nuspec", "read a/b Nuspec x.y 1.0.0"),
        ("GET", "flat/x/1.0/readme", "read a/b Readme x 1.0.0"),
        ("GET", "flat/x/1.0/icon", "read a/b Icon x 1.0.0"),
        ("GET", "flat/x/1.0/license", "read a/b Licence x 1.0.0"),
        ("GET", "symbols/X.pdb/0aFFffFFff/x.PDB", "read a/b symbols x.pdb/0affffffff"),
        ("HEAD", "symbols/x.pdb/0a/x.pdb", "probe a/b symbols x.pdb/0a"),
        ("GET", "symbols/x.pdb/0a/y.pdb", "read a/b bad UnknownSymbols"),
        ("GET", "symbols/pingme.txt", "read a/b bad UnknownSymbols"),
        ("GET", "catalog/index.json", "read a/b catalog Index"),
        ("HEAD", "catalog/page12.json", "probe a/b catalog Page(12)"),
        ("GET", "catalog/data/7/X.y/1.0.json", "read a/b catalog x.y 1.0.0"),
        ("GET", "catalog/data/x/X.y/1.0.json", "read a/b bad NoRoute"),
        ("GET", "catalog/page.json", "read a/b bad NoRoute"),
        ("GET", "vulnerabilities/index.json", "read a/b vulnerabilities Index"),
        ("HEAD", "vulnerabilities/base.json", "probe a/b vulnerabilities Page"),
        ("GET", "symbolpackage", "read a/b bad Method { allow: \"PUT\" }"),
        ("GET", "symbolpackage/X.y/1.0", "read a/b Symbols x.y 1.0.0"),
        ("HEAD", "symbolpackage/X.y/1.0/", "probe a/b Symbols x.y 1.0.0"),
        ("DELETE", "symbolpackage/a/1.0", "read a/b bad Method { allow: \"GET, HEAD\" }"),
        ("GET", "symbolpackage/a/one", "read a/b bad UnknownVersion"),
        ("PUT", "symbolpackage/", "publish a/b bad ContentType"),
        ("GET", "reg/x/index.json", "read a/b Plain x index"),
        ("GET", "reg-gz/x/page/1.0/2.0.json", "read a/b Gzip x page 1.0.0 2.0.0"),
        ("HEAD", "reg-gz-semver2/x/1.0-a.json", "probe a/b GzipSemVer2 x leaf 1.0.0-a"),
        ("DELETE", "package/X/1.0", "delete a/b delete x 1.0.0"),
        ("POST", "package/X/1.0", "delete a/b relist x 1.0.0"),
        ("GET", "query", "read a/b search [] 0+20 s1 "),
        ("HEAD", "autocomplete?q=a", "read a/b ids [Id=a] first a 0+20 s1 "),
        ("GET", "autocomplete?id=A&prerelease=true", "read a/b versions of a p1 "),
    ];
    for (method, rest, expected) in cases {
        assert_eq!(leads(method, &format!("/p/a/b/v3/{rest}"), &[]), expected, "{method} {rest}");
        assert_eq!(leads(method, &format!("/P/A/B/V3/{rest}"), &[]), expected, "{method} {rest}");
    }
}

/// `dotnet nuget delete` puts id and version behind whatever it was given as the source.
#[test]
fn deletes_are_taken_wherever_pushes_are() {
    for push in ["", "/v3", "/v3/index.json", "/v3/package"] {
        let at = |method: &str| leads(method, &format!("/p/a/b{push}/X.y/1.0"), &[]);
        assert_eq!(at("DELETE"), "delete a/b delete x.y 1.0.0", "{push}");
        assert_eq!(at("POST"), "delete a/b relist x.y 1.0.0", "{push}");
    }
    for id in ["v3", "flat", "package", "query"] {
        assert_eq!(
            leads("DELETE", &format!("/p/a/b/{id}/1.0"), &[]),
            format!("delete a/b delete {id} 1.0.0")
        );
        assert_eq!(
            leads("DELETE", &format!("/p/a/b/v3/{id}/1.0"), &[]),
            format!("delete a/b delete {id} 1.0.0")
        );
    }
    assert_eq!(leads("DELETE", "/p/a/b/v3/package/x/y", &[]), "delete a/b bad UnknownVersion");
    assert_eq!(leads("GET", "/p/a/b/v3/x/1.0", &[]), "read a/b bad NoRoute");
    assert_eq!(leads("GET", "/p/a/b/x/1.0", &[]), "read a/b bad NoRoute");
}

#[test]
fn addresses_of_v2_say_where_v3_is() {
    let gone = format!("read a/b bad OldProtocol {{ index: \"{BASE}/index.json\" }}");
    for source in ["", "/v3", "/v3/index.json", "/v3/package", "/api/v2", "/v2"] {
        for rest in [
            "FindPackagesById()?id='x'",
            "Packages",
            "Packages(Id='x',Version='1.0')",
            "Packages()",
            "Search()/$count",
            "GetUpdates()",
            "$metadata",
            "%24metadata",
        ] {
            assert_eq!(leads("GET", &format!("/p/a/b{source}/{rest}"), &[]), gone, "{source} {rest}");
        }
    }
    assert_eq!(leads("GET", "/p/a/b/api/v2", &[]), gone);
    assert_eq!(get("search"), "read a/b bad NoRoute");
    for source in ["", "/", "/v3", "/v3/"] {
        assert_eq!(leads("GET", &format!("/p/a/b{source}"), &[]), "probe a/b index", "{source}");
        assert_eq!(leads("HEAD", &format!("/p/a/b{source}"), &[]), "probe a/b index", "{source}");
    }
}

#[test]
fn what_a_push_is_follows_from_its_type() {
    let push = |path: &str, kind: &str| leads("PUT", path, &[("content-type", kind)]);
    for path in [
        "/p/a/b",
        "/p/a/b/",
        "/p/a/b/v3",
        "/p/a/b/v3/",
        "/p/a/b/v3/index.json",
        "/p/a/b/v3/package",
        "/p/a/b/v3/package/",
    ] {
        assert_eq!(push(path, "application/octet-stream"), "publish a/b raw", "{path}");
    }
    for path in ["/p/a/b/v3/symbolpackage", "/p/a/b/v3/symbolpackage/"] {
        assert_eq!(push(path, "application/octet-stream"), "publish a/b symbols raw", "{path}");
    }
    let path = "/p/a/b/v3/package";
    assert_eq!(push(path, "multipart/form-data; boundary=\"x y\""), "publish a/b form x y");
    assert_eq!(push(path, "Application/Octet-Stream; x=y"), "publish a/b raw");
    for kind in ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=x"] {
        assert_eq!(push(path, kind), "publish a/b bad ContentType", "{kind}");
    }
}

#[test]
fn methods_that_a_place_does_not_take_are_named() {
    let not = |method: &str, rest: &str| leads(method, &format!("/p/a/b/v3/{rest}"), &[]);
    for (method, rest, allow) in [
        ("GET", "package", "PUT"),
        ("POST", "index.json", "GET, HEAD, PUT"),
        ("GET", "package/x/1.0", "DELETE, POST"),
        ("PUT", "flat/x/index.json", "GET, HEAD"),
        ("DELETE", "reg/x/index.json", "GET, HEAD"),
        ("POST", "query", "GET, HEAD"),
    ] {
        assert_eq!(
            not(method, rest),
            format!("read a/b bad Method {{ allow: {allow:?} }}"),
            "{method} {rest}"
        );
    }
}

#[test]
fn names_that_none_can_have_are_absent() {
    for id in ["a..b", "-a", "a%20b", "a%23b", "a%3Fb", "%C3%A4"] {
        assert_eq!(get(&format!("flat/{id}/index.json")), "read a/b bad UnknownPackage", "{id}");
    }
    assert_eq!(get("flat/a/x/a.x.nupkg"), "read a/b bad UnknownVersion");
    assert_eq!(get("reg/a/page/1.0/x.json"), "read a/b bad UnknownVersion");
    assert_eq!(leads("GET", "/p/a--b/c/v3/index.json", &[]), "probe - bad NoRoute");
    assert_eq!(leads("GET", "/p/p/c/v3/index.json", &[]), "probe - bad NoRoute");
    for path in ["", "/", "/p", "/p/a", "/q/a/b/v3/index.json", "/p/a/"] {
        assert_eq!(leads("GET", path, &[]), "open bad NoRoute", "{path}");
    }
    for path in [
        "/p/a/b/v3/flat/%2e%2e/x",
        "/p/a/b/v3//x",
        "/p/a%2Fb/v3",
        "/p/a/b/v3/flat/a%00/index.json",
        "/p/a/b/\\",
    ] {
        assert_eq!(leads("GET", path, &[]), "open bad Path", "{path}");
    }
}

#[test]
fn searches_are_read_within_their_bounds() {
    let query = |text: &str| leads("GET", &format!("/p/a/b/v3/query?{text}"), &[]);
    let cases = [
        ("q=A+b&skip=5&take=7", "read a/b search [Any=A, Any=b] 5+7 s1 "),
        ("q=a&take=1001", "read a/b search [Any=a] first a 0+1000 s1 "),
        ("q=a&skip=3001&take=5", "read a/b search [Any=a] first a 3001+0 s1 "),
        ("q=a&skip=x&take=-1", "read a/b search [Any=a] first a 0+20 s1 "),
        ("prerelease=TRUE&semVerLevel=2.0.0", "read a/b search [] 0+20 p2 "),
        ("prerelease=1&semVerLevel=1.0.0", "read a/b search [] 0+20 s1 "),
        ("packageType=DotnetTool", "read a/b search [] 0+20 s1 dotnettool"),
        ("packageTypeFilter=Template", "read a/b search [] 0+20 s1 template"),
        ("packageType=a%2Fb", "read a/b search [] 0+20 s1 -"),
        ("packageType=", "read a/b search [] 0+20 s1 "),
    ];
    for (text, expected) in cases {
        assert_eq!(query(text), expected, "{text}");
    }
    let flood = format!("{}q=a", "x=y&".repeat(10_000));
    assert_eq!(query(&flood), "read a/b search [] 0+20 s1 ");
}

#[test]
fn the_feed_is_where_the_request_came_in() {
    let headers = HeaderMap::new();
    let with = |mount, path, public_url| {
        let head = Head {
            method: &Method::GET,
            mount,
            foreign: false,
            path,
            query: None,
            headers: &headers,
            public_url,
        };
        match route(&head) {
            Routed::Probe(At { op: Ok(On { feed, .. }), .. }) => feed.base().to_owned(),
            _ => panic!("{path}"),
        }
    };
    let fixed = PublicUrl::Fixed("https://hub.example");
    assert_eq!(with("/nuget", "/p/A/B/v3/index.json", fixed), BASE);
    assert_eq!(with("/acme", "/p/a/b/v3/index.json", fixed), "https://hub.example/acme/p/a/b/v3");
    let asked = PublicUrl::Asked { scheme: "http", authority: "127.0.0.1:8080" };
    assert_eq!(with("/nuget", "/p/a/b/v3/index.json", asked), "http://127.0.0.1:8080/nuget/p/a/b/v3");
}

proptest! {
    #[test]
    fn nothing_panics(
        method in "[A-Z]{1,9}",
        path in any::<String>(),
        near in "(/(p|a|b|v3|flat|reg|reg-gz|page|package|query|index.json|1\\.0|1\\.0\\.json|x|%2e|%|\\.\\.)){0,8}/?",
        query in "((q|id|skip|take|prerelease|semVerLevel|packageType)=[a-z0-9:%+\".-]{0,20}&){0,4}",
        value in "[0-9a-z=*/, \";-]{0,24}",
    ) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let value = HeaderValue::from_str(&value).unwrap();
        let headers: HeaderMap = [(CONTENT_TYPE, value)].into_iter().collect();
        for method in [&method, &Method::GET, &Method::PUT, &Method::DELETE] {
            let _ = say(route(&head(method, &path, Some(&query), &headers)));
            let _ = say(route(&head(method, &near, Some(&query), &headers)));
        }
    }
}
