use bytes::Bytes;
use domain::Digest;
use tokio::task::JoinHandle;

use crate::blobs::{ObjectWriter, Progress};
use crate::error::Error;
use crate::hashing::Hashing;
use crate::sql::blocking;
use crate::upload::pending::Gathered;

/// Where bytes go: the hash and the object.
pub(super) struct Sink {
    pub(super) hashing: Hashing,
    pub(super) writer: ObjectWriter,
}

/// How to go on after a rest.
pub(super) struct Rest {
    /// With the digests beside SHA-256, which no row keeps.
    pub(super) hashing: Hashing,
    /// What the row says too, unless the upload is all or nothing.
    pub(super) progress: Progress,
}

/// The sink at rest, or at work on the last piece while the next one arrives.
pub(super) enum Stage {
    Idle(Box<Sink>),
    Working(JoinHandle<Result<Box<Sink>, Error>>),
    /// Everything is durable and nothing open.
    Resting(Box<Rest>),
    /// A piece could not be written, or the sink was taken out.
    Over,
}

impl Stage {
    /// The resting sink's hash, to be told what to compute.
    pub(super) fn hashing(&mut self) -> Option<&mut Hashing> {
        if let Self::Idle(sink) = self { Some(&mut sink.hashing) } else { None }
    }

    /// Waits until the sink is at rest. May be called again if the waiting was interrupted.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        if let Self::Working(work) = self {
            let done =
                work.await.map_err(|stopped| Error::unavailable("writing an upload", stopped)).flatten();
            *self = Self::Over;
            *self = Self::Idle(done?);
        }
        Ok(())
    }

    /// Sets the resting sink to work.
    pub(super) fn start(&mut self, gathered: Gathered) -> Result<(), Error> {
        let sink = self.take()?;
        *self = Self::Working(sink.start(gathered));
        Ok(())
    }

    /// Takes the resting sink out.
    pub(super) fn take(&mut self) -> Result<Box<Sink>, Error> {
        match std::mem::replace(self, Self::Over) {
            Self::Idle(sink) => Ok(sink),
            Self::Working(_) | Self::Resting(_) | Self::Over => {
                Err(Error::unavailable("writing an upload", "an earlier piece failed"))
            }
        }
    }
}

impl Sink {
    fn start(mut self: Box<Self>, gathered: Gathered) -> JoinHandle<Result<Box<Self>, Error>> {
        let Gathered { pieces, share } = gathered;
        if self.writer.blocks() {
            return tokio::task::spawn_blocking(move || {
                self.hash(&pieces);
                self.writer.write_blocking(&pieces)?;
                drop((pieces, share));
                Ok(self)
            });
        }
        tokio::spawn(async move {
            let sink = self.write_remote(pieces).await;
            drop(share);
            sink
        })
    }

    async fn write_remote(self: Box<Self>, chunks: Vec<Bytes>) -> Result<Box<Self>, Error> {
        let mut this = self;
        let (mut this, chunks) = blocking(move || {
            this.hash(&chunks);
            Ok((this, chunks))
        })
        .await?;
        this.writer.write(chunks).await?;
        Ok(this)
    }

    /// Writes the last bytes, checks the digest if one is wanted, and only then makes the object durable. Gives all digests.
    pub(super) async fn finish(
        self: Box<Self>,
        chunks: Vec<Bytes>,
        wanted: Option<Digest>,
    ) -> Result<Vec<Digest>, Error> {
        if self.writer.blocks() {
            return blocking(move || {
                let mut this = self;
                this.hash(&chunks);
                this.writer.write_blocking(&chunks)?;
                let Self { hashing, writer } = *this;
                let found = checked(hashing, wanted)?;
                writer.finish_blocking()?;
                Ok(found)
            })
            .await;
        }
        let Self { hashing, writer } = *self.write_remote(chunks).await?;
        match checked(hashing, wanted) {
            Ok(found) => writer.finish().await.map(|()| found),
            Err(error) => {
                writer.abandon().await;
                Err(error)
            }
        }
    }

    fn hash(&mut self, chunks: &[Bytes]) {
        for chunk in chunks {
            self.hashing.update(chunk);
        }
    }
}

fn checked(hashing: Hashing, wanted: Option<Digest>) -> Result<Vec<Digest>, Error> {
    let found = hashing.finish()?;
    match wanted {
        Some(wanted) if !found.contains(&wanted) => Err(Error::DigestMismatch),
        _ => Ok(found),
    }
}
