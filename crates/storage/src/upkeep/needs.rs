//! Reading what versions need that were made before that was kept, and of those that came without the document that says so.

use bytes::Bytes;
use domain::{Need, Needs};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::{Lease, STEP_MAX, Worked};
use crate::error::{Error, Fault};
use crate::model::EdgeKind;
use crate::sql::needs::{self, Unread};
use crate::sql::{Tx, content};
use crate::store::Storage;

/// Versions that are looked up at once.
const VERSIONS_ROWS: u32 = 100;
/// Files of a version among which its document is looked for.
const FILES_ROWS: u32 = 256;

/// Where reading goes on: behind the last version that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NeedsCursor(i64);

impl Storage {
    /// A step of reading what versions need of which it is not known. What cannot be read is passed over, and tried again once all others had
    /// their turn. Nothing is left when nothing was done.
    ///
    /// # Errors
    /// Failures of the database; what was not read is found again.
    pub async fn read_needs(&self, lease: &Lease, cursor: &mut NeedsCursor) -> Result<Worked, Fault> {
        let (began, mut worked, after) = (Instant::now(), Worked::default(), cursor.0);
        let unread = self.shared.database.read(move |tx| needs::unread(tx, after, VERSIONS_ROWS)).await?;
        if unread.is_empty() {
            *cursor = NeedsCursor::default();
        }
        for version in unread {
            if began.elapsed() >= STEP_MAX {
                break;
            }
            let (id, key) = (version.id, version.key.clone());
            cursor.0 = id;
            match self.read_needs_of(lease, version).await {
                Ok(()) => worked.items = worked.items.saturating_add(1),
                Err(error) => {
                    tracing::warn!(%error, version = %key.name.display(), "what a version needs cannot be read");
                    worked.failed = worked.failed.saturating_add(1);
                }
            }
        }
        Ok(worked)
    }

    async fn read_needs_of(&self, lease: &Lease, version: Unread) -> Result<(), Error> {
        let id = version.id;
        let known = self.shared.policies.formats().find(version.format.as_str()).ok();
        let by = known.and_then(|known| Some((known.browsing.needs?, known.browsing.parts)));
        let found = match by {
            Some((by, parts)) => {
                let target = parts(&version.key);
                let document = self.document(&by, &version, target).await?;
                read(by, version, document).await?
            }
            None => Vec::new(),
        };
        let rows = found.len() as u64;
        let note = move |tx: &mut dyn Tx| needs::put(tx, (id, false), &found).map(drop);
        self.fenced(lease, rows, note).await.map(drop)
    }

    /// The document among the parts of a version; nothing where it has none, or one that is longer than any that was taken in.
    async fn document(&self, by: &Needs, version: &Unread, parts: Option<String>) -> Result<Bytes, Error> {
        let Some(target) = parts else { return Ok(Bytes::new()) };
        let (repository, key, is_document) = (version.repository, version.key.clone(), by.is_document);
        let find = move |tx: &mut dyn Tx| {
            let (part, package) = ((EdgeKind::Part.as_str(), &*target), key.package.key());
            let files = content::pointing_to(tx, repository, part, package, ("", ""), FILES_ROWS)?;
            Ok(files.into_iter().find(|file| is_document(&key, &file.key)))
        };
        let found = self.shared.database.read(find).await?;
        let blob = found.and_then(|file| file.blob).filter(|blob| blob.size_bytes <= by.document_bytes_max);
        match blob {
            Some(blob) => self.shared.blobs.whole(&blob.object_key).await,
            None => Ok(Bytes::new()),
        }
    }
}

/// Reads a document where that may take its time.
async fn read(by: Needs, version: Unread, document: Bytes) -> Result<Vec<Need>, Error> {
    let read = spawn_blocking(move || (by.read)(&version.key, &version.attributes, &document));
    read.await.map_err(|error| Error::corrupt(format!("a document stopped who read it: {error}")))
}
