//! The data directory: made private, used by one gateway at a time, and the small files of our own in it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use auth::{KeyRing, Secret};
use rustix::fs::FlockOperation;

use crate::error::StartError;

/// The directory while this process owns it; the lock ends with this value or the process, whichever ends first.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    lock: File,
}

impl DataDir {
    /// Makes the directory if need be and takes its lock.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |doing| move |source| StartError::File { path: path.to_owned(), doing, source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("cannot be made"))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(failed("is not writable"))?;
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path: path.to_owned(), lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(StartError::InUse { path: path.to_owned() }),
            Err(error) => Err(failed("cannot be locked")(error.into())),
        }
    }

    /// The key ring in `keys`, made at the first start.
    pub(crate) fn keys(&self) -> Result<KeyRing, StartError> {
        let path = self.path.join("keys");
        match read_keys(&path) {
            Err(StartError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let ring = KeyRing::generate();
                write_private(&path, ring.to_bytes().expose())?;
                Ok(ring)
            }
            other => other,
        }
    }

    /// The file that holds the set-up code as long as it is good.
    pub(crate) fn setup_code(&self) -> PathBuf {
        self.path.join("setup-code")
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // Closing is not enough: a process that is just being started holds a copy of every descriptor until it runs its program,
        // and the lock is kept as long as any copy is open.
        if let Err(error) = rustix::fs::flock(&self.lock, FlockOperation::Unlock) {
            tracing::warn!(path = %self.path.display(), %error, "the lock of the data directory is kept until the process ends");
        }
    }
}

/// Reads a key file, ours or the one that all nodes share.
pub(crate) fn read_keys(path: &Path) -> Result<KeyRing, StartError> {
    let failed = |source| StartError::File { path: path.to_owned(), doing: "cannot be read", source };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        let reason = "others can read or write it; chmod 600";
        return Err(StartError::Keys { path: path.to_owned(), reason });
    }
    let mut bytes = Vec::with_capacity(1024);
    io::Read::read_to_end(&mut io::Read::take(file, 64 * 1024), &mut bytes).map_err(failed)?;
    KeyRing::from_bytes(&Secret::new(bytes))
        .map_err(|invalid| StartError::Keys { path: path.to_owned(), reason: invalid.reason })
}

/// Writes a file that only we can read: whole or not at all, and durable before this returns.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StartError> {
    let write = || -> io::Result<()> {
        let beside = path.with_extension("new");
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        File::open(path.parent().unwrap_or_else(|| Path::new(".")))?.sync_all()
    };
    write().map_err(|source| StartError::File { path: path.to_owned(), doing: "cannot be written", source })
}

#[cfg(test)]
mod tests;
