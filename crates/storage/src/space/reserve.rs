use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FallocateFlags, fallocate};

/// Some hundred administrative changes.
pub(super) const BYTES: u64 = 8 << 20;

/// A file that only takes up room.
pub(super) struct Reserve {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(PartialEq, Eq)]
enum State {
    Kept,
    Gone,
    /// The file system cannot set room aside.
    Never,
}

impl Reserve {
    /// The reserve of an earlier run is kept.
    pub(super) fn new(folder: &Path) -> Self {
        let path = folder.join("reserve");
        let kept = fs::metadata(&path).is_ok_and(|file| file.len() == BYTES);
        Self { path, state: Mutex::new(if kept { State::Kept } else { State::Gone }) }
    }

    /// Takes the room, unless it has it.
    pub(super) fn make(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state != State::Gone {
            return;
        }
        *state = match self.allocate() {
            Ok(()) => State::Kept,
            Err(error) => {
                let _ = fs::remove_file(&self.path);
                tracing::warn!(path = %self.path.display(), %error, "no room can be reserved for administration");
                if error.kind() == io::ErrorKind::StorageFull { State::Gone } else { State::Never }
            }
        };
    }

    /// Gives the room back; false if there was none.
    pub(super) fn release(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state != State::Kept {
            return false;
        }
        *state = State::Gone;
        fs::remove_file(&self.path).is_ok()
    }

    fn allocate(&self) -> io::Result<()> {
        let file: File =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.path)?;
        Ok(fallocate(&file, FallocateFlags::empty(), 0, BYTES)?)
    }
}
