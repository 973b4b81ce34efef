use std::sync::Arc;

use budget::Budget;
use domain::Clock;

use crate::audit_queue::AuditQueue;
use crate::blobs::Blobs;
use crate::claims::Claims;
use crate::content_cache::ContentCache;
use crate::damages::Damages;
use crate::document_cache::DocumentCache;
use crate::kept_totals::KeptTotals;
use crate::limits::StorageLimits;
use crate::name_cache::NameCache;
use crate::policy_cache::PolicyCache;
use crate::sound::Sound;
use crate::space::Space;
use crate::sql::Content;
use crate::usage::UsageCounts;
use crate::version_lists::VersionLists;

/// What storage and uploads have in common. Administration has none of it.
pub(crate) struct Shared {
    pub(crate) database: Content,
    pub(crate) space: Arc<Space>,
    pub(crate) blobs: Blobs,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: StorageLimits,
    pub(crate) claims: Claims,
    /// Memory that uploads gather bytes in.
    pub(crate) gathered: Arc<Budget>,
    pub(crate) content_cache: ContentCache,
    pub(crate) name_cache: NameCache,
    pub(crate) policies: Arc<PolicyCache>,
    pub(crate) document_cache: DocumentCache,
    pub(crate) version_lists: VersionLists,
    pub(crate) searches: Arc<Budget>,
    pub(crate) audit: Arc<AuditQueue>,
    pub(crate) usage: Arc<UsageCounts>,
    pub(crate) damages: Damages,
    pub(crate) sound: Sound,
    pub(crate) totals: KeptTotals,
}

impl Shared {
    /// So many contents that were damaged have the right bytes again, perhaps elsewhere: where they are is read anew, in whatever
    /// repository.
    pub(crate) fn healed(&self, contents: u64) {
        self.damages.healed(contents);
        self.name_cache.forget();
    }

    /// The rows are those of another history: nothing that was kept of them counts any more. Content stays, which is kept by keys
    /// that are drawn at random and never used twice.
    pub(crate) fn forget(&self) {
        self.name_cache.forget();
        self.document_cache.forget();
        self.totals.forget();
    }
}
