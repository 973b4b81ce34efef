use super::*;

const HTTPS: PublicUrl<'_> = PublicUrl::Asked { scheme: "https", authority: "registry.example" };
const LOCAL: PublicUrl<'_> = PublicUrl::Asked { scheme: "http", authority: "127.0.0.1:8080" };

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs =
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let mut headers = HeaderMap::new();
    pairs.for_each(|(name, value)| {
        headers.append(name, value);
    });
    headers
}

fn head<'a>(method: &'a Method, url: PublicUrl<'a>, headers: &'a HeaderMap) -> Head<'a> {
    Head { method, mount: "/api", foreign: false, path: SIGN_IN, query: None, headers, public_url: url }
}

fn seen(url: PublicUrl<'_>, pairs: &[(&'static str, &'static str)]) -> Result<Option<String>, Code> {
    let headers = headers(pairs);
    let found = shown(&head(&Method::GET, url, &headers));
    found.map(|text| text.map(|text| text.expose().clone())).map_err(|fault| fault.code())
}

#[test]
fn the_cookie_of_the_address_is_read_and_no_other() {
    assert_eq!(seen(HTTPS, &[]), Ok(None));
    assert_eq!(seen(HTTPS, &[("cookie", "a=b; __Host-wharfinger=X;c=d")]), Ok(Some("X".to_owned())));
    assert_eq!(
        seen(HTTPS, &[("cookie", "a=b"), ("cookie", "__Host-wharfinger=X")]),
        Ok(Some("X".to_owned()))
    );
    assert_eq!(
        seen(HTTPS, &[("cookie", "wharfinger-local=X; __host-wharfinger=Y; x__Host-wharfinger=Z")]),
        Ok(None)
    );
    assert_eq!(
        seen(LOCAL, &[("cookie", "__Host-wharfinger=X; wharfinger-local=Y")]),
        Ok(Some("Y".to_owned()))
    );
    let twice = [("cookie", "__Host-wharfinger=X; __Host-wharfinger=X")];
    assert_eq!(seen(HTTPS, &twice), Err(Code::Malformed));
    let elsewhere = PublicUrl::Asked { scheme: "http", authority: "registry.example:8080" };
    assert_eq!(seen(elsewhere, &[("cookie", "wharfinger-local=X; __Host-wharfinger=X")]), Ok(None));
}

#[test]
fn there_are_sessions_with_tls_and_on_this_machine() {
    let named = |scheme, authority| name(&PublicUrl::Asked { scheme, authority });
    assert_eq!(named("https", "registry.example"), Some(NAME));
    assert_eq!(name(&PublicUrl::Fixed("https://registry.example")), Some(NAME));
    for local in ["127.0.0.1", "127.9.9.9:80", "localhost", "LOCALHOST:8080", "[::1]", "[::1]:8080"] {
        assert_eq!(named("http", local), Some(LOCAL_NAME), "{local}");
    }
    for other in
        ["registry.example", "10.0.0.1:8080", "localhost.example", "127.0.0.1.example", "[::2]:1", ""]
    {
        assert_eq!(named("http", other), None, "{other}");
    }
}

#[test]
fn a_page_of_another_site_changes_nothing() {
    let judged = |method: &Method, url, pairs: &[(&'static str, &'static str)], with_cookie| {
        admissible(&head(method, url, &headers(pairs)), with_cookie).map_err(|fault| fault.code())
    };
    let own = ("origin", "https://registry.example");
    let strange = ("origin", "https://evil.example");
    let site = |site| ("sec-fetch-site", site);
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for (pairs, with_cookie, without) in [
            (&[site("same-origin")] as &[_], true, true),
            (&[site("same-origin"), strange], true, true),
            (&[site("same-site")], false, false),
            (&[site("cross-site")], false, false),
            (&[site("cross-site"), own], false, false),
            (&[site("none")], false, true),
            (&[own], true, true),
            (&[strange], false, false),
            (&[("origin", "null")], false, false),
            (&[("origin", "https://registry.example.evil.example")], false, false),
            (&[("origin", "http://registry.example")], false, false),
            (&[], false, true),
        ] {
            let refused = |allowed| if allowed { Ok(()) } else { Err(Code::CrossSite) };
            assert_eq!(judged(&method, HTTPS, pairs, true), refused(with_cookie), "{method} {pairs:?}");
            assert_eq!(judged(&method, HTTPS, pairs, false), refused(without), "{method} {pairs:?}");
        }
    }
    assert_eq!(
        judged(&Method::GET, HTTPS, &[site("cross-site")], true),
        Ok(()),
        "it reads nothing of the answer"
    );
    let elsewhere = PublicUrl::Asked { scheme: "http", authority: "registry.example:8080" };
    assert_eq!(judged(&Method::POST, elsewhere, &[], false), Err(Code::Rule), "no session without TLS");
    assert_eq!(judged(&Method::DELETE, elsewhere, &[], false), Ok(()));
}

#[test]
fn no_script_reads_the_cookie_and_no_other_site_sends_it() {
    let begun = SessionCookie::Begun { secret: Secret::new("whfc_X".to_owned()), secs: 60 };
    let set_to = |url, cookie| set(&url, cookie).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(
        set_to(HTTPS, &begun).as_deref(),
        Some("__Host-wharfinger=whfc_X; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure")
    );
    assert_eq!(
        set_to(LOCAL, &SessionCookie::Ended).as_deref(),
        Some("wharfinger-local=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
    );
    assert!(set(&HTTPS, &begun).is_some_and(|value| value.is_sensitive()));
}
