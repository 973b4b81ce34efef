//! The log is copied into the database beside the writer, by a thread of its own: copying thousands of pages, and waiting for a
//! disk to have them, takes longer than anybody should wait behind somebody else's write.

use std::ffi::c_int;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::{connect, unavailable};
use crate::error::Error;
use crate::halt::Halt;

/// Pages of the log between two copies of it: 4 MiB.
const STEP_PAGES: c_int = 1000;
/// From so many pages on, 32 MiB, the writer copies what is left of it itself, so that it can begin anew: while it writes without a
/// break, a thread beside it never finds all of it copied.
const LOG_PAGES_MAX: c_int = 8000;

/// Lets what this connection writes be copied; the thread ends with the connection.
pub(super) fn beside(writer: &mut Connection, path: &Path, halt: &Arc<Halt>) -> Result<(), Error> {
    let (wake, woken) = sync_channel(1);
    let copier = connect(path)?;
    let (by_copier, by_writer) = (Arc::clone(halt), Arc::clone(halt));
    std::thread::Builder::new()
        .name("sqlite-copier".to_owned())
        .spawn(move || copy(&copier, &woken, &by_copier))
        .map_err(|error| Error::unavailable("starting a database thread", error))?;
    let mut due = STEP_PAGES;
    let hook = move |log: &mut Wal, pages: c_int| {
        after_commit(log, pages, &mut due, &wake, &by_writer);
        // What was committed stands, whatever became of the copy.
        Ok(())
    };
    writer.wal_hook(Some(hook)).map_err(|error| unavailable("opening the database", error))
}

fn after_commit(log: &mut Wal, pages: c_int, due: &mut c_int, wake: &SyncSender<()>, halt: &Halt) {
    if pages < *due - STEP_PAGES {
        // It began anew.
        *due = STEP_PAGES;
    }
    if pages >= LOG_PAGES_MAX {
        // In vain while the other thread is at it: then it is tried again after the next commit.
        if let Err(error) = log.checkpoint() {
            halt.failed("copying the log", &error);
            tracing::debug!(%error, "the log goes on");
        }
    } else if pages >= *due {
        *due = pages.saturating_add(STEP_PAGES);
        match wake.try_send(()) {
            // Full: it is about to look.
            Ok(()) | Err(TrySendError::Full(())) => {}
            Err(TrySendError::Disconnected(())) => tracing::warn!("nobody copies the log any more"),
        }
    }
}

fn copy(connection: &Connection, woken: &Receiver<()>, halt: &Halt) {
    while woken.recv().is_ok() && halt.require().is_ok() {
        // It waits for nobody, and nobody waits for it.
        let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = copied {
            halt.failed("copying the log", &error);
            tracing::warn!(%error, "the log was not copied into the database");
        }
    }
}
