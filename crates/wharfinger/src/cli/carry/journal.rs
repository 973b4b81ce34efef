//! What an earlier run was done with: a file of lines of JSON, to which each thing is added once it is there.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::cli::failure::Failure;

/// Longest line, in bytes; what is longer was not written by this.
const LINE_BYTES_MAX: u64 = 64 << 10;
/// Bytes by which a name is remembered: a run may have millions.
const KEY_BYTES: usize = 16;

/// The file of a run.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    done: HashSet<[u8; KEY_BYTES]>,
}

impl Journal {
    /// Reads what is there, or begins one, for what is carried from here to there.
    ///
    /// # Errors
    /// `Configuration` if it is of another run, or no such file at all.
    pub(super) fn open(path: &Path, what: &Value) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::Configuration(format!("{}: {why}", path.display()));
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = open.map_err(|error| wrong(error.to_string()))?;
        let (head, done, good_bytes) = read(&file).map_err(|error| wrong(error.to_string()))?;
        match head {
            Some(head) if head == *what => {}
            Some(_) => {
                let why = "it is of another run: name another file, or remove it";
                return Err(wrong(why.to_owned()));
            }
            None if good_bytes == 0 => {}
            None => return Err(wrong("it is no file of a run".to_owned())),
        }
        // A line that was cut short is written again.
        let placed = file.set_len(good_bytes).and_then(|()| file.seek(SeekFrom::End(0)));
        placed.map_err(|error| wrong(error.to_string()))?;
        let mut journal = Self { path: path.to_owned(), file, done };
        if good_bytes == 0 {
            journal.line(what)?;
        }
        Ok(journal)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.done.contains(&key(name))
    }

    /// Adds one that is there now.
    pub(super) fn put(&mut self, name: &str) -> Result<(), Failure> {
        self.line(&json!({ "done": name }))?;
        self.done.insert(key(name));
        Ok(())
    }

    fn line(&mut self, value: &Value) -> Result<(), Failure> {
        let written = self.file.write_all(format!("{value}\n").as_bytes());
        written.map_err(|error| Failure::Configuration(format!("{}: {error}", self.path.display())))
    }
}

type Known = (Option<Value>, HashSet<[u8; KEY_BYTES]>, u64);

/// The first line, the names of the others, and how many bytes of whole lines there are.
fn read(file: &File) -> std::io::Result<Known> {
    let mut lines = BufReader::new(file);
    let (mut head, mut done, mut good_bytes) = (None, HashSet::new(), 0_u64);
    loop {
        let mut line = Vec::new();
        std::io::Read::take(&mut lines, LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            // A first line without an end is not ours, and not to be cut off.
            let whole = head.is_some() || line.is_empty();
            return if whole { Ok((head, done, good_bytes)) } else { Err(ErrorKind::InvalidData.into()) };
        }
        let value: Value = serde_json::from_slice(&line).map_err(|_| ErrorKind::InvalidData)?;
        good_bytes = good_bytes.saturating_add(line.len() as u64);
        if head.is_none() {
            head = Some(value);
        } else if let Some(name) = value.get("done").and_then(Value::as_str) {
            done.insert(key(name));
        }
    }
}

fn key(name: &str) -> [u8; KEY_BYTES] {
    let whole = digest(&SHA256, name.as_bytes());
    let mut key = [0; KEY_BYTES];
    key.iter_mut().zip(whole.as_ref()).for_each(|(to, from)| *to = *from);
    key
}

#[cfg(test)]
mod tests;
