//! Crane, the command of go-containerregistry.

use std::{fs, process::Command};

use super::{Client, Layouts, Outcome, Sandbox, file_name, finish};

/// Crane with credentials of its own.
#[derive(Debug)]
pub(crate) struct Crane {
    sandbox: Sandbox,
}

impl Crane {
    pub(crate) fn new() -> Self {
        Self { sandbox: Sandbox::new("crane") }
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Outcome {
        finish(self.sandbox.command("crane").args(arguments), input.as_bytes())
    }

    /// The names of all files of the image that was pulled as `reference`.
    pub(crate) fn files(&self, reference: &str) -> Outcome {
        let flat = self.flat(reference);
        finish(self.tar().args(["-tf", &flat]), b"")
    }

    /// The file system of the image that was pulled, from the file that it is in and not from the registry.
    fn flat(&self, reference: &str) -> String {
        let tar = fs::read(self.pulled(reference)).unwrap();
        let flat = self.sandbox.path("flat.tar").display().to_string();
        finish(self.sandbox.command("crane").args(["export", "-", &flat]), &tar).succeeds();
        flat
    }

    /// Layers that Java programs make have keywords of their own in them.
    fn tar(&self) -> Command {
        let mut tar = self.sandbox.command("tar");
        tar.arg("--warning=no-unknown-keyword");
        tar
    }

    fn pulled(&self, reference: &str) -> std::path::PathBuf {
        self.sandbox.path(&format!("pulled-{}.tar", file_name(reference)))
    }
}

impl Client for Crane {
    fn login_asks(&self) -> bool {
        false
    }

    fn login(&self, host: &str, user: &str, secret: &str) -> Outcome {
        self.run(&["auth", "login", host, "-u", user, "--password-stdin"], secret)
    }

    fn logout(&self, host: &str) -> Outcome {
        self.run(&["auth", "logout", host], "")
    }

    fn make(&self, reference: &str, hello: &str) {
        Layouts(&self.sandbox).make(reference, hello);
    }

    fn push(&self, reference: &str) -> Outcome {
        let layout = Layouts(&self.sandbox).path(reference).display().to_string();
        self.run(&["push", "--insecure", &layout, reference], "")
    }

    fn pull(&self, reference: &str) -> Outcome {
        let to = self.pulled(reference);
        let _ = fs::remove_file(&to);
        self.run(&["pull", "--insecure", "--format=tarball", reference, &to.display().to_string()], "")
    }

    fn hello(&self, reference: &str) -> String {
        let flat = self.flat(reference);
        finish(self.tar().args(["-xOf", &flat, "hello.txt"]), b"").succeeds().text
    }
}
