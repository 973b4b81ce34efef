//! The real clients, servers and tools that the tests use: one row each, how it is found, how it is installed.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    error::{Error, Result},
    run,
};

mod find;
mod install;
mod table;

pub(crate) use find::Places;
pub(crate) use install::is_root;
use table::PARTS;

/// In which runs a part is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Cheap enough for every run of the tests.
    Ci,
    /// Only with `--all-clients`: minutes to build, or gigabytes of memory.
    Full,
    /// The peers and load generators of the benchmarks.
    Bench,
    /// A tool that one command of ours installs when it is called.
    Tool,
}

impl Tier {
    /// Whether a run of this tier needs a part of the other.
    fn needs(self, other: Self) -> bool {
        self == other || (self == Self::Full && other == Self::Ci)
    }
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Part {
    /// What a developer calls it; also how a test asks for it.
    pub(crate) name: &'static str,
    pub(crate) tier: Tier,
    /// The programs that must be found for the part to be there.
    pub(crate) programs: &'static [&'static str],
    pub(crate) from: Source,
    /// Whether a test must be root to start it.
    pub(crate) as_root: bool,
    /// For files, and for a second version of programs that have the same names elsewhere: the variable that tells the
    /// tests the directory. Such a part is not in `PATH`.
    pub(crate) apart: Option<&'static str>,
}

/// Where a part is installed from, by the ordinary client of that package registry.
#[derive(Debug)]
pub(crate) enum Source {
    /// Packages of Debian, as root only.
    Apt(&'static [&'static str]),
    /// Go programs of one module, built into the cache outside the tree.
    Go { packages: &'static [&'static str], version: &'static str },
    /// A program in a Python wheel, unpacked into the cache outside the tree.
    Pip { package: &'static str, version: &'static str },
    /// Files, not programs: a Python library and what it needs, in the cache outside the tree.
    PythonLibrary { package: &'static str, version: &'static str },
    /// Files, not programs: packages of npm, `PACKAGE@VERSION` each, in the cache outside the tree. No script of them runs.
    NodeModules { name: &'static str, packages: &'static [&'static str] },
    /// A Rust program, built into the cache outside the tree.
    Cargo { package: &'static str, version: &'static str },
    /// Maven itself, in the zip that Maven Central has of each version, unpacked into the cache outside the tree.
    Maven { version: &'static str },
    /// A Java program of Maven Central (`GROUP:NAME`) with the libraries it needs, and a script that starts it, in the
    /// cache outside the tree.
    Jars { artifact: &'static str, version: &'static str, program: &'static str, main: &'static str },
    /// Files, not programs: what the Maven called `mvn` fetches from Maven Central to build one of our test projects,
    /// kept as a repository in the cache outside the tree.
    Build { mvn: &'static str, project: &'static str },
    /// Files, not programs: the home of a user who built one of our test projects with sbt once, in the cache outside the tree.
    SbtBuild { project: &'static str },
    /// A .NET tool, out of the folder that the variable names.
    DotnetTool { package: &'static str, version: &'static str, folder: &'static str },
    /// A .NET SDK of years ago, in a package of npm, with OpenSSL 1.1, which it wants and a Python wheel has.
    OldDotnet { version: &'static str },
    /// In no package registry: programs in the folder that the variable names, or in `PATH`.
    Given { folder: &'static str },
    /// Files, not programs, in no package registry: the folder that the variable names.
    Folder { folder: &'static str },
}

/// What was found of the parts of a tier, after installing what could be installed.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) places: Places,
    /// Parts that are not there, with the reason.
    pub(crate) missing: Vec<(&'static Part, String)>,
}

impl Ready {
    /// Prints what is missing, if anything is.
    pub(crate) fn say_missing(&self) {
        for (part, why) in &self.missing {
            println!("MISSING {}: {why}", part.name);
        }
    }
}

/// Finds the parts that a run of `tier` needs and installs what is missing.
///
/// In continuous integration a part that is missing in the end is an error; elsewhere it is reported.
pub(crate) fn prepare(tier: Tier) -> Result<Ready> {
    let wanted: Vec<&'static Part> = PARTS.iter().filter(|part| tier.needs(part.tier)).collect();
    let ready = prepare_these(&wanted)?;
    ready.say_missing();
    if run::is_ci() && !ready.missing.is_empty() {
        return Err(Error::Unfit("parts are missing, and with CI=true that is a failure".to_owned()));
    }
    Ok(ready)
}

/// Finds or installs the part called `name` and gives the path of its first program.
pub(crate) fn one(name: &str) -> Result<PathBuf> {
    let unknown = || Error::Unfit(format!("{name} is not in the table of parts"));
    let part = PARTS.iter().find(|part| part.name == name).ok_or_else(unknown)?;
    let ready = prepare_these(&[part])?;
    let reason = ready.missing.first().map_or_else(String::new, |(_, why)| why.clone());
    let program = part.programs.first().and_then(|program| ready.places.find_of(part, program));
    program.ok_or_else(|| Error::Unfit(format!("{name} is missing: {reason}")))
}

/// Finds or installs the part called `name`, which is files, and gives their folder.
pub(crate) fn folder(name: &str) -> Result<PathBuf> {
    let unknown = || Error::Unfit(format!("{name} is not in the table of parts"));
    let part = PARTS.iter().find(|part| part.name == name).ok_or_else(unknown)?;
    let ready = prepare_these(&[part])?;
    ready.places.own_directory(part).ok_or_else(|| Error::Unfit(format!("{name} is missing")))
}

/// The variables that tell the tests where the parts lie that are not in `PATH`.
pub(crate) fn apart(tier: Tier, places: &Places) -> Vec<(&'static str, PathBuf)> {
    let parts = PARTS.iter().filter(|part| tier.needs(part.tier) && places.has(part));
    parts.filter_map(|part| Some((part.apart?, places.own_directory(part)?))).collect()
}

/// Prints where each part was found, or how it would be installed. Installs nothing.
pub(crate) fn show() -> Result<()> {
    let places = Places::look()?;
    for part in PARTS {
        let found: Vec<PathBuf> = if part.programs.is_empty() {
            places.own_directory(part).into_iter().collect()
        } else {
            part.programs.iter().filter_map(|program| places.find_of(part, program)).collect()
        };
        let found: Vec<String> = found.iter().map(|path| path.display().to_string()).collect();
        let place =
            if places.has(part) { found.join(" ") } else { format!("missing; {}", install::advice(part)) };
        println!("{:16} {:6} {place}", part.name, format!("{:?}", part.tier));
    }
    Ok(())
}

fn prepare_these(wanted: &[&'static Part]) -> Result<Ready> {
    let mut places = Places::look()?;
    let absent: Vec<&'static Part> = wanted.iter().copied().filter(|part| !places.has(part)).collect();
    let mut reasons = install::install(&absent, &places);
    if !absent.is_empty() {
        places = Places::look()?;
    }
    let mut missing = Vec::new();
    let mut seen = BTreeSet::new();
    for part in absent {
        if !places.has(part) && seen.insert(part.name) {
            let reason = reasons.remove(part.name).unwrap_or_else(|| install::advice(part));
            missing.push((part, reason));
        }
    }
    if !is_root() {
        let engines = wanted.iter().filter(|part| part.as_root && places.has(part));
        missing.extend(engines.map(|part| (*part, "only root may start this engine".to_owned())));
    }
    Ok(Ready { places, missing })
}

#[cfg(test)]
mod tests;
