use std::sync::Arc;

use budget::{Budget, Share};
use bytes::{Bytes, BytesMut};
use domain::{Client, UploadId};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};

use super::progress::Progress;
use super::unreadable;
use crate::error::Error;
use crate::layout;

/// Writes parts of one size. What does not fill a part yet is kept in memory, and as an object of its own between requests.
pub(crate) struct MultipartWriter {
    store: Arc<dyn ObjectStore>,
    parts_store: Arc<dyn MultipartStore>,
    key: Path,
    id: UploadId,
    part_bytes: usize,
    memory: (Arc<Budget>, Client),
    /// Held while bytes are buffered: one part's worth of the memory all uploads share.
    held: Option<Share>,
    offset_bytes: u64,
    multipart: Option<String>,
    /// Whether a row knows of it.
    multipart_saved: bool,
    parts: Vec<PartId>,
    buffer: BytesMut,
    /// The tail object of an earlier request, if there is one.
    tail: Option<Path>,
    /// Its bytes, as long as they are there only.
    unread_tail_bytes: u64,
}

impl MultipartWriter {
    pub(super) fn new(
        store: (Arc<dyn ObjectStore>, Arc<dyn MultipartStore>),
        (key, id): (Path, UploadId),
        part_bytes: usize,
        memory: (Arc<Budget>, Client),
        from: &Progress,
    ) -> Self {
        let parts = from.parts.lines().map(|part| PartId { content_id: part.to_owned() }).collect();
        Self {
            store: store.0,
            parts_store: store.1,
            key,
            id,
            part_bytes,
            memory,
            held: None,
            offset_bytes: from.offset_bytes,
            multipart: from.multipart.clone(),
            multipart_saved: from.multipart.is_some(),
            parts,
            buffer: BytesMut::new(),
            tail: from.tail_key.as_deref().map(Path::from),
            unread_tail_bytes: from.tail_bytes,
        }
    }

    pub(super) async fn write(&mut self, chunks: Vec<Bytes>) -> Result<(), Error> {
        self.read_tail().await?;
        for mut chunk in chunks {
            while !chunk.is_empty() {
                self.reserve().await?;
                let room = self.part_bytes.saturating_sub(self.buffer.len()).min(chunk.len());
                let taken = chunk.split_to(room);
                self.buffer.extend_from_slice(&taken);
                self.offset_bytes = self.offset_bytes.saturating_add(taken.len() as u64);
                if self.buffer.len() >= self.part_bytes {
                    self.put_part().await?;
                }
            }
        }
        Ok(())
    }

    pub(super) async fn save(mut self) -> Result<Progress, Error> {
        self.read_tail().await?;
        let tail = self.buffer.split().freeze();
        let tail_bytes = tail.len() as u64;
        let mut tail_key = None;
        if tail_bytes > 0 {
            let key = layout::tail_key(self.id)?;
            self.store.put(&Path::from(key.as_str()), tail.into()).await.map_err(unwritable)?;
            tail_key = Some(key);
        }
        let parts = self.parts.iter().fold(String::new(), |all, part| all + &part.content_id + "\n");
        Ok(Progress {
            offset_bytes: self.offset_bytes,
            tail_bytes,
            tail_key,
            multipart: self.multipart,
            parts,
        })
    }

    pub(super) async fn finish(mut self) -> Result<(), Error> {
        self.read_tail().await?;
        // A part must have bytes. Another request had begun with the object.
        if self.parts.is_empty()
            && self.buffer.is_empty()
            && let Some(unused) = self.multipart.take()
            && let Err(error) = self.parts_store.abort_multipart(&self.key, &unused).await
        {
            tracing::debug!(%error, "an unfinished object is left to the store");
        }
        if self.multipart.is_none() {
            let whole = self.buffer.split().freeze();
            self.store.put(&self.key, whole.into()).await.map_err(unwritable)?;
        } else {
            if !self.buffer.is_empty() {
                self.put_part().await?;
            }
            if let Some(id) = &self.multipart {
                let parts = std::mem::take(&mut self.parts);
                self.parts_store.complete_multipart(&self.key, id, parts).await.map_err(unwritable)?;
            }
        }
        Ok(())
    }

