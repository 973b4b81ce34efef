use bytes::Bytes;

use super::buffer::BufferWriter;
use super::file::FileWriter;
use super::multipart::MultipartWriter;
use super::progress::Progress;
use crate::error::Error;

/// Writes one object, front to back; can be saved and gone on with later, elsewhere if the store is shared.
pub(crate) enum ObjectWriter {
    /// At the path the store gives for the key.
    File(FileWriter),
    /// In parts of one size.
    Multipart(MultipartWriter),
    /// Whole, from memory.
    Buffer(BufferWriter),
}

impl ObjectWriter {
    /// Whether [`Self::write_blocking`] is the way to write.
    pub(crate) const fn blocks(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Appends on a thread that may block.
    pub(crate) fn write_blocking(&mut self, chunks: &[Bytes]) -> Result<(), Error> {
        match self {
            Self::File(file) => file.write(chunks),
            Self::Multipart(_) | Self::Buffer(_) => {
                Err(Error::corrupt("a remote object was written as a file"))
            }
        }
    }

    /// Appends to a store that is not a disk.
    pub(crate) async fn write(&mut self, chunks: Vec<Bytes>) -> Result<(), Error> {
        match self {
            Self::File(file) => file.write(&chunks),
            Self::Multipart(parts) => parts.write(chunks).await,
            Self::Buffer(buffer) => buffer.write(chunks).await,
        }
    }

    /// Makes everything appended so far durable, and says how to go on from there.
    pub(crate) async fn save(self) -> Result<Progress, Error> {
        match self {
            Self::File(file) => crate::sql::blocking(move || file.save()).await,
            Self::Multipart(parts) => parts.save().await,
            Self::Buffer(buffer) => buffer.save().await,
        }
    }

    /// Leaves the object as it was saved; what was appended since is written over or removed with the rest.
    pub(crate) async fn abandon(self) {
        if let Self::Multipart(parts) = self {
            parts.abandon().await;
        }
    }

    /// As [`Self::finish`], on a thread that may block.
    pub(crate) fn finish_blocking(self) -> Result<(), Error> {
        match self {
            Self::File(file) => file.finish(),
            Self::Multipart(_) | Self::Buffer(_) => {
                Err(Error::corrupt("a remote object was finished as a file"))
            }
        }
    }

    /// Makes the object complete and durable; it is still invisible until a row names it.
    pub(crate) async fn finish(self) -> Result<(), Error> {
        match self {
            Self::File(file) => crate::sql::blocking(move || file.finish()).await,
            Self::Multipart(parts) => parts.finish().await,
            Self::Buffer(buffer) => buffer.finish().await,
        }
    }
}
