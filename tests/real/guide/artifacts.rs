//! What the guide says about signatures and other things that are attached to images.

use super::super::{
    clients::{Client as _, Docker},
    hub::Hub,
    sandbox::finish,
    wanted::{wanted, wanted_of_all},
};
use super::{DOCKER, at, read, section, shell_lines};

/// Runs the lines of these programs, with the log-in and the image of the section before.
fn run_lines(programs: &[&str]) {
    let page = read(DOCKER);
    let lines = shell_lines(section(&page, "## Sign images and attach to them"));
    let (hub, docker) = (Hub::start(), Docker::start());
    let image = format!("{}:1.0", hub.private("web"));
    docker.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    docker.make(&image, "an image that something is attached to");
    let digest = docker.push(&image).succeeds().digest();
    finish(docker.command("sh").args(["-c", "echo '{}' > sbom.spdx.json"]), b"").succeeds();
    for program in programs {
        let lines: Vec<&&str> = lines.iter().filter(|line| line.starts_with(program)).collect();
        assert!(lines.len() > 1, "nothing of {program}");
        for line in lines {
            let mut shell = docker.command("sh");
            shell.env("COSIGN_PASSWORD", "a password of the key").arg("-ec");
            finish(shell.arg(at(&hub, line).replace("sha256:…", &digest)), b"").succeeds();
        }
    }
}

#[test]
fn oras_and_regctl_lines_work_as_written() {
    if wanted(&["docker", "oras", "regctl"]) {
        run_lines(&["oras", "regctl"]);
    }
}

#[test]
fn cosign_lines_work_as_written() {
    if wanted_of_all(&["docker", "cosign"]) {
        run_lines(&["cosign"]);
    }
}
