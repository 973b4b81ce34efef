//! Paket, another client of NuGet feeds.

use std::{
    fs,
    path::{Path, PathBuf},
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

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.sandbox.command("paket");
        isolate(&mut command, &self.sandbox, &root());
        // It was built for an older run time.
        command.env("DOTNET_ROLL_FORWARD", "Major");
        finish(command.args(arguments), b"")
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
