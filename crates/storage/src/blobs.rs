//! Bytes by object key over one `Arc<dyn ObjectStore>`; only writing has ways of its own (docs/design.md 7).

use std::collections::{HashMap, HashSet};
use std::future::ready;
use std::path::PathBuf;
use std::sync::Arc;

use budget::{Bounds, Budget};
use bytes::Bytes;
use domain::{Client, UploadId};
use futures_util::{StreamExt as _, stream};
use object_store::local::LocalFileSystem;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{GetResultPayload, ObjectStore, ObjectStoreExt as _};
use tokio::time::Instant;

use crate::error::Error;
use crate::layout;
use crate::model::BlobRef;
use crate::space::Space;
use crate::sql::blocking;

mod buffer;
mod buffers;
mod check;
mod file;
mod multipart;
mod part;
mod progress;
mod reader;
mod remote;
mod writer;

use buffers::Buffers;
pub(crate) use check::{Keeper, Watched};
pub(crate) use progress::Progress;
pub(crate) use reader::Source;
pub use reader::{Blob, BlobInfo, BlobStream};
pub(crate) use writer::ObjectWriter;

/// Where bytes are kept.
#[derive(Clone)]
pub enum BlobsConfig {
    /// A directory on a local disk; made if it is absent.
    Disk {
        /// The directory.
        root: PathBuf,
    },
    /// This process's memory; for development and tests.
    Memory,
    /// A store that takes multipart uploads: S3, GCS, Azure.
    Multipart {
        /// Reads, deletes and small writes.
        store: Arc<dyn ObjectStore>,
        /// The same store, for large writes.
        parts: Arc<dyn MultipartStore>,
        /// Size of every part but the last, in bytes; stores want at least 5 MiB.
        part_bytes: usize,
        /// Memory for parts of all uploads together, in bytes: each takes it as its bytes come, and waits for it half a minute.
        parts_bytes_max: usize,
    },
    /// A store that takes whole objects only; each upload is held in memory.
    Whole {
        /// The store.
        store: Arc<dyn ObjectStore>,
        /// Largest upload, in bytes.
        object_bytes_max: usize,
        /// Memory for all uploads together, in bytes; one that finds none left fails.
        objects_bytes_max: usize,
    },
}

/// The bytes of this installation.
#[derive(Clone)]
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    writing: Writing,
    buffers: Buffers,
}

/// How a store wants to be written.
#[derive(Clone)]
enum Writing {
    /// In place: `object_store` can neither append to, resume nor sync a local file.
    Disk {
        files: LocalFileSystem,
        space: Arc<Space>,
    },
    Multipart {
        parts: Arc<dyn MultipartStore>,
        part_bytes: usize,
        memory: Arc<Budget>,
    },
    Whole {
        object_bytes_max: usize,
        memory: Arc<Budget>,
    },
}

/// Uploads that may wait for memory: more than there ever are.
const WAITING_MAX: usize = 1 << 20;
/// Objects that are removed at one time.
const REMOVALS_MAX: usize = 32;
/// Part size for the store in memory.
const MEMORY_PART_BYTES: usize = 1024 * 1024;

impl Blobs {
    /// Opens the store; on disk makes its directory, durably.
    pub(crate) async fn open(config: BlobsConfig, space: Arc<Space>) -> Result<Self, Error> {
        match config {
            BlobsConfig::Disk { root } => blocking(move || Self::disk(&root, space)).await,
            BlobsConfig::Memory => {
                let memory = Arc::new(object_store::memory::InMemory::new());
                Ok(Self {
                    store: Arc::clone(&memory) as Arc<dyn ObjectStore>,
                    writing: Writing::multipart(memory, MEMORY_PART_BYTES, 256 * MEMORY_PART_BYTES),
                    buffers: Buffers::default(),
                })
            }
            BlobsConfig::Multipart { store, parts, part_bytes, parts_bytes_max } => Ok(Self {
                store,
                writing: Writing::multipart(parts, part_bytes, parts_bytes_max),
                buffers: Buffers::default(),
            }),
            BlobsConfig::Whole { store, object_bytes_max, objects_bytes_max } => {
                let memory = memory(objects_bytes_max, object_bytes_max);
                let writing = Writing::Whole { object_bytes_max, memory };
                Ok(Self { store, writing, buffers: Buffers::default() })
            }
        }
    }

