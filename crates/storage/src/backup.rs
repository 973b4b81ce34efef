//! Backups (docs/operations.md 6): all rows as they were at one moment, in a form that no engine owns, and the contents that they name.
//!
//! ```text
//! TARGET/contents/…          contents by their keys, which are never used twice: each is copied once for all backups of a target
//! TARGET/ID/rows/TABLE.jsonl a row a line
//! TARGET/ID/contents.jsonl   key, bytes and SHA-256 of each content that the rows name
//! TARGET/ID/backup.json      written last: without it there is no backup
//! ```

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{BoxError, Error, Fault, OpenError};

mod contents;
mod create;
mod document;
mod files;
mod moving;
mod restore;
mod rows;
mod verify;

pub use create::BackedUp;
pub use document::BackupDocument;
pub use restore::{Restored, TokensAfter, restore};
pub use verify::{Checked, Depth, verify};

/// Why there is no backup, or nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file of it cannot be read or written.
    #[error("{} {doing}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What cannot be done.
        doing: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is not what it says that it is.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Another release made it, and this one cannot read it.
    #[error(
        "the backup has the schema {schema}, which is newer than that of this program, {known}; take the program that made it, {program}"
    )]
    Newer {
        /// Its schema.
        schema: i64,
        /// That of this program.
        known: i64,
        /// Which program made it.
        program: String,
    },
    /// A restore brings everything into an empty place.
    #[error("there is something in {0}; a restore goes into an empty place only")]
    NotEmpty(String),
    /// Rows or contents cannot be read or written.
    #[error(transparent)]
    Storage(#[from] OpenError),
}

impl BackupError {
    fn file(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, doing, source }
    }

    fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.into() }
    }
}

impl From<Error> for BackupError {
    fn from(error: Error) -> Self {
        Self::Storage(error.into())
    }
}

/// As an error of the crate, for jobs inside a transaction: what it is comes back by [`out_of`].
fn into_job(error: BackupError) -> Error {
    Error::Fault(Fault::Unavailable { doing: DOING, source: Box::new(error) })
}

/// What failed inside a transaction.
fn out_of(error: Error) -> BackupError {
    match error {
        Error::Fault(Fault::Unavailable { doing, source }) if doing == DOING => match source.downcast() {
            Ok(error) => *error,
            Err(source) => again(doing, source),
        },
        other => other.into(),
    }
}

fn again(doing: &'static str, source: BoxError) -> BackupError {
    Error::Fault(Fault::Unavailable { doing, source }).into()
}

const DOING: &str = "carrying rows";
