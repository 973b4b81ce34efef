use std::path::{Path, PathBuf};
use std::sync::Arc;

use budget::{Bounds, Budget};
use domain::{Clock, CredentialFacts, FactSource, Formats, OrganisationNames, PolicyFacts};

use crate::audit_queue::AuditQueue;
use crate::blobs::{Blobs, BlobsConfig};
use crate::claims::Claims;
use crate::content_cache::ContentCache;
use crate::damages::Damages;
use crate::directory::{Directory, Facts, NamesMoved};
use crate::document_cache::DocumentCache;
use crate::error::{Error, OpenError};
use crate::kept_totals::KeptTotals;
use crate::limits::StorageLimits;
use crate::name_cache::NameCache;
use crate::policy_cache::PolicyCache;
use crate::shared::Shared;
use crate::sound::Sound;
use crate::space::Space;
use crate::sql::{Administration, Database, DatabaseConfig, SEARCHERS, repositories};
use crate::store::{Health, Storage};
use crate::upload;
use crate::usage::UsageCounts;
use crate::version_lists::VersionLists;

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
    /// What addresses call the organisation.
    pub names: Arc<dyn FactSource<OrganisationNames>>,
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

impl Storage {
    /// Opens rows and bytes and brings the schema up to date. Repositories have one of these formats.
    ///
    /// # Errors
    /// `Schema` if the schema is newer than this program, `Format` if a repository has another format, `Unavailable` if something
    /// cannot be opened.
    pub async fn open(
        config: StorageConfig,
        formats: Formats,
        clock: Arc<dyn Clock>,
    ) -> Result<Opened, OpenError> {
        let space = config.space(&clock);
        let Database { administration, content } = Database::open(config.database, space.halt()).await?;
        are_known(&administration, formats.clone()).await?;
        let policies = Arc::new(PolicyCache::new(formats));
        let health = Health { database: administration.clone(), space: Arc::clone(&space) };
        let audit = AuditQueue::new(Arc::clone(&clock), config.limits.audit_queue_events_max);
        let shared = Arc::new(Shared {
            name_cache: NameCache::new(content.is_alone(), config.limits.names_cache_bytes_max),
            policies: Arc::clone(&policies),
            database: content,
            blobs: Blobs::open(config.blobs, Arc::clone(&space)).await?,
            space: Arc::clone(&space),
            clock: Arc::clone(&clock),
            limits: config.limits,
            claims: Claims::new(config.limits.uploads_max),
            gathered: upload::memory(),
            content_cache: ContentCache::new(config.limits.content_cache_bytes_max),
            document_cache: DocumentCache::new(&config.limits),
            version_lists: VersionLists::new(config.limits.lists_cache_bytes_max),
            searches: Budget::new(SEARCHES),
            audit,
            usage: UsageCounts::new(Arc::clone(&clock)),
            damages: Damages::default(),
            sound: Sound::default(),
            totals: KeptTotals::default(),
        });
        let named = Arc::clone(&shared);
        let names: NamesMoved = Arc::new(move |repository, changed| {
            named.name_cache.move_on(repository, changed);
            named.document_cache.forget_given();
        });
        let directory = Directory::new(administration, policies, clock, space, names);
        let kept = Arc::clone(&shared);
        let facts = Arc::new(directory.facts(Arc::new(move || kept.forget())));
        Ok(Opened {
            storage: Self::new(shared, health),
            credentials: Arc::<Facts>::clone(&facts),
            grants: Arc::<Facts>::clone(&facts),
            names: facts,
            directory,
        })
    }
}

/// Whether every repository has one of these formats. One that another program makes later, and this one does not know, is there
/// and nobody answers for it.
async fn are_known(database: &Administration, formats: Formats) -> Result<(), Error> {
    for used in database.read(repositories::formats).await? {
        let unknown = |unknown| Error::Format { repository: used.repository, unknown };
        formats.find(&used.word).map_err(unknown)?;
    }
    Ok(())
}