    /// Ends a multipart object that no row knows of: nobody would. Parts beyond those of a row are put again under their numbers.
    pub(super) async fn abandon(self) {
        if let Some(id) = self.multipart.filter(|_| !self.multipart_saved)
            && let Err(error) = self.parts_store.abort_multipart(&self.key, &id).await
        {
            tracing::warn!(%error, "an unfinished object is left to the store");
        }
    }

    async fn put_part(&mut self) -> Result<(), Error> {
        let id = match &self.multipart {
            Some(id) => id.clone(),
            None => {
                let id = self.parts_store.create_multipart(&self.key).await.map_err(unwritable)?;
                self.multipart.insert(id).clone()
            }
        };
        let part = self.buffer.split().freeze();
        let number = self.parts.len();
        let part =
            self.parts_store.put_part(&self.key, &id, number, part.into()).await.map_err(unwritable)?;
        self.parts.push(part);
        self.held = None;
        Ok(())
    }

    async fn read_tail(&mut self) -> Result<(), Error> {
        if self.unread_tail_bytes == 0 {
            return Ok(());
        }
        let Some(tail) = self.tail.clone() else {
            return Err(Error::corrupt("the row of an upload does not say where its tail is"));
        };
        self.reserve().await?;
        let tail = self.store.get(&tail).await.map_err(unreadable)?.bytes().await.map_err(unreadable)?;
        let expected = usize::try_from(self.unread_tail_bytes).unwrap_or(usize::MAX);
        let Some(tail) = tail.get(..expected) else {
            return Err(Error::corrupt("the tail of an upload is shorter than its row says"));
        };
        self.buffer.extend_from_slice(tail);
        self.unread_tail_bytes = 0;
        Ok(())
    }

    /// Waits until the memory for one part is free.
    async fn reserve(&mut self) -> Result<(), Error> {
        if self.held.is_none() {
            let (memory, client) = &self.memory;
            self.held = Some(memory.wait(*client, self.part_bytes as u64).await?);
        }
        Ok(())
    }
}

fn unwritable(error: object_store::Error) -> Error {
    Error::unavailable("writing a blob", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::{Blobs, BlobsConfig, ObjectWriter};

    /// What a crash, a late writer or both leave is never joined with what a row names.
    #[tokio::test]
    async fn what_a_row_names_stays_as_it_is() {
        let memory = Arc::new(object_store::memory::InMemory::new());
        let (store, parts) = (memory.clone(), memory.clone());
        let in_parts = BlobsConfig::Multipart { store, parts, part_bytes: 7, parts_bytes_max: 70 };
        let whole = BlobsConfig::Whole { store: memory, object_bytes_max: 70, objects_bytes_max: 700 };
        for config in [in_parts, whole] {
            let clock = Arc::new(crate::testing::ManualClock::default());
            let space = crate::space::Space::new(clock, Vec::new(), None, None);
            let blobs = Blobs::open(config, space).await.unwrap();
            let written = async |from: &Progress, bytes: &'static str| -> ObjectWriter {
                let mut writer = blobs.writer("blob", UploadId::new(1), from, Client::at(None)).unwrap();
                writer.write(vec![Bytes::from_static(bytes.as_bytes())]).await.unwrap();
                writer
            };
            let saved = written(&Progress::default(), "abc").await.save().await.unwrap();
            let noted = written(&saved, "defghij").await.save().await.unwrap();
            assert_eq!(noted.offset_bytes, 10);
            // The same length from the same row, and later: no row will name it.
            let late = written(&saved, "DEFGHIJ").await.save().await.unwrap();
            assert_ne!(late.tail_key, noted.tail_key);
            written(&noted, "kl").await.finish().await.unwrap();
            assert_eq!(blobs.whole("blob").await.unwrap(), "abcdefghijkl");
            // Each time as if a crash had come in front of the row or the commit.
            for end in ["d", "de", "defghijk"] {
                written(&saved, end).await.finish().await.unwrap();
                assert_eq!(blobs.whole("blob").await.unwrap(), format!("abc{end}"));
            }
            blobs.forget_tails(UploadId::new(1), saved.tail_key.as_deref()).await.unwrap();
            written(&saved, "de").await.finish().await.unwrap();
            blobs.forget_tails(UploadId::new(1), None).await.unwrap();
            let mut gone = blobs.writer("blob", UploadId::new(1), &saved, Client::at(None)).unwrap();
            assert!(gone.write(vec![Bytes::from_static(b"d")]).await.is_err(), "it is forgotten");
        }
    }
}
