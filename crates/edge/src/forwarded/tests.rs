use ::http::{HeaderValue, Request};
use proptest::prelude::*;

use super::*;

fn request(headers: &[(&str, &str)]) -> request::Parts {
    let mut parts = Request::new(()).into_parts().0;
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        parts.headers.append(name, HeaderValue::try_from(*value).unwrap());
    }
    parts
}

fn arrival(trusted: &[Network], peer: &str) -> Arrival<'static> {
    let trusted = trusted.to_vec().leak();
    let peer = Some(peer.parse().unwrap());
    Arrival { public_url: None, trusted, peer, local: "127.0.0.1:8080", loopback: false, tls: false }
}

fn proxies() -> Vec<Network> {
    vec!["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]
}

fn client(peer: &str, headers: &[(&str, &str)]) -> String {
    arrival(&proxies(), peer).client(&request(headers).headers).unwrap().to_string()
}

#[test]
fn strangers_are_not_believed() {
    assert_eq!(client("203.0.113.5", &[("x-forwarded-for", "198.51.100.1")]), "203.0.113.5");
}

#[test]
fn the_last_address_that_is_no_proxy_is_the_client() {
    for (header, expected) in [
        ("198.51.100.1", "198.51.100.1"),
        ("6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("6.6.6.6, 198.51.100.1, 10.2.2.2", "198.51.100.1"),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.3.3.3", "10.3.3.3"),
        ("6.6.6.6, unknown, 10.2.2.2", "10.2.2.2"),
        ("", "10.1.1.1"),
    ] {
        assert_eq!(client("10.1.1.1", &[("x-forwarded-for", header)]), expected, "{header}");
    }
    let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")];
    assert_eq!(client("10.1.1.1", &lines), "198.51.100.1");
    let standard = [("forwarded", "for=6.6.6.6, for=\"[2001:db8::7]:99\";proto=https;host=hub.example")];
    assert_eq!(client("10.1.1.1", &standard), "2001:db8::7");
}

fn url(arrival: &Arrival<'_>, headers: &[(&str, &str)]) -> String {
    arrival.public_url(&request(headers)).origin().into_owned()
}

#[test]
fn the_public_url_is_configured_or_said_by_a_proxy_or_asked_for_on_loopback() {
    let host = ("host", "evil.example");
    let proxied = arrival(&proxies(), "10.1.1.1");
    let said = [host, ("x-forwarded-proto", "https"), ("x-forwarded-host", "spoofed.example, hub.example")];
    assert_eq!(url(&proxied, &said), "https://hub.example");
    assert_eq!(url(&proxied, &[("host", "hub.example")]), "http://hub.example");
    let standard = [host, ("forwarded", "for=1.2.3.4;proto=https;host=\"hub.example:8443\"")];
    assert_eq!(url(&proxied, &standard), "https://hub.example:8443");

    let direct = arrival(&proxies(), "203.0.113.5");
    assert_eq!(url(&direct, &said), "http://127.0.0.1:8080");
    let loopback = Arrival { loopback: true, ..arrival(&[], "127.0.0.1") };
    assert_eq!(url(&loopback, &[("host", "localhost:8080")]), "http://localhost:8080");
    assert_eq!(url(&loopback, &[("host", "a\"b")]), "http://127.0.0.1:8080");
    let tls = Arrival { tls: true, ..loopback };
    assert_eq!(url(&tls, &[("host", "localhost")]), "https://localhost");
    let fixed = Arrival { public_url: Some("https://hub.example"), ..loopback };
    assert_eq!(url(&fixed, &said), "https://hub.example");
}

#[test]
fn a_host_is_believed_on_loopback_only_if_it_names_loopback() {
    let loopback = Arrival { loopback: true, ..arrival(&proxies(), "127.0.0.1") };
    let believed = |host: &str| loopback.public_url(&request(&[("host", host)])).believed().is_ok();
    for ours in [
        "localhost",
        "LOCALHOST:8080",
        "localhost.",
        "maven.pkg.localhost:1",
        "127.0.0.1",
        "127.8.9.10:80",
        "[::1]",
        "[::1]:8080",
    ] {
        assert!(believed(ours), "{ours}");
    }
    for strange in [
        "evil.example",
        "localhost.evil.example",
        "evillocalhost",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]:80",
        "[::1]evil",
        "[fe80::1]",
        "localhost:x",
        "h",
    ] {
        assert!(!believed(strange), "{strange}");
        let parts = request(&[("host", strange)]);
        let url = loopback.public_url(&parts);
        assert_eq!((url.origin().as_ref(), url.authority()), ("http://127.0.0.1:8080", "127.0.0.1:8080"));
        for elsewhere in [
            Arrival { public_url: Some("https://hub.example"), ..loopback },
            Arrival { peer: Some("::1".parse().unwrap()), ..loopback },
            Arrival { loopback: false, ..loopback },
        ] {
            assert!(
                elsewhere.public_url(&parts).believed().is_ok(),
                "{strange}: no address comes from it, or a proxy vouches: {elsewhere:?}"
            );
        }
    }
    // The authority of the target counts before `Host`, as HTTP/2 and proxies send it.
    let mut parts = request(&[("host", "localhost")]);
    parts.uri = "http://evil.example/v2/".parse().unwrap();
    assert!(loopback.public_url(&parts).believed().is_err());
    assert!(loopback.public_url(&request(&[])).believed().is_ok(), "nobody says anything");
}

proptest! {
    #[test]
    fn nothing_panics(one in "[ -~]{0,64}", two in "[ -~]{0,64}") {
        for name in ["x-forwarded-for", "forwarded", "x-forwarded-host"] {
            let headers = [(name, one.as_str()), (name, two.as_str()), ("host", one.as_str())];
            let _ = client("10.1.1.1", &headers);
            let _ = url(&arrival(&proxies(), "10.1.1.1"), &headers);
        }
    }
}
