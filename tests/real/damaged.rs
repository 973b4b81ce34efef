//! Bytes that the disk has lost, brought again by clients that ask for the manifest before anything else.

use std::fs;

use super::{clients::Client as _, clients::Oras, hub::Hub, wanted::wanted};

/// As long that it is a file on the disk.
static LAYER: [u8; 300_000] = [7; 300_000];

#[test]
fn oras_heals_what_it_pushes_again() {
    if !wanted(&["oras"]) {
        return;
    }
    let (hub, oras) = (Hub::start(), Oras::new());
    let artifact = hub.private("tool:1");
    oras.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    oras.file("tool.bin", &LAYER);
    // Of the same bytes whenever it is made.
    let made = "org.opencontainers.image.created=2026-01-01T00:00:00Z";
    let line = ["--no-tty", "--plain-http", "--annotation", made, &artifact, "tool.bin"];
    let push = || oras.run(&[&["push"][..], &line].concat(), "");
    let pull = || oras.run(&["pull", "--no-tty", "--plain-http", &artifact, "--output", "pulled"], "");
    let first = push().succeeds().digest();
    fs::remove_file(hub.file_of(&LAYER)).unwrap();
    pull().fails().says("not found");
    assert_eq!(push().succeeds().digest(), first);
    pull().succeeds();
    assert_eq!(fs::read(oras.path("pulled/tool.bin")).unwrap(), LAYER);
}
