use super::Setting;
use crate::config::ServerUrl;

#[test]
fn addresses_of_servers() {
    for (text, read) in [
        ("https://hub.example", Some("https://hub.example")),
        ("https://hub.example/", Some("https://hub.example")),
        ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
        ("http://[::1]:8080", Some("http://[::1]:8080")),
        ("https://hub.example/path", None),
        ("https://hub.example?x", None),
        ("https://user:word@hub.example", None),
        ("ftp://hub.example", None),
        ("hub.example", None),
        ("https://", None),
        ("", None),
    ] {
        assert_eq!(ServerUrl::parse(text).as_ref().map(ServerUrl::as_str), read, "{text}");
    }
}

#[test]
fn lists_in_variables() {
    assert_eq!(Vec::<u32>::from_text("1, 2,,3"), Some(vec![1, 2, 3]));
    assert_eq!(Vec::<u32>::from_text(""), Some(Vec::new()));
    assert_eq!(Vec::<u32>::from_text("1,x"), None);
}

#[test]
fn an_empty_variable_unsets() {
    assert_eq!(Option::<u32>::from_text(""), Some(None));
    assert_eq!(Option::<u32>::from_text("7"), Some(Some(7)));
    assert_eq!(Option::<u32>::from_text("x"), None);
}
