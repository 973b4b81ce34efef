//! Gradle 4.4, as Debian has it: it resolves, and its plug-in for publishing to Maven is broken.

use std::path::PathBuf;

use super::super::hub::Hub;
use super::{Outcome, Sandbox, finish};

/// Gradle with a home of its own.
#[derive(Debug)]
pub(crate) struct Gradle {
    sandbox: Sandbox,
}

impl Gradle {
    pub(crate) fn new() -> Self {
        Self { sandbox: Sandbox::new("gradle") }
    }

    /// Fetches `dependencies` (`GROUP:NAME:VERSION`) with this `repositories` block, into the folder [`Self::fetched`].
    pub(crate) fn fetch(&self, repositories: &str, dependencies: &[&str]) -> Outcome {
        self.fetch_with_token(repositories, dependencies, "")
    }

    /// The same, with `TOKEN` in its environment.
    pub(crate) fn fetch_with_token(&self, repositories: &str, dependencies: &[&str], token: &str) -> Outcome {
        let wanted: String = dependencies.iter().map(|name| format!("    wanted '{name}'\n")).collect();
        let build = format!(
            "configurations {{ wanted }}\n{repositories}\ndependencies {{\n{wanted}}}\n\
             task fetch(type: Sync) {{ from configurations.wanted; into 'fetched' }}\n"
        );
        self.sandbox.file("build.gradle", &build);
        self.sandbox.file("settings.gradle", "rootProject.name = 'visitor'\n");
        let mut command = self.sandbox.command("gradle");
        command.env("GRADLE_USER_HOME", self.sandbox.path("home/gradle")).env("TOKEN", token);
        // Its file watcher and its daemon would outlive the sandbox.
        command.args(["--no-daemon", "--console=plain", "--refresh-dependencies", "--stacktrace", "fetch"]);
        finish(&mut command, b"")
    }

    /// A line of our own command line with the files of this client.
    pub(crate) fn wharfinger(&self, hub: &Hub, line: &str) -> Outcome {
        hub.command_line(&self.sandbox, line)
    }

    pub(crate) fn fetched(&self) -> PathBuf {
        self.sandbox.path("fetched")
    }
}
