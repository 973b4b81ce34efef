use ::http::{HeaderMap, Method};
use domain::{ProjectKey, RepositoryPath};

use super::{Op, Place, Whose, page, route, token_id};
use crate::head::Head;
use crate::management::error::Bad;
use edge::PublicUrl;

fn head<'a>(method: &'a Method, path: &'a str, query: Option<&'a str>, headers: &'a HeaderMap) -> Head<'a> {
    Head {
        method,
        mount: "/api",
        foreign: false,
        path,
        query,
        headers,
        public_url: PublicUrl::Fixed("https://hub.example"),
    }
}

fn routed(method: &Method, path: &str) -> Result<Op, Bad> {
    route(&head(method, path, None, &HeaderMap::new()))
}

#[test]
fn every_route_is_read() {
    let jars = RepositoryPath::parse("alpha/jars").ok();
    let alpha = ProjectKey::parse("alpha").ok();
    let id = token_id("0000002Z").expect("an id");
    let build: Whose = Whose::Of("application:build".into());
    for (method, path, op) in [
        (Method::GET, "/v1/me", Op::Me),
        (Method::HEAD, "/v1/me", Op::Me),
        (Method::GET, "/v1/tokens", Op::Tokens(Whose::Own)),
        (Method::POST, "/v1/tokens", Op::CreateToken(Whose::Own)),
        (Method::PUT, "/v1/tokens/0000002Z/state", Op::TokenState(Whose::Own, id)),
        (Method::GET, "/v1/principals/application:build/tokens", Op::Tokens(build.clone())),
        (Method::POST, "/v1/principals/application%3Abuild/tokens", Op::CreateToken(build.clone())),
        (Method::PUT, "/v1/principals/application:build/tokens/0000002Z/state", Op::TokenState(build, id)),
        (Method::PUT, "/v1/principals/member:alice/suspended", Op::Suspended("member:alice".into())),
        (Method::GET, "/v1/organisation/grants", Op::Grants(Place::Organisation)),
        (Method::PUT, "/v1/projects/alpha/grants", Op::PutGrant(Place::Project(alpha))),
        (
            Method::DELETE,
            "/v1/repositories/Alpha/jars/grants",
            Op::DeleteGrant(Place::Repository(jars.clone())),
        ),
        (Method::PUT, "/v1/repositories/alpha/jars/visibility", Op::Visibility(jars)),
        (Method::PUT, "/v1/repositories/a--b/jars/visibility", Op::Visibility(None)),
    ] {
        assert_eq!(routed(&method, path), Ok(op), "{method} {path}");
    }
}

#[test]
fn anything_else_is_no_route() {
    for path in [
        "",
        "/",
        "/v1",
        "/v1/",
        "/v2/me",
        "/v1/me/x",
        "/v1//me",
        "/v1/projects",
        "/v1/projects/../me",
        "/v1/%00",
        "/v1/tokens/0000002Z",
        "/v1/repositories/alpha/grants",
        "/v1/repositories/a/b/c/grants",
        "/v1/setup",
    ] {
        assert_eq!(routed(&Method::GET, path), Err(Bad::NoRoute), "{path}");
    }
    assert_eq!(routed(&Method::PUT, "/v1/tokens/short/state"), Err(Bad::NoToken));
}

#[test]
fn token_ids_are_read_as_they_are_written() {
    for number in [0, 1, 61, 62, 218_340_105_584_895] {
        let text = auth::id_text(domain::TokenId::new(number));
        assert_eq!(token_id(&text).map(domain::TokenId::get), Some(number), "{text}");
    }
    for text in ["", "0000000", "000000000", "0000000-", "0000000é", "zzzzzzzzzzzzzzzzzzzz"] {
        assert_eq!(token_id(text), None, "{text}");
    }
}

#[test]
fn other_methods_are_named() {
    let allowed = "GET, PUT, DELETE".to_owned();
    assert_eq!(routed(&Method::POST, "/v1/organisation/grants"), Err(Bad::Method { allowed }));
}

#[test]
fn pages_are_bounded() {
    let headers = HeaderMap::new();
    let rows =
        |query| page(&head(&Method::GET, "/v1/tokens", query, &headers)).map(|(_, limit)| limit.rows());
    assert_eq!(rows(None), Ok(100));
    assert_eq!(rows(Some("limit=7")), Ok(7));
    assert_eq!(rows(Some("limit=18446744073709551615")), Ok(1_000));
    assert!(rows(Some("limit=0")).is_err());
    assert!(rows(Some("limit=-1")).is_err());
}
