//! Documents that protocols render from rows, such as an index of versions: kept until any name of the repository changes.

use bytes::Bytes;
use domain::{Granted, Implies, Probe, RepositoryId};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::error::Error;
use crate::recent::Moment;
use crate::sql::{Tx, content};
use crate::store::Storage;

/// What a document costs besides its bytes.
const OVERHEAD_BYTES: u64 = 256;

/// Rendered documents, bounded in bytes.
pub(crate) struct Documents {
    rendered: Cache<DocumentAt, Bytes, Size>,
}

/// The names of a repository as they are between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Generation {
    /// In the only process that writes them.
    Own(Moment),
    /// As counted by the rows.
    Counted(RepositoryId, u64),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct DocumentAt {
    generation: Generation,
    name: Box<str>,
}

#[derive(Clone)]
struct Size;

impl Documents {
    pub(crate) fn new(bytes_max: u64) -> Self {
        // The cache makes shards of 32 expected documents or more, and keeps none that is larger than a shard: 8 MiB.
        let documents = usize::try_from(bytes_max / 262_144).unwrap_or(usize::MAX).max(16);
        Self { rendered: Cache::with_weighter(documents, bytes_max, Size) }
    }
}

impl Weighter<DocumentAt, Bytes> for Size {
    fn weight(&self, at: &DocumentAt, bytes: &Bytes) -> u64 {
        (bytes.len().saturating_add(at.name.len()) as u64).saturating_add(OVERHEAD_BYTES)
    }
}

impl Storage {
    /// A document rendered from the names of the repository. It is kept, within bounds, until any name there changes, and
    /// rendered by one request at a time. `name` holds everything else that it depends on, such as the address in its links.
    ///
    /// # Errors
    /// Those of `render`, and failures of the database.
    pub async fn derived<R, E, F>(
        &self,
        may: &Granted<R>,
        name: &str,
        render: impl FnOnce() -> F,
    ) -> Result<Bytes, E>
    where
        R: Implies<Probe>,
        E: From<Error>,
        F: Future<Output = Result<Bytes, E>>,
    {
        let generation = self.generation(may.node().id()).await?;
        let at = DocumentAt { generation, name: name.into() };
        self.shared.documents.rendered.get_or_insert_async(&at, render()).await
    }

    /// Asked before any row is read, so that a document of later rows is never kept as one of earlier ones.
    async fn generation(&self, repository: RepositoryId) -> Result<Generation, Error> {
        if self.shared.recent.is_kept() {
            return Ok(Generation::Own(self.shared.recent.moment(repository)));
        }
        let read = move |tx: &mut dyn Tx| content::revision(tx, repository);
        let revision = self.shared.database.point(read).await?.ok_or(Error::Absent)?;
        Ok(Generation::Counted(repository, revision))
    }
}
