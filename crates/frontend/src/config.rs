use api::RateLimits;
use edge::EdgeConfig;

use crate::cors::Browsers;

/// Everything the frontend can be told; plain numbers with their units in the names. `Default` is what runs without a file.
#[derive(Debug, Clone, Default)]
pub struct FrontendConfig {
    /// Listeners, connections and requests as such.
    pub edge: EdgeConfig,
    /// Bounds that the protocols enforce.
    pub limits: Limits,
    /// User interfaces in browsers that come from elsewhere.
    pub browsers: Browsers,
    /// What of the traffic the audit is told.
    pub audit: AuditSettings,
    /// How often one caller asks the management.
    pub rates: RateLimits,
}

/// What of the traffic the audit is told one by one; the rest is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditSettings {
    /// Whether it is told what was fetched, and by whom.
    pub fetches: bool,
    /// Also by whom nobody knows.
    pub anonymous_fetches: bool,
    /// Whether nothing is served that it could not be told of.
    pub strict: bool,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { fetches: true, anonymous_fetches: false, strict: false }
    }
}

/// Bounds that operations of protocols enforce.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest manifest, in bytes; OCI demands at least 4 MB, clients take at most 4 MiB.
    pub manifest_bytes_max: u64,
    /// Largest blob, in bytes.
    pub blob_bytes_max: u64,
    /// Largest NuGet package, in bytes; the public gallery's bound is the default.
    pub nupkg_bytes_max: u64,
    /// Rows of a list when the client does not say.
    pub page_rows_default: u32,
    /// Most rows of a list.
    pub page_rows_max: u32,
    /// Whether who is not logged in may list the images of public repositories (`/v2/_catalog`).
    pub anonymous_catalogue: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_bytes_max: 4 << 20,
            blob_bytes_max: 1 << 40,
            nupkg_bytes_max: 250 << 20,
            page_rows_default: 1_000,
            page_rows_max: 10_000,
            anonymous_catalogue: false,
        }
    }
}
