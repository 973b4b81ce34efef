//! The checks that are no tests, and the whole of continuous integration.

use std::{fs, process::Command};

use crate::{
    error::{Error, Result},
    parts,
    run::{cargo, root, run, target_directory},
};

/// Runs `.ci/run`, the one place that says what continuous integration does.
pub(crate) fn ci() -> Result<()> {
    run(Command::new("bash").arg(".ci/run").current_dir(root()))
}

/// The rules of the house that a program can check; they are tests, so that nobody can forget them.
pub(crate) fn tidy() -> Result<()> {
    run(&mut cargo(&["test", "--workspace", "--test", "it", "tidy"]))
}

/// Spelling.
pub(crate) fn typos() -> Result<()> {
    let program = parts::one("typos")?;
    run(Command::new(program).current_dir(root()))
}

/// Licences, sources and versions of the dependencies. The advisory database is not asked: it is a git
/// repository that not every machine reaches, so the floors of known advisories stand in `.deny.toml`.
pub(crate) fn deny() -> Result<()> {
    let program = parts::one("cargo-deny")?;
    let mut command = Command::new(program);
    command.args(["--config", ".deny.toml", "--all-features", "--locked", "check"]);
    run(command.args(["bans", "licenses", "sources"]).current_dir(root()))
}

/// Every fuzz target compiles. They are a workspace of their own; the versions are those of ours, whatever was newer.
pub(crate) fn fuzz_targets() -> Result<()> {
    let lock = root().join("Cargo.lock");
    let copied = fs::copy(&lock, root().join("tests/fuzz/Cargo.lock"));
    copied.map_err(Error::io(format!("cannot copy {}", lock.display())))?;
    let mut command = cargo(&["check", "--manifest-path", "tests/fuzz/Cargo.toml", "--target-dir"]);
    run(command.arg(target_directory()))
}

/// One fuzz target for a while, with cargo-fuzz and a nightly compiler; stops at the first thing found.
pub(crate) fn fuzz(target: &str, secs: &str) -> Result<()> {
    let secs: u32 = secs.parse().map_err(|_| Error::Usage(format!("{secs} is no number of seconds")))?;
    let mut command = Command::new("cargo");
    command.args(["+nightly", "fuzz", "run", "--fuzz-dir", "tests/fuzz", target, "--"]);
    command.arg(format!("-max_total_time={secs}")).current_dir(root());
    // Those of a usual build are not those that the fuzzer sets.
    run(command.env_remove("RUSTFLAGS"))
}

/// Publish and revoke of the permission cache, in every order of threads that the model checker finds. Other flags than
/// the rest of the tree, so a target directory of its own.
pub(crate) fn loom() -> Result<()> {
    let mut command =
        cargo(&["test", "--locked", "--release", "--package", "permission-cache", "--lib", "loom"]);
    command.env("RUSTFLAGS", "--cfg loom -D warnings").env("CARGO_TARGET_DIR", root().join("target/loom"));
    run(&mut command)
}
