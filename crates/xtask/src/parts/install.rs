//! Installing parts by the ordinary package clients.

use std::{collections::BTreeMap, fs, os::unix::fs::MetadataExt, path::PathBuf, process::Command};

use super::{Part, Places, Source, find};
use crate::{
    error::{Error, Result},
    run::run,
};

mod dotnet;
mod maven;
mod tools;

/// Installs what it can. Gives the reason for each part that it could not install, by name.
pub(super) fn install(absent: &[&'static Part], places: &Places) -> BTreeMap<&'static str, String> {
    let mut reasons = BTreeMap::new();
    let mut packages: Vec<&str> = Vec::new();
    for part in absent {
        if let Source::Apt(names) = &part.from {
            packages.extend(names.iter());
        }
    }
    let apt = if packages.is_empty() { Ok(()) } else { apt(&packages) };
    for part in absent {
        let outcome = match (&part.from, &apt) {
            (Source::Apt(_), Err(error)) => Err(Error::Unfit(error.to_string())),
            _ => install_one(part, places),
        };
        if let Err(error) = outcome {
            reasons.insert(part.name, format!("{error}; {}", advice(part)));
        }
    }
    reasons
}

fn install_one(part: &Part, places: &Places) -> Result<()> {
    match &part.from {
        // All of these at once, before.
        Source::Apt(_) => Ok(()),
        Source::Go { packages, version } => tools::go(part, packages, version, places),
        Source::Pip { package, version } => tools::pip(part, package, version, places),
        Source::PythonLibrary { package, version } => tools::python_library(part, package, version, places),
        Source::NodeModules { packages, .. } => tools::node_modules(part, packages, places),
        Source::Cargo { package, version } => tools::cargo_install(part, package, version, places),
        Source::OldDotnet { version } => dotnet::old(part, version, places),
        Source::Maven { version } => maven::maven(part, version, places),
        Source::Jars { artifact, version, program, main } => {
            maven::jars(part, &format!("{artifact}:{version}"), (program, main), places)
        }
        Source::Build { mvn, project } => maven::build(mvn, project, places),
        Source::SbtBuild { project } => maven::sbt_build(project, places),
        Source::DotnetTool { package, version, folder } => {
            dotnet::tool(part, (package, version), folder, places)
        }
        Source::Given { .. } | Source::Folder { .. } => {
            Err(Error::Unfit("it is in no package registry".to_owned()))
        }
    }
}

/// How a person would install the part.
pub(super) fn advice(part: &Part) -> String {
    let how = match &part.from {
        Source::Apt(names) => format!("apt-get install {}", names.join(" ")),
        Source::Go { packages, version } => {
            let packages: Vec<String> =
                packages.iter().map(|package| format!("{package}@{version}")).collect();
            format!("go install {}", packages.join(" "))
        }
        Source::Pip { package, version } | Source::PythonLibrary { package, version } => {
            format!("pip install {package}=={version}")
        }
        Source::Cargo { package, version } => format!("cargo install --locked {package}@{version}"),
        Source::NodeModules { packages, .. } => format!("npm install {}", packages.join(" ")),
        Source::OldDotnet { .. } => "cargo xtask parts --install --all-clients, which wants npm".to_owned(),
        Source::Maven { .. } | Source::Jars { .. } | Source::Build { .. } | Source::SbtBuild { .. } => {
            "cargo xtask parts --install, which wants mvn, java and Maven Central".to_owned()
        }
        Source::DotnetTool { package, folder, .. } => {
            format!("cargo xtask parts --install, with {folder} naming a folder that holds {package}")
        }
        Source::Given { folder } => {
            return format!("install it and put it into PATH, or set {folder} to its folder");
        }
        Source::Folder { folder } => return format!("set {folder} to a folder of NuGet packages"),
    };
    format!("install it with: {how}")
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
