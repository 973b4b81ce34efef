//! The vocabulary of names and what becomes of them: what `commit` and `remove` are asked to do, and what lists and look-ups
//! give (docs/design.md 7). It knows neither SQL nor anything else of this crate.

use std::sync::Arc;

pub use domain::Removal;
use domain::{Digest, EntryKey, EntryKind, EntryState, Limit, PackageName, RefName, RepositoryId, Timestamp};

mod identities;
mod login_providers;
mod needs;
mod packages;
mod pins;
mod places;
mod remarks;
mod sessions;
mod tombstones;
mod usage;
mod version_changes;
mod versions;
mod webhooks;

pub use identities::{IssuerRow, PublisherRow};
pub use login_providers::{LinkedIdentityRow, LoginProvider, LoginProviderRow, Makes};
pub use needs::{Dependent, DependentsQuery, NewNeeds};
pub use packages::{
    NamedContent, NewestVersion, PackagePlace, PackageRow, PackageSearch, PackageSort, PackagesFound,
    PackagesOf, WordsFound,
};
pub use pins::{NewPin, Pin};
pub use places::PlaceRow;
pub(crate) use remarks::check_document;
pub use remarks::{Advisory, NewAdvisory, Remarks};
pub use sessions::SessionSecs;
pub use tombstones::Tombstone;
pub use usage::{Downloads, PackageDownloads, UsageDay, UsageTotals};
pub use version_changes::{ChangePage, VersionChange};
pub use versions::{ListedVersion, Versions};
pub use webhooks::{DeliveryRow, HookEvent, SealedSecret, WebhookRow};

/// What must be so before a batch is committed.
#[derive(Debug, Clone)]
pub enum Precondition {
    /// The repository links this blob; fails as `Error::Unlinked`.
    Linked(Digest),
    /// As `Linked`, unless the repository's rule allows sparse indexes.
    LinkedUnlessSparse(Digest),
    /// The repository or the batch has this live entry; fails as `Error::AbsentEntries`.
    Entry(EntryKey),
    /// As `Entry`, unless the repository's rule allows sparse indexes.
    EntryUnlessSparse(EntryKey),
    /// Some name here or in the batch is a [`EdgeKind::Part`] of this target; fails as `Error::AbsentEntries`.
    Parts(Box<str>),
    /// What the batch gives this name is what the same principal told of it before, if anything ([`Storage::expect`]); fails as
    /// `Error::DigestMismatch`.
    ///
    /// [`Storage::expect`]: crate::Storage::expect
    AsExpected(EntryKey),
}

/// A name to make, or to point at other content.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Its name.
    pub key: EntryKey,
    /// Content: a blob of this batch, or one linked here. This digest is shown for it from now on. `None` for a name
    /// without bytes of its own.
    pub content: Option<Digest>,
    /// Who decides whether other content may take its place.
    pub rule: Rule,
    /// Media type to serve it with; at most 255 bytes.
    pub media_type: Arc<str>,
    /// Small document of the protocol, at most [`NewEntry::ATTRIBUTES_BYTES_MAX`]; storage does not look into it.
    pub attributes: Arc<str>,
    /// What the version is found by, made by [`Findable::to_words`](crate::Findable::to_words); empty for a name that is not
    /// searched for, as all are that are no versions.
    pub words: Arc<str>,
    /// What it points at; replaced as a whole when the content is.
    pub edges: Vec<NewEdge>,
}

/// Who decides whether an entry that exists may get other content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The repository's rule, and where it allows it, the right to overwrite.
    ByPolicy,
    /// Whoever may publish it, where the repository takes anything: it is meant to be replaced, such as a Maven snapshot under its
    /// literal name.
    Mutable,
    /// Whoever may overwrite, whatever the repository's rule is: such as symbols beside a version.
    Overwritable,
    /// Nobody: such as a Maven snapshot under the time it was made.
    Immutable,
    /// Nobody: the protocol derives it from other entries. It counts as changed when its document is, and whenever another
    /// name of its batch is.
    Derived,
}

/// One thing an entry points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEdge {
    /// In which way.
    pub kind: EdgeKind,
    /// A digest or a protocol's own key; at most 512 bytes.
    pub target: Box<str>,
}

