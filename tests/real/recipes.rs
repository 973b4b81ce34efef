//! The recipe that names real clients, typed where they are (`docs/guide/recipes/four-ways-in.md`).

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::{
    clients::{Docker, Dotnet, Maven, MavenVersion},
    first_run::{set_up, start},
    hub::{Server, binary},
    sandbox::{Sandbox, finish},
    wanted::wanted,
};
use crate::support::page::Page;

const RECIPE: &str = "docs/guide/recipes/four-ways-in.md";

#[test]
fn the_four_ways_lead_in_with_docker() {
    if !wanted(&["docker"]) {
        return;
    }
    let docker = Docker::start();
    follow("docker", docker.command("sh"), |_| {});
}

#[test]
fn the_four_ways_lead_in_with_mvn() {
    if !wanted(MavenVersion::V3_9.parts()) {
        return;
    }
    let maven = Maven::new(MavenVersion::V3_9);
    follow("mvn", maven.shell(Path::new("/")), |work| {
        for name in ["library", "visitor"] {
            let gateway = format!("http://{}/maven/p/shop/jars", work.address);
            fs::rename(maven.project(name, "1.0-SNAPSHOT", &gateway), work.folder.join(name)).unwrap();
        }
    });
}

#[test]
fn the_four_ways_lead_in_with_dotnet() {
    if !wanted(&["dotnet"]) {
        return;
    }
    let dotnet = Dotnet::new();
    follow("dotnet", dotnet.command("sh"), |work| {
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            let name = format!("Acme.Web.{version}.nupkg");
            fs::copy(dotnet.pack("Acme.Web", version), work.folder.join(name)).unwrap();
        }
    });
}

/// Where a page is typed.
struct Work<'w> {
    folder: &'w Path,
    /// Of the gateway.
    address: &'w str,
}

/// Types all of the recipe that this program is enough for, in a shell that finds it.
fn follow(program: &str, mut shell: Command, prepare: impl FnOnce(&Work<'_>)) {
    let server = start();
    let address = address(&server);
    let token = set_up(&server);
    let token = token.split_whitespace().find(|word| word.starts_with("whfp_")).expect("a token");
    let sandbox = Sandbox::new("recipe");
    for folder in ["work", "bin"] {
        fs::create_dir(sandbox.path(folder)).unwrap();
    }
    symlink(binary(), sandbox.path("bin/wharfinger")).unwrap();
    prepare(&Work { folder: &sandbox.path("work"), address: &address });
    let script = sandbox.file("script", &Page::read(RECIPE).script(&[program]));
    shell.arg("-c").arg("PATH=\"$BIN:$PATH\"; exec bash \"$SCRIPT\"").current_dir(sandbox.path("work"));
    shell.env("BIN", sandbox.path("bin")).env("SCRIPT", script);
    shell.env("WHARFINGER_SERVER", format!("http://{address}")).env("WHARFINGER_TOKEN", token);
    finish(&mut shell, b"").succeeds();
}

fn address(server: &Server) -> String {
    let line = server.line("wharfinger setup ");
    line.rsplit_once("http://").expect("an address").1.to_owned()
}