    /// Memory of parts that are on their way; of none where bytes are written in place.
    pub(crate) const fn budget(&self) -> Option<&Arc<Budget>> {
        match &self.writing {
            Writing::Disk { .. } => None,
            Writing::Multipart { memory, .. } | Writing::Whole { memory, .. } => Some(memory),
        }
    }

    fn disk(root: &std::path::Path, space: Arc<Space>) -> Result<Self, Error> {
        let doing = |error| Error::unavailable("preparing the blob directory", error);
        for directory in layout::directories() {
            file::make_directory(&root.join(directory)).map_err(doing)?;
        }
        // Now and not with the first blob in each: who finds one there cannot know whether its name is durable.
        for above in [&root.join(layout::BLOBS), root] {
            file::sync_directory(above).map_err(doing)?;
        }
        let files = LocalFileSystem::new_with_prefix(root)
            .map_err(|error| Error::unavailable("preparing the blob directory", error))?
            .with_fsync(true);
        Ok(Self {
            store: Arc::new(files.clone()),
            writing: Writing::Disk { files, space },
            buffers: Buffers::default(),
        })
    }

    /// A writer that goes on where an earlier one was saved; from nothing for a new object. The client is charged for memory.
    pub(crate) fn writer(
        &self,
        object_key: &str,
        id: UploadId,
        from: &Progress,
        client: Client,
    ) -> Result<ObjectWriter, Error> {
        let key = Path::from(object_key);
        match &self.writing {
            Writing::Disk { files, space } => {
                let path = files
                    .path_to_filesystem(&key)
                    .map_err(|error| Error::unavailable("placing a blob on disk", error))?;
                Ok(ObjectWriter::File(file::FileWriter::new(path, from, Arc::clone(space))))
            }
            Writing::Multipart { parts, part_bytes, memory } => {
                let store = (Arc::clone(&self.store), Arc::clone(parts));
                Ok(ObjectWriter::Multipart(multipart::MultipartWriter::new(
                    store,
                    (key, id),
                    *part_bytes,
                    (Arc::clone(memory), client),
                    from,
                )))
            }
            Writing::Whole { object_bytes_max, memory } => {
                Ok(ObjectWriter::Buffer(buffer::BufferWriter::new(
                    Arc::clone(&self.store),
                    (key, id),
                    *object_bytes_max,
                    (Arc::clone(memory), client),
                    from,
                )))
            }
        }
    }

    /// Opens an object for reading: on disk the open file, which we read ourselves.
    pub(crate) async fn source(&self, object_key: &str) -> Result<Source, Error> {
        let key = Path::from(object_key);
        if !matches!(self.writing, Writing::Disk { .. }) {
            return Ok(Source::object(Arc::clone(&self.store), key));
        }
        let found = self.store.get(&key).await.map_err(unreadable)?;
        match found.payload {
            GetResultPayload::File(file, _) => Ok(Source::file(file, self.buffers.clone())),
            GetResultPayload::Stream(_) => Ok(Source::object(Arc::clone(&self.store), key)),
        }
    }

    /// Opens the object of a blob for reading.
    ///
    /// # Errors
    /// `Damaged` if it is gone or, as far as that is known, cut short.
    pub(crate) async fn stored(&self, blob: &BlobRef) -> Result<Source, Error> {
        let source = self.source(&blob.object_key).await?;
        if source.is_short_of(blob.size_bytes) {
            return Err(Error::damaged(format!("the bytes at {} are cut short", blob.object_key)));
        }
        Ok(source)
    }

    /// The store, for suites that damage what is in it.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// Reads a whole, small object.
    pub(crate) async fn whole(&self, object_key: &str) -> Result<Bytes, Error> {
        let found = self.store.get(&Path::from(object_key)).await.map_err(unreadable)?;
        found.bytes().await.map_err(unreadable)
    }

    /// Removes an object; one that is not there is as good as removed.
    pub(crate) async fn delete(&self, object_key: &str) -> Result<(), Error> {
        match self.store.delete(&Path::from(object_key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::unavailable("removing a blob", error)),
        }
    }

