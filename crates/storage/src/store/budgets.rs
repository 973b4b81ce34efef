//! What storage shares out among clients, for whoever watches it.

use std::sync::Arc;

use budget::Budget;

use super::Storage;

impl Storage {
    /// Everything of storage that is shared out among clients, by the name that its metrics have: places of uploads that are
    /// written to, memory they gather, memory of parts for an object store, renderings, bytes of documents, turns of searches,
    /// rows of writes.
    #[must_use]
    pub fn budgets(&self) -> Vec<(&'static str, &Arc<Budget>)> {
        let shared = &*self.shared;
        let ([renders, document_bytes], [write_rows, large_write_rows]) =
            (shared.document_cache.budgets(), shared.database.budgets());
        let all = [
            ("uploads", shared.claims.budget()),
            ("upload_bytes", &shared.gathered),
            ("renders", renders),
            ("document_bytes", document_bytes),
            ("searches", &shared.searches),
            ("write_rows", write_rows),
            ("large_write_rows", large_write_rows),
        ];
        all.into_iter().chain(shared.blobs.budget().map(|budget| ("part_bytes", budget))).collect()
    }
}
