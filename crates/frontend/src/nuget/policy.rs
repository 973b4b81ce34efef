//! What feeds let happen to their versions.

use domain::{EntryKey, EntryKind, Removal, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy;

/// The policy of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policy {
    /// Which versions may be pushed again with other bytes.
    pub(crate) duplicates: Duplicates,
    /// What a delete does.
    pub(crate) delete: Deletes,
}

/// Which versions may be pushed again with other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Duplicates {
    /// None.
    #[default]
    Never,
    /// Prereleases.
    PrereleaseOnly,
    /// All.
    Always,
}

/// What a delete does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deletes {
    /// Hides it from lists.
    #[default]
    Unlist,
    /// Removes it.
    Hard,
}

impl policy::Policy for Policy {}

impl Deletes {
    /// What becomes of a version.
    pub(crate) fn removals(self, key: EntryKey) -> Vec<Removal> {
        match self {
            Self::Unlist => vec![Removal::Unlist(key)],
            Self::Hard => {
                // Its symbols go along, if it has some: nothing is a part of them.
                let symbols = EntryKey { kind: EntryKind::File, ..key.clone() };
                let of = key.name.key().into();
                vec![Removal::Entry(key), Removal::Orphan { key: symbols, of }]
            }
        }
    }
}

impl Rules for Policy {
    fn may_replace(&self, key: &EntryKey) -> bool {
        key.kind == EntryKind::Version
            && match self.duplicates {
                Duplicates::Never => false,
                Duplicates::PrereleaseOnly => key.name.key().contains('-'),
                Duplicates::Always => true,
            }
    }

    fn reserves(&self, key: &EntryKey) -> bool {
        key.kind == EntryKind::Version && !self.may_replace(key)
    }
}

#[cfg(test)]
mod tests;
