use std::path::{Path, PathBuf};
use std::sync::Arc;

use budget::{Bounds, Budget};
use domain::{Clock, CredentialFacts, FactSource, PolicyFacts};

use crate::blobs::{Blobs, BlobsConfig};
use crate::cache::ContentCache;
use crate::directory::{Directory, Facts};
use crate::documents::Documents;
use crate::error::Error;
use crate::health::Health;
use crate::lists::Lists;
use crate::recent::Recent;
use crate::space::Space;
use crate::sql::{Database, DatabaseConfig, SEARCHERS};
use crate::store::{Shared, Storage};
use crate::upload::{self, Slots};

/// Where everything is kept, and its bounds.
#[derive(Clone)]
pub struct StorageConfig {
    /// The rows.
    pub database: DatabaseConfig,
    /// The bytes.
    pub blobs: BlobsConfig,
    /// The bounds.
    pub limits: StorageLimits,
}

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
    /// How long package events are kept, in seconds.
    pub events_kept_secs: u64,
}

/// Turns at the readers of searches. One for each client, so that none can hold them all; whoever types quickly waits with a few.
const SEARCHES: Bounds = Bounds::new(SEARCHERS as u64, 1, 1).waiting(256, 16);

/// Storage, opened: its faces for content, for administration, and for those who follow access changes.
pub struct Opened {
    /// Bytes and names.
    pub storage: Storage,
    /// Administration.
    pub directory: Directory,
    /// What `auth` checks credentials against.
    pub credentials: Arc<dyn FactSource<CredentialFacts>>,
    /// What the permission cache is compiled from.
    pub grants: Arc<dyn FactSource<PolicyFacts>>,
}

impl StorageConfig {
    /// Everything below one directory, which must exist: rows in `wharfinger.db`, bytes in `blobs`.
    #[must_use]
    pub fn in_directory(data: PathBuf) -> Self {
        Self {
            database: DatabaseConfig::Sqlite { path: data.join("wharfinger.db") },
            blobs: BlobsConfig::Disk { root: data },
            limits: StorageLimits::default(),
        }
    }

    /// Everything in this process's memory, gone with it; for development and tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            database: DatabaseConfig::Memory,
            blobs: BlobsConfig::Memory,
            limits: StorageLimits::default(),
        }
    }
}

impl StorageConfig {
    /// The disks that are written to, and the reserve beside SQLite's file.
    fn space(&self, clock: &Arc<dyn Clock>) -> Arc<Space> {
        let rows = match &self.database {
            DatabaseConfig::Sqlite { path } => path.parent().map(Path::to_owned),
            DatabaseConfig::Memory | DatabaseConfig::Postgres { .. } => None,
        };
        let bytes = match &self.blobs {
            BlobsConfig::Disk { root } => Some(root.clone()),
            BlobsConfig::Memory | BlobsConfig::Multipart { .. } | BlobsConfig::Whole { .. } => None,
        };
        let mut folders: Vec<PathBuf> = rows.iter().cloned().chain(bytes).collect();
        folders.dedup();
        Space::new(Arc::clone(clock), folders, self.limits.free_bytes_min, rows)
    }
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self::in_memory()
    }
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
        }
    }
}

impl Storage {
    /// Opens rows and bytes and brings the schema up to date.
    ///
    /// # Errors
    /// `Schema` if the schema is newer than this program, `Unavailable` if something cannot be opened.
    pub async fn open(config: StorageConfig, clock: Arc<dyn Clock>) -> Result<Opened, Error> {
        let space = config.space(&clock);
        let Database { administration, content } = Database::open(config.database).await?;
        let directory = Directory::new(administration.clone(), Arc::clone(&clock), Arc::clone(&space));
        let health = Health { database: administration, space: Arc::clone(&space) };
        let shared = Arc::new(Shared {
            recent: Recent::new(content.is_alone(), config.limits.names_cache_bytes_max),
            database: content,
            blobs: Blobs::open(config.blobs, Arc::clone(&space)).await?,
            space,
            clock,
            limits: config.limits,
            slots: Slots::new(config.limits.uploads_max),
            gathered: upload::memory(),
            cache: ContentCache::new(config.limits.content_cache_bytes_max),
            documents: Documents::new(&config.limits),
            lists: Lists::new(config.limits.lists_cache_bytes_max),
            searches: Budget::new(SEARCHES),
        });
        let kept = Arc::clone(&shared);
        let facts = Arc::new(directory.facts(Arc::new(move || kept.forget())));
        Ok(Opened {
            storage: Self::new(shared, health),
            credentials: Arc::<Facts>::clone(&facts),
            grants: facts,
            directory,
        })
    }
}
