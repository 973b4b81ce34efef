//! What strangers can make the gateway write down, and what of a start it keeps.

use std::os::unix::fs::PermissionsExt as _;

use super::ATTACKER;
use super::town::Town;
use crate::support::process::{Launch, Process};
use crate::support::{Ask, Folder, Http, Organisation, until};

/// A long address makes no long line, and a token in an address is not written down, whoever pasted it there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_are_cut_and_tokens_masked_in_the_log() {
    const LINE_BYTES_MAX: usize = 4_096;
    let town = Town::start(|launch| launch.set("LOG__LEVEL", "debug")).await;
    let secret = town.organisation.login("alice").secret;
    let http = Http::new(town.process.address).bound_to(Some(ATTACKER));
    let long = "x".repeat(27_000);
    for target in [
        format!("/v2/{long}"),
        format!("/nuget/p/team/feed/v3/{long}"),
        format!("/maven/p/team/{long}"),
        format!("/files/p/team/files/{long}"),
        format!("/{long}"),
        format!("/nuget/p/team/feed/v3/query?q={long}"),
    ] {
        http.send(Ask::get(target)).await;
    }
    let alone = secret.clone();
    let escaped = secret.replace('_', "%5F");
    for secret in [alone, escaped] {
        for target in [
            format!("/{secret}"),
            format!("/v2/p/team/app/{secret}/manifests/1.0"),
            format!("/nuget/p/team/feed/v3/{secret}/index.json"),
            format!("/nuget/p/team/feed/v3/query?q={secret}"),
            format!("/maven/p/{secret}/jars/x"),
            format!("/files/p/team/files/{secret}"),
            format!("/api/v1/principals/{secret}/tokens"),
        ] {
            http.send(Ask::get(target)).await;
        }
    }
    // When this line is there, all others are.
    http.send(Ask::get("/v2/p/team/app/the-last-one/manifests/1.0")).await;
    let log = town.process.log_with("the-last-one").await;
    let longest = log.lines().map(str::len).max().unwrap_or_default();
    let told = log.lines().find(|line| line.contains(&secret[13..40]));
    assert!(longest <= LINE_BYTES_MAX, "a line of {longest} bytes");
    assert!(told.is_none(), "{told:?}");
}

/// Passwords are hashed at the start; what that took is given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_at_the_start_leave_no_memory_behind() {
    /// Much less than one hash of 19 MiB.
    const MORE_BYTES_MAX: u64 = 6_000_000;
    let data = |process: &Process| {
        let memory = process.memory();
        memory.now_bytes - memory.code_bytes
    };
    let people = || Organisation::empty().member("ann").member("ben");
    let folder = Folder::new("plain");
    let plain = Launch::new(folder.root()).organisation(folder.root(), &people()).start().await;
    let plain_bytes = data(&plain);
    let folder = Folder::new("passwords");
    let people = people().password("ann", "a password of ann").password("ben", "a password of ben");
    let process = Launch::new(folder.root()).organisation(folder.root(), &people).start().await;
    until("the memory of two hashes is given back", async || data(&process) <= plain_bytes + MORE_BYTES_MAX)
        .await;
}

/// A private key that everybody on the machine can read is used, and spoken of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_private_key_is_warned_about() {
    let (organisation, folder) = (Organisation::empty(), Folder::new("open-key"));
    let (chain, key) = (folder.path("certificate.pem"), folder.path("key.pem"));
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    std::fs::write(&chain, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("a file of ours");
    let launch = Launch::new(folder.root())
        .organisation(folder.root(), &organisation)
        .set("TLS__CERTIFICATE_FILE", chain.to_str().expect("UTF-8"))
        .set("TLS__KEY_FILE", key.to_str().expect("UTF-8"));
    let process = launch.spawn().await;
    until("the key's mode is warned about", async || {
        process.log().lines().any(|line| line.contains("WARN") && line.contains("key.pem"))
    })
    .await;
}
