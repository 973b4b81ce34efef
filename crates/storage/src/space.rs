//! Room on the disks. Content is refused while there is still some, so that what remains can be written by administration; and a
//! file that only takes up room is given up for it when others have filled the disk.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::Clock;
use rustix::fs::statvfs;

use crate::error::{Error, Fault};
use crate::halt::Halt;

mod reserve;

use reserve::Reserve;

/// What stays free when nothing is configured: the larger of so many bytes and so much of the file system.
const FREE_BYTES_MIN: u64 = 64 << 20;
const FREE_PART_MIN: u64 = 100;
/// How old what is known may be, in milliseconds, and after how many more bytes at most it is looked at again.
const AGE_MILLIS_MAX: u64 = 1000;
const UNSEEN_BYTES_MAX: u64 = 8 << 20;
/// Administration writes less than this at a time; where not even so much is left, the reserve is given up.
const CHANGE_BYTES: u64 = 1 << 20;

/// Watches the file systems that are written to.
pub(crate) struct Space {
    halt: Arc<Halt>,
    clock: Arc<dyn Clock>,
    folders: Vec<PathBuf>,
    bytes_min: Option<u64>,
    reserve: Option<Reserve>,
    /// When it was looked at last, by the clock.
    looked_at: AtomicI64,
    /// Bytes that content has taken since, and after how many it is looked at again: half of what it may take.
    unseen_bytes: AtomicU64,
    unseen_bytes_max: AtomicU64,
    short: AtomicBool,
    room: Mutex<Option<Room>>,
}

/// Room on a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What programs without privileges may still use, in bytes.
    pub free_bytes: u64,
    /// Content is refused below this, in bytes.
    pub free_bytes_min: u64,
}

impl Space {
    /// Watches the file systems of these folders, and keeps a reserve in one of them.
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        folders: Vec<PathBuf>,
        bytes_min: Option<u64>,
        reserve_in: Option<PathBuf>,
    ) -> Arc<Self> {
        let this = Self {
            halt: Arc::default(),
            looked_at: AtomicI64::new(clock.now().millis()),
            clock,
            folders,
            bytes_min,
            reserve: reserve_in.map(|folder| Reserve::new(&folder)),
            unseen_bytes: AtomicU64::new(0),
            unseen_bytes_max: AtomicU64::new(UNSEEN_BYTES_MAX),
            short: AtomicBool::new(false),
            room: Mutex::new(None),
        };
        this.look();
        Arc::new(this)
    }

    /// Whether content may take so many bytes more. Mostly a few atomics; a look at the disks once a second and after every few MiB.
    ///
    /// # Errors
    /// `NoSpace` if less is left than has to be, `Unavailable` if nothing is written any more.
    pub(crate) fn require(&self, bytes: u64) -> Result<(), Error> {
        self.halt.require()?;
        if self.folders.is_empty() {
            return Ok(());
        }
        let unseen = self.unseen_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let now = self.clock.now().millis();
        // Also if the clock was set back; and where too little is left, somebody may have made room a moment ago.
        let old = now.abs_diff(self.looked_at.load(Ordering::Relaxed)) >= AGE_MILLIS_MAX;
        let taken = unseen >= self.unseen_bytes_max.load(Ordering::Relaxed);
        if old || taken || self.short.load(Ordering::Relaxed) {
            self.looked_at.store(now, Ordering::Relaxed);
            self.look();
        }
        if self.short.load(Ordering::Relaxed) {
            let source = "less is free than storage.free_bytes_min".into();
            return Err(Fault::NoSpace { doing: "keeping room for administration", source }.into());
        }
        Ok(())
    }

    /// Whether anything is written at all.
    pub(crate) const fn halt(&self) -> &Arc<Halt> {
        &self.halt
    }

    /// Gives up the reserve if administration could not write without it.
    pub(crate) fn give_way(&self) {
        let Some(reserve) = &self.reserve else { return };
        let needy = |folder: &PathBuf| statvfs(folder).is_ok_and(|disk| free(&disk) < CHANGE_BYTES);
        if self.folders.iter().any(needy) && reserve.release() {
            tracing::warn!("the disk is full: the reserve is used for what administration writes");
        }
    }

    /// What was seen at the last look.
    pub(crate) fn room(&self) -> Option<Room> {
        let _ = self.require(0);
        *self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) {
        self.unseen_bytes.store(0, Ordering::Relaxed);
        let spare = |room: &Room| room.free_bytes.saturating_sub(room.free_bytes_min);
        let seen = |folder: &PathBuf| match statvfs(folder) {
            Ok(disk) => {
                let part = disk.f_blocks.saturating_mul(disk.f_frsize) / FREE_PART_MIN;
                let free_bytes_min = self.bytes_min.unwrap_or_else(|| part.max(FREE_BYTES_MIN));
                Some(Room { free_bytes: free(&disk), free_bytes_min })
            }
            Err(error) => {
                tracing::debug!(folder = %folder.display(), %error, "the room on a disk cannot be told");
                None
            }
        };
        let least = self.folders.iter().filter_map(seen).min_by_key(|room| (spare(room), room.free_bytes));
        *self.room.lock().unwrap_or_else(PoisonError::into_inner) = least;
        let Some(room) = least else { return };
        self.unseen_bytes_max.store((spare(&room) / 2).min(UNSEEN_BYTES_MAX), Ordering::Relaxed);
        let short = room.free_bytes < room.free_bytes_min;
        let Room { free_bytes, free_bytes_min } = room;
        match (self.short.swap(short, Ordering::Relaxed), short) {
            (false, true) => {
                tracing::error!(
                    free_bytes,
                    free_bytes_min,
                    "the disk is nearly full: nothing more is stored, administration goes on"
                );
            }
            (true, false) => tracing::info!(free_bytes, "there is room again: content is stored"),
            _ => {}
        }
        if let Some(reserve) = self.reserve.as_ref().filter(|_| spare(&room) >= reserve::BYTES) {
            reserve.make();
        }
    }
}

fn free(disk: &rustix::fs::StatVfs) -> u64 {
    disk.f_bavail.saturating_mul(disk.f_frsize)
}

#[cfg(test)]
mod tests;
