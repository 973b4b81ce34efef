//! What the guide says about programs that push and pull images, docker apart.

use std::fs;
use std::process::Command;

use super::super::{
    clients::{ANYTHING, Client as _, Containerd, Skopeo},
    hub::Hub,
    sandbox::{Sandbox, finish},
    wanted::{wanted, wanted_of_all},
};
use super::{DOCKER, at, blocks, read, section};

/// Podman with storage of its own: where it is kept is not what the page is about.
const PODMAN: &str = "podman() { command podman --storage-driver=vfs --events-backend=file --cgroup-manager=cgroupfs \\\n\
                      --root \"$TMPDIR/storage\" --runroot \"$XDG_RUNTIME_DIR/podman\" --tmpdir \"$TMPDIR/podman\" \"$@\"; }\n";

/// A gateway with the image that the page copies.
fn filled() -> Hub {
    let (hub, skopeo) = (Hub::start(), Skopeo::new());
    let image = format!("{}:1.0", hub.private("web"));
    skopeo.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    skopeo.make(&image, "from the guide");
    skopeo.push(&image).succeeds();
    hub
}

/// Runs the block of a program as one script, after these lines.
fn paste(program: &str, hub: &Hub, before: &str, mut shell: Command) {
    let page = read(DOCKER);
    let [block] = blocks(section(&page, &format!("## {program}")), "sh")[..] else { panic!("one block") };
    shell.env("TOKEN", &hub.member.secret).arg("-euc").arg(format!("{before}{}", at(hub, block)));
    finish(&mut shell, b"").succeeds();
}

/// Where a program runs that has no test of its own.
fn apart(program: &str) -> Sandbox {
    let sandbox = Sandbox::new(program);
    fs::create_dir_all(sandbox.path("home/.config/containers")).unwrap();
    sandbox.file("home/.config/containers/policy.json", ANYTHING);
    sandbox
}

#[test]
fn podman_lines_work_as_written() {
    if wanted(&["podman"]) {
        let sandbox = apart("podman-lines");
        paste("podman", &Hub::start(), PODMAN, sandbox.command("bash"));
        // Its layers belong to others within their own namespace.
        finish(sandbox.command("rm").arg("-rf").arg(sandbox.path("tmp/storage")), b"").succeeds();
    }
}

#[test]
fn skopeo_lines_work_as_written() {
    if wanted(&["skopeo", "umoci"]) {
        let sandbox = apart("skopeo-lines");
        paste("skopeo", &filled(), "", sandbox.command("bash"));
    }
}

#[test]
fn crane_lines_work_as_written() {
    if wanted(&["skopeo", "umoci", "crane"]) {
        let sandbox = apart("crane-lines");
        paste("crane", &filled(), "", sandbox.command("bash"));
    }
}

#[test]
fn oras_login_and_files_work_as_written() {
    if wanted(&["oras"]) {
        let sandbox = apart("oras-lines");
        paste("oras", &Hub::start(), "", sandbox.command("bash"));
    }
}

#[test]
fn helm_lines_work_as_written() {
    if wanted_of_all(&["helm"]) {
        let sandbox = apart("helm-lines");
        paste("helm", &Hub::start(), "", sandbox.command("bash"));
    }
}

#[test]
fn containerd_line_works_as_written() {
    if wanted(&["skopeo", "umoci", "containerd"]) {
        let containerd = Containerd::start();
        paste("containerd", &filled(), "", containerd.command("bash"));
    }
}
