//! What repositories of generic files let happen to their files.

use domain::{EntryKey, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::{self, Patterns};

/// The policy of a repository of generic files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policy {
    /// Files whose whole path matches one of these never change and are never removed. `*` stands for any run of characters, slashes
    /// among them, `?` for one.
    pub(crate) immutable: Patterns,
}

impl policy::Policy for Policy {}

impl Rules for Policy {
    fn may_replace(&self, key: &EntryKey) -> bool {
        !self.immutable.match_any(key.name.key())
    }

    fn may_remove(&self, key: &EntryKey) -> bool {
        self.may_replace(key)
    }

    fn keeps_names(&self) -> bool {
        !self.immutable.is_empty()
    }

    /// What may be removed may be made anew as something else.
    fn reserves(&self, _: &EntryKey) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
