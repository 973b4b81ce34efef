use std::sync::Arc;

use domain::{EntryState, Timestamp};

/// What a version costs besides its texts, in bytes.
const VERSION_BYTES: u64 = 128;

/// A version as lists have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVersion {
    /// What it is compared by.
    pub key: Arc<str>,
    /// Its place in the order of versions, before its key.
    pub sort_key: Box<str>,
    /// As first given, where that differs from the key.
    shown: Option<Box<str>>,
    /// Live or unlisted.
    pub state: EntryState,
    /// When it last got other content, or was moved into or out of lists.
    pub changed_at: Timestamp,
    /// What the protocol noted of its attribute document.
    pub note: u64,
}

/// Versions of one package in their order.
pub type Versions = Arc<[Arc<ListedVersion>]>;

impl ListedVersion {
    pub(crate) fn new(
        (key, sort_key, display): (&str, &str, &str),
        state: EntryState,
        changed_at: Timestamp,
        note: u64,
    ) -> Self {
        let shown = (display != key).then(|| display.into());
        Self { key: key.into(), sort_key: sort_key.into(), shown, state, changed_at, note }
    }

    /// As first given.
    #[must_use]
    pub fn display(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.key)
    }

    /// What it is put in order by.
    pub(crate) fn order(&self) -> (&str, &str) {
        (&self.sort_key, &self.key)
    }

    /// What it costs in memory.
    pub(crate) fn bytes(&self) -> u64 {
        let shown = self.shown.as_ref().map_or(0, |shown| shown.len());
        (self.key.len().saturating_add(self.sort_key.len()).saturating_add(shown) as u64)
            .saturating_add(VERSION_BYTES)
    }
}
