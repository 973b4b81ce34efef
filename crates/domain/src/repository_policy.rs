use crate::error::{Invalid, bounded};
use crate::name::Format;
use crate::refname::{EntryKey, EntryKind};

/// A repository's own rules, asked inside the transaction that writes, before any right to overwrite (docs/design.md 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPolicy {
    /// OCI: tags that match one of these never change; at most 64 patterns.
    pub immutable_tags: Vec<Pattern>,
    /// OCI: whether an index may name manifests that are not here.
    pub sparse_indexes: bool,
    /// OCI: what a delete by digest does to the tags of the digest.
    pub delete_by_digest: DeleteByDigest,
    /// Maven: which versions are taken.
    pub accept: AcceptVersions,
    /// Maven: what may happen to a release that exists.
    pub releases: Releases,
    /// Maven: whether paths outside the layout are refused.
    pub strict_layout: bool,
    /// Maven: how many snapshots of a version to keep; `None` keeps all.
    pub snapshots_keep_newest: Option<u32>,
    /// Maven: how many days to keep a snapshot; `None` keeps it for ever.
    pub snapshots_keep_days: Option<u32>,
    /// NuGet: which versions may be pushed again with other bytes.
    pub duplicates: Duplicates,
    /// NuGet: what a delete does.
    pub delete: NuGetDelete,
    /// Beginnings of names that are reserved for this repository, whatever its format; at most 64.
    pub reserved_prefixes: Vec<Box<str>>,
}

/// OCI: what a delete by digest does to the tags of the digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteByDigest {
    /// They go with it, as the specification has it.
    AllTags,
    /// It is refused if there are several: tools that delete "a tag" by its digest take one and not all.
    OnlyIfOneTag,
}

/// Maven: which versions a repository takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptVersions {
    /// Releases only.
    Release,
    /// Snapshots only.
    Snapshot,
    /// Both.
    Mixed,
}

/// Maven: what may happen to a release that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Releases {
    /// Nothing is taken at all.
    ReadOnly,
    /// New ones only.
    WriteOnce,
    /// It may be replaced.
    Replace,
}

/// NuGet: which versions may be pushed again with other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// None.
    Never,
    /// Prereleases.
    PrereleaseOnly,
    /// All.
    Always,
}

/// NuGet: what a delete does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NuGetDelete {
    /// Hides it from lists.
    Unlist,
    /// Removes it.
    Hard,
}

/// A pattern for whole names: `*` stands for any run of characters, `?` for one; at most 128 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Box<str>);

impl Default for RepositoryPolicy {
    fn default() -> Self {
        Self {
            immutable_tags: Vec::new(),
            sparse_indexes: true,
            delete_by_digest: DeleteByDigest::AllTags,
            accept: AcceptVersions::Mixed,
            releases: Releases::WriteOnce,
            strict_layout: true,
            snapshots_keep_newest: None,
            snapshots_keep_days: None,
            duplicates: Duplicates::Never,
            delete: NuGetDelete::Unlist,
            reserved_prefixes: Vec::new(),
        }
    }
}

impl RepositoryPolicy {
    /// Whether the rule takes new names at all.
    #[must_use]
    pub fn may_create(&self, format: Format) -> bool {
        format != Format::Maven || self.releases != Releases::ReadOnly
    }

    /// Whether a tag of this name can neither be replaced nor removed. Lists of referrers and of signatures that clients keep
    /// under the digest of their subject always can.
    #[must_use]
    pub fn is_immutable_tag(&self, tag: &str) -> bool {
        self.immutable_tags.iter().any(|pattern| pattern.matches(tag)) && !is_of_referrers(tag)
    }

    /// Whether a name that is removed stays reserved for the bytes it had: a release or version that is written once. Snapshots
    /// are made to go; tags and manifests have rules of their own.
    #[must_use]
    pub fn reserves(&self, key: &EntryKey) -> bool {
        match key.kind {
            EntryKind::Tag | EntryKind::Manifest => false,
            EntryKind::File => self.reserves_releases() && !key.name.key().contains("-SNAPSHOT/"),
            EntryKind::Version => !self.may_replace(key),
        }
    }

    /// Whether files of releases stay reserved.
    #[must_use]
    pub fn reserves_releases(&self) -> bool {
        self.releases != Releases::Replace
    }

    /// Whether the rule lets a live entry of this name get other bytes. Asked only for entries that a protocol puts under
    /// the repository's rule; what is mutable by nature or derived from other entries is not.
    #[must_use]
    pub fn may_replace(&self, key: &EntryKey) -> bool {
        match key.kind {
            EntryKind::Tag => !self.is_immutable_tag(key.name.key()),
            EntryKind::Manifest => false,
            EntryKind::File => self.releases == Releases::Replace,
            EntryKind::Version => match self.duplicates {
                Duplicates::Never => false,
                Duplicates::PrereleaseOnly => key.name.key().contains('-'),
                Duplicates::Always => true,
            },
        }
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

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// `Invalid` if it is empty, over 128 bytes or holds a control character.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        bounded("pattern", text, 128)?;
        if text.chars().any(char::is_control) {
            return Err(Invalid::grammar("pattern", "control characters are not allowed"));
        }
        Ok(Self(text.into()))
    }

    /// The pattern as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole name fits. Linear: on a mismatch only the last `*` is tried again.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let mut pattern = self.0.chars();
        let mut rest = name.chars();
        let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
        loop {
            let before_rest = rest.clone();
            match (pattern.next(), rest.next()) {
                (None, None) => return true,
                (Some('*'), _) => {
                    rest = before_rest.clone();
                    retry = Some((pattern.clone(), before_rest));
                }
                (Some('?'), Some(_)) => {}
                (Some(want), Some(have)) if want == have => {}
                _ => {
                    let Some((again, mut from)) = retry.take() else { return false };
                    if from.next().is_none() {
                        return false;
                    }
                    pattern = again.clone();
                    rest = from.clone();
                    retry = Some((again, from));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
