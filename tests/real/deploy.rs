//! What lies in `deploy/` works: the container image is built and served from, the unit file is accepted.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{
    hub::{Server, binary, free_address, repository_root},
    sandbox::{Outcome, Sandbox, finish},
    wanted::wanted,
};

/// What `cargo xtask image` lays beside each other for the build.
const CONTEXT: [&str; 2] = ["wharfinger", "data"];

#[test]
fn containerfile_takes_only_what_is_laid_out_for_it_and_gives_no_rights() {
    let text = fs::read_to_string(containerfile()).unwrap();
    let instructions: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect())
        .collect();
    let of = |name: &str| instructions.iter().filter(|line| line.first() == Some(&name)).collect::<Vec<_>>();
    for copy in of("COPY") {
        let sources = &copy[1..copy.len() - 1];
        let sources: Vec<&&str> = sources.iter().filter(|word| !word.starts_with("--")).collect();
        assert!(sources.iter().all(|source| CONTEXT.contains(source)), "not laid out: {sources:?}");
    }
    assert_eq!(of("FROM"), [&vec!["FROM", "scratch"]]);
    assert_eq!(of("USER"), [&vec!["USER", "65532:65532"]]);
    assert_eq!(of("VOLUME"), [&vec!["VOLUME", "/data"]]);
}

#[test]
fn image_is_built_and_serves() {
    if !wanted(&["buildah"]) {
        return;
    }
    // Only a static program runs where nothing else is; any other is good enough for building the image.
    let program = env::var_os("WHARFINGER_STATIC_BIN").map(PathBuf::from);
    let image = Image::build(program.as_deref().unwrap_or(&binary()));
    assert_eq!(image.inspect("{{.OCIv1.Config.User}}"), "65532:65532");
    assert_eq!(image.inspect("{{.OCIv1.Config.Volumes}}"), "map[/data:{}]");
    assert_eq!(image.inspect("{{.OCIv1.Config.Entrypoint}}"), "[/wharfinger]");
    if program.is_some() {
        image.serves();
    } else {
        super::wanted::say("serving from it: WHARFINGER_STATIC_BIN is not set");
    }
}

#[test]
fn unit_is_accepted_and_shut_in() {
    if !wanted(&["systemd-analyze"]) {
        return;
    }
    let sandbox = Sandbox::new("unit");
    let unit = fs::read_to_string(repository_root().join("deploy/wharfinger.service")).unwrap();
    // The program need not be installed here: the one under test stands for it.
    let unit = unit.replace("/usr/bin/wharfinger", &binary().display().to_string());
    let unit = sandbox.file("wharfinger.service", &unit);
    let analyze = |arguments: &[&str]| {
        finish(sandbox.command("systemd-analyze").args(arguments).arg(&unit), b"").succeeds()
    };
    let said = analyze(&["verify", "--man=no"]);
    assert!(said.text.trim().is_empty(), "{said}");
    // 0 is a service that may do nothing, 100 one that may do everything.
    analyze(&["security", "--offline=yes", "--threshold=20", "--no-pager"]);
}

/// An image that buildah made, in storage of its own.
struct Image {
    sandbox: Sandbox,
}

impl Image {
    fn build(program: &Path) -> Self {
        let image = Self { sandbox: Sandbox::new("image") };
        let context = image.sandbox.path("context");
        fs::create_dir_all(context.join("data")).unwrap();
        fs::copy(program, context.join("wharfinger")).unwrap();
        image.buildah(&[
            "bud",
            "--isolation=chroot",
            "--format=docker",
            "--file",
            &containerfile().display().to_string(),
            "--tag=wharfinger",
            &context.display().to_string(),
        ]);
        image.buildah(&["from", "--name=it", "--pull-never", "localhost/wharfinger"]);
        image
    }

    fn buildah(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.sandbox.command("buildah");
        command.args(self.global()).args(arguments);
        finish(&mut command, b"").succeeds()
    }

    fn global(&self) -> [String; 3] {
        let path = |name: &str| self.sandbox.path(name).display().to_string();
        [
            "--storage-driver=vfs".to_owned(),
            format!("--root={}", path("storage")),
            format!("--runroot={}", path("run/b")),
        ]
    }

    fn inspect(&self, format: &str) -> String {
        let said = self.buildah(&["inspect", "--type=image", "--format", format, "localhost/wharfinger"]);
        said.text.trim().to_owned()
    }

    /// The program starts with nothing but the image around it, as the image's user, and becomes ready.
    fn serves(&self) {
        let address = free_address();
        let outside = Sandbox::new("container");
        // Buildah leaves the container running when it is killed: with a process space of its own, nothing is left.
        let mut command = outside.daemon("unshare", &outside.path("log"));
        command.args(["--pid", "--fork", "--kill-child", "--mount-proc", "buildah"]);
        command.args(self.global()).args(["run", "--isolation=chroot", "it", "--"]);
        command.args(["/wharfinger", "serve", "--listen", &address.to_string()]);
        let server = Server::start(outside, &mut command, address);
        // As the image asks for its health, apart from the port, which is another one here.
        let asked = ["/wharfinger", "healthcheck", "--server", &format!("http://{address}")];
        self.buildah(&[["run", "--isolation=chroot", "it", "--"].as_slice(), &asked].concat());
        drop(server);
    }
}

fn containerfile() -> PathBuf {
    repository_root().join("deploy/Containerfile")
}
