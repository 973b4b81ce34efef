//! Documents that protocols render from rows, such as an index of versions: kept until any name of the repository changes.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use budget::Budget;
use bytes::Bytes;
use domain::{Granted, Implies, PrincipalId, Probe, RepositoryId, Standing, Timestamp};
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use crate::config::StorageLimits;
use crate::error::Error;
use crate::recent::Moment;
use crate::sql::{Tx, content};
use crate::store::Storage;

mod renders;
#[cfg(test)]
mod tests;

use renders::Renders;

/// What a document costs besides its bytes.
const OVERHEAD_BYTES: u64 = 256;
/// How long a caller's questions about a document are about the one it was given, in milliseconds; and after how long the same
/// one is noted again.
const NOTED_MILLIS: i64 = 5_000;
const NOTED_AGAIN_MILLIS: i64 = 500;
/// Memory for who was given what, in bytes.
const NOTED_BYTES_MAX: u64 = 1 << 20;

/// What a caller is told by [`Storage::told`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// The document itself.
    Document,
    /// Something about it, such as its hash.
    About,
}

/// Rendered documents, bounded in bytes, and who was given which of them a moment ago.
pub(crate) struct Documents {
    rendered: Renders,
    noted: Cache<NotedAt, Noted, Size>,
    /// How often the rows turned out to be those of another history, which counts the same numbers again.
    histories: AtomicU64,
}

/// The names of a repository as they are between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Generation {
    /// In the only process that writes them.
    Own(Moment),
    /// As counted by the rows, of one history.
    Counted { repository: RepositoryId, revision: u64, history: u64 },
}

/// The same of every repository that a document depends on, that of the asked one first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Generations {
    /// There is no other.
    One(Generation),
    Several(Arc<[Generation]>),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct DocumentAt {
    generations: Generations,
    name: Box<str>,
}

/// A caller, as far as requests tell one from another, and what it asks for.
#[derive(PartialEq, Eq, Hash)]
struct NotedAt {
    repository: RepositoryId,
    name: Box<str>,
    principal: PrincipalId,
    address: Option<IpAddr>,
}

/// As [`NotedAt`], without owning the name; hashes alike.
#[derive(Hash)]
struct NotedAsked<'n> {
    repository: RepositoryId,
    name: &'n str,
    principal: PrincipalId,
    address: Option<IpAddr>,
}

#[derive(Debug, Clone)]
struct Noted {
    generations: Generations,
    at: Timestamp,
}

#[derive(Clone)]
struct Size;

impl Documents {
    /// Renderings at a time, and bytes of all documents.
    pub(crate) const fn budgets(&self) -> [&Arc<Budget>; 2] {
        self.rendered.budgets()
    }

    pub(crate) fn new(limits: &StorageLimits) -> Self {
        let noted = usize::try_from(NOTED_BYTES_MAX / OVERHEAD_BYTES).unwrap_or(usize::MAX);
        Self {
            rendered: Renders::new(limits),
            noted: Cache::with_weighter(noted, NOTED_BYTES_MAX, Size),
            histories: AtomicU64::new(0),
        }
    }

    /// No document of before is given to anybody any more, of whatever repository.
    pub(crate) fn forget(&self) {
        self.histories.fetch_add(1, Ordering::AcqRel);
        self.forget_noted();
    }

    /// Nobody is given an earlier document any more.
    pub(crate) fn forget_noted(&self) {
        self.noted.clear();
    }
}

impl<'n> NotedAsked<'n> {
    fn of<R: Implies<Probe>>(may: &Granted<R>, name: &'n str) -> Self {
        let (repository, address) = (may.node().id(), may.origin().address);
        Self { repository, name, principal: may.principal(), address }
    }

    fn kept(&self) -> NotedAt {
        let Self { repository, name, principal, address } = *self;
        NotedAt { repository, name: name.into(), principal, address }
    }
}

impl Equivalent<NotedAt> for NotedAsked<'_> {
    fn equivalent(&self, at: &NotedAt) -> bool {
        self.repository == at.repository
            && self.principal == at.principal
            && self.address == at.address
            && self.name == &*at.name
    }
}

