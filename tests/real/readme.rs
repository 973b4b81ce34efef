//! The lines of the README, pasted.

use std::fs;

use super::{
    clients::{Client, Docker},
    hub::{Hub, Login, repository_root},
    sandbox::finish,
    wanted::wanted,
};

mod artifacts;
mod files;
mod maven;
mod nuget;

const HOST: &str = "127.0.0.1:8080";

#[test]
fn docker_lines_work_as_written() {
    if !wanted(&["docker"]) {
        return;
    }
    let readme = read();
    let lines = shell_lines(section(&readme, "## Use it with docker"));
    assert!(lines.iter().any(|line| line.contains("docker login")), "no docker login in {lines:?}");
    assert!(lines.iter().any(|line| line.contains("docker push")), "no docker push in {lines:?}");

    let hub = Hub::start();
    let docker = Docker::start();
    publish_what_the_readme_pulls(&docker, &hub);
    docker.make("web:1.0", "from the README");
    for line in lines {
        let mut shell = docker.command("sh");
        shell.env("TOKEN", &whose(line, &hub).secret).arg("-ec").arg(at(&hub, line));
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

fn read() -> String {
    fs::read_to_string(repository_root().join("README.md")).unwrap()
}

/// The text, with the gateway of the test where the README has its example.
fn at(hub: &Hub, text: &str) -> String {
    text.replace(HOST, &hub.address)
}

/// Whose token a text is for: it names the application, or else it is the member's.
fn whose<'a>(text: &str, hub: &'a Hub) -> &'a Login {
    if text.contains(&hub.application.name) { &hub.application } else { &hub.member }
}

/// The text from a headline to the next one of its level.
fn section<'a>(text: &'a str, headline: &str) -> &'a str {
    let (_, rest) = text.split_once(headline).unwrap_or_else(|| panic!("no {headline} in the README"));
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The blocks of this language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let start = format!("```{language}\n");
    let found: Vec<&str> =
        text.split(start.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!found.is_empty(), "no block of {language} in {text}");
    found
}

/// The lines of all shell blocks.
fn shell_lines(text: &str) -> Vec<&str> {
    let lines = blocks(text, "sh").into_iter().flat_map(str::lines);
    lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect()
}
