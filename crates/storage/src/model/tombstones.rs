use domain::{Digest, EntryKey, PrincipalId, Timestamp};

/// A name that was removed and stays reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The name.
    pub key: EntryKey,
    /// SHA-256 of the only content that it may have again.
    pub sha256: Digest,
    /// Who removed it.
    pub removed_by: PrincipalId,
    /// When.
    pub removed_at: Timestamp,
}
