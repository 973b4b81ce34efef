use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::progress::Progress;
use crate::error::Error;
use crate::space::Space;

/// Writes a file at its final path. Every call may block.
pub(crate) struct FileWriter {
    path: PathBuf,
    space: Arc<Space>,
    file: Option<File>,
    offset_bytes: u64,
    /// How much of it a row knows of.
    saved_bytes: u64,
    /// Whether the directory is known to have the file, durably.
    placed: bool,
}

impl FileWriter {
    pub(super) const fn new(path: PathBuf, from: &Progress, space: Arc<Space>) -> Self {
        let saved_bytes = from.offset_bytes;
        Self { path, space, file: None, offset_bytes: saved_bytes, saved_bytes, placed: saved_bytes > 0 }
    }

    pub(super) fn write(&mut self, chunks: &[Bytes]) -> Result<(), Error> {
        let mut at = self.offset_bytes;
        if let Err(error) = self.space.require(chunks.iter().map(|chunk| chunk.len() as u64).sum()) {
            self.undo();
            return Err(error);
        }
        let file = self.opened()?;
        for chunk in chunks {
            if let Err(error) = file.write_all_at(chunk, at) {
                return Err(self.undone(error));
            }
            at = at.saturating_add(chunk.len() as u64);
        }
        self.offset_bytes = at;
        Ok(())
    }

    pub(super) fn save(mut self) -> Result<Progress, Error> {
        if self.offset_bytes > 0 {
            self.sync()?;
        }
        Ok(Progress { offset_bytes: self.offset_bytes, ..Progress::default() })
    }

    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.sync()
    }

    /// Opened at the first byte. What a crash left behind the saved offset is cut off.
    fn opened(&mut self) -> Result<&File, Error> {
        match &mut self.file {
            Some(file) => Ok(file),
            closed @ None => {
                let file = open(&self.path).map_err(unwritable)?;
                let present = file.metadata().map_err(unwritable)?.len();
                if present < self.offset_bytes {
                    return Err(Error::corrupt("an upload has fewer bytes than its row says"));
                }
                if present > self.offset_bytes {
                    file.set_len(self.offset_bytes).map_err(unwritable)?;
                }
                Ok(closed.insert(file))
            }
        }
    }

    /// File first, then its directory. An error of fsync is final for this file: what the kernel dropped stays dropped.
    fn sync(&mut self) -> Result<(), Error> {
        let space = Arc::clone(&self.space);
        let halt = space.halt();
        halt.require()?;
        let file = self.opened()?;
        if let Err(error) = halt.reached("finish.fsync").and_then(|()| file.sync_data()) {
            halt.unsynced("making content durable", &error);
            return Err(self.undone(error));
        }
        if !self.placed {
            let directory = self.path.parent().ok_or_else(|| Error::corrupt("a blob lies nowhere"))?;
            let synced = halt.reached("finish.dirsync").and_then(|()| sync_directory(directory));
            synced.map_err(|error| {
                halt.unsynced("making the name of content durable", &error);
                unwritable(error)
            })?;
            self.placed = true;
        }
        Ok(())
    }

    /// Gives back the bytes that no row knows of. A disk that they have filled would stay full, and then not even the row by
    /// which the sweep finds them could be written.
    fn undone(&self, error: io::Error) -> Error {
        self.undo();
        unwritable(error)
    }

    fn undo(&self) {
        let undone = match &self.file {
            Some(file) if self.saved_bytes > 0 => file.set_len(self.saved_bytes),
            Some(_) => std::fs::remove_file(&self.path),
            None => Ok(()),
        };
        if let Err(error) = undone {
            tracing::warn!(%error, "the bytes of a failed upload are left to the sweep");
        }
    }
}

/// Makes a directory for nobody but us, with those above it, unless it is there.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Opens or makes the file.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Makes the names in a directory durable.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn unwritable(error: io::Error) -> Error {
    Error::unavailable("writing a blob", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fault;

    #[test]
    fn what_cannot_be_made_durable_ends_all_writing() {
        let folder = crate::testing::fresh_directory();
        let path = folder.join("blob");
        // What takes every byte and knows nothing of durability.
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        let clock = Arc::new(crate::testing::ManualClock::default());
        let space = Space::new(clock, Vec::new(), None, None);
        let writer = |path: &Path| FileWriter::new(path.to_owned(), &Progress::default(), Arc::clone(&space));
        let mut first = writer(&path);
        first.write(&[Bytes::from_static(b"bytes")]).unwrap();
        space.require(0).unwrap();
        assert!(matches!(first.finish(), Err(Error::Fault(Fault::Unavailable { .. }))));
        assert!(path.symlink_metadata().is_err(), "nobody takes it for content");
        assert!(matches!(space.require(0), Err(Error::Fault(Fault::Unavailable { .. }))));
        let mut other = writer(&folder.join("other"));
        assert!(matches!(
            other.write(&[Bytes::from_static(b"bytes")]),
            Err(Error::Fault(Fault::Unavailable { .. }))
        ));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_a_crash_left_behind_a_row_is_cut_off_and_what_it_lost_is_seen() {
        let folder = std::env::temp_dir().join(format!("wharfinger-saved-{}", std::process::id()));
        make_directory(&folder).unwrap();
        let path = folder.join("blob");
        let clock = Arc::new(crate::testing::ManualClock::default());
        let space = Space::new(clock, Vec::new(), None, None);
        let written = |from: &Progress, bytes: &'static str| {
            let mut writer = FileWriter::new(path.clone(), from, Arc::clone(&space));
            writer.write(&[Bytes::from_static(bytes.as_bytes())]).map(|()| writer)
        };
        let saved = written(&Progress::default(), "abc").unwrap().save().unwrap();
        written(&saved, "DEFGHIJ").unwrap().save().unwrap();
        written(&saved, "de").unwrap().finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"abcde");
        std::fs::write(&path, "ab").unwrap();
        assert!(matches!(written(&saved, "de").err(), Some(Error::Fault(Fault::Corrupt(_)))));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_does_not_fit_is_given_back() {
        let folder = std::env::temp_dir().join(format!("wharfinger-full-{}", std::process::id()));
        make_directory(&folder).unwrap();
        let path = folder.join("blob");
        // The disk on which nothing fits.
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let clock = Arc::new(crate::testing::ManualClock::default());
        let space = Space::new(clock, Vec::new(), None, None);
        let mut writer = FileWriter::new(path.clone(), &Progress::default(), space);
        assert!(matches!(
            writer.write(&[Bytes::from_static(b"bytes")]),
            Err(Error::Fault(Fault::NoSpace { .. }))
        ));
        assert!(path.symlink_metadata().is_err(), "it is gone");
        std::fs::remove_dir(&folder).unwrap();
    }
}
