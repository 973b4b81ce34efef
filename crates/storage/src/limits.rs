use budget::Bounds;
use domain::Timestamp;

/// What may be garbage is looked at so long after it may be, in seconds: who named it a moment before has committed by then.
const SETTLED_SECS: u64 = 3600;
/// Bytes of leaked secrets are gone within an hour: so long after they were condemned, in seconds.
const HURRIED_SECS: u64 = 50 * 60;

/// Bounds of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageLimits {
    /// Uploads being written to at one time; a quarter of them by one principal. Those whose clients are silent do not count.
    pub uploads_max: usize,
    /// Unfinished uploads of one principal that are kept; with more, those touched longest ago are given up.
    pub uploads_saved_max: u32,
    /// Largest upload, in bytes.
    pub upload_bytes_max: u64,
    /// Largest content handed out whole, such as a manifest, in bytes.
    pub content_bytes_max: u64,
    /// Blobs up to this size are served from memory, in bytes.
    pub small_blob_bytes_max: u64,
    /// Memory for content, in bytes.
    pub content_cache_bytes_max: u64,
    /// Memory for names looked up a moment ago, in bytes.
    pub names_cache_bytes_max: u64,
    /// Memory for documents rendered from names, such as lists of versions, in bytes.
    pub documents_cache_bytes_max: u64,
    /// Content is refused when less is free on a disk it is written to, in bytes: what remains is for administration. `None` for
    /// the larger of 64 MiB and 1 % of the file system.
    pub free_bytes_min: Option<u64>,
    /// Memory for those documents and for those that are no longer kept but still being sent, in bytes.
    pub documents_bytes_max: u64,
    /// Memory for the lists of versions that documents are rendered from, in bytes.
    pub lists_cache_bytes_max: u64,
    /// Documents rendered at one time, and who may wait for a turn.
    pub renders: Bounds,
    /// Longest search, in milliseconds.
    pub search_millis_max: u64,
    /// How long it is told which access changes there were, in seconds; who asks after longer loads everything anew.
    pub access_changes_kept_secs: u64,
    /// How long package events wait for webhooks to be told, and messages of webhooks are kept, in seconds.
    pub events_kept_secs: u64,
    /// Log-ins, refusals and transfers that may wait to be written to the audit; what finds no room is lost, and counted.
    pub audit_queue_events_max: usize,
    /// How long bytes stay that no repository has any more, in seconds, before they are removed.
    pub garbage_window_secs: u64,
    /// How long a repository keeps content that no name needs, since it was last relied on, in seconds.
    pub garbage_grace_secs: u64,
}

impl StorageLimits {
    /// What was noted before this moment is looked at now.
    pub(crate) fn settled(&self, now: Timestamp) -> Timestamp {
        now.plus_secs(self.settled_secs().saturating_neg())
    }

    /// When it is to be noted for content that is relied on since then that it may be garbage.
    pub(crate) fn review_at(&self, touched_at: Timestamp) -> Timestamp {
        touched_at.plus_secs(secs(self.garbage_grace_secs).saturating_sub(self.settled_secs()))
    }

    /// Links that nobody relied on after this moment are removed now.
    pub(crate) fn unrelied(&self, now: Timestamp) -> Timestamp {
        now.plus_secs(secs(self.garbage_grace_secs).saturating_neg())
    }

    /// When bytes go that are condemned now.
    pub(crate) fn purge_at(&self, now: Timestamp, hurried: bool) -> Timestamp {
        let window = self.garbage_window_secs;
        now.plus_secs(secs(if hurried { window.min(HURRIED_SECS) } else { window }))
    }

    fn settled_secs(&self) -> i64 {
        secs(self.garbage_window_secs.min(SETTLED_SECS))
    }
}

fn secs(secs: u64) -> i64 {
    i64::try_from(secs).unwrap_or(i64::MAX)
}

impl Default for StorageLimits {
    fn default() -> Self {
        Self {
            uploads_max: 4096,
            uploads_saved_max: 4096,
            upload_bytes_max: 64 << 30,
            content_bytes_max: 8 << 20,
            small_blob_bytes_max: 128 << 10,
            content_cache_bytes_max: 16 << 20,
            names_cache_bytes_max: 6 << 20,
            documents_cache_bytes_max: 16 << 20,
            free_bytes_min: None,
            documents_bytes_max: 48 << 20,
            lists_cache_bytes_max: 8 << 20,
            renders: Bounds::new(4, 2, 2).waiting(4096, 1024),
            search_millis_max: 1000,
            access_changes_kept_secs: 7 * 24 * 3600,
            events_kept_secs: 7 * 24 * 3600,
            audit_queue_events_max: 65_536,
            garbage_window_secs: 24 * 3600,
            garbage_grace_secs: 24 * 3600,
        }
    }
}
