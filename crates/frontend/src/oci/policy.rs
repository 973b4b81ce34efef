//! What repositories of images let happen to their tags and manifests.

use domain::{EntryKey, EntryKind, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::{self, Patterns};

/// The policy of a repository of images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policy {
    /// Tags that match one of these never change and are never removed. `*` stands for any run of characters, `?` for one.
    pub(crate) immutable_tags: Patterns,
    /// Whether an index may name manifests that are not here.
    pub(crate) sparse_indexes: bool,
    /// What a delete by digest does to the tags of the digest.
    pub(crate) delete_by_digest: DeleteByDigest,
}

/// What a delete by digest does to the tags of the digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DeleteByDigest {
    /// They go with it, as the specification has it.
    AllTags,
    /// It is refused if there are several: tools that delete "a tag" by its digest take one and not all.
    OnlyIfOneTag,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            immutable_tags: Patterns::default(),
            sparse_indexes: true,
            delete_by_digest: DeleteByDigest::AllTags,
        }
    }
}

impl policy::Policy for Policy {}

impl Policy {
    /// Whether a tag of this name can neither be replaced nor removed. Lists of referrers and of signatures that clients keep
    /// under the digest of their subject always can.
    fn keeps(&self, key: &EntryKey) -> bool {
        let tag = key.name.key();
        key.kind == EntryKind::Tag && self.immutable_tags.match_any(tag) && !is_of_referrers(tag)
    }
}

impl Rules for Policy {
    fn may_replace(&self, key: &EntryKey) -> bool {
        key.kind == EntryKind::Tag && !self.keeps(key)
    }

    fn may_remove(&self, key: &EntryKey) -> bool {
        !self.keeps(key)
    }

    fn keeps_names(&self) -> bool {
        !self.immutable_tags.is_empty()
    }

    fn may_remove_with(&self, pointers: usize) -> bool {
        self.delete_by_digest == DeleteByDigest::AllTags || pointers <= 1
    }

    fn reserves(&self, _: &EntryKey) -> bool {
        false
    }

    fn is_sparse(&self) -> bool {
        self.sparse_indexes
    }
}

/// Whether a tag is one that clients keep lists of referrers or signatures under, by the digest these are about: it changes
/// with every one of them.
fn is_of_referrers(tag: &str) -> bool {
    let Some((algorithm, rest)) = tag.split_once('-') else { return false };
    let hex = rest.split_once('.').map_or(rest, |(hex, _)| hex);
    let suffix = rest.get(hex.len()..).unwrap_or_default();
    matches!(algorithm, "sha256" | "sha512")
        && matches!((hex.len(), suffix), (64, "") | (64 | 128, ".sig" | ".att" | ".sbom"))
        && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests;
