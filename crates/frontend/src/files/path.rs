//! Paths of files: each is the name of a row.

use domain::{Algorithm, EntryKey, EntryKind, Invalid, PackageName, RefName};

use super::error::Bad;
use crate::file_tree::characters::{has_dot_at_end, is_taken};
use crate::file_tree::checksum::file_of;

/// Longest path, in bytes, and most names in one.
pub(super) const PATH_BYTES_MAX: usize = 1024;
pub(super) const NAMES_MAX: usize = 32;
/// The package of all files: they have nothing in common but their repository.
pub(super) const PACKAGE: &str = "/";

/// A path that a file can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilePath {
    /// Its row.
    pub key: EntryKey,
    /// The file that it is the hash of, and which hash, unless a file has this very name.
    pub hash_of: Option<(EntryKey, Algorithm)>,
}

impl FilePath {
    /// Reads a decoded path without a slash at either end.
    ///
    /// # Errors
    /// As [`check`].
    pub(crate) fn parse(path: &str) -> Result<Self, Bad> {
        check(path)?;
        let hash_of = file_of(path).map(|(file, algorithm)| Ok((key(file)?, algorithm))).transpose();
        Ok(Self { key: key(path).map_err(Bad::Name)?, hash_of: hash_of.map_err(Bad::Name)? })
    }
}

/// What keeps a decoded path, without a slash at either end, from being that of a file or directory. Its length first, so that
/// nothing else takes long.
pub(super) fn check(path: &str) -> Result<(), Bad> {
    if path.len() > PATH_BYTES_MAX {
        return Err(Bad::Long { bytes_max: PATH_BYTES_MAX });
    }
    if path.split('/').count() > NAMES_MAX {
        return Err(Bad::Deep { names_max: NAMES_MAX });
    }
    if has_dot_at_end(path) {
        return Err(Bad::Dot);
    }
    match path.chars().find(|character| *character != '/' && !is_taken(*character)) {
        Some(character) => Err(Bad::Character(character)),
        None => Ok(()),
    }
}

/// What all files of a repository belong to.
///
/// # Errors
/// None, in fact.
pub(super) fn package() -> Result<PackageName, Invalid> {
    PackageName::exact(PACKAGE)
}

fn key(path: &str) -> Result<EntryKey, Invalid> {
    Ok(EntryKey { kind: EntryKind::File, package: package()?, name: RefName::exact(path)? })
}

#[cfg(test)]
mod tests;
