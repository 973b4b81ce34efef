use std::sync::Arc;

use budget::{Budget, Share};
use bytes::{Bytes, BytesMut};
use domain::Client;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};

use super::progress::Progress;
use super::unreadable;
use crate::error::Error;

/// Holds the whole object in memory and puts it in one piece, for stores that can do nothing else.
pub(crate) struct BufferWriter {
    store: Arc<dyn ObjectStore>,
    key: Path,
    object_bytes_max: usize,
    memory: (Arc<Budget>, Client),
    /// As much memory as the buffer is long.
    held: Option<Share>,
    buffer: BytesMut,
    /// Bytes of an earlier request that wait at the key.
    unread_bytes: u64,
}

impl BufferWriter {
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        key: Path,
        object_bytes_max: usize,
        memory: (Arc<Budget>, Client),
        from: &Progress,
    ) -> Self {
        let buffer = BytesMut::new();
        Self { store, key, object_bytes_max, memory, held: None, buffer, unread_bytes: from.offset_bytes }
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
        if offset_bytes > 0 {
            self.put().await?;
        }
        Ok(Progress { offset_bytes, ..Progress::default() })
    }

    pub(super) async fn finish(mut self) -> Result<(), Error> {
        self.read_back().await?;
        self.put().await
    }

    async fn put(mut self) -> Result<(), Error> {
        let whole = self.buffer.split().freeze();
        self.store
            .put(&self.key, whole.into())
            .await
            .map(drop)
            .map_err(|error| Error::unavailable("writing a blob", error))
    }

    async fn read_back(&mut self) -> Result<(), Error> {
        if self.unread_bytes > 0 {
            self.hold(self.unread_bytes)?;
            let saved =
                self.store.get(&self.key).await.map_err(unreadable)?.bytes().await.map_err(unreadable)?;
            if saved.len() as u64 != self.unread_bytes {
                return Err(Error::corrupt("an upload has another length than its row says"));
            }
            self.buffer.extend_from_slice(&saved);
            self.unread_bytes = 0;
        }
        Ok(())
    }
}
