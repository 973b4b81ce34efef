//! Coursier, which fetches for sbt and other tools of Scala.

use std::fs;

use super::super::hub::Login;
use super::{Outcome, Sandbox, finish};

/// Coursier with a cache of its own.
#[derive(Debug)]
pub(crate) struct Coursier {
    sandbox: Sandbox,
}

impl Coursier {
    pub(crate) fn new() -> Self {
        Self { sandbox: Sandbox::new("coursier") }
    }

    /// Fetches `GROUP:NAME:VERSION` and what it needs from this repository and no other. Prints the files.
    pub(crate) fn fetch(&self, repository: &str, artifact: &str, login: Option<&Login>) -> Outcome {
        let cache = self.sandbox.path("cache");
        let _ = fs::remove_dir_all(&cache);
        let mut command = self.sandbox.command("coursier");
        command.env("COURSIER_CACHE", cache);
        let home = self.sandbox.path("home");
        command.env("JAVA_TOOL_OPTIONS", format!("-Duser.home={} -XX:TieredStopAtLevel=1", home.display()));
        if let Some(Login { name, secret }) = login {
            command.env("COURSIER_CREDENTIALS", format!("127.0.0.1 {name}:{secret}"));
        }
        finish(command.args(["fetch", "--no-default", "--repository", repository, artifact]), b"")
    }
}
