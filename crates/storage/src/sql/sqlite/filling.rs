//! Making a database file out of rows that are brought: it is there under its name once it is whole and durable, and not before.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::{SqliteTx, connect, unavailable};
use crate::error::Error;
use crate::sql::Tx;

/// What is being done, when it fails.
const DOING: &str = "filling a new database";

/// Runs a job in a new database, which gets this name if it succeeds.
///
/// # Errors
/// `Exists` if there is one. Those of the job; failures of the disk.
pub(in crate::sql) fn fill<T>(
    path: &Path,
    job: impl FnOnce(&mut dyn Tx) -> Result<T, Error>,
) -> Result<T, Error> {
    let failed = |error| Error::unavailable(DOING, error);
    if path.try_exists().map_err(failed)? {
        return Err(Error::Exists);
    }
    let part = beside(path, ".filling");
    remove(&part).map_err(failed)?;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(failed)?;
    let done = filled(&part, job);
    if done.is_err() {
        remove(&part).map_err(failed)?;
        return done;
    }
    File::open(&part).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&part, path).map_err(failed)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    done
}

fn filled<T>(part: &Path, job: impl FnOnce(&mut dyn Tx) -> Result<T, Error>) -> Result<T, Error> {
    let mut connection = connect(part)?;
    // Nobody has a half-filled file, so nothing is written twice for the sake of taking it back.
    connection
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        .map_err(|error| unavailable(DOING, error))?;
    let transaction = connection.transaction().map_err(|error| unavailable(DOING, error))?;
    let done = job(&mut SqliteTx::new(&transaction))?;
    transaction.commit().map_err(|error| unavailable(DOING, error))?;
    connection.close().map_err(|(_, error)| unavailable(DOING, error))?;
    Ok(done)
}

fn remove(part: &Path) -> io::Result<()> {
    for path in [part.to_owned(), beside(part, "-wal"), beside(part, "-shm"), beside(part, "-journal")] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
