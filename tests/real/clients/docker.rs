//! The Docker engine, started by the test: with its classic image store, and on containerd.

use std::{ffi::OsStr, fs, path::Path, process::Command};

use super::super::wanted::apart;
use super::{Client, Outcome, Sandbox, containerd::start_engine_version_2, daemon::Daemon, finish};

/// An engine and its command line. The engine ends with this value.
#[derive(Debug)]
pub(crate) struct Docker {
    // Before the sandbox, because the engine writes into it until it has ended.
    engine: Daemon,
    _containerd: Option<Daemon>,
    sandbox: Sandbox,
}

impl Docker {
    /// The engine of the distribution, with the classic image store.
    pub(crate) fn start() -> Self {
        let sandbox = Sandbox::new("docker");
        let engine = start_engine(&sandbox, Path::new("dockerd"), &["--storage-driver=vfs".as_ref()]);
        Self { engine, _containerd: None, sandbox }
    }

    /// The engine of the 29 line, whose images lie in containerd; its registry client is another one.
    pub(crate) fn start_29() -> Self {
        let sandbox = Sandbox::new("docker-29");
        let containerd = start_engine_version_2(&sandbox);
        let socket = containerd.socket().to_owned();
        let options: [&OsStr; 5] = [
            "--storage-driver=native".as_ref(),
            "--feature".as_ref(),
            "containerd-snapshotter=true".as_ref(),
            "--containerd".as_ref(),
            socket.as_ref(),
        ];
        let engine = start_engine(&sandbox, &apart("WHARFINGER_TEST_DOCKER_29").join("dockerd"), &options);
        Self { engine, _containerd: Some(containerd), sandbox }
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

    /// An image with one file in it.
    pub(crate) fn import(&self, reference: &str, name: &str, content: &[u8]) {
        fs::write(self.sandbox.path(name), content).unwrap();
        let tar = self.sandbox.path("import.tar");
        let mut pack = self.sandbox.command("tar");
        finish(pack.arg("-cf").arg(&tar).arg(name), b"").succeeds();
        // As a person without a registry does it: tar -c . | docker import - NAME
        let tar = fs::read(tar).unwrap();
        finish(self.command("docker").args(["import", "-", reference]), &tar).succeeds();
    }

    /// Removes every image, so that the next pull fetches everything.
    fn forget(&self) {
        self.run(&["image", "prune", "--all", "--force"], "").succeeds();
        let left = self.run(&["images", "--quiet"], "").succeeds();
        assert!(left.text.trim().is_empty(), "images are left: {left}");
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
        self.import(reference, "hello.txt", hello.as_bytes());
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
fn start_engine(sandbox: &Sandbox, dockerd: &Path, options: &[&OsStr]) -> Daemon {
    let socket = sandbox.path("docker.sock");
    let log = sandbox.path("dockerd.log");
    let mut command = sandbox.daemon(dockerd, &log);
    command.args(["--iptables=false", "--ip6tables=false", "--bridge=none"]).args(options);
    command.args(["--insecure-registry", "127.0.0.0/8"]);
    command.arg("--config-file").arg(sandbox.file("daemon.json", "{}"));
    command.arg("--data-root").arg(sandbox.path("data"));
    command.arg("--exec-root").arg(sandbox.path("exec"));
    command.arg("--pidfile").arg(sandbox.path("dockerd.pid"));
    command.arg("--host").arg(format!("unix://{}", socket.display()));
    Daemon::start(&mut command, socket, &log)
}
