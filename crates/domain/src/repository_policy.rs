use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::name::Format;
use crate::refname::EntryKey;

/// What the policy of a repository lets happen to its names: asked by storage inside the transaction that changes them, before any
/// right to overwrite (docs/design.md 7). Each protocol reads its own out of the repository's policy document; storage knows none
/// of them. Must answer at once, from memory.
///
/// A protocol gets its own type back by [`Any`].
pub trait Rules: Any + fmt::Debug + Send + Sync {
    /// Whether anything is taken at all: new names, or other content for those that are there.
    fn takes_names(&self) -> bool {
        true
    }

    /// Whether a live entry of this name may get other bytes. Asked only for entries that a protocol puts under the
    /// repository's rule; what is mutable by nature or derived from other entries is not.
    fn may_replace(&self, key: &EntryKey) -> bool;

    /// Whether a name may be taken away, or pointed elsewhere by who takes away what it points at.
    fn may_remove(&self, key: &EntryKey) -> bool {
        let _ = key;
        true
    }

    /// Whether there are names that [`Self::may_remove`] keeps. `false` spares looking for them.
    fn keeps_names(&self) -> bool {
        true
    }

    /// Whether something may be taken away together with so many names that point at it.
    fn may_remove_with(&self, pointers: usize) -> bool {
        let _ = pointers;
        true
    }

    /// Whether a name that is taken away stays reserved for the bytes it had.
    fn reserves(&self, key: &EntryKey) -> bool;

    /// Whether a document may name members that are not here.
    fn is_sparse(&self) -> bool {
        true
    }
}

/// The policy of one format, as its protocol read it: the rules, and the text that they are kept as. Only a format's reader makes
/// one ([`KnownFormat`](crate::KnownFormat)), so that what is stored can be read again.
#[derive(Debug, Clone)]
pub struct FormatPolicy {
    format: Format,
    document: Arc<str>,
    rules: Arc<dyn Rules>,
}

/// What a repository's policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPolicy {
    /// What is its format's own.
    pub own: FormatPolicy,
    /// Beginnings of names that are reserved for this repository, whatever its format; at most 64.
    pub reserved_prefixes: Vec<Box<str>>,
}

/// Why a text is no policy document of a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no policy of the format {format}: {why}")]
pub struct InvalidPolicy {
    /// The format.
    pub format: Format,
    /// What is wrong with it, for people.
    pub why: Box<str>,
}

impl FormatPolicy {
    /// For readers of formats: `document` says all that `rules` are made from, always in the same words.
    #[must_use]
    pub fn new(format: Format, document: impl Into<Arc<str>>, rules: Arc<dyn Rules>) -> Self {
        Self { format, document: document.into(), rules }
    }

    /// Whose it is.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The text that it is kept as, with every field.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// What it lets happen.
    #[must_use]
    pub const fn rules(&self) -> &Arc<dyn Rules> {
        &self.rules
    }
}

/// The same text is the same policy.
impl PartialEq for FormatPolicy {
    fn eq(&self, other: &Self) -> bool {
        self.format == other.format && self.document == other.document
    }
}

impl Eq for FormatPolicy {}

impl From<FormatPolicy> for RepositoryPolicy {
    /// With nothing reserved.
    fn from(own: FormatPolicy) -> Self {
        Self { own, reserved_prefixes: Vec::new() }
    }
}
