//! The first minutes, from an empty folder to a pushed and a pulled image, by pasting what is printed.

use super::{
    clients::{Client, Docker},
    hub::{Server, binary, free_address, serve},
    sandbox::{Outcome, Sandbox, finish},
    wanted::wanted,
};

#[test]
fn printed_lines_lead_from_an_empty_folder_to_a_pulled_image() {
    if !wanted(&["docker"]) {
        return;
    }
    let address = free_address();
    let sandbox = Sandbox::new("first-run");
    let mut command = serve(&sandbox, address);
    let server = Server::start(sandbox, &mut command, address);

    let printed = server.log();
    let setup = printed.lines().map(str::trim).find(|line| line.starts_with("wharfinger setup "));
    let setup = setup.unwrap_or_else(|| panic!("no line to paste for the set-up:\n{printed}"));
    let docker = Docker::start();
    let outcome = paste(&docker, setup).succeeds();

    let lines = docker_lines(&outcome.text);
    assert!(lines.iter().any(|line| line.contains("docker login")), "{outcome}");
    assert!(lines.iter().any(|line| line.contains("docker push")), "{outcome}");
    assert!(lines.iter().any(|line| line.contains("docker pull")), "{outcome}");
    for line in lines {
        if let Some(image) = line.strip_prefix("docker tag ").and_then(|rest| rest.split(' ').next()) {
            docker.make(image, "an image that was there before");
        }
        paste(&docker, line).succeeds();
    }

    // The code works once, and a running gateway does not show it again.
    let again = paste(&docker, setup);
    again.refused();
}

/// A line in a shell that knows `docker`, meaning the engine of the test, and `wharfinger`.
fn paste(docker: &Docker, line: &str) -> Outcome {
    let directory = binary();
    let directory = directory.parent().unwrap().display();
    let mut shell = docker.command("sh");
    shell.arg("-ec").arg(format!("PATH=\"{directory}:$PATH\"\n{line}"));
    finish(&mut shell, b"")
}

fn docker_lines(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| line.starts_with("docker ") || line.contains("| docker ")).collect()
}
