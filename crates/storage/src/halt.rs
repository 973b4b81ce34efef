//! The end of all writing. After an error of fsync nobody knows which of the bytes before it are on the disk: the kernel says so once,
//! and has dropped what it could not write. So nothing is written any more; the process ends, and the next one goes by what the disk
//! has (docs/operations.md 9).

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{ErrorCode, ffi};
use tokio::sync::Notify;

use crate::error::{Error, Fault};

#[derive(Default)]
pub(crate) struct Halt {
    halted: AtomicBool,
    told: Notify,
    failing: Failing,
}

/// Where a suite has something fail; nowhere in a program.
#[derive(Default)]
struct Failing(#[cfg(any(test, feature = "testing"))] std::sync::Mutex<Option<&'static str>>);

impl Failing {
    #[cfg(any(test, feature = "testing"))]
    fn at(this: &Self, point: &'static str) -> bool {
        *this.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) == Some(point)
    }

    #[cfg(not(any(test, feature = "testing")))]
    const fn at(_: &Self, _: &'static str) -> bool {
        false
    }
}

impl Halt {
    /// Whether something may be written still.
    ///
    /// # Errors
    /// `Unavailable` if not.
    pub(crate) fn require(&self) -> Result<(), Error> {
        if !self.halted.load(Ordering::Acquire) {
            return Ok(());
        }
        let source = "nothing is written any more after a write that the disk refused".into();
        Err(Fault::Unavailable { doing: "writing", source }.into())
    }

    /// Waits for the end of all writing.
    pub(crate) async fn halted(&self) {
        loop {
            let told = self.told.notified();
            if self.halted.load(Ordering::Acquire) {
                return;
            }
            told.await;
        }
    }

    /// Bytes could not be made durable. A full disk is no reason: what did not fit is thrown away by who wrote it.
    pub(crate) fn unsynced(&self, doing: &'static str, error: &io::Error) {
        if !matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            self.strike(doing, error);
        }
    }

    /// A statement failed, or a commit: ends all writing if the disk is the reason.
    pub(crate) fn failed(&self, doing: &'static str, error: &rusqlite::Error) {
        let is_of_memory =
            error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_NOMEM);
        if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) && !is_of_memory {
            self.strike(doing, error);
        }
    }

    /// Whether a suite has this fail.
    pub(crate) fn reached(&self, point: &'static str) -> io::Result<()> {
        if Failing::at(&self.failing, point) { Err(io::Error::from(rustix::io::Errno::IO)) } else { Ok(()) }
    }

    /// Has something fail from now on.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn fail_at(&self, point: Option<&'static str>) {
        *self.failing.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = point;
    }

    fn strike(&self, doing: &'static str, error: &dyn std::error::Error) {
        if !self.halted.swap(true, Ordering::AcqRel) {
            tracing::error!(
                doing,
                %error,
                "the disk refused what was to be durable: nothing is written any more, and the gateway ends"
            );
            self.told.notify_waiters();
        }
    }
}
