//! Buildah: makes images from nothing, without an engine.

use std::fs;

use super::{ANYTHING, Client, Outcome, Sandbox, finish};

/// Buildah with storage and credentials of its own.
#[derive(Debug)]
pub(crate) struct Buildah {
    sandbox: Sandbox,
}

impl Buildah {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new("buildah");
        sandbox.file("policy.json", ANYTHING);
        Self { sandbox }
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut command = self.sandbox.command("buildah");
        command.arg("--storage-driver=vfs").env("BUILDAH_ISOLATION", "chroot");
        command.arg("--root").arg(self.sandbox.path("storage"));
        command.arg("--runroot").arg(self.sandbox.path("run/buildah"));
        finish(command.args(arguments), input.as_bytes())
    }

    fn policy(&self) -> String {
        format!("--signature-policy={}", self.sandbox.path("policy.json").display())
    }
}

impl Client for Buildah {
    fn login(&self, host: &str, user: &str, secret: &str) -> Outcome {
        self.run(&["login", "--tls-verify=false", "-u", user, "--password-stdin", host], secret)
    }

    fn logout(&self, host: &str) -> Outcome {
        self.run(&["logout", host], "")
    }

    fn make(&self, reference: &str, hello: &str) {
        let file = self.sandbox.file("hello.txt", hello).display().to_string();
        let container = self.run(&["from", "scratch"], "").succeeds();
        let container = container.text.trim();
        self.run(&["copy", container, &file, "/hello.txt"], "").succeeds();
        self.run(&["commit", "--rm", &self.policy(), container, reference], "").succeeds();
    }

    fn push(&self, reference: &str) -> Outcome {
        let digest = self.sandbox.path("digest").display().to_string();
        let arguments = ["push", "--tls-verify=false", &self.policy(), "--digestfile", &digest, reference];
        let mut outcome = self.run(&arguments, "");
        outcome.text.push_str(&fs::read_to_string(digest).unwrap_or_default());
        outcome
    }

    fn pull(&self, reference: &str) -> Outcome {
        self.run(&["rmi", "--all", "--force"], "").succeeds();
        self.run(&["pull", "--tls-verify=false", &self.policy(), reference], "")
    }

    fn hello(&self, reference: &str) -> String {
        let container = self.run(&["from", "--pull-never", &self.policy(), reference], "").succeeds();
        let container = container.text.trim();
        let mounted = self.run(&["mount", container], "").succeeds();
        let hello = fs::read_to_string(format!("{}/hello.txt", mounted.text.trim())).unwrap();
        self.run(&["rm", container], "").succeeds();
        hello
    }
}
