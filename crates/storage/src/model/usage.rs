use std::collections::HashMap;

use domain::Timestamp;

/// How often something was fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Downloads {
    /// Ever.
    pub total: u64,
    /// Within the last [`Downloads::RECENT_DAYS`], today included.
    pub recent: u64,
}

impl Downloads {
    /// Days that are recent.
    pub const RECENT_DAYS: i64 = 30;

    /// Both.
    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self { total: self.total.saturating_add(more.total), recent: self.recent.saturating_add(more.recent) }
    }
}

/// How often a package was ever fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageDownloads {
    /// All of it, also versions that are gone.
    pub total: u64,
    /// Each version of which any was, by the key of its name.
    pub versions: HashMap<Box<str>, u64>,
}

/// What there was on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageDay {
    /// Days since 1970, in UTC.
    pub day: i64,
    /// Downloads that ended.
    pub downloads: u64,
    /// Bytes of content that were handed out.
    pub bytes: u64,
    /// Versions that were made.
    pub published: u64,
}

/// What there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageTotals {
    /// When it was counted.
    pub counted_at: Timestamp,
    /// Packages.
    pub packages: u64,
    /// Versions in lists and unlisted ones.
    pub versions: u64,
    /// Length of all content, once in each repository that has it.
    pub bytes: u64,
    /// Length of all content, once in all.
    pub stored: u64,
}
