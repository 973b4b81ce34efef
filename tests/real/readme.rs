//! The lines of the README, pasted.

use std::fs;

use super::{
    clients::{Client, Docker},
    hub::{Hub, repository_root},
    sandbox::finish,
    wanted::wanted,
};

const HOST: &str = "127.0.0.1:8080";

#[test]
fn docker_lines_work_as_written() {
    if !wanted(&["docker"]) {
        return;
    }
    let readme = fs::read_to_string(repository_root().join("README.md")).unwrap();
    let lines = shell_lines(section(&readme, "## Use it with docker"));
    assert!(lines.iter().any(|line| line.contains("docker login")), "no docker login in {lines:?}");
    assert!(lines.iter().any(|line| line.contains("docker push")), "no docker push in {lines:?}");

    let hub = Hub::start();
    let docker = Docker::start();
    publish_what_the_readme_pulls(&docker, &hub);
    docker.make("web:1.0", "from the README");
    for line in lines {
        let who = if line.contains(&hub.application.name) { &hub.application } else { &hub.member };
        let mut shell = docker.command("sh");
        shell.env("TOKEN", &who.secret).arg("-ec").arg(line.replace(HOST, &hub.address));
        finish(&mut shell, b"").succeeds();
    }
}

/// The public image was pushed by somebody, some day before.
fn publish_what_the_readme_pulls(docker: &Docker, hub: &Hub) {
    let image = format!("{}:1.0", hub.public("web"));
    docker.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    docker.make(&image, "a public image");
    docker.push(&image).succeeds();
    docker.logout(&hub.address).succeeds();
    docker.run(&["rmi", &image], "").succeeds();
}

/// The text from a headline to the next one of its level.
fn section<'a>(text: &'a str, headline: &str) -> &'a str {
    let (_, rest) = text.split_once(headline).unwrap_or_else(|| panic!("no {headline} in the README"));
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The lines of all shell blocks.
fn shell_lines(text: &str) -> Vec<&str> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect()
}
