//! Regctl, the command of regclient.

use std::fs;

use super::{Client, Layouts, Outcome, Sandbox, file_name, finish};

/// Regctl with credentials of its own, for one registry that speaks plain HTTP.
#[derive(Debug)]
pub(crate) struct Regctl {
    sandbox: Sandbox,
}

impl Regctl {
    pub(crate) fn new(host: &str) -> Self {
        let regctl = Self { sandbox: Sandbox::new("regctl") };
        regctl.run(&["registry", "set", "--tls", "disabled", "--skip-check", host], "").succeeds();
        regctl
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Outcome {
        finish(self.sandbox.command("regctl").args(arguments), input.as_bytes())
    }

    fn pulled(&self, reference: &str) -> String {
        let directory = self.sandbox.path(&format!("pulled-{}", file_name(reference)));
        format!("ocidir://{}:it", directory.display())
    }
}

impl Client for Regctl {
    fn login(&self, host: &str, user: &str, secret: &str) -> Outcome {
        self.run(&["registry", "login", host, "-u", user, "--pass-stdin"], secret)
    }

    fn logout(&self, host: &str) -> Outcome {
        self.run(&["registry", "logout", host], "")
    }

    fn make(&self, reference: &str, hello: &str) {
        Layouts(&self.sandbox).make(reference, hello);
    }

    fn push(&self, reference: &str) -> Outcome {
        let layout = format!("ocidir://{}:it", Layouts(&self.sandbox).path(reference).display());
        let copied = self.run(&["image", "copy", &layout, reference], "");
        copied.and(|| self.run(&["image", "digest", &layout], ""))
    }

    fn pull(&self, reference: &str) -> Outcome {
        let _ = fs::remove_dir_all(self.sandbox.path(&format!("pulled-{}", file_name(reference))));
        self.run(&["image", "copy", reference, &self.pulled(reference)], "")
    }

    fn hello(&self, reference: &str) -> String {
        self.run(&["image", "get-file", &self.pulled(reference), "/hello.txt"], "").succeeds().text
    }
}