impl Generation {
    /// Whether names changed between the other and this one.
    const fn is_after(self, other: Self) -> bool {
        match (self, other) {
            (Self::Own(this), Self::Own(other)) => this.is_after(other),
            (
                Self::Counted { revision, history, .. },
                Self::Counted { revision: before, history: other, .. },
            ) => history > other || (history == other && revision > before),
            (Self::Own(_), Self::Counted { .. }) | (Self::Counted { .. }, Self::Own(_)) => true,
        }
    }
}

impl Generations {
    fn all(&self) -> &[Generation] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(all) => all,
        }
    }

    /// Whether names of any of the repositories changed between the other and this one, or there are more or fewer of them.
    fn is_after(&self, other: &Self) -> bool {
        let (these, others) = (self.all(), other.all());
        these.len() != others.len() || these.iter().zip(others).any(|(this, other)| this.is_after(*other))
    }
}

impl Noted {
    fn age_millis(&self, now: Timestamp) -> i64 {
        now.millis().saturating_sub(self.at.millis())
    }
}

impl Weighter<NotedAt, Noted> for Size {
    fn weight(&self, at: &NotedAt, _: &Noted) -> u64 {
        (at.name.len() as u64).saturating_add(OVERHEAD_BYTES)
    }
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
        E: From<Error>,
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
    pub async fn told<R, E, F>(
        &self,
        of: &Standing<R>,
        name: &str,
        telling: Telling,
        render: impl FnOnce() -> F,
    ) -> Result<Bytes, E>
    where
        R: Implies<Probe>,
        E: From<Error>,
        F: Future<Output = Result<Bytes, E>>,
    {
        let asked = NotedAsked::of(of.own(), name);
        if telling == Telling::About
            && let Some(document) = self.noted(&asked)
        {
            return Ok(document);
        }
        let (generations, document) = self.rendered(of, name, render).await?;
        if telling == Telling::Document {
            self.note(&asked, generations);
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
        E: From<Error>,
        F: Future<Output = Result<Bytes, E>>,
    {
        let generations = self.generations(of).await?;
        let at = DocumentAt { generations: generations.clone(), name: name.into() };
        Ok((generations, self.shared.documents.rendered.get(of.own().client(), at, render).await?))
    }

    fn note(&self, asked: &NotedAsked<'_>, generations: Generations) {
        let (noted, now) = (&self.shared.documents.noted, self.shared.clock.now());
        // A slow request must not take back what a later one was given.
        let known = noted.get(asked).is_some_and(|noted| {
            let again = if noted.generations == generations { NOTED_AGAIN_MILLIS } else { NOTED_MILLIS };
            !generations.is_after(&noted.generations) && (0..again).contains(&noted.age_millis(now))
        });
        if !known {
            noted.insert(asked.kept(), Noted { generations, at: now });
        }
    }

    fn noted(&self, asked: &NotedAsked<'_>) -> Option<Bytes> {
        let documents = &self.shared.documents;
        let noted = documents.noted.get(asked)?;
        let fresh = (0..NOTED_MILLIS).contains(&noted.age_millis(self.shared.clock.now()));
        let at = DocumentAt { generations: noted.generations, name: asked.name.into() };
        fresh.then(|| documents.rendered.find(&at)).flatten()
    }

    /// Asked before any row is read, so that a document of later rows is never kept as one of earlier ones.
    async fn generations<R: Implies<Probe>>(&self, of: &Standing<R>) -> Result<Generations, Error> {
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

    async fn generation(&self, repository: RepositoryId) -> Result<Generation, Error> {
        if self.shared.recent.is_kept() {
            return Ok(Generation::Own(self.shared.recent.moment(repository)));
        }
        let history = self.shared.documents.histories.load(Ordering::Acquire);
        let read = move |tx: &mut dyn Tx| content::revision(tx, repository);
        let revision = self.shared.database.point(read).await?.ok_or(Error::Absent)?;
        Ok(Generation::Counted { repository, revision, history })
    }
}
