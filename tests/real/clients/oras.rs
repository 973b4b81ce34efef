//! Oras, which copies images between a registry and a directory, and attaches files to them.

use std::fs;
use std::path::PathBuf;

use super::{Client, Layouts, Outcome, Sandbox, file_name, finish, first_layer};

/// Oras with credentials of its own, for registries that speak plain HTTP.
#[derive(Debug)]
pub(crate) struct Oras {
    sandbox: Sandbox,
}

impl Oras {
    pub(crate) fn new() -> Self {
        Self { sandbox: Sandbox::new("oras") }
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Outcome {
        finish(self.sandbox.command("oras").args(arguments), input.as_bytes())
    }

    /// Writes a file where the command runs: it takes those by relative paths.
    pub(crate) fn file(&self, name: &str, content: &[u8]) {
        fs::write(self.sandbox.path(name), content).unwrap();
    }

    /// Where the command runs.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path(name)
    }

    fn pulled(&self, reference: &str) -> String {
        self.sandbox.path(&format!("pulled-{}", file_name(reference))).display().to_string()
    }
}

impl Client for Oras {
    fn login(&self, host: &str, user: &str, secret: &str) -> Outcome {
        self.run(&["login", host, "--plain-http", "-u", user, "--password-stdin"], secret)
    }

    fn logout(&self, host: &str) -> Outcome {
        self.run(&["logout", host], "")
    }

    fn make(&self, reference: &str, hello: &str) {
        Layouts(&self.sandbox).make(reference, hello);
    }

    fn push(&self, reference: &str) -> Outcome {
        let layout = format!("{}:it", Layouts(&self.sandbox).path(reference).display());
        self.run(&["cp", "--no-tty", "--from-oci-layout", &layout, "--to-plain-http", reference], "")
    }

    fn pull(&self, reference: &str) -> Outcome {
        let layout = self.pulled(reference);
        let _ = fs::remove_dir_all(&layout);
        let to = format!("{layout}:it");
        self.run(&["cp", "--no-tty", "--from-plain-http", reference, "--to-oci-layout", &to], "")
    }

    fn hello(&self, reference: &str) -> String {
        let layout = self.pulled(reference);
        let manifest =
            self.run(&["manifest", "fetch", "--oci-layout", &format!("{layout}:it")], "").succeeds();
        let layer = first_layer(&manifest.text).replace(':', "/");
        let mut unpack = self.sandbox.command("tar");
        unpack.arg("-xOf").arg(format!("{layout}/blobs/{layer}")).arg("hello.txt");
        finish(&mut unpack, b"").succeeds().text
    }
}
