//! The Docker engine with its classic image store, started by the test.

use std::{fs, process::Command};

use super::{Client, Outcome, Sandbox, daemon::Daemon, finish};

/// An engine and its command line. The engine ends with this value.
#[derive(Debug)]
pub(crate) struct Docker {
    // Before the sandbox, because the engine writes into it until it has ended.
    engine: Daemon,
    sandbox: Sandbox,
}

impl Docker {
    pub(crate) fn start() -> Self {
        let sandbox = Sandbox::new("docker");
        let engine = start_engine(&sandbox);
        Self { engine, sandbox }
    }

    /// The `docker` command against this engine.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Outcome {
        finish(self.command("docker").args(arguments), input.as_bytes())
    }

    /// Any command, with `docker` in it meaning this engine.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = self.sandbox.command(program);
        command.env("DOCKER_HOST", format!("unix://{}", self.engine.socket().display()));
        command
    }

    /// Removes every image, so that the next pull fetches everything.
    fn forget(&self) {
        let images = self.run(&["images", "--quiet", "--no-trunc"], "").succeeds();
        let mut ids: Vec<&str> = images.text.lines().collect();
        ids.sort_unstable();
        ids.dedup();
        if !ids.is_empty() {
            let mut remove = vec!["rmi", "--force"];
            remove.extend(ids);
            self.run(&remove, "").succeeds();
        }
    }
}

impl Client for Docker {
    fn login(&self, host: &str, user: &str, secret: &str) -> Outcome {
        self.run(&["login", host, "-u", user, "--password-stdin"], secret)
    }

    fn logout(&self, host: &str) -> Outcome {
        self.run(&["logout", host], "")
    }

    fn make(&self, reference: &str, hello: &str) {
        self.sandbox.file("hello.txt", hello);
        let tar = self.sandbox.path("import.tar");
        let mut pack = self.sandbox.command("tar");
        finish(pack.arg("-cf").arg(&tar).arg("hello.txt"), b"").succeeds();
        // As a person without a registry does it: tar -c . | docker import - NAME
        let tar = fs::read(tar).unwrap();
        finish(self.command("docker").args(["import", "-", reference]), &tar).succeeds();
    }

    fn push(&self, reference: &str) -> Outcome {
        self.run(&["push", reference], "")
    }

    fn pull(&self, reference: &str) -> Outcome {
        self.forget();
        self.run(&["pull", reference], "")
    }

    fn hello(&self, reference: &str) -> String {
        let container = self.run(&["create", reference, "/none"], "").succeeds();
        let id = container.text.trim();
        let copy = self.sandbox.path("copied.txt").display().to_string();
        self.run(&["cp", &format!("{id}:/hello.txt"), &copy], "").succeeds();
        self.run(&["rm", id], "").succeeds();
        fs::read_to_string(copy).unwrap()
    }
}

/// A `dockerd` without network, on a socket of its own, blind to the machine's configuration and state.
fn start_engine(sandbox: &Sandbox) -> Daemon {
    let socket = sandbox.path("docker.sock");
    let log = sandbox.path("dockerd.log");
    let mut command = sandbox.daemon("dockerd", &log);
    command.args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"]);
    command.args(["--insecure-registry", "127.0.0.0/8"]);
    command.arg("--config-file").arg(sandbox.file("daemon.json", "{}"));
    command.arg("--data-root").arg(sandbox.path("data"));
    command.arg("--exec-root").arg(sandbox.path("exec"));
    command.arg("--pidfile").arg(sandbox.path("dockerd.pid"));
    command.arg("--host").arg(format!("unix://{}", socket.display()));
    Daemon::start(&mut command, socket, &log)
}
