//! The checks that are no tests, and the whole of continuous integration.

use std::process::Command;

use crate::{
    error::Result,
    parts,
    run::{cargo, root, run},
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

/// Publish and revoke of the permission cache, in every order of threads that the model checker finds. Other flags than
/// the rest of the tree, so a target directory of its own.
pub(crate) fn loom() -> Result<()> {
    let mut command =
        cargo(&["test", "--locked", "--release", "--package", "permission-cache", "--lib", "loom"]);
    command.env("RUSTFLAGS", "--cfg loom -D warnings").env("CARGO_TARGET_DIR", root().join("target/loom"));
    run(&mut command)
}
