//! Backups, restores and moves: what is opened for them without serving anything.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Clock, System};
use storage::{BackedUp, BackupDocument, DatabaseConfig, Opened, Restored, Storage, TokensAfter};

use super::data::{DataDir, write_private};
use crate::clock::SystemClock;
use crate::config::{Config, DataMode};
use crate::error::StartError;

/// Says where the rows of a data directory went; as long as it is there no gateway starts on those that were left.
const MOVED: &str = "wharfinger.db.moved";

/// Makes a backup of what no gateway works on at the moment.
///
/// # Errors
/// `InUse` if one does; whatever keeps the data from being opened or the target from being written.
pub(crate) async fn back_up(config: &Config, target: &Path) -> Result<BackedUp, StartError> {
    let (_data, opened) = open(config).await?;
    Ok(opened.storage.back_up(&System::mint("backup"), target).await?)
}

/// Brings a backup into the empty place that the configuration names.
///
/// # Errors
/// Whatever makes the backup unreadable, or the place not empty or not writable.
pub(crate) async fn restore(
    config: &Config,
    backup: &Path,
    tokens: TokensAfter,
) -> Result<Restored, StartError> {
    on_disk(config)?;
    let _data = DataDir::open(&config.server.data)?;
    let to = (config.storage().database, config.server.data.as_path());
    let told = (tokens, SystemClock.now());
    Ok(storage::restore(&System::mint("restore"), backup, to, told).await?)
}

/// Moves the rows to another, empty database. Those that were in SQLite stay where they are, and no gateway starts on them any more.
///
/// # Errors
/// `InUse` if a gateway works on them; whatever keeps either database from being opened, or the other one not empty.
pub(crate) async fn move_rows(config: &Config, to: DatabaseConfig) -> Result<BackupDocument, StartError> {
    let (_data, opened) = open(config).await?;
    let scratch = config.server.data.join("moving");
    let file = |doing| move |source| StartError::File { path: scratch_of(config), doing, source };
    match fs::remove_dir_all(&scratch) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(file("cannot be removed")(error));
        }
        _ => {}
    }
    let moved = opened.storage.move_rows(&System::mint("move"), to, &scratch).await;
    fs::remove_dir_all(&scratch).map_err(file("cannot be removed"))?;
    let moved = moved?;
    if config.storage.database_url.is_none() {
        let text = "Its rows were moved to another database: set storage.database_url to that.\n";
        write_private(&config.server.data.join(MOVED), text.as_bytes())?;
    }
    Ok(moved)
}

/// Refuses rows that were moved elsewhere.
pub(super) fn stays(config: &Config) -> Result<(), StartError> {
    let path = config.server.data.join(MOVED);
    let is_here = config.server.mode == DataMode::Disk && config.storage.database_url.is_none();
    if is_here && fs::symlink_metadata(&path).is_ok() {
        return Err(StartError::Moved { path });
    }
    Ok(())
}

async fn open(config: &Config) -> Result<(DataDir, Opened), StartError> {
    on_disk(config)?;
    stays(config)?;
    is_there(config)?;
    let data = DataDir::open(&config.server.data)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let opened = Storage::open(config.storage(), frontend::formats(), clock).await;
    Ok((data, opened.map_err(|source| StartError::Storage { path: data_of(config), source: source.into() })?))
}

/// Refuses a place where no gateway ever was: a backup of nothing would be taken for one.
fn is_there(config: &Config) -> Result<(), StartError> {
    let path = match config.storage.database_url {
        Some(_) => data_of(config),
        None => config.server.data.join("wharfinger.db"),
    };
    match fs::symlink_metadata(&path) {
        Ok(_) => Ok(()),
        Err(source) => Err(StartError::File { path, doing: "there is nothing of a gateway", source }),
    }
}

fn on_disk(config: &Config) -> Result<(), StartError> {
    if config.server.mode == DataMode::Memory {
        return Err(StartError::InMemory);
    }
    Ok(())
}

fn data_of(config: &Config) -> PathBuf {
    config.server.data.clone()
}

fn scratch_of(config: &Config) -> PathBuf {
    config.server.data.join("moving")
}
