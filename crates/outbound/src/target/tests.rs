use super::{Place, Target};
use crate::error::InvalidUrl;

fn place(text: &str) -> String {
    Target::parse(text).expect("an address").place().to_string()
}

#[test]
fn a_target_has_one_host_and_one_port() {
    assert_eq!(place("https://ci.example.org/hooks?a=b"), "ci.example.org:443");
    assert_eq!(place("https://CI.Example.org.:8443"), "ci.example.org:8443");
    assert_eq!(place("http://[fd00::1]:81/x"), "[fd00::1]:81");
    assert_eq!(place("http://[::1]/x"), "[::1]:80");
    assert_eq!(place("http://127.0.0.1"), "127.0.0.1:80");
}

#[test]
fn what_hides_where_it_goes_is_refused() {
    let wrong = |text: &str| Target::parse(text).expect_err(text);
    assert_eq!(wrong("https://example.org@10.0.0.1/"), InvalidUrl::Credentials);
    assert_eq!(wrong("https://user:password@example.org/"), InvalidUrl::Credentials);
    assert_eq!(wrong("https://example.org/#x"), InvalidUrl::Fragment);
    assert_eq!(wrong("ftp://example.org/"), InvalidUrl::Form);
    assert_eq!(wrong("/hooks"), InvalidUrl::Form);
    assert_eq!(wrong("file:///etc/passwd"), InvalidUrl::Form);
    assert_eq!(wrong("https://exa mple.org/"), InvalidUrl::Form);
    assert_eq!(wrong("https://example.org:0/"), InvalidUrl::Host);
    assert_eq!(wrong("https://example.org:99999/"), InvalidUrl::Host);
    assert_eq!(wrong(&format!("https://example.org/{}", "a".repeat(2048))), InvalidUrl::Long);
}

#[test]
fn a_place_is_written_as_it_is_read() {
    for text in ["hooks.internal:8443", "10.1.2.3:80", "[fd00::1]:80"] {
        assert_eq!(text.parse::<Place>().expect("a place").to_string(), text);
    }
    for text in ["hooks.internal", "fd00::1:80", ":80", "a b:80", "hooks.internal:http"] {
        text.parse::<Place>().expect_err(text);
    }
}
