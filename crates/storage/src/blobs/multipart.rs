use std::sync::Arc;
use std::time::Duration;

use budget::{Budget, Share};
use bytes::Bytes;
use domain::{Client, UploadId};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};

use super::part::Part;
use super::progress::Progress;
use super::unreadable;
use crate::error::Error;
use crate::layout;
use crate::waiting::share_within;

/// Memory is taken in steps of so many bytes, as they come: who sends slowly holds no more than one beyond what was sent.
const STEP_BYTES: usize = 1024 * 1024;
/// How long memory is waited for.
const WAIT: Duration = Duration::from_secs(30);

/// Writes parts of one size. What does not fill a part yet is kept in memory, and as an object of its own between requests.
pub(crate) struct MultipartWriter {
    store: Arc<dyn ObjectStore>,
    parts_store: Arc<dyn MultipartStore>,
    key: Path,
    id: UploadId,
    part_bytes: usize,
    memory: (Arc<Budget>, Client),
    /// Of the memory all uploads share, what the bytes take that are not put down yet.
    held: Option<Share>,
    offset_bytes: u64,
    multipart: Option<String>,
    /// Whether a row knows of it.
    multipart_saved: bool,
    parts: Vec<PartId>,
    /// What does not fill a part yet.
    part: Part,
    /// The object where it waits, if it does: of an earlier request, or put aside by this one.
    tail: Option<Path>,
    /// How many bytes of it are there only.
    unread_tail_bytes: u64,
    /// Whether no row has ever named it.
    tail_is_aside: bool,
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
            part: Part::new(part_bytes.min(STEP_BYTES)),
            tail: from.tail_key.as_deref().map(Path::from),
            unread_tail_bytes: from.tail_bytes,
            tail_is_aside: false,
        }
    }

    pub(super) async fn write(&mut self, chunks: Vec<Bytes>) -> Result<(), Error> {
        self.read_tail(0).await?;
        for mut chunk in chunks {
            while !chunk.is_empty() {
                let room = self.part_bytes.saturating_sub(self.part.bytes()).min(chunk.len());
                self.hold(room).await?;
                self.part.push(&chunk.split_to(room));
                self.offset_bytes = self.offset_bytes.saturating_add(room as u64);
                if self.part.bytes() >= self.part_bytes {
                    self.put_part().await?;
                }
            }
        }
        Ok(())
    }

    pub(super) async fn save(mut self) -> Result<Progress, Error> {
        self.read_tail(0).await?;
        let tail_bytes = self.part.bytes() as u64;
        let tail_key = if tail_bytes > 0 { Some(self.put_tail().await?) } else { None };
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
        self.read_tail(0).await?;
        // A part must have bytes. Another request had begun with the object.
        if self.parts.is_empty()
            && self.part.bytes() == 0
            && let Some(unused) = self.multipart.take()
            && let Err(error) = self.parts_store.abort_multipart(&self.key, &unused).await
        {
            tracing::debug!(%error, "an unfinished object is left to the store");
        }
        if self.multipart.is_none() {
            self.store.put(&self.key, self.part.take()).await.map_err(unwritable)?;
        } else {
            if self.part.bytes() > 0 {
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
        let (number, part) = (self.parts.len(), self.part.take());
        let part = self.parts_store.put_part(&self.key, &id, number, part).await.map_err(unwritable)?;
        self.parts.push(part);
        self.held = None;
        Ok(())
    }

    /// Brings back what waits in an object of its own, into memory for so many bytes more than that.
    async fn read_tail(&mut self, more: usize) -> Result<(), Error> {
        if self.unread_tail_bytes == 0 {
            return Ok(());
        }
        let Some(key) = self.tail.clone() else {
            return Err(Error::corrupt("the row of an upload does not say where its tail is"));
        };
        let expected = usize::try_from(self.unread_tail_bytes).unwrap_or(usize::MAX);
        self.wait_for(expected.saturating_add(more)).await?;
        let tail = self.store.get(&key).await.map_err(unreadable)?.bytes().await.map_err(unreadable)?;
        let Some(tail) = tail.get(..expected) else {
            return Err(Error::corrupt("the tail of an upload is shorter than its row says"));
        };
        self.part.push(tail);
        self.unread_tail_bytes = 0;
        if std::mem::take(&mut self.tail_is_aside)
            && let Err(error) = self.store.delete(&key).await
        {
            tracing::debug!(%error, "what an upload had put aside stays until its session ends");
        }
        Ok(())
    }

    /// Takes memory for so many bytes more. Where there is none, what is there already is put aside meanwhile: if all waited with
    /// what they have in their hands, nobody would ever fill a part.
    async fn hold(&mut self, more: usize) -> Result<(), Error> {
        let needed = self.needed(more);
        let Some(held) = &mut self.held else { return self.wait_for(more).await };
        let lacking = needed.saturating_sub(held.amount());
        if lacking == 0 || held.grow(lacking).is_ok() {
            return Ok(());
        }
        let aside = self.part.bytes() as u64;
        self.tail = Some(Path::from(self.put_tail().await?));
        (self.unread_tail_bytes, self.tail_is_aside) = (aside, true);
        self.held = None;
        self.read_tail(more).await
    }

    /// Waits for memory for so many bytes, holding none.
    async fn wait_for(&mut self, bytes: usize) -> Result<(), Error> {
        let (memory, client) = &self.memory;
        self.held = Some(share_within(WAIT, memory, *client, self.needed(bytes)).await?);
        Ok(())
    }

    /// What so many bytes more take, no more than a part.
    fn needed(&self, more: usize) -> u64 {
        self.part.bytes_with(more).min(self.part_bytes) as u64
    }

    /// Puts what does not fill a part into an object of its own, and says where.
    async fn put_tail(&mut self) -> Result<String, Error> {
        let key = layout::tail_key(self.id)?;
        self.store.put(&Path::from(key.as_str()), self.part.take()).await.map_err(unwritable)?;
        Ok(key)
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

    const MIB: usize = 1 << 20;

    fn client(number: u32) -> Client {
        Client::Principal(domain::PrincipalId::new(number))
    }

    /// With a store in memory, parts of so many MiB, and memory for so many.
    async fn in_parts(part: usize, memory: usize) -> Blobs {
        let store = Arc::new(object_store::memory::InMemory::new());
        let (part_bytes, parts_bytes_max) = (part * MIB, memory * MIB);
        let config =
            BlobsConfig::Multipart { store: store.clone(), parts: store, part_bytes, parts_bytes_max };
        let clock = Arc::new(crate::testing::ManualClock::default());
        Blobs::open(config, crate::space::Space::new(clock, Vec::new(), None, None)).await.unwrap()
    }

    fn begun(blobs: &Blobs, number: u32) -> ObjectWriter {
        let id = UploadId::new(number.into());
        blobs.writer(&format!("blob{number}"), id, &Progress::default(), client(number)).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_slowly_holds_what_was_sent() {
        let blobs = in_parts(16, 256).await;
        let mut slow: Vec<ObjectWriter> = Vec::new();
        for number in 0..256 {
            let mut writer = begun(&blobs, number);
            writer.write(vec![Bytes::from_static(b"x")]).await.unwrap();
            slow.push(writer);
        }
        assert_eq!(blobs.budget().unwrap().held(), 256 << 20, "a step each");
        let mut late = begun(&blobs, 1000);
        let (began, none) = (tokio::time::Instant::now(), late.write(vec![Bytes::from_static(b"x")]).await);
        assert!(matches!(none, Err(Error::Fault(crate::Fault::Full))), "{none:?}");
        assert_eq!(began.elapsed(), WAIT);
        slow.truncate(255);
        let mut late = begun(&blobs, 1001);
        late.write(vec![Bytes::from_static(b"x")]).await.unwrap();
        late.finish().await.unwrap();
        drop(slow);
        assert_eq!(blobs.budget().unwrap().held(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_with_memory_in_hand() {
        let blobs = in_parts(3, 4).await;
        let piece = |number: u8| vec![Bytes::from(vec![number; MIB])];
        let [mut one, mut other] = [begun(&blobs, 1), begun(&blobs, 2)];
        for number in 0..2 {
            one.write(piece(number)).await.unwrap();
            other.write(piece(10 + number)).await.unwrap();
        }
        // No more is to be had: whoever wants it first lets the other have what it held.
        let waiting = tokio::spawn(async move {
            other.write(piece(12)).await.unwrap();
            other
        });
        while blobs.budget().unwrap().waiting() == 0 {
            tokio::task::yield_now().await;
        }
        one.write(piece(2)).await.unwrap();
        let other = waiting.await.unwrap();
        for (writer, key, from) in [(one, "blob1", 0), (other, "blob2", 10)] {
            writer.finish().await.unwrap();
            let expected: Vec<u8> = (from..from + 3).flat_map(|number| vec![number; MIB]).collect();
            assert!(blobs.whole(key).await.unwrap() == expected, "{key}");
        }
        assert_eq!(blobs.budget().unwrap().held(), 0);
    }
}
