//! Making a backup, beside whatever else goes on.

use std::fs;
use std::path::{Path, PathBuf};

use domain::{System, time};

use super::contents::{self, Bytes, Content, List};
use super::document::{self, BackupDocument, ContentsDocument, TableDocument};
use super::files::{make_folder, sync_folder, write};
use super::{BackupError, into_job, out_of, rows};
use crate::error::Error;
use crate::sql::Tx;
use crate::store::Storage;

/// Contents that are copied between two looks at the list.
const LOOKED_FOR: usize = 512;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub document: BackupDocument,
    /// How many contents had to be copied; the others were in the target already.
    pub copied: u64,
    /// How many bytes these have.
    pub copied_bytes: u64,
}

/// What copying came to.
#[derive(Default)]
struct Copied {
    contents: u64,
    bytes: u64,
    damaged: u64,
}

impl Storage {
    /// Makes a backup of everything in a folder of `target`: rows as they are at one moment, then the contents that they name and
    /// the target does not have yet. Costs a reader and the disk; nobody waits for it. If it ends in the middle there is no backup,
    /// and the next one goes on with the contents that were copied.
    ///
    /// # Errors
    /// `File` if the target cannot be written; failures of the database.
    pub async fn back_up(&self, _system: &System, target: &Path) -> Result<BackedUp, BackupError> {
        let now = self.now();
        let id = name(&time::show_millis(now))?;
        let part = target.join(format!("{id}.part"));
        let (tables, listed) = self.read_rows(&part).await?;
        let copied = self.copy_contents(&part, target).await?;
        let listed = ContentsDocument { damaged: copied.damaged, ..listed };
        let document = BackupDocument::new(id.clone(), now.millis(), (tables, listed));
        let path = target.join(id);
        let (text, from, to, above) = (document.text(), part, path.clone(), target.to_owned());
        contents::off(move || {
            sync_folder(&from)?;
            write(&document::path(&from), &text)?;
            sync_folder(&from)?;
            fs::rename(&from, &to).map_err(BackupError::file(&to, "cannot be made"))?;
            sync_folder(&above)
        })
        .await?;
        Ok(BackedUp { path, document, copied: copied.contents, copied_bytes: copied.bytes })
    }

    /// Writes all rows and the list of contents, as they are at one moment.
    pub(super) async fn read_rows(
        &self,
        part: &Path,
    ) -> Result<(Vec<TableDocument>, ContentsDocument), BackupError> {
        let part = part.to_owned();
        let read = move |tx: &mut dyn Tx| {
            make_folder(&part).map_err(into_job)?;
            Ok((rows::write(tx, &part)?, contents::list(tx, &part)?))
        };
        self.shared.database.read(read).await.map_err(out_of)
    }

    async fn copy_contents(&self, part: &Path, target: &Path) -> Result<Copied, BackupError> {
        let (folder, mut copied, part) = (contents::folder(target), Copied::default(), part.to_owned());
        let mut list = contents::off(move || List::open(&part)).await?;
        loop {
            let below = folder.clone();
            let looked = contents::off(move || Ok((missing(&mut list, &below)?, list)));
            let (missing, rest) = looked.await?;
            list = rest;
            if missing.is_empty() {
                return Ok(copied);
            }
            for content in missing {
                let seen = match self.shared.blobs.source(content.key()).await {
                    Ok(source) => contents::fetch(source, &content, &content.path(&folder)?).await?,
                    Err(_) => Bytes::Wrong,
                };
                copied.count(&content, seen);
            }
        }
    }
}

impl Copied {
    fn count(&mut self, content: &Content, seen: Bytes) {
        match seen {
            Bytes::Right => {
                self.contents = self.contents.saturating_add(1);
                self.bytes = self.bytes.saturating_add(content.bytes());
            }
            Bytes::Wrong => {
                self.damaged = self.damaged.saturating_add(1);
                tracing::error!(
                    digest = ?contents::digest(content),
                    "a content is not in the backup, because its bytes are gone or altered"
                );
            }
        }
    }
}

/// The next contents of the list that the target does not have; none behind its end.
fn missing(list: &mut List, below: &Path) -> Result<Vec<Content>, BackupError> {
    let mut missing = Vec::new();
    while missing.len() < LOOKED_FOR
        && let Some(content) = list.next()?
    {
        if !contents::is_there(&content.path(below)?, &content) {
            missing.push(content);
        }
    }
    Ok(missing)
}

/// The moment in digits, and something that tells two of the same moment apart.
fn name(moment: &str) -> Result<String, Error> {
    let random = getrandom::u32().map_err(|error| Error::unavailable("drawing random bits", error))?;
    let digits: String = moment.chars().filter(char::is_ascii_alphanumeric).collect();
    Ok(format!("{digits}-{random:08x}"))
}
