use super::{Client, Trust, is_loopback};
use crate::cli::failure::Failure;
use crate::config::ServerUrl;

fn url(text: &str) -> ServerUrl {
    ServerUrl::parse(text).expect("an address")
}

#[test]
fn knows_this_machine() {
    for (server, expected) in [
        ("http://127.0.0.1:8080", true),
        ("http://127.0.0.1", true),
        ("http://[::1]:8080", true),
        ("http://localhost:8080", true),
        ("http://localhost.example.org", false),
        ("http://10.0.0.1:8080", false),
        ("http://127.0.0.1.example.org", false),
    ] {
        assert_eq!(is_loopback(&url(server)), expected, "{server}");
    }
}

#[test]
fn splits_host_and_port() {
    for (server, host, port) in [
        ("http://127.0.0.1:8080", "127.0.0.1", 8080),
        ("http://[::1]:8080", "::1", 8080),
        ("http://localhost", "localhost", 80),
    ] {
        let client = Client::new(url(server), None, Trust::System).expect("a client");
        assert_eq!((client.host(), client.port()), (host, port), "{server}");
    }
}

#[test]
fn a_token_does_not_cross_the_network_in_clear() {
    let refused = Client::new(url("http://registry.example.org"), Some("whfp_x"), Trust::System);
    assert!(matches!(refused, Err(Failure::Usage(_))));
    assert!(Client::new(url("http://127.0.0.1:1"), Some("whfp_x"), Trust::System).is_ok());
    assert!(Client::new(url("http://registry.example.org"), None, Trust::System).is_ok());
}
