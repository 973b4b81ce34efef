//! Files of a backup: written whole, durable, and readable by their owner alone, because rows hold hashes of secrets.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::BackupError;

/// Longest line that is read, in bytes: a row with a content in it that is kept in rows, spelt in letters, and room for the rest.
const LINE_BYTES_MAX: u64 = 64 << 20;

/// A file of lines while it is written.
pub(super) struct Lines {
    path: PathBuf,
    file: BufWriter<File>,
    sum: Sha256,
    lines: u64,
}

/// A file of lines while it is read; what it should be is known.
pub(super) struct Reading {
    path: PathBuf,
    file: BufReader<File>,
    sum: Sha256,
    lines: u64,
    line: Vec<u8>,
}

impl Lines {
    pub(super) fn create(path: &Path) -> Result<Self, BackupError> {
        let file = new(path).map_err(BackupError::file(path, "cannot be made"))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), sum: Sha256::new(), lines: 0 })
    }

    /// Adds a line, without its end.
    pub(super) fn put(&mut self, line: &[u8]) -> Result<(), BackupError> {
        self.sum.update(line);
        self.sum.update(b"\n");
        self.lines = self.lines.saturating_add(1);
        let written = self.file.write_all(line).and_then(|()| self.file.write_all(b"\n"));
        written.map_err(BackupError::file(&self.path, "cannot be written"))
    }

    /// Makes it durable; gives how many lines it has, and their SHA-256.
    pub(super) fn finish(self) -> Result<(u64, String), BackupError> {
        let failed = BackupError::file(&self.path, "cannot be written");
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error);
        file.and_then(|file| file.sync_all()).map_err(failed)?;
        Ok((self.lines, hex(&self.sum.finalize())))
    }
}

impl Reading {
    pub(super) fn open(path: &Path) -> Result<Self, BackupError> {
        let file = File::open(path).map_err(BackupError::file(path, "cannot be read"))?;
        let file = BufReader::new(file);
        Ok(Self { path: path.to_owned(), file, sum: Sha256::new(), lines: 0, line: Vec::new() })
    }

    /// The next line, without its end; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, BackupError> {
        self.line.clear();
        let read = self.file.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut self.line);
        if read.map_err(BackupError::file(&self.path, "cannot be read"))? == 0 {
            return Ok(None);
        }
        self.sum.update(&self.line);
        self.lines = self.lines.saturating_add(1);
        match self.line.strip_suffix(b"\n") {
            Some(line) => Ok(Some(line)),
            None => Err(BackupError::damaged(&self.path, "its last line has no end")),
        }
    }

    /// What is wrong with the line that was read last.
    pub(super) fn wrong(&self, what: &str) -> BackupError {
        BackupError::damaged(&self.path, format!("line {}: {what}", self.lines))
    }

    /// Once it was read to its end: whether it is as it was written.
    pub(super) fn finish(self, lines: u64, sha256: &str) -> Result<(), BackupError> {
        if self.lines != lines {
            let what = format!("it has {} lines in place of {lines}", self.lines);
            return Err(BackupError::damaged(&self.path, what));
        }
        if hex(&self.sum.finalize()) != sha256 {
            return Err(BackupError::damaged(&self.path, "it is not as it was written"));
        }
        Ok(())
    }
}

/// Makes a folder and those above it, for their owner alone.
pub(super) fn make_folder(path: &Path) -> Result<(), BackupError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(BackupError::file(path, "cannot be made"))
}

/// A file that was not there.
pub(super) fn new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Writes a whole file and makes it durable, under its name once it is.
pub(super) fn write(path: &Path, text: &str) -> Result<(), BackupError> {
    let beside = path.with_extension("part");
    let written = || {
        let mut file = new(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().map_err(BackupError::file(path, "cannot be written"))
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), BackupError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(BackupError::file(path, "cannot be written"))
}

/// Whether there is nothing in a folder, or no folder.
pub(super) fn is_empty(path: &Path) -> Result<bool, BackupError> {
    match fs::read_dir(path) {
        Ok(mut there) => Ok(there.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(BackupError::file(path, "cannot be read")(error)),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
