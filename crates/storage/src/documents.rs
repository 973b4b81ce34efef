//! Documents that protocols render from rows, such as an index of versions: kept until any name of the repository changes.

use std::net::IpAddr;

use bytes::Bytes;
use domain::{Granted, Implies, PrincipalId, Probe, RepositoryId, Timestamp};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::error::Error;
use crate::recent::Moment;
use crate::sql::{Tx, content};
use crate::store::Storage;

/// What a document costs besides its bytes.
const OVERHEAD_BYTES: u64 = 256;
/// How long a caller's questions about a document are about the one it was given, in milliseconds.
const NOTED_MILLIS: i64 = 5_000;
/// Memory for who was given what, in bytes.
const NOTED_BYTES_MAX: u64 = 1 << 20;

/// Rendered documents, bounded in bytes, and who was given which of them a moment ago.
pub(crate) struct Documents {
    rendered: Cache<DocumentAt, Bytes, Size>,
    noted: Cache<NotedAt, Noted, Size>,
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

/// A caller, as far as requests tell one from another, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct NotedAt {
    repository: RepositoryId,
    name: Box<str>,
    principal: PrincipalId,
    address: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy)]
struct Noted {
    generation: Generation,
    at: Timestamp,
}

#[derive(Clone)]
struct Size;

impl Documents {
    pub(crate) fn new(bytes_max: u64) -> Self {
        // The cache makes shards of 32 expected documents or more, and keeps none that is larger than a shard: 8 MiB.
        let documents = usize::try_from(bytes_max / 262_144).unwrap_or(usize::MAX).max(16);
        let noted = usize::try_from(NOTED_BYTES_MAX / OVERHEAD_BYTES).unwrap_or(usize::MAX);
        Self {
            rendered: Cache::with_weighter(documents, bytes_max, Size),
            noted: Cache::with_weighter(noted, NOTED_BYTES_MAX, Size),
        }
    }

    /// Nobody is given an earlier document any more.
    pub(crate) fn forget_noted(&self) {
        self.noted.clear();
    }
}

impl NotedAt {
    fn of<R: Implies<Probe>>(may: &Granted<R>, name: &str) -> Self {
        let (repository, address) = (may.node().id(), may.origin().address);
        Self { repository, name: name.into(), principal: may.principal(), address }
    }
}

impl Weighter<DocumentAt, Bytes> for Size {
    fn weight(&self, at: &DocumentAt, bytes: &Bytes) -> u64 {
        (bytes.len().saturating_add(at.name.len()) as u64).saturating_add(OVERHEAD_BYTES)
    }
}

impl Weighter<NotedAt, Noted> for Size {
    fn weight(&self, at: &NotedAt, _: &Noted) -> u64 {
        (at.name.len() as u64).saturating_add(OVERHEAD_BYTES)
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
        Ok(self.rendered(may.node().id(), name, render).await?.1)
    }

    /// As [`Self::derived`], and for five seconds this is the document that [`Self::derived_as_noted`] gives this caller: so
    /// that a hash asked for right after a document is a hash of that document, whatever was published in between. Removals
    /// end it, those of other nodes by those five seconds.
    ///
    /// # Errors
    /// As [`Self::derived`].
    pub async fn derived_and_noted<R, E, F>(
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
        let (generation, document) = self.rendered(may.node().id(), name, render).await?;
        let noted = Noted { generation, at: self.shared.clock.now() };
        self.shared.documents.noted.insert(NotedAt::of(may, name), noted);
        Ok(document)
    }

    /// The document this caller was given a moment ago, as far as it is still kept, else the present one.
    ///
    /// # Errors
    /// As [`Self::derived`].
    pub async fn derived_as_noted<R, E, F>(
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
        match self.noted(&NotedAt::of(may, name)) {
            Some(document) => Ok(document),
            None => self.derived(may, name, render).await,
        }
    }

    async fn rendered<E, F>(
        &self,
        repository: RepositoryId,
        name: &str,
        render: impl FnOnce() -> F,
    ) -> Result<(Generation, Bytes), E>
    where
        E: From<Error>,
        F: Future<Output = Result<Bytes, E>>,
    {
        let generation = self.generation(repository).await?;
        let at = DocumentAt { generation, name: name.into() };
        Ok((generation, self.shared.documents.rendered.get_or_insert_async(&at, render()).await?))
    }

    fn noted(&self, asked: &NotedAt) -> Option<Bytes> {
        let documents = &self.shared.documents;
        let noted = documents.noted.get(asked)?;
        let age_millis = self.shared.clock.now().millis().saturating_sub(noted.at.millis());
        let fresh = (0..NOTED_MILLIS).contains(&age_millis);
        let at = DocumentAt { generation: noted.generation, name: asked.name.clone() };
        fresh.then(|| documents.rendered.get(&at)).flatten()
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
