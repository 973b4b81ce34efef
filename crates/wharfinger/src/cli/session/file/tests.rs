use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{Credentials, Entry};
use crate::config::ServerUrl;
use crate::scratch::Scratch;

fn url(text: &str) -> ServerUrl {
    ServerUrl::parse(text).expect("an address")
}

#[test]
fn what_is_kept_is_read_again_and_forgotten() {
    let scratch = Scratch::new("credentials");
    let path = scratch.path("wharfinger/credentials.toml");
    let (here, there) = (url("http://127.0.0.1:8080"), url("https://hub.example"));
    let entry =
        Entry { id: Some("LhAesif4".to_owned()), token: Some("whfp_x".to_owned()), helper: None, made: true };
    let mut credentials = Credentials::read(&path).expect("nothing yet");
    credentials.keep(&here, entry.clone());
    credentials.keep(&there, Entry { helper: Some("pass".to_owned()), ..Entry::default() });
    credentials.write().expect("written");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    let mut credentials = Credentials::read(&path).expect("read");
    assert_eq!(credentials.entry(&here), Some(entry));
    assert_eq!(credentials.default_server(), Some(there.clone()));
    credentials.forget(&there);
    credentials.write().expect("written");
    let credentials = Credentials::read(&path).expect("read");
    assert_eq!((credentials.entry(&there), credentials.default_server()), (None, None));
    assert!(credentials.entry(&here).is_some());
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let scratch = Scratch::new("credentials-wide");
    let path = scratch.path("credentials.toml");
    fs::write(&path, "").expect("a file");
    for (mode, good) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o644, false)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        assert_eq!(Credentials::read(&path).is_ok(), good, "{mode:o}");
    }
}
