use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use http::{Method, StatusCode};

use super::{exposed_mode, load};
use crate::Running;
use crate::cli::client::{Client, Trust};
use crate::cli::failure::Failure;
use crate::config::{self, Config, ServerUrl};
use crate::error::StartError;
use crate::scratch::Scratch;
use crate::wiring::start;

/// A new certificate for `localhost` and its key, written over those in the folder.
fn certify(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let key = scratch.file("key.pem", &made.signing_key.serialize_pem());
    (scratch.file("cert.pem", &made.cert.pem()), key)
}

fn files(scratch: &Scratch) -> config::Tls {
    let (certificate, key) = certify(scratch);
    let mut files = Config::for_tests().tls;
    (files.certificate_file, files.key_file) = (Some(certificate), Some(key));
    files
}

/// Asks whether it is ready, believing only the certificate that lies in `trusted`.
async fn ready(running: &Running, trusted: &Path) -> Result<StatusCode, Failure> {
    let server = ServerUrl::parse(&format!("https://localhost:{}", running.addr.port())).expect("an address");
    let client = Client::new(server, None, Trust::Only(trusted))?.at(running.addr);
    client.send(Method::GET, "/readyz", None).await.map(|answer| answer.status)
}

#[tokio::test]
async fn files_are_read_again_when_they_are_others_or_somebody_asks() {
    let scratch = Scratch::new("follow");
    let mut followed = load(&files(&scratch)).expect("a pair").expect("with TLS");
    assert_eq!(followed.look(false), None, "as they were when they were read");
    assert_eq!(followed.look(true), Some(Ok(())));

    scratch.file("cert.pem", "no certificate at all, and of another length");
    let refused = followed.look(false).expect("another file").expect_err("that is no certificate");
    assert!(refused.contains("no PEM certificate"), "{refused}");
    assert_eq!(followed.look(false), None, "said once");
    assert!(followed.look(true).expect("asked").is_err());

    certify(&scratch);
    assert_eq!(followed.look(false), Some(Ok(())));
    std::fs::remove_file(scratch.path("key.pem")).expect("a file");
    assert!(followed.look(false).expect("it is gone").is_err());
}

#[test]
fn a_key_that_others_may_read_is_noticed() {
    let scratch = Scratch::new("mode");
    let (_, key) = certify(&scratch);
    for (mode, exposed) in
        [(0o600, false), (0o400, false), (0o640, true), (0o644, true), (0o604, true), (0o622, false)]
    {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).expect("sets");
        assert_eq!(exposed_mode(&key), exposed.then_some(mode), "{mode:o}");
    }
}

/// A change between the reading at the start and the first look is not missed, however late that is.
#[tokio::test]
async fn what_changes_during_the_start_is_read() {
    let scratch = Scratch::new("early");
    let mut followed = load(&files(&scratch)).expect("a pair").expect("with TLS");
    certify(&scratch);
    scratch.file("cert.pem", "changed, and of another length");
    assert!(followed.look(false).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_certificate_of_the_configuration_is_served() {
    let scratch = Scratch::new("tls");
    let mut config = Config::for_tests();
    config.tls = files(&scratch);
    let running = start(config).await.expect("it starts");
    assert_eq!(ready(&running, &scratch.path("cert.pem")).await.expect("an answer"), StatusCode::OK);
    let other = Scratch::new("another");
    let (another, _) = certify(&other);
    assert!(matches!(ready(&running, &another).await, Err(Failure::Unreachable(_) | Failure::Other(_))));
    running.stop().await;
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_said_at_the_start() {
    let scratch = Scratch::new("no-tls");
    let mut config = Config::for_tests();
    config.tls = files(&scratch);
    config.tls.key_file = Some(scratch.path("nowhere.pem"));
    let said = start(config.clone()).await.expect_err("no key").to_string();
    assert!(said.contains("nowhere.pem cannot be read"), "{said}");
    config.tls.key_file = Some(scratch.file("other.pem", "not a key"));
    assert!(matches!(start(config).await, Err(StartError::Tls(_))));
}
