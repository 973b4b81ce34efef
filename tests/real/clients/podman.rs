//! Podman, without a service: each command works on storage of its own.

use std::fs;

use super::super::hub::Hub;
use super::{ANYTHING, Client, Outcome, Sandbox, finish};

/// Podman with storage and credentials of its own.
#[derive(Debug)]
pub(crate) struct Podman {
    sandbox: Sandbox,
}

impl Podman {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new("podman");
        sandbox.file("policy.json", ANYTHING);
        Self { sandbox }
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut command = self.sandbox.command("podman");
        command.args(["--storage-driver=vfs", "--events-backend=file", "--cgroup-manager=cgroupfs"]);
        command.arg("--root").arg(self.sandbox.path("storage"));
        command.arg("--runroot").arg(self.sandbox.path("run/podman"));
        command.arg("--tmpdir").arg(self.sandbox.path("tmp/podman"));
        finish(command.args(arguments), input.as_bytes())
    }

    /// A line of our own command line with the files of this client.
    pub(crate) fn wharfinger(&self, hub: &Hub, line: &str) -> Outcome {
        hub.command_line(&self.sandbox, line)
    }

    fn policy(&self) -> String {
        format!("--signature-policy={}", self.sandbox.path("policy.json").display())
    }
}

impl Client for Podman {
    fn login(&self, host: &str, user: &str, secret: &str) -> Outcome {
        self.run(&["login", "--tls-verify=false", "-u", user, "--password-stdin", host], secret)
    }

    fn logout(&self, host: &str) -> Outcome {
        self.run(&["logout", host], "")
    }

    fn make(&self, reference: &str, hello: &str) {
        self.sandbox.file("hello.txt", hello);
        let tar = self.sandbox.path("import.tar").display().to_string();
        finish(self.sandbox.command("tar").args(["-cf", &tar, "hello.txt"]), b"").succeeds();
        self.run(&["import", &self.policy(), &tar, reference], "").succeeds();
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
        let mounted = self.run(&["image", "mount", reference], "").succeeds();
        let hello = fs::read_to_string(format!("{}/hello.txt", mounted.text.trim())).unwrap();
        self.run(&["image", "unmount", reference], "").succeeds();
        hello
    }
}
