//! Documents that protocols render from rows: kept until any name of the repository changes.

use bytes::Bytes;
use domain::{Implies, Probe, RepositoryId, Standing};

use super::Storage;
use crate::document_cache::{DocumentAt, Generation, Generations, GivenAsked};
use crate::error::ContentError;
use crate::sql::{Tx, content};

/// Which of two documents that clients fetch one after the other [`Storage::derived_paired`] is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairHalf {
    /// The document itself.
    Document,
    /// What goes with it, such as its hash.
    Companion,
}

impl Storage {
    /// A document rendered from the names of the repository and of those that are shown through it. It is kept, within bounds,
    /// until any name there changes, and rendered by one request at a time, whose document is everybody's who asks meanwhile.
    /// `name` holds everything else that it depends on, such as the address in its links. Renderings take turns, fairly by client;
    /// `render` may not ask for another document.
    ///
    /// # Errors
    /// Those of `render`, failures of the database, and `Full` if too many wait or too much is held.
    pub async fn derived<R, E, F>(
        &self,
        of: &Standing<R>,
        name: &str,
        render: impl FnOnce() -> F,
    ) -> Result<Bytes, E>
    where
        R: Implies<Probe>,
        E: From<ContentError>,
        F: Future<Output = Result<Bytes, E>>,
    {
        Ok(self.rendered(of, name, render).await?.1)
    }

    /// As [`Self::derived`], for a document that callers ask about in a second request: whoever was given it less than five
    /// seconds ago is told about that one, so that a hash is the hash of the document before it, whatever was published in
    /// between. Removals end it. Each node knows of its own answers only.
    ///
    /// # Errors
    /// As [`Self::derived`].
    pub async fn derived_paired<R, E, F>(
        &self,
        of: &Standing<R>,
        name: &str,
        half: PairHalf,
        render: impl FnOnce() -> F,
    ) -> Result<Bytes, E>
    where
        R: Implies<Probe>,
        E: From<ContentError>,
        F: Future<Output = Result<Bytes, E>>,
    {
        let asked = GivenAsked::of(of.own(), name);
        if half == PairHalf::Companion
            && let Some(document) = self.shared.document_cache.given(&asked, self.now())
        {
            return Ok(document);
        }
        let (generations, document) = self.rendered(of, name, render).await?;
        if half == PairHalf::Document {
            self.shared.document_cache.give(&asked, generations, self.now());
        }
        Ok(document)
    }

    async fn rendered<R, E, F>(
        &self,
        of: &Standing<R>,
        name: &str,
        render: impl FnOnce() -> F,
    ) -> Result<(Generations, Bytes), E>
    where
        R: Implies<Probe>,
        E: From<ContentError>,
        F: Future<Output = Result<Bytes, E>>,
    {
        let generations = self.generations(of).await?;
        let at = DocumentAt { generations: generations.clone(), name: name.into() };
        Ok((generations, self.shared.document_cache.get(of.own().client(), at, render).await?))
    }

    /// Asked before any row is read, so that a document of later rows is never kept as one of earlier ones.
    async fn generations<R: Implies<Probe>>(&self, of: &Standing<R>) -> Result<Generations, ContentError> {
        let own = self.generation(of.own().node().id()).await?;
        let mut others = of.others().peekable();
        if others.peek().is_none() {
            return Ok(Generations::One(own));
        }
        let mut all = vec![own];
        for other in others {
            all.push(self.generation(other).await?);
        }
        Ok(Generations::Several(all.into()))
    }

    async fn generation(&self, repository: RepositoryId) -> Result<Generation, ContentError> {
        if self.shared.name_cache.is_kept() {
            return Ok(Generation::Own(self.shared.name_cache.moment(repository)));
        }
        let history = self.shared.document_cache.history();
        let read = move |tx: &mut dyn Tx| content::revision(tx, repository);
        let revision = self.shared.database.point(read).await?.ok_or(ContentError::Absent)?;
        Ok(Generation::Counted { repository, revision, history })
    }
}
