//! What one commit makes visible (docs/design.md 7).

use domain::Digest;

use crate::model::{NewEntry, NewNeeds, Precondition};
use crate::upload::{Upload, Verified};

/// Everything that becomes visible together, or not at all.
#[derive(Default)]
pub struct Batch {
    /// Must hold when it is committed; checked in the transaction, after the uploads are linked.
    pub preconditions: Vec<Precondition>,
    /// Bytes that arrive with it; each is linked to the repository.
    pub uploads: Vec<Upload<Verified>>,
    /// Names to make or replace; at most [`Batch::ENTRIES_MAX`].
    pub entries: Vec<NewEntry>,
    /// What versions among the names need.
    pub needs: Vec<NewNeeds>,
    /// Blobs that must be linked here already, besides the uploads; their leases are renewed.
    pub links: Vec<Digest>,
}

impl Batch {
    /// Most entries of one batch.
    pub const ENTRIES_MAX: usize = 1024;
}
