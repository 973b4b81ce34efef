//! The contents of a backup: which they are, and carrying their bytes.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use domain::{Algorithm, Digest};
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};

use super::document::ContentsDocument;
use super::files::{Lines, Reading, hex, make_folder, new, sync_folder};
use super::{BackupError, into_job};
use crate::blobs::Source;
use crate::error::Error;
use crate::layout;
use crate::sql::{Tx, backups, blocking};

/// Where contents are, beside all backups of a target.
const FOLDER: &str = "contents";
/// The list of those of a backup.
const LIST: &str = "contents.jsonl";
/// Bytes that are read at a time.
const PIECE_BYTES: usize = 256 << 10;

/// A content that rows name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Content(Box<str>, u64, Box<str>);

/// How the bytes of a content are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bytes {
    Right,
    /// They are gone, cut short or other ones.
    Wrong,
}

impl Content {
    /// Its key.
    pub(super) const fn key(&self) -> &str {
        &self.0
    }

    /// How long it is, in bytes.
    pub(super) const fn bytes(&self) -> u64 {
        self.1
    }

    /// Where it is below a folder.
    ///
    /// # Errors
    /// `Damaged` if its key is none that this program makes: no other path is written to.
    pub(super) fn path(&self, below: &Path) -> Result<PathBuf, BackupError> {
        if layout::is_blob_key(self.key()) {
            return Ok(below.join(self.key()));
        }
        Err(BackupError::damaged(below, format!("{:?} is no key of a content", self.key())))
    }
}

/// Lists the contents that the rows name at this moment; none of them is known to be damaged yet.
pub(super) fn list(tx: &mut dyn Tx, backup: &Path) -> Result<ContentsDocument, Error> {
    let mut lines = Lines::create(&backup.join(LIST)).map_err(into_job)?;
    let (mut count, mut bytes) = (0_u64, 0_u64);
    backups::each_content(tx, &mut |row| {
        (count, bytes) = (count.saturating_add(1), bytes.saturating_add(row.size_bytes));
        let content = Content(row.object_key.into(), row.size_bytes, hex(row.sha256).into());
        let line = serde_json::to_vec(&content)
            .map_err(|error| Error::corrupt(format!("a content cannot be written down: {error}")))?;
        lines.put(&line).map_err(into_job)
    })?;
    let (_, sha256) = lines.finish().map_err(into_job)?;
    Ok(ContentsDocument { count, bytes, damaged: 0, sha256 })
}

/// The list of the contents of a backup while it is read.
pub(super) struct List(Reading);

impl List {
    pub(super) fn open(backup: &Path) -> Result<Self, BackupError> {
        Reading::open(&backup.join(LIST)).map(Self)
    }

    /// The next of them; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<Content>, BackupError> {
        let Some(line) = self.0.next()? else { return Ok(None) };
        match serde_json::from_slice(line) {
            Ok(content) => Ok(Some(content)),
            Err(_) => Err(self.0.wrong("it is no content")),
        }
    }
}

/// Hands over each content of a backup, and tells in the end whether the list is as it was written.
pub(super) fn each(
    backup: &Path,
    told: &ContentsDocument,
    mut content: impl FnMut(Content) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let mut list = List::open(backup)?;
    while let Some(next) = list.next()? {
        content(next)?;
    }
    list.0.finish(told.count, &told.sha256)
}

/// Where the contents of a target are.
pub(super) fn folder(target: &Path) -> PathBuf {
    target.join(FOLDER)
}

/// Copies what is stored into a file; what is not what it should be is not left there.
pub(super) async fn fetch(source: Source, content: &Content, to: &Path) -> Result<Bytes, BackupError> {
    let part = to.with_extension("part");
    let folder = to.parent().unwrap_or(to).to_owned();
    let mut taken = {
        let part = part.clone();
        off(move || {
            make_folder(&folder)?;
            remove(&part)?;
            let file = new(&part).map_err(BackupError::file(&part, "cannot be made"))?;
            Ok(Taken { file, sum: Sha256::new(), path: part })
        })
        .await?
    };
    // What cannot be read is as good as gone: the backup says which these are.
    if let Ok(mut stream) = source.stream(0..content.1).await {
        while let Some(Ok(piece)) = stream.next().await {
            taken = off(move || taken.take(&piece)).await?;
        }
    }
    let (content, to) = (content.clone(), to.to_owned());
    off(move || taken.finish(&content, &to)).await
}

/// A copy while it is made.
struct Taken {
    file: File,
    sum: Sha256,
    path: PathBuf,
}

impl Taken {
    fn take(mut self, piece: &[u8]) -> Result<Self, BackupError> {
        self.sum.update(piece);
        self.file.write_all(piece).map_err(BackupError::file(&self.path, "cannot be written"))?;
        Ok(self)
    }

    fn finish(self, content: &Content, to: &Path) -> Result<Bytes, BackupError> {
        if hex(&self.sum.finalize()) != *content.2 {
            remove(&self.path)?;
            return Ok(Bytes::Wrong);
        }
        let done = self.file.sync_all().and_then(|()| fs::rename(&self.path, to));
        done.map_err(BackupError::file(to, "cannot be written"))?;
        if let Some(folder) = to.parent() {
            sync_folder(folder)?;
        }
        Ok(Bytes::Right)
    }
}

/// Reads a copy, and writes it to another place if one is given; whether it is what it should be.
pub(super) fn carry(from: &Path, content: &Content, to: Option<&Path>) -> Result<Bytes, BackupError> {
    let mut file = match File::open(from) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Bytes::Wrong),
        Err(error) => return Err(BackupError::file(from, "cannot be read")(error)),
    };
    let mut copy = match to {
        Some(to) => Some((new(to).map_err(BackupError::file(to, "cannot be made"))?, to)),
        None => None,
    };
    let (mut sum, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
    loop {
        let read = file.read(&mut piece).map_err(BackupError::file(from, "cannot be read"))?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        sum.update(bytes);
        if let Some((copy, to)) = &mut copy {
            copy.write_all(bytes).map_err(BackupError::file(to, "cannot be written"))?;
        }
    }
    if let Some((copy, to)) = copy {
        copy.sync_all().map_err(BackupError::file(to, "cannot be written"))?;
    }
    let right = hex(&sum.finalize()) == *content.2;
    Ok(if right { Bytes::Right } else { Bytes::Wrong })
}

/// Whether a copy is there, as long as it should be; what it holds is not looked at.
pub(super) fn is_there(path: &Path, content: &Content) -> bool {
    fs::metadata(path).is_ok_and(|there| there.is_file() && there.len() == content.1)
}

/// The digest of a content.
pub(super) fn digest(content: &Content) -> Option<Digest> {
    Digest::parse(&format!("{}:{}", Algorithm::Sha256.as_str(), content.2)).ok()
}

fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(BackupError::file(path, "cannot be removed")(error))
        }
        _ => Ok(()),
    }
}

/// Off the runtime's threads.
pub(super) async fn off<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    blocking(move || work().map_err(into_job)).await.map_err(super::out_of)
}
