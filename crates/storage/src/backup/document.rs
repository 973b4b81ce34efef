//! `backup.json`: what a backup holds, and by what it is told whether that is still so.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::sql::migrate;

/// The file whose presence says that a backup is whole.
const NAME: &str = "backup.json";
/// How backups are laid out.
const FORMAT: u32 = 1;
/// Longest document that is read, in bytes.
const BYTES_MAX: u64 = 1 << 20;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupDocument {
    /// How it is laid out; 1.
    pub format: u32,
    /// What it is called: when it was begun, and something random.
    pub id: String,
    /// The release that made it.
    pub program: String,
    /// The number of its schema.
    pub schema: i64,
    /// When its rows were read, in milliseconds since 1970.
    pub read_at: i64,
    /// The tables, in an order in which each names only those before it.
    pub tables: Vec<TableDocument>,
    /// The contents that the rows name.
    pub contents: ContentsDocument,
}

/// A table of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDocument {
    /// What it is called.
    pub name: String,
    /// Its columns and how each is kept: `int`, `text` or `bytes`.
    pub columns: Vec<(String, String)>,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 of its file, in hexadecimal digits.
    pub sha256: String,
    /// The last id that was given to a row of it, if it gives any.
    pub last_id: Option<i64>,
}

/// The contents of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentsDocument {
    /// How many the rows name.
    pub count: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Those of them that could not be copied, because their bytes are gone or altered where they came from.
    pub damaged: u64,
    /// SHA-256 of the list of them, in hexadecimal digits.
    pub sha256: String,
}

impl BackupDocument {
    /// Of what is written just now.
    pub(super) fn new(
        id: String,
        read_at: i64,
        (tables, contents): (Vec<TableDocument>, ContentsDocument),
    ) -> Self {
        let program = env!("CARGO_PKG_VERSION").to_owned();
        Self { format: FORMAT, id, program, schema: migrate::LAST, read_at, tables, contents }
    }

    /// Reads that of a backup.
    ///
    /// # Errors
    /// `File` without one; `Damaged` if it is none; `Newer` if only another release can read it.
    pub(super) fn read(backup: &Path) -> Result<Self, BackupError> {
        let path = path(backup);
        let doing = "cannot be read, and without it there is no backup";
        let length = fs::metadata(&path).map_err(BackupError::file(&path, doing))?.len();
        if length > BYTES_MAX {
            return Err(BackupError::damaged(&path, "it is too long"));
        }
        let text = fs::read_to_string(&path).map_err(BackupError::file(&path, doing))?;
        let wrong = |error: serde_json::Error| BackupError::damaged(&path, error.to_string());
        let document: Self = serde_json::from_str(&text).map_err(wrong)?;
        if document.format != FORMAT || document.schema > migrate::LAST {
            let (schema, known) = (document.schema, migrate::LAST);
            return Err(BackupError::Newer { schema, known, program: document.program });
        }
        Ok(document)
    }

    /// The text of it.
    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// Where it is.
pub(super) fn path(backup: &Path) -> PathBuf {
    backup.join(NAME)
}
