//! Skopeo: copies between a registry and a directory.

use std::fs;

use super::{ANYTHING, Client, Layouts, Outcome, Sandbox, file_name, finish};

/// Skopeo with credentials of its own.
#[derive(Debug)]
pub(crate) struct Skopeo {
    sandbox: Sandbox,
}

impl Skopeo {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new("skopeo");
        sandbox.file("policy.json", ANYTHING);
        Self { sandbox }
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut command = self.sandbox.command("skopeo");
        command.arg("--policy").arg(self.sandbox.path("policy.json"));
        finish(command.args(arguments), input.as_bytes())
    }

    fn pulled(&self, reference: &str) -> std::path::PathBuf {
        self.sandbox.path(&format!("pulled-{}", file_name(reference)))
    }
}

impl Client for Skopeo {
    fn login(&self, host: &str, user: &str, secret: &str) -> Outcome {
        self.run(&["login", "--tls-verify=false", "-u", user, "--password-stdin", host], secret)
    }

    fn logout(&self, host: &str) -> Outcome {
        self.run(&["logout", host], "")
    }

    fn make(&self, reference: &str, hello: &str) {
        Layouts(&self.sandbox).make(reference, hello);
    }

    fn push(&self, reference: &str) -> Outcome {
        let from = format!("oci:{}:it", Layouts(&self.sandbox).path(reference).display());
        let to = format!("docker://{reference}");
        let digest = self.sandbox.path("digest").display().to_string();
        let mut outcome =
            self.run(&["copy", "--dest-tls-verify=false", "--digestfile", &digest, &from, &to], "");
        outcome.text.push_str(&fs::read_to_string(digest).unwrap_or_default());
        outcome
    }

    fn pull(&self, reference: &str) -> Outcome {
        let from = format!("docker://{reference}");
        let to = format!("dir:{}", self.pulled(reference).display());
        let _ = fs::remove_dir_all(self.pulled(reference));
        self.run(&["copy", "--src-tls-verify=false", &from, &to], "")
    }

    fn hello(&self, reference: &str) -> String {
        let directory = self.pulled(reference);
        let manifest = fs::read_to_string(directory.join("manifest.json")).unwrap();
        // The only layer is the last digest of the manifest; the file is called by its hexadecimal part.
        let (_, layer) = manifest.rsplit_once("sha256:").unwrap();
        let layer = directory.join(layer.get(..64).unwrap());
        let mut unpack = self.sandbox.command("tar");
        unpack.arg("-xOf").arg(layer).arg("hello.txt");
        finish(&mut unpack, b"").succeeds().text
    }
}
