use std::path::PathBuf;
use std::time::Duration;

use http::{Method, StatusCode};

use crate::Running;
use crate::cli::client::{Client, Trust};
use crate::cli::failure::Failure;
use crate::config::{Config, ServerUrl};
use crate::error::StartError;
use crate::scratch::Scratch;
use crate::wiring::start;

/// A new certificate for `localhost` and its key, written over those in the folder.
fn certify(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let key = scratch.file("key.pem", &made.signing_key.serialize_pem());
    (scratch.file("cert.pem", &made.cert.pem()), key)
}

fn config(scratch: &Scratch) -> Config {
    let (certificate, key) = certify(scratch);
    let mut config = Config::for_tests();
    config.tls.certificate_file = Some(certificate);
    config.tls.key_file = Some(key);
    config.tls.check_secs = 1;
    config
}

/// Asks whether it is ready, believing only the certificate that lies in `trusted`.
async fn ready(running: &Running, trusted: &std::path::Path) -> Result<StatusCode, Failure> {
    let server = ServerUrl::parse(&format!("https://localhost:{}", running.addr.port())).expect("an address");
    let client = Client::new(server, None, Trust::Only(trusted))?.at(running.addr);
    client.call(Method::GET, "/readyz", None).await.map(|answer| answer.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_taken_over_and_a_broken_one_is_not() {
    let scratch = Scratch::new("tls");
    let config = config(&scratch);
    let old = scratch.file("old.pem", &std::fs::read_to_string(scratch.path("cert.pem")).expect("written"));
    let running = start(config).await.expect("it starts");
    assert_eq!(ready(&running, &old).await.expect("an answer"), StatusCode::OK);

    scratch.file("cert.pem", "no certificate at all, and of another length");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(ready(&running, &old).await.expect("an answer"), StatusCode::OK, "the old one stays");

    let (new, _) = certify(&scratch);
    let mut taken_over = false;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        taken_over = ready(&running, &new).await.is_ok();
        if taken_over {
            break;
        }
    }
    assert!(taken_over, "the new certificate was never served");
    assert!(matches!(ready(&running, &old).await, Err(Failure::Unreachable(_))), "the old one is gone");
    running.stop().await;
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_said_at_the_start() {
    let scratch = Scratch::new("no-tls");
    let mut config = config(&scratch);
    config.tls.key_file = Some(scratch.path("nowhere.pem"));
    let said = start(config.clone()).await.expect_err("no key").to_string();
    assert!(said.contains("nowhere.pem cannot be read"), "{said}");
    config.tls.key_file = Some(scratch.file("other.pem", "not a key"));
    assert!(matches!(start(config).await, Err(StartError::Tls(_))));
}
