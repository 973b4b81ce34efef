//! The lines of the guide's pages about clients, pasted as they stand; `tests/it/recipes/guide.rs` types the other pages.

use std::fs;

use super::{
    clients::{Client, Docker},
    hub::{Hub, Login, repository_root},
    sandbox::finish,
    wanted::wanted,
};

mod artifacts;
mod files;
mod images;
mod maven;
mod nuget;

const DOCKER: &str = "docker";
const HOST: &str = "127.0.0.1:8080";

#[test]
fn docker_lines_work_as_written() {
    if !wanted(&["docker"]) {
        return;
    }
    let page = read(DOCKER);
    let lines = shell_lines(section(&page, "## docker"));
    assert!(lines.iter().any(|line| line.contains("docker login")), "no docker login in {lines:?}");
    assert!(lines.iter().any(|line| line.contains("docker push")), "no docker push in {lines:?}");

    let hub = Hub::start();
    let docker = Docker::start();
    publish_what_the_page_pulls(&docker, &hub);
    docker.make("web:1.0", "from the guide");
    for line in lines {
        let mut shell = docker.command("sh");
        shell.env("TOKEN", &whose(line, &hub).secret).arg("-ec").arg(at(&hub, line));
        finish(&mut shell, b"").succeeds();
    }
}

/// The public image was pushed by somebody, some day before.
fn publish_what_the_page_pulls(docker: &Docker, hub: &Hub) {
    let image = format!("{}:1.0", hub.public("web"));
    docker.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    docker.make(&image, "a public image");
    docker.push(&image).succeeds();
    docker.logout(&hub.address).succeeds();
    docker.run(&["rmi", &image], "").succeeds();
}

/// A page of the guide.
fn read(page: &str) -> String {
    fs::read_to_string(repository_root().join(format!("docs/guide/{page}.md"))).unwrap()
}

/// The text, with the gateway of the test where the guide has its example.
fn at(hub: &Hub, text: &str) -> String {
    text.replace(HOST, &hub.address)
}

/// Whose token a text is for: it names the application, or else it is the member's.
fn whose<'a>(text: &str, hub: &'a Hub) -> &'a Login {
    if text.contains(&hub.application.name) { &hub.application } else { &hub.member }
}

/// The text from a headline to the next one of its level.
fn section<'a>(text: &'a str, headline: &str) -> &'a str {
    let (_, rest) =
        text.split_once(&format!("\n{headline}\n")).unwrap_or_else(|| panic!("no {headline} on the page"));
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
