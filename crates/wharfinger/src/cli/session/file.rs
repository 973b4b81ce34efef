//! `credentials.toml`: a token for each gateway, readable by its owner alone.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::super::failure::Failure;
use crate::config::ServerUrl;
use crate::config::environment::read_document;

/// Permissions that somebody else has on a file.
const OTHERS: u32 = 0o077;
/// The key beside the tables of the gateways.
const DEFAULT: &str = "default";

/// What `login` keeps for a gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct Entry {
    /// The public id of the token.
    pub(in crate::cli) id: Option<String>,
    /// The token itself, unless a helper keeps it.
    pub(in crate::cli) token: Option<String>,
    /// Whose program keeps it.
    pub(in crate::cli) helper: Option<String>,
    /// Whether `login` made the token, so that `logout` revokes it.
    pub(in crate::cli) made: bool,
}

/// The file.
#[derive(Debug, Default)]
pub(in crate::cli) struct Credentials {
    path: PathBuf,
    table: Table,
}

impl Credentials {
    /// Reads it; an absent one holds nothing.
    ///
    /// # Errors
    /// A file that others may read or that belongs to somebody else, and one that is no TOML.
    pub(in crate::cli) fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::Configuration(format!("{}: {why}", path.display()));
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { path: path.to_owned(), table: Table::new() });
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        if metadata.mode() & OTHERS != 0 {
            let mode = metadata.mode() & 0o777;
            return Err(wrong(format!(
                "others may read it (mode {mode:o}): `chmod 600` it, and make new tokens"
            )));
        }
        let table =
            read_document(path).map_err(wrong)?.parse().map_err(|_| wrong("is no TOML".to_owned()))?;
        Ok(Self { path: path.to_owned(), table })
    }

    /// Where somebody logged in last.
    pub(in crate::cli) fn default_server(&self) -> Option<ServerUrl> {
        ServerUrl::parse(self.table.get(DEFAULT)?.as_str()?)
    }

    pub(in crate::cli) fn entry(&self, server: &ServerUrl) -> Option<Entry> {
        let table = self.table.get(server.as_str())?.as_table()?;
        let text = |name: &str| table.get(name).and_then(Value::as_str).map(str::to_owned);
        let made = table.get("made").and_then(Value::as_bool).unwrap_or(false);
        Some(Entry { id: text("id"), token: text("token"), helper: text("helper"), made })
    }

    /// Keeps this for a gateway, which is the one that is meant from now on.
    pub(in crate::cli) fn keep(&mut self, server: &ServerUrl, entry: Entry) {
        let fields = [("id", entry.id), ("token", entry.token), ("helper", entry.helper)];
        let mut table: Table = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))))
            .collect();
        table.insert("made".to_owned(), entry.made.into());
        self.table.insert(server.as_str().to_owned(), table.into());
        self.table.insert(DEFAULT.to_owned(), server.as_str().into());
    }

    /// Forgets a gateway.
    pub(in crate::cli) fn forget(&mut self, server: &ServerUrl) {
        self.table.remove(server.as_str());
        if self.default_server().as_ref() == Some(server) {
            self.table.remove(DEFAULT);
        }
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// What the file system says.
    pub(in crate::cli) fn write(&self) -> Result<(), Failure> {
        self.written().map_err(|error| Failure::Other(format!("{}: {error}", self.path.display())))
    }

    fn written(&self) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = self.path.with_extension(format!("toml.{}", std::process::id()));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let outcome = file.write_all(self.table.to_string().as_bytes()).and_then(|()| file.sync_all());
        outcome.and_then(|()| fs::rename(&beside, &self.path)).inspect_err(|_| {
            let _ = fs::remove_file(&beside);
        })
    }
}

#[cfg(test)]
mod tests;
