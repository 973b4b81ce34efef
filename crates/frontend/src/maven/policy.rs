//! What Maven repositories take, and let happen to what they have.

use domain::{EntryKey, EntryKind, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy;

/// The policy of a Maven repository.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policy {
    /// Which versions are taken.
    pub(crate) accept: Accept,
    /// What may happen to a release that exists.
    pub(crate) releases: Releases,
    /// Whether paths outside the layout are refused.
    pub(crate) layout: Layout,
    /// Which snapshots are kept; not yet enforced.
    pub(crate) snapshots: Snapshots,
}

/// Which versions a repository takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Accept {
    /// Releases only.
    Release,
    /// Snapshots only.
    Snapshot,
    /// Both.
    #[default]
    Mixed,
}

/// What may happen to a release that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Releases {
    /// Nothing is taken at all.
    ReadOnly,
    /// New ones only.
    #[default]
    WriteOnce,
    /// It may be replaced.
    Replace,
}

/// Which paths a repository takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Layout {
    /// Those of Maven's layout.
    #[default]
    Strict,
    /// Others too.
    Permissive,
}

/// How many snapshots of a version to keep, and for how long; what is not said is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Snapshots {
    /// How many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) keep_newest: Option<u32>,
    /// For how many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub(crate) keep_days: Option<u32>,
}

impl policy::Policy for Policy {
    const NOT_ENFORCED: &'static [&'static str] = &["snapshots"];
}

impl Rules for Policy {
    fn takes_names(&self) -> bool {
        self.releases != Releases::ReadOnly
    }

    fn may_replace(&self, key: &EntryKey) -> bool {
        key.kind == EntryKind::File && self.releases == Releases::Replace
    }

    /// Files of releases that are written once. Snapshots are made to go.
    fn reserves(&self, key: &EntryKey) -> bool {
        key.kind == EntryKind::File
            && self.releases != Releases::Replace
            && !key.name.key().contains("-SNAPSHOT/")
    }
}

#[cfg(test)]
mod tests;
