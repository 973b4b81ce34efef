//! Containerd, started by the test, and its command `ctr`.

use std::{
    cell::RefCell,
    env,
    path::{Path, PathBuf},
    process::Command,
};

use super::super::wanted::apart;
use super::{Client, Layouts, Outcome, Sandbox, daemon::Daemon, finish, first_layer};

/// The variable that says where the programs of containerd 2 lie.
const VERSION_2: &str = "WHARFINGER_TEST_CONTAINERD_2";

/// An engine and its command line. The engine ends with this value.
#[derive(Debug)]
pub(crate) struct Containerd {
    // Before the sandbox, because the engine writes into it until it has ended.
    engine: Daemon,
    sandbox: Sandbox,
    ctr: PathBuf,
    /// `ctr` keeps no credentials: each command gets them.
    login: RefCell<Option<String>>,
}

impl Containerd {
    /// The one of the distribution.
    pub(crate) fn start() -> Self {
        let sandbox = Sandbox::new("containerd");
        let engine = start_engine(&sandbox, Path::new(""), 2);
        Self { engine, sandbox, ctr: PathBuf::from("ctr"), login: RefCell::default() }
    }

    /// The 2 line.
    pub(crate) fn start_version_2() -> Self {
        let sandbox = Sandbox::new("containerd-2");
        let engine = start_engine_version_2(&sandbox);
        Self { engine, sandbox, ctr: apart(VERSION_2).join("ctr"), login: RefCell::default() }
    }

    /// Any command, with `ctr` in it meaning this engine.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = self.sandbox.command(program);
        command.env("CONTAINERD_ADDRESS", self.engine.socket());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.sandbox.command(&self.ctr);
        command.arg("--address").arg(self.engine.socket());
        finish(command.args(arguments), b"")
    }

    /// A command that talks to a registry, with the credentials of the last `login`.
    fn remote(&self, verb: &str, options: &[&str], reference: &str) -> Outcome {
        let login = self.login.borrow();
        let mut arguments = vec!["images", verb, "--plain-http"];
        if let Some(login) = login.as_deref() {
            arguments.extend(["--user", login]);
        }
        arguments.extend(options);
        arguments.push(reference);
        self.run(&arguments)
    }

    /// What the engine keeps under this digest, if it is text. Beside it newer ones warn of settings.
    fn content(&self, digest: &str) -> String {
        self.run(&["content", "get", digest]).succeeds().output
    }

    /// Removes every image with its content.
    fn forget(&self) {
        let images = self.run(&["images", "list", "--quiet"]).succeeds();
        for image in images.text.lines() {
            self.run(&["images", "remove", "--sync", image]).succeeds();
        }
    }
}

impl Client for Containerd {
    fn login_asks(&self) -> bool {
        false
    }

    fn login(&self, _host: &str, user: &str, secret: &str) -> Outcome {
        *self.login.borrow_mut() = Some(format!("{user}:{secret}"));
        self.run(&["version"])
    }

    fn logout(&self, _host: &str) -> Outcome {
        *self.login.borrow_mut() = None;
        self.run(&["version"])
    }

    fn make(&self, reference: &str, hello: &str) {
        let layouts = Layouts(&self.sandbox);
        layouts.make(reference, hello);
        let layout = layouts.path(reference).display().to_string();
        let tar = format!("{layout}.tar");
        finish(self.sandbox.command("tar").args(["-C", &layout, "-cf", &tar, "."]), b"").succeeds();
        self.run(&["images", "import", "--no-unpack", "--base-name", "made", &tar]).succeeds();
        self.run(&["images", "tag", "--force", "made:it", reference]).succeeds();
        self.run(&["images", "remove", "made:it"]).succeeds();
    }

    fn push(&self, reference: &str) -> Outcome {
        let pushed = self.remote("push", &[], reference);
        pushed.and(|| self.run(&["images", "list", &format!("name=={reference}")]))
    }

    fn pull(&self, reference: &str) -> Outcome {
        self.forget();
        self.remote("pull", &["--snapshotter", "native"], reference)
    }

    fn hello(&self, reference: &str) -> String {
        let image = self.run(&["images", "list", &format!("name=={reference}")]).succeeds();
        let layer = first_layer(&self.content(&image.digest()));
        let file = self.sandbox.path("layer").display().to_string();
        let ctr = format!("'{}' --address '{}'", self.ctr.display(), self.engine.socket().display());
        let mut shell = self.sandbox.command("sh");
        finish(shell.arg("-c").arg(format!("{ctr} content get {layer} > '{file}'")), b"").succeeds();
        finish(self.sandbox.command("tar").args(["-xOf", &file, "hello.txt"]), b"").succeeds().text
    }
}

/// An engine of the 2 line, for itself or below Docker.
pub(super) fn start_engine_version_2(sandbox: &Sandbox) -> Daemon {
    start_engine(sandbox, &apart(VERSION_2), 3)
}

/// The engine in `directory`, or in `PATH` if that is empty, with a configuration file of that format.
fn start_engine(sandbox: &Sandbox, directory: &Path, format: u8) -> Daemon {
    let socket = sandbox.path("containerd.sock");
    let log = sandbox.path("containerd.log");
    let config = format!(
        r#"
version = {format}
root = "{root}"
state = "{state}"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"]
[grpc]
address = "{socket}"
[plugins."io.containerd.internal.v1.opt"]
path = "{opt}"
[[plugins."io.containerd.transfer.v1.local".unpack_config]]
platform = "linux/{architecture}"
snapshotter = "native"
"#,
        root = sandbox.path("root").display(),
        state = sandbox.path("state").display(),
        socket = socket.display(),
        opt = sandbox.path("opt").display(),
        // As the images that umoci makes here: it writes Go's name of the architecture.
        architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" },
    );
    let mut command = sandbox.daemon(directory.join("containerd"), &log);
    command.arg("--config").arg(sandbox.file("containerd.toml", &config));
    // It looks for its shims in PATH.
    let path = env::var_os("PATH").unwrap_or_default();
    let directories = env::split_paths(&path).filter(|other| other != directory);
    let path = env::join_paths([directory.to_owned()].into_iter().chain(directories)).unwrap();
    command.env("PATH", path);
    Daemon::start(&mut command, socket, &log)
}
