//! The first minutes, from an empty folder to an image, a jar, a package and a file that were pushed and fetched, by pasting what is
//! printed.

use std::process::Command;

use super::{
    clients::{Client, Docker, Dotnet, Gradle, Maven, MavenVersion},
    hub::{Server, binary, free_address, serve},
    sandbox::{Outcome, Sandbox, finish},
    wanted::{wanted, wanted_of_all},
};

#[test]
fn printed_lines_lead_from_an_empty_folder_to_a_pulled_image() {
    if !wanted(&["docker"]) {
        return;
    }
    let server = start();
    let setup = line_to_paste(&server);
    let docker = Docker::start();
    let outcome = paste(docker.command("sh"), &setup).succeeds();

    let lines = docker_lines(&outcome.text);
    assert!(lines.iter().any(|line| line.contains("docker login")), "{outcome}");
    assert!(lines.iter().any(|line| line.contains("docker push")), "{outcome}");
    assert!(lines.iter().any(|line| line.contains("docker pull")), "{outcome}");
    for line in lines {
        if let Some(image) = line.strip_prefix("docker tag ").and_then(|rest| rest.split(' ').next()) {
            docker.make(image, "an image that was there before");
        }
        paste(docker.command("sh"), line).succeeds();
    }

    // The code works once, and a running gateway does not show it again.
    let again = paste(docker.command("sh"), &setup);
    again.refused();
}

#[test]
fn printed_lines_lead_to_a_deployed_and_a_fetched_jar() {
    if !wanted(MavenVersion::V3_9.parts()) {
        return;
    }
    let server = start();
    let maven = Maven::new(MavenVersion::V3_9);
    let text = set_up(&server);
    let line = |start: &str| {
        let line = text.lines().map(str::trim).find(|line| line.starts_with(start));
        line.unwrap_or_else(|| panic!("no {start} in {text}"))
    };
    let settings = format!("<settings><servers>{}</servers></settings>", line("<server>"));
    maven.write_home("settings.xml", &settings);
    let addresses = format!("{}\n{}", line("<distributionManagement>"), line("<repositories>"));
    for (name, command) in [("library", "mvn deploy"), ("visitor", "mvn compile")] {
        let project = maven.project(name, "1.0", "/nowhere");
        maven.replace_repositories(&project, &addresses);
        maven.forget();
        paste(maven.shell(&project), command).succeeds();
    }
    let repositories = line("repositories { maven {");
    if wanted_of_all(&["gradle"]) {
        let gradle = Gradle::new();
        gradle.fetch(repositories, &["org.example.harbour:app:1.0"]).succeeds();
        assert!(gradle.fetched().join("core-1.0.jar").is_file(), "nothing was fetched");
    }
}

#[test]
fn printed_lines_lead_to_a_pushed_and_an_added_package() {
    if !wanted(&["dotnet"]) {
        return;
    }
    let server = start();
    let dotnet = Dotnet::new();
    let text = set_up(&server);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| line.starts_with("dotnet ")).collect();
    assert!(lines.iter().any(|line| line.contains("nuget push")), "{text}");
    assert!(lines.iter().any(|line| line.contains("add package")), "{text}");
    let project = dotnet.program(&[]);
    std::fs::copy(dotnet.pack("hello", "1.0.0"), project.join("hello.1.0.0.nupkg")).unwrap();
    for line in lines {
        let mut shell = dotnet.command("sh");
        shell.current_dir(&project);
        paste(shell, line).succeeds();
    }
    dotnet.run_in(&project, &["run"]).succeeds().says("ship at berth of 1.0.0");
}

#[test]
fn printed_lines_lead_to_an_uploaded_and_a_fetched_file() {
    if !wanted(&["curl"]) {
        return;
    }
    let server = start();
    let text = set_up(&server);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| line.contains("curl ")).collect();
    assert!(lines.len() > 2, "{text}");
    let sandbox = Sandbox::new("curl");
    for line in lines {
        paste(sandbox.command("sh"), line).succeeds();
    }
    assert_eq!(std::fs::read(sandbox.path("hosts")).unwrap(), std::fs::read("/etc/hosts").unwrap());
}

/// A gateway in an empty folder.
pub(super) fn start() -> Server {
    let address = free_address();
    let sandbox = Sandbox::new("first-run");
    let mut command = serve(&sandbox, address);
    Server::start(sandbox, &mut command, address)
}

/// The line that the gateway prints for whoever is to be its administrator.
fn line_to_paste(server: &Server) -> String {
    server.line("wharfinger setup ")
}

/// What the set-up prints.
pub(super) fn set_up(server: &Server) -> String {
    let sandbox = Sandbox::new("setup");
    paste(sandbox.command("sh"), &line_to_paste(server)).succeeds().text
}

/// A line in a shell that also knows `wharfinger`.
fn paste(mut shell: Command, line: &str) -> Outcome {
    let directory = binary();
    let directory = directory.parent().unwrap().display();
    shell.arg("-ec").arg(format!("PATH=\"{directory}:$PATH\"\n{line}"));
    finish(&mut shell, b"")
}

fn docker_lines(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| line.starts_with("docker ") || line.contains("| docker ")).collect()
}
