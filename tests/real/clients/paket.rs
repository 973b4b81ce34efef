//! Paket, another client of NuGet feeds.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::super::hub::Login;
use super::{
    Outcome, Sandbox,
    dotnet::{isolate, root},
    finish,
};

/// Paket with packages and caches of its own.
#[derive(Debug)]
pub(crate) struct Paket {
    sandbox: Sandbox,
}

impl Paket {
    pub(crate) fn new() -> Self {
        Self { sandbox: Sandbox::new("paket") }
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        finish(self.command("paket").args(arguments), b"")
    }

    /// Any command in the directory of a project, in which `paket` can be called.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = self.sandbox.command(program);
        isolate(&mut command, &self.sandbox, &root());
        // It was built for an older run time.
        command.env("DOTNET_ROLL_FORWARD", "Major");
        command
    }

    /// Writes a file of the project.
    pub(crate) fn file(&self, name: &str, text: &str) {
        self.sandbox.file(name, text);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path(name)
    }

    /// Pushes a package to exactly this address.
    pub(crate) fn push(&self, package: &Path, to: &str, key: &str) -> Outcome {
        self.run(&["push", &package.display().to_string(), "--url", to, "--api-key", key])
    }

    /// Fetches one version of a package from the feed with this index, as this person.
    pub(crate) fn install(&self, index: &str, login: Option<&Login>, id: &str, version: &str) -> Outcome {
        for folder in ["packages", "home/.nuget", "home/.local"] {
            let _ = fs::remove_dir_all(self.sandbox.path(folder));
        }
        for file in ["paket.lock", "paket-files"] {
            let _ = fs::remove_file(self.sandbox.path(file));
        }
        let credentials = login.map_or_else(String::new, |Login { name, secret }| {
            format!(" username: \"{name}\" password: \"{secret}\" authtype: \"basic\"")
        });
        let wanted = format!("source {index}{credentials}\nstorage: packages\nnuget {id} {version}\n");
        self.sandbox.file("paket.dependencies", &wanted);
        self.run(&["install"])
    }

    /// The folder of the package, once it is installed.
    pub(crate) fn installed(&self, id: &str) -> PathBuf {
        self.sandbox.path("packages").join(id)
    }
}