    /// Removes objects, as many as it can until then, and says which of them are gone for good, so that no crash brings them back; one
    /// that is not there is as good as removed. And why others are not.
    pub(crate) async fn remove_all(
        &self,
        object_keys: Vec<Box<str>>,
        until: Instant,
    ) -> (HashSet<Box<str>>, HashMap<Box<str>, Error>) {
        let in_time = stream::iter(object_keys).take_while(|_| ready(Instant::now() < until));
        let remove = async |key: Box<str>| (self.delete(&key).await, key);
        let removed = in_time.map(remove).buffer_unordered(REMOVALS_MAX).collect::<Vec<_>>().await;
        let (mut gone, mut failed) = (HashSet::new(), HashMap::new());
        for (removed, key) in removed {
            match removed {
                Ok(()) => drop(gone.insert(key)),
                Err(error) => drop(failed.insert(key, error)),
            }
        }
        if let Err(error) = self.sync_shards(&gone).await {
            let why = error.to_string();
            failed.extend(gone.drain().map(|key| (key, Error::unavailable("removing bytes", why.clone()))));
        }
        (gone, failed)
    }

    /// Makes it durable that these are gone.
    async fn sync_shards(&self, gone: &HashSet<Box<str>>) -> Result<(), Error> {
        let Writing::Disk { files, .. } = &self.writing else { return Ok(()) };
        let shards: HashSet<&str> = gone.iter().filter_map(|key| Some(key.rsplit_once('/')?.0)).collect();
        let place = |shard| files.path_to_filesystem(&Path::from(shard));
        let placing = |error| Error::unavailable("placing a blob on disk", error);
        let shards = shards.into_iter().map(place).collect::<Result<Vec<_>, _>>().map_err(placing)?;
        blocking(move || {
            let doing = |error| Error::unavailable("removing bytes", error);
            shards.iter().try_for_each(|shard| file::sync_directory(shard)).map_err(doing)
        })
        .await
    }

    /// Whether the last bytes of an unfinished upload may be an object of their own.
    const fn has_tails(&self) -> bool {
        !matches!(self.writing, Writing::Disk { .. })
    }

    /// Removes what unfinished uploads of this session kept in objects of their own, but for what its row names.
    pub(crate) async fn forget_tails(&self, id: UploadId, but: Option<&str>) -> Result<(), Error> {
        if !self.has_tails() {
            return Ok(());
        }
        let mut tails = self.store.list(Some(&Path::from(layout::tails(id))));
        while let Some(tail) = tails.next().await {
            let tail = tail.map_err(|error| Error::unavailable("listing the rest of an upload", error))?;
            if but != Some(tail.location.as_ref()) {
                self.delete(tail.location.as_ref()).await?;
            }
        }
        Ok(())
    }

    /// Removes whatever an unfinished upload left.
    pub(crate) async fn abort(
        &self,
        object_key: &str,
        id: UploadId,
        multipart: Option<&str>,
    ) -> Result<(), Error> {
        if let (Writing::Multipart { parts, .. }, Some(multipart)) = (&self.writing, multipart) {
            // Stores forget finished and aborted ones, so a failure here says nothing.
            if let Err(error) = parts.abort_multipart(&Path::from(object_key), &multipart.to_owned()).await {
                tracing::debug!(%error, "a multipart upload was gone already");
            }
        }
        self.forget_tails(id, None).await?;
        self.delete(object_key).await
    }
}

impl Writing {
    fn multipart(parts: Arc<dyn MultipartStore>, part_bytes: usize, parts_bytes_max: usize) -> Self {
        let part_bytes = part_bytes.max(1);
        Self::Multipart { parts, part_bytes, memory: memory(parts_bytes_max, part_bytes) }
    }
}

/// Memory for what uploads cannot put down yet: half of it for one principal, a quarter for one address, and for each at least
/// what one upload needs.
fn memory(bytes_max: usize, one_bytes: usize) -> Arc<Budget> {
    let part = |parts: usize| (bytes_max / parts).max(one_bytes) as u64;
    Budget::new(Bounds::new(part(1), part(2), part(4)).waiting(WAITING_MAX, WAITING_MAX))
}

/// A committed blob whose bytes cannot be read: an absent object is damage, the rest is an outage.
pub(crate) fn unreadable(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { path, .. } => Error::damaged(format!("there are no bytes at {path}")),
        other => Error::unavailable("reading a blob", other),
    }
}
