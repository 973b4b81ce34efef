//! A file of somebody else's, changed whole or not at all.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};

use crate::cli::failure::Failure;
use crate::config::environment::read_document;

/// Permissions that others have on a file.
const OTHERS: u32 = 0o077;

/// A file as it was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Where it really is, behind links.
    path: PathBuf,
    /// Its text; none if it is not there.
    pub(super) text: Option<String>,
}

impl Found {
    /// Reads it.
    ///
    /// # Errors
    /// It cannot be read, or is no UTF-8.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let path = match fs::canonicalize(path) {
            Ok(path) => path,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self { path: path.to_owned(), text: None });
            }
            Err(error) => return Err(wrong(path, &error.to_string())),
        };
        let text = read_document(&path).map_err(|why| wrong(&path, &why))?;
        Ok(Self { path, text: Some(text) })
    }

    /// What is to be known of who may read it.
    pub(super) fn warning(&self) -> Option<String> {
        let mode = fs::metadata(&self.path).ok()?.permissions().mode() & 0o777;
        let path = self.path.display();
        (mode & OTHERS != 0).then(|| format!("others may read {path} (mode {mode:o}): `chmod 600 {path}`"))
    }

    /// Keeps a copy beside it, of the same mode, and says where; none if there is nothing to keep.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn back_up(&self, moment: &str) -> Result<Option<PathBuf>, Failure> {
        if self.text.is_none() {
            return Ok(None);
        }
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".wharfinger-{moment}"));
        let copy = PathBuf::from(name);
        fs::copy(&self.path, &copy).map_err(|error| wrong(&copy, &error.to_string()))?;
        Ok(Some(copy))
    }

    /// Puts this text in its place, whole or not at all, with the mode it had; what was not there is its owner's alone.
    ///
    /// # Errors
    /// Somebody else changed it since it was read, or what the file system says.
    pub(super) fn replace(&self, text: &str) -> Result<(), Failure> {
        if Self::read(&self.path)?.text != self.text {
            return Err(wrong(&self.path, "somebody else changed it just now: try again"));
        }
        self.replaced(text).map_err(|error| wrong(&self.path, &error.to_string()))
    }

    fn replaced(&self, text: &str) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mode = match fs::metadata(&self.path) {
            Ok(metadata) => metadata.permissions().mode() & 0o7777,
            Err(_) => 0o600,
        };
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{}", std::process::id()));
        let beside = PathBuf::from(name);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.set_permissions(Permissions::from_mode(mode)))
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&beside, &self.path));
        written.inspect_err(|_| {
            let _ = fs::remove_file(&beside);
        })
    }

    /// Takes it away.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        remove(&self.path)
    }
}

/// Takes a file away, if it is there.
///
/// # Errors
/// What the file system says.
pub(super) fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(wrong(path, &error.to_string())),
        _ => Ok(()),
    }
}

/// What a text is known again by.
pub(super) fn fingerprint(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn wrong(path: &Path, why: &str) -> Failure {
    Failure::Configuration(format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests;
