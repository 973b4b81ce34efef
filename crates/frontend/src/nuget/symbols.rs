//! Symbols for debuggers: what a `.snupkg` must be, and by which key a debugger finds each file (docs/nuget.md 8, SSQP).

use serde::{Deserialize, Serialize};

use super::archive::{Archive, Packed, Staged, Stopped};
use super::fault::{Fault, Quoted};
use super::nuspec::Nuspec;
use super::package;

mod pdb;

pub(crate) use pdb::PdbId;

/// Most symbol files of one package, and most bytes of the name of one.
const PDBS_MAX: usize = 256;
const NAME_BYTES_MAX: usize = 255;
/// What else may lie in a symbols package: what every package has around its files.
const AROUND: [&str; 5] = ["nuspec", "xml", "psmdcp", "rels", "p7s"];

/// A symbols package that was looked into.
#[derive(Debug)]
pub(crate) struct Found {
    /// Whose symbols they are.
    pub nuspec: Nuspec,
    /// The symbol files that are still to be expanded.
    pub pdbs: Vec<Packed>,
}

/// The attribute document of a symbols package: what is served by key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Symbols {
    /// Each file once.
    pub pdbs: Vec<Pdb>,
}

/// A symbol file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pdb {
    /// What it is asked for by: [`target`].
    pub target: String,
    /// Of its content.
    pub digest: String,
    /// How long it is.
    pub size_bytes: u64,
}

/// What a debugger asks for: the name of the file, and its key. Neither is told apart by case.
pub(crate) fn target(file: &str, key: &str) -> String {
    format!("{file}/{key}").to_ascii_lowercase()
}

/// Looks into a symbols package: for a thread that may block. All symbols together expand to at most so many bytes.
pub(crate) fn examine(staged: &impl Staged, expanded_bytes_max: u64) -> Result<Found, Stopped> {
    let archive = Archive::open(staged)?;
    let (nuspec, _) = package::manifest(&archive, staged)?;
    if !nuspec.symbols {
        return Err(Fault::NotSymbols.into());
    }
    let mut pdbs = Vec::new();
    let mut expanded_bytes = 0_u64;
    for entry in archive.entries().iter().filter(|entry| !entry.path().ends_with('/')) {
        let name = file_name(entry.path());
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        if ending == "pdb" {
            if pdbs.len() == PDBS_MAX {
                return Err(Fault::TooManySymbols { most: PDBS_MAX }.into());
            }
            if name.len() > NAME_BYTES_MAX {
                return Err(Fault::Path(Quoted::new(entry.path())).into());
            }
            let packed = entry.packed()?;
            expanded_bytes = expanded_bytes.saturating_add(packed.expanded_bytes());
            pdbs.push(packed);
        } else if !AROUND.contains(&&*ending) {
            return Err(Fault::NoSymbols(Quoted::new(entry.path())).into());
        }
    }
    if expanded_bytes > expanded_bytes_max {
        return Err(Fault::Bomb.into());
    }
    if pdbs.is_empty() { Err(Fault::WithoutSymbols.into()) } else { Ok(Found { nuspec, pdbs }) }
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl Symbols {
    /// Reads the attribute document.
    pub(crate) fn from_json(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// As an attribute document; the names and their number are bounded.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
pub(super) mod tests;
