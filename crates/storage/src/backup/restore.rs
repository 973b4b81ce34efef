//! Bringing a backup into an empty place.

use std::path::{Path, PathBuf};

use domain::Timestamp;
use serde_json::json;

use super::contents::{self, Bytes};
use super::document::BackupDocument;
use super::files::{is_empty, make_folder, sync_folder};
use super::{BackupError, out_of, rows};
use crate::audit::AuditObject;
use crate::error::Error;
use crate::layout;
use crate::sql::{self, DatabaseConfig, Tx, audited, backups, migrate, records, whole};

/// What becomes of the tokens that were good when the backup was made. Some may have been revoked since, and nobody knows which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokensAfter {
    /// They are good, also those that were revoked after it.
    Keep,
    /// None is: each is disabled, and activated again by who has it or administers it.
    Disable,
}

/// What was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup says of itself.
    pub document: BackupDocument,
    /// Contents whose bytes were gone or wrong in the backup: they count as damaged, and heal by the next push of the same.
    pub damaged: u64,
    /// Tokens that were disabled.
    pub disabled_tokens: u64,
}

/// Where rows go.
pub(super) struct Place {
    database: DatabaseConfig,
    /// What is told in the audit; `None` for a place that nobody uses.
    told: Option<Told>,
}

/// What happened, who did it, and when.
struct Told {
    action: &'static str,
    reason: &'static str,
    now: Timestamp,
}

impl Place {
    /// A database that is only to be looked at.
    pub(super) fn scratch(folder: &Path) -> Self {
        Self { database: DatabaseConfig::Sqlite { path: folder.join("scratch.db") }, told: None }
    }

    /// One that is used from now on.
    pub(super) const fn told(
        database: DatabaseConfig,
        action: &'static str,
        (reason, now): (&'static str, Timestamp),
    ) -> Self {
        Self { database, told: Some(Told { action, reason, now }) }
    }
}

/// Brings a backup into an empty database and an empty folder of contents, as another history: what bearers, caches and sessions were
/// told before is no longer believed. Uploads that were under way and sessions of browsers are not in it. If it ends in the middle
/// the database is empty still; contents that were copied have to be removed before it is tried again.
///
/// # Errors
/// `NotEmpty`; `File`, `Damaged` or `Newer` if the backup cannot be read; failures of the database and the disk.
pub async fn restore(
    system: &domain::System,
    backup: &Path,
    (database, data): (DatabaseConfig, &Path),
    (tokens, now): (TokensAfter, Timestamp),
) -> Result<Restored, BackupError> {
    let (read, root) = (backup.to_owned(), data.to_owned());
    let (document, wrong) = contents::off(move || bring(&read, &root)).await?;
    let place = Place::told(database, "organisation.restore", (system.reason(), now));
    let filled = fill(backup, &document, place, tokens).await?;
    Ok(Restored { damaged: wrong, disabled_tokens: filled, document })
}

/// Copies the contents; how many cannot be.
fn bring(backup: &Path, data: &Path) -> Result<(BackupDocument, u64), BackupError> {
    let document = BackupDocument::read(backup)?;
    for shard in layout::directories() {
        let folder = data.join(shard);
        if !is_empty(&folder)? {
            return Err(BackupError::NotEmpty(folder.display().to_string()));
        }
        make_folder(&folder)?;
    }
    let (from, mut wrong) = (contents::folder(backup.parent().unwrap_or(backup)), 0_u64);
    contents::each(backup, &document.contents, |content| {
        let to = content.path(data)?;
        if contents::carry(&content.path(&from)?, &content, Some(&to))? == Bytes::Wrong {
            // Not left there: what is read is either right or known to be gone.
            std::fs::remove_file(&to).or_else(absent).map_err(BackupError::file(&to, "cannot be removed"))?;
            wrong = wrong.saturating_add(1);
        }
        Ok(())
    })?;
    for shard in layout::directories() {
        sync_folder(&data.join(shard))?;
    }
    sync_folder(&data.join(layout::BLOBS))?;
    sync_folder(data)?;
    Ok((document, wrong))
}

fn absent(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Fills a database; how many tokens were disabled.
pub(super) async fn fill(
    backup: &Path,
    document: &BackupDocument,
    place: Place,
    tokens: TokensAfter,
) -> Result<u64, BackupError> {
    let Place { database, told } = place;
    let there = match &database {
        DatabaseConfig::Sqlite { path } => path.display().to_string(),
        DatabaseConfig::Memory | DatabaseConfig::Postgres { .. } => "the database".to_owned(),
    };
    let (backup, document): (PathBuf, _) = (backup.to_owned(), document.clone());
    let filled = sql::fill(database, move |tx| {
        let dialect = tx.dialect();
        migrate::migrate_up_to(tx, dialect, document.schema)?;
        rows::read(tx, &backup, &document)?;
        migrate::migrate(tx, dialect)?;
        whole::derive(tx)?;
        let known = records::point(tx)?.epoch;
        records::draw_epoch(tx, known)?;
        let disabled = match tokens {
            TokensAfter::Keep => 0,
            TokensAfter::Disable => backups::disable_tokens(tx)?,
        };
        if let Some(told) = told {
            tell(tx, &told, &document, disabled)?;
        }
        Ok(disabled)
    });
    filled.await.map_err(|error| match error {
        Error::Exists => BackupError::NotEmpty(there),
        other => out_of(other),
    })
}

/// Says in the audit that everything before it is what a backup said.
fn tell(tx: &mut dyn Tx, told: &Told, document: &BackupDocument, disabled: u64) -> Result<(), Error> {
    let after = json!({ "backup": document.id, "program": document.program, "disabled_tokens": disabled });
    let object = AuditObject { kind: "backup".into(), id: None, name: document.id.as_str().into(), of: None };
    audited::append_own(tx, (told.action, told.reason, told.now), object, &after)
}