/// In which way one entry points at something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EdgeKind {
    /// The manifest this one is about: what referrers are found by.
    Subject,
    /// A manifest in an index.
    Member,
    /// A blob that belongs to the content.
    Blob,
    /// A debugging symbol key (NuGet).
    Symbol,
    /// A parent, dependency or plug-in prefix stated by a POM (Maven).
    Fact,
    /// What this name is a part of, as a file is of a version: a protocol's own key.
    Part,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// For each entry of the batch, in its order.
    pub entries: Vec<EntryOutcome>,
}

/// What became of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryOutcome {
    /// The name is new.
    Created,
    /// It was there with the same content.
    Unchanged,
    /// It was there and has other content now.
    Replaced,
}

/// What was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// How many names; unlisted and relisted ones count too.
    pub entries: u64,
}

/// A live name and what it stands for.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name, as first given.
    pub key: EntryKey,
    /// Live or unlisted: others are not found.
    pub state: EntryState,
    /// Digest of the content, in the algorithm it was published under; `None` for a name without bytes of its own.
    pub digest: Option<Digest>,
    /// Length of the content in bytes, 0 without.
    pub size_bytes: u64,
    /// Media type it was published with.
    pub media_type: Arc<str>,
    /// Small document of the protocol.
    pub attributes: Arc<str>,
    /// When the name was made.
    pub created_at: Timestamp,
    /// When it last got other content, or was moved into or out of lists.
    pub changed_at: Timestamp,
    /// Where it was found: its content is served to nobody else.
    pub(crate) repository: RepositoryId,
    pub(crate) blob: Option<BlobRef>,
}

/// Where the bytes of a blob are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlobRef {
    pub(crate) id: i64,
    pub(crate) object_key: Arc<str>,
    pub(crate) size_bytes: u64,
    /// Since when they are known to be gone or no longer what they were: it counts as absent.
    pub(crate) damaged_at: Option<Timestamp>,
}

/// Where, by whom and when something is changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) repository: RepositoryId,
    pub(crate) principal: u32,
    pub(crate) now: Timestamp,
}

/// Which names of a package to list.
#[derive(Debug, Clone)]
pub struct EntryQuery<'a> {
    /// Of this kind.
    pub kind: EntryKind,
    /// Of this package.
    pub package: &'a PackageName,
    /// Those that were taken out of lists too.
    pub unlisted: bool,
    /// After this sort key and key.
    pub after: Option<(&'a str, &'a str)>,
    /// At most so many.
    pub limit: Limit,
}

/// Names of one package. None is not the same as no such package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed<T> {
    /// The package has no name of any kind.
    Unknown,
    /// Those that were asked for.
    Names {
        /// In the order of their sort keys.
        items: Vec<T>,
        /// Whether others may follow.
        more: bool,
    },
}

/// Names of one package that hold a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding<T> {
    /// Those that were found, in the order that was asked for.
    pub items: Vec<T>,
    /// The name behind which the list goes on, found or not; `None` at the end.
    pub next: Option<RefName>,
}

/// A package that somebody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Where it is.
    pub repository: RepositoryId,
    /// Its key.
    pub key: Box<str>,
}

impl<T> Default for Holding<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next: None }
    }
}

impl<T> Listed<T> {
    /// The names; none of an unknown package.
    #[must_use]
    pub fn into_items(self) -> Vec<T> {
        match self {
            Self::Unknown => Vec::new(),
            Self::Names { items, more: _ } => items,
        }
    }

    /// The same of something else.
    #[must_use]
    pub fn map<U>(self, item: impl FnMut(T) -> U) -> Listed<U> {
        match self {
            Self::Unknown => Listed::Unknown,
            Self::Names { items, more } => {
                Listed::Names { items: items.into_iter().map(item).collect(), more }
            }
        }
    }
}

impl NewEntry {
    /// Largest attribute document, in bytes: a NuGet package with two thousand dependencies of the longest names needs it.
    pub const ATTRIBUTES_BYTES_MAX: usize = 512 * 1024;
    /// Longest text that searches look through, in bytes.
    pub const WORDS_BYTES_MAX: usize = 16 * 1024;
    /// Most edges of one entry.
    pub const EDGES_MAX: usize = 65_536;
}

impl EdgeKind {
    /// The word used in SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Member => "member",
            Self::Blob => "blob",
            Self::Symbol => "symbol",
            Self::Fact => "fact",
            Self::Part => "part",
        }
    }
}
