//! Telling whether a backup is good: its rows make a database again, and the contents that they name are there.

use std::path::Path;

use super::contents::{self, Bytes, Content};
use super::document::BackupDocument;
use super::restore::{Place, fill};
use super::{BackupError, TokensAfter};

/// Of how many contents one is read, where not all are.
const SAMPLE: u64 = 100;

/// How closely contents are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// All are there and as long as they should be; one of a hundred is read.
    Sample,
    /// All are read.
    All,
}

/// What was found of a backup whose rows are good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What it says of itself.
    pub document: BackupDocument,
    /// How many contents were read and have their digest.
    pub read: u64,
    /// Keys of contents that are gone or not what they should be, at most a hundred of them.
    pub wrong: Vec<Box<str>>,
    /// How many these are.
    pub wrong_count: u64,
}

/// Keys that are told.
const TOLD: usize = 100;

/// Verifies a backup: its rows are loaded into a database of their own, in `scratch`, a folder that is there, empty, and has room for
/// it; it is left there. Contents are looked for, and read as closely as asked.
///
/// # Errors
/// `File`, `Damaged` or `Newer` if it is no backup, or its rows cannot be restored. What is wrong with contents is no error.
pub async fn verify(backup: &Path, scratch: &Path, depth: Depth) -> Result<Checked, BackupError> {
    let read = backup.to_owned();
    let document = contents::off(move || BackupDocument::read(&read)).await?;
    let place = Place::scratch(scratch);
    fill(backup, &document, place, TokensAfter::Keep).await?;
    let backup = backup.to_owned();
    contents::off(move || look(&backup, document, depth)).await
}

fn look(backup: &Path, document: BackupDocument, depth: Depth) -> Result<Checked, BackupError> {
    let folder = contents::folder(backup.parent().unwrap_or(backup));
    let told = document.contents.clone();
    let mut checked = Checked { document, read: 0, wrong: Vec::new(), wrong_count: 0 };
    let mut number = 0_u64;
    contents::each(backup, &told, |content| {
        number = number.wrapping_add(1);
        let path = content.path(&folder)?;
        let is_read = depth == Depth::All || number.is_multiple_of(SAMPLE) || number == 1;
        let seen = match contents::is_there(&path, &content) {
            false => Bytes::Wrong,
            true if is_read => contents::carry(&path, &content, None)?,
            true => return Ok(()),
        };
        checked.note(&content, seen);
        Ok(())
    })?;
    Ok(checked)
}

impl Checked {
    fn note(&mut self, content: &Content, seen: Bytes) {
        match seen {
            Bytes::Right => self.read = self.read.saturating_add(1),
            Bytes::Wrong => {
                self.wrong_count = self.wrong_count.saturating_add(1);
                if self.wrong.len() < TOLD {
                    self.wrong.push(content.key().into());
                }
            }
        }
    }

    /// Whether it is as good as it was when it was made: what was damaged then already is told apart by the number alone.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.wrong_count <= self.document.contents.damaged
    }
}
