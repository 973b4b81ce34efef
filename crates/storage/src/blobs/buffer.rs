use std::sync::Arc;

use budget::{Budget, Share};
use bytes::{Bytes, BytesMut};
use domain::{Client, UploadId};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};

use super::progress::Progress;
use super::unreadable;
use crate::error::Error;
use crate::layout;

/// Holds the whole object in memory and puts it in one piece, for stores that can do nothing else.
pub(crate) struct BufferWriter {
    store: Arc<dyn ObjectStore>,
    key: Path,
    id: UploadId,
    object_bytes_max: usize,
    memory: (Arc<Budget>, Client),
    /// As much memory as the buffer is long.
    held: Option<Share>,
    buffer: BytesMut,
    /// Where the bytes of an earlier request wait.
    saved: Option<Path>,
    /// How many, as long as they are there only.
    unread_bytes: u64,
}

impl BufferWriter {
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        (key, id): (Path, UploadId),
        object_bytes_max: usize,
        memory: (Arc<Budget>, Client),
        from: &Progress,
    ) -> Self {
        Self {
            store,
            key,
            id,
            object_bytes_max,
            memory,
            held: None,
            buffer: BytesMut::new(),
            saved: from.tail_key.as_deref().map(Path::from),
            unread_bytes: from.offset_bytes,
        }
    }

    pub(super) async fn write(&mut self, chunks: Vec<Bytes>) -> Result<(), Error> {
        self.read_back().await?;
        for chunk in chunks {
            if self.buffer.len().saturating_add(chunk.len()) > self.object_bytes_max {
                return Err(Error::TooLarge { bytes_max: self.object_bytes_max as u64 });
            }
            self.hold(chunk.len() as u64)?;
            self.buffer.extend_from_slice(&chunk);
        }
        Ok(())
    }

    fn hold(&mut self, bytes: u64) -> Result<(), Error> {
        let (memory, client) = &self.memory;
        match &mut self.held {
            Some(held) => held.grow(bytes)?,
            None => self.held = Some(memory.take(*client, bytes)?),
        }
        Ok(())
    }

    pub(super) async fn save(mut self) -> Result<Progress, Error> {
        self.read_back().await?;
        let offset_bytes = self.buffer.len() as u64;
        let mut tail_key = None;
        if offset_bytes > 0 {
            let key = layout::tail_key(self.id)?;
            self.put(&Path::from(key.as_str())).await?;
            tail_key = Some(key);
        }
        Ok(Progress { offset_bytes, tail_bytes: offset_bytes, tail_key, ..Progress::default() })
    }

    pub(super) async fn finish(mut self) -> Result<(), Error> {
        self.read_back().await?;
        let key = self.key.clone();
        self.put(&key).await
    }

    async fn put(mut self, key: &Path) -> Result<(), Error> {
        let whole = self.buffer.split().freeze();
        self.store
            .put(key, whole.into())
            .await
            .map(drop)
            .map_err(|error| Error::unavailable("writing a blob", error))
    }

    async fn read_back(&mut self) -> Result<(), Error> {
        if self.unread_bytes > 0 {
            let Some(saved) = &self.saved else {
                return Err(Error::corrupt("the row of an upload does not say where its bytes are"));
            };
            let found = self.store.get(saved).await.map_err(unreadable)?;
            self.hold(self.unread_bytes)?;
            let saved = found.bytes().await.map_err(unreadable)?;
            if saved.len() as u64 != self.unread_bytes {
                return Err(Error::corrupt("an upload has another length than its row says"));
            }
            self.buffer.extend_from_slice(&saved);
            self.unread_bytes = 0;
        }
        Ok(())
    }
}
