//! Documents that protocols render from rows, such as an index of versions, and who was given which of them a moment ago.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use budget::Budget;
use bytes::Bytes;
use domain::{Client, Granted, Implies, PrincipalId, Probe, RepositoryId, Timestamp};
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use crate::error::ContentError;
use crate::limits::StorageLimits;
use crate::name_cache::Moment;

mod renders;
#[cfg(test)]
mod tests;

use renders::Renders;

/// What a document costs besides its bytes.
const OVERHEAD_BYTES: u64 = 256;
/// How long a caller's questions about a document are about the one it was given, in milliseconds; and after how long the same
/// one is remembered anew.
const GIVEN_MILLIS: i64 = 5_000;
const GIVEN_AGAIN_MILLIS: i64 = 500;
/// Memory for who was given what, in bytes.
const GIVEN_BYTES_MAX: u64 = 1 << 20;

/// Rendered documents, bounded in bytes, and who was given which of them a moment ago.
pub(crate) struct DocumentCache {
    rendered: Renders,
    given: Cache<GivenAt, Given, Size>,
    /// How often the rows turned out to be those of another history, which counts the same numbers again.
    histories: AtomicU64,
}

/// The names of a repository as they are between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Generation {
    /// In the only process that writes them.
    Own(Moment),
    /// As counted by the rows, of one history.
    Counted { repository: RepositoryId, revision: u64, history: u64 },
}

/// The same of every repository that a document depends on, that of the asked one first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Generations {
    /// There is no other.
    One(Generation),
    Several(Arc<[Generation]>),
}

/// Which document, rendered from which names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DocumentAt {
    pub(crate) generations: Generations,
    pub(crate) name: Box<str>,
}

/// A caller, as far as requests tell one from another, and what it asks for.
#[derive(PartialEq, Eq, Hash)]
struct GivenAt {
    repository: RepositoryId,
    name: Box<str>,
    principal: PrincipalId,
    address: Option<IpAddr>,
}

/// As [`GivenAt`], without owning the name; hashes alike.
#[derive(Hash)]
pub(crate) struct GivenAsked<'n> {
    repository: RepositoryId,
    name: &'n str,
    principal: PrincipalId,
    address: Option<IpAddr>,
}

#[derive(Debug, Clone)]
struct Given {
    generations: Generations,
    at: Timestamp,
}

#[derive(Clone)]
struct Size;

impl DocumentCache {
    /// Renderings at a time, and bytes of all documents.
    pub(crate) const fn budgets(&self) -> [&Arc<Budget>; 2] {
        self.rendered.budgets()
    }

    pub(crate) fn new(limits: &StorageLimits) -> Self {
        let given = usize::try_from(GIVEN_BYTES_MAX / OVERHEAD_BYTES).unwrap_or(usize::MAX);
        Self {
            rendered: Renders::new(limits),
            given: Cache::with_weighter(given, GIVEN_BYTES_MAX, Size),
            histories: AtomicU64::new(0),
        }
    }

    /// A document that is kept, or is rendered now.
    pub(crate) async fn get<E, F>(
        &self,
        client: Client,
        at: DocumentAt,
        render: impl FnOnce() -> F,
    ) -> Result<Bytes, E>
    where
        E: From<ContentError>,
        F: Future<Output = Result<Bytes, E>>,
    {
        self.rendered.get(client, at, render).await
    }

    /// Remembers who was given which document.
    pub(crate) fn give(&self, asked: &GivenAsked<'_>, generations: Generations, now: Timestamp) {
        // A slow request must not take back what a later one was given.
        let known = self.given.get(asked).is_some_and(|given| {
            let again = if given.generations == generations { GIVEN_AGAIN_MILLIS } else { GIVEN_MILLIS };
            !generations.is_after(&given.generations) && (0..again).contains(&given.age_millis(now))
        });
        if !known {
            self.given.insert(asked.kept(), Given { generations, at: now });
        }
    }

    /// The document that somebody was given a moment ago.
    pub(crate) fn given(&self, asked: &GivenAsked<'_>, now: Timestamp) -> Option<Bytes> {
        let given = self.given.get(asked)?;
        let fresh = (0..GIVEN_MILLIS).contains(&given.age_millis(now));
        let at = DocumentAt { generations: given.generations, name: asked.name.into() };
        fresh.then(|| self.rendered.find(&at)).flatten()
    }

    /// Which history the rows are of; asked before they are read.
    pub(crate) fn history(&self) -> u64 {
        self.histories.load(Ordering::Acquire)
    }

    /// No document of before is given to anybody any more, of whatever repository.
    pub(crate) fn forget(&self) {
        self.histories.fetch_add(1, Ordering::AcqRel);
        self.forget_given();
    }

    /// Nobody is given an earlier document any more.
    pub(crate) fn forget_given(&self) {
        self.given.clear();
    }
}

impl<'n> GivenAsked<'n> {
    pub(crate) fn of<R: Implies<Probe>>(may: &Granted<R>, name: &'n str) -> Self {
        let (repository, address) = (may.node().id(), may.origin().address);
        Self { repository, name, principal: may.principal(), address }
    }

    fn kept(&self) -> GivenAt {
        let Self { repository, name, principal, address } = *self;
        GivenAt { repository, name: name.into(), principal, address }
    }
}

impl Equivalent<GivenAt> for GivenAsked<'_> {
    fn equivalent(&self, at: &GivenAt) -> bool {
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

impl Given {
    fn age_millis(&self, now: Timestamp) -> i64 {
        now.millis().saturating_sub(self.at.millis())
    }
}

impl Weighter<GivenAt, Given> for Size {
    fn weight(&self, at: &GivenAt, _: &Given) -> u64 {
        (at.name.len() as u64).saturating_add(OVERHEAD_BYTES)
    }
}
