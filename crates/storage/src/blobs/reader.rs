use std::fs::File;
use std::io::{self, IoSliceMut};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use domain::{Algorithm, Digest};
use futures_util::{Stream, StreamExt as _};
use object_store::ObjectStore;
use object_store::path::Path;
use rustix::io::{Errno, ReadWriteFlags};
use tokio::task::JoinHandle;

use super::buffers::Buffers;
use super::check::{Check, Watched};
use super::remote::Remote;
use crate::error::{ContentError, Error};
use crate::hashing::Hash;
use crate::sql::blocking;

/// Largest piece a stream hands out, in bytes: above it reading gets no faster (measured: docs/libraries-and-conventions.md 8.1).
const CHUNK_BYTES_MAX: usize = Buffers::BYTES;

/// What is known about a blob without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobInfo {
    /// The digest it was asked for by.
    pub digest: Digest,
    /// Its length in bytes.
    pub size_bytes: u64,
}

/// A blob, open for reading.
pub struct Blob {
    pub(crate) info: BlobInfo,
    pub(crate) source: Source,
    /// `None` if the bytes were looked at before.
    pub(crate) watched: Option<Watched>,
}

/// Some bytes of a blob, in order, in pieces of at most 256 KiB.
pub struct BlobStream {
    reading: Reading,
    left: Range<u64>,
    piece_bytes_max: usize,
    check: Option<Box<Check>>,
}

/// Where open bytes come from.
#[derive(Clone)]
pub(crate) enum Source {
    Bytes(Bytes),
    File(OpenFile),
    Object(Arc<dyn ObjectStore>, Path),
}

/// An open file, and where the buffers to read it come from.
#[derive(Clone)]
pub(crate) struct OpenFile {
    file: Arc<File>,
    buffers: Buffers,
}

enum Reading {
    Bytes(Bytes),
    File(OpenFile),
    /// A piece that is not in the page cache is read on the blocking pool.
    Cold(OpenFile, JoinHandle<io::Result<Bytes>>),
    Object(Box<Remote>),
}

impl Source {
    pub(super) fn file(file: File, buffers: Buffers) -> Self {
        Self::File(OpenFile { file: Arc::new(file), buffers })
    }

    pub(crate) fn object(store: Arc<dyn ObjectStore>, key: Path) -> Self {
        Self::Object(store, key)
    }

    /// Bytes of the object from `range.start` to `range.end`, which must lie in it. The first ones of another store than a disk are
    /// here by then: what cannot be read at all is known before anything is answered.
    pub(crate) async fn stream(self, range: Range<u64>) -> Result<BlobStream, Error> {
        let reading = match self {
            Self::Bytes(bytes) => Reading::Bytes(bytes),
            Self::File(file) => Reading::File(file),
            Self::Object(..) if range.is_empty() => Reading::Bytes(Bytes::new()),
            Self::Object(store, key) => {
                let begun = Box::pin(Remote::begin(store, key, range.clone())).await?;
                Reading::Object(Box::new(begun))
            }
        };
        Ok(BlobStream { reading, left: range, piece_bytes_max: CHUNK_BYTES_MAX, check: None })
    }

    /// Whether it is known, without reading it, to have fewer bytes than this.
    pub(super) fn is_short_of(&self, bytes: u64) -> bool {
        match self {
            Self::Bytes(there) => (there.len() as u64) < bytes,
            Self::File(file) => file.length_bytes().is_some_and(|there| there < bytes),
            Self::Object(..) => false,
        }
    }

    /// The digest of the first so many bytes, which are all read for it.
    ///
    /// # Errors
    /// `Unavailable` if they cannot be read.
    pub(crate) async fn digest(self, bytes: u64, algorithm: Algorithm) -> Result<Digest, Error> {
        let mut hash = Hash::new(algorithm);
        let mut stream = self.stream(0..bytes).await?;
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|error| Error::unavailable("reading bytes again", error))?;
            hash = blocking(move || {
                hash.update(&piece);
                Ok(hash)
            })
            .await?;
        }
        hash.finish()
    }
}

impl Blob {
    /// Digest and length.
    #[must_use]
    pub const fn info(&self) -> &BlobInfo {
        &self.info
    }

    /// Streams the bytes of `range`, cut to the blob's length. If these are all, their digest is computed on the way, and the last piece
    /// is an error if it is another one; of a part nobody knows a digest.
    ///
    /// # Errors
    /// `Absent` if the bytes are gone, `Unavailable` if the first of them cannot be read.
    pub async fn stream(self, range: Range<u64>) -> Result<BlobStream, ContentError> {
        let end = range.end.min(self.info.size_bytes);
        let range = range.start.min(end)..end;
        let whole = range == (0..self.info.size_bytes);
        let check = self.watched.map(|watched| Box::new(Check::new(watched, whole)));
        match self.source.stream(range).await {
            Ok(stream) => Ok(BlobStream { check, ..stream }),
            Err(Error::Damaged(why)) => {
                if let Some(check) = &check {
                    check.tell(&why);
                }
                Err(ContentError::Absent)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl BlobStream {
    /// Bytes still to come.
    #[must_use]
    pub const fn left_bytes(&self) -> u64 {
        self.left.end.saturating_sub(self.left.start)
    }

    /// From now on pieces have at most so many bytes.
    pub fn limit_pieces(&mut self, bytes_max: usize) {
        self.piece_bytes_max = bytes_max.clamp(1, CHUNK_BYTES_MAX);
    }

    /// Bytes of the next piece at most.
    #[must_use]
    pub fn piece_bytes(&self) -> usize {
        piece_bytes(&self.left, self.piece_bytes_max)
    }

    /// All that is left, in memory; `TooLarge` above this bound.
    pub(crate) async fn collected(mut self, bytes_max: u64) -> Result<Bytes, Error> {
        if self.left_bytes() > bytes_max {
            return Err(Error::TooLarge { bytes_max });
        }
        let mut bytes = BytesMut::with_capacity(usize::try_from(self.left_bytes()).unwrap_or(0));
        while let Some(piece) = self.next().await {
            let piece = piece.map_err(unreadable)?;
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }
}

impl Stream for BlobStream {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let piece = ready!(this.poll_piece(cx));
        let last = this.left.is_empty();
        Poll::Ready(match &mut this.check {
            Some(check) => piece.map(|piece| check.see(piece, last)),
            None => piece,
        })
    }
}

impl BlobStream {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let this = self;
        if this.left.is_empty() {
            return Poll::Ready(None);
        }
        loop {
            match &mut this.reading {
                Reading::Bytes(bytes) => {
                    let start = usize::try_from(this.left.start).unwrap_or(usize::MAX).min(bytes.len());
                    let end =
                        start.saturating_add(piece_bytes(&this.left, this.piece_bytes_max)).min(bytes.len());
                    let piece = bytes.slice(start..end);
                    return Poll::Ready(advance(&mut this.left, Ok(piece)));
                }
                Reading::File(file) => {
                    match read_warm(file, this.left.start, piece_bytes(&this.left, this.piece_bytes_max)) {
                        Some(read) => return Poll::Ready(advance(&mut this.left, read)),
                        None => {
                            let (file, offset) = (file.clone(), this.left.start);
                            let wanted = piece_bytes(&this.left, this.piece_bytes_max);
                            let cold = tokio::task::spawn_blocking({
                                let file = file.clone();
                                move || read_cold(&file, offset, wanted)
                            });
                            this.reading = Reading::Cold(file, cold);
                        }
                    }
                }
                Reading::Cold(file, reading) => {
                    let read = ready!(Pin::new(reading).poll(cx)).map_err(io::Error::other).flatten();
                    this.reading = Reading::File(file.clone());
                    return Poll::Ready(advance(&mut this.left, read));
                }
                Reading::Object(remote) => {
                    let split = |here: &mut Bytes| {
                        let wanted = piece_bytes(&this.left, this.piece_bytes_max).min(here.len());
                        here.split_to(wanted)
                    };
                    let read = ready!(remote.poll_here(cx)).map(split);
                    return Poll::Ready(advance(&mut this.left, read));
                }
            }
        }
    }
}

/// Why content in memory is not all there.
fn unreadable(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Error::damaged(error.to_string()),
        _ => Error::unavailable("reading content", error),
    }
}

/// Counts a piece. An empty one before the end means that the object is shorter than its row says.
fn advance(left: &mut Range<u64>, read: io::Result<Bytes>) -> Option<io::Result<Bytes>> {
    match read {
        Ok(piece) if piece.is_empty() => {
            left.start = left.end;
            Some(Err(io::ErrorKind::UnexpectedEof.into()))
        }
        Ok(piece) => {
            left.start = left.start.saturating_add(piece.len() as u64);
            Some(Ok(piece))
        }
        Err(error) => {
            left.start = left.end;
            Some(Err(error))
        }
    }
}

fn piece_bytes(left: &Range<u64>, bytes_max: usize) -> usize {
    let bytes = left.end.saturating_sub(left.start);
    usize::try_from(bytes).unwrap_or(usize::MAX).min(bytes_max)
}

/// Reads what the page cache has, without ever waiting for a disk. `None` if it has nothing, or the file system cannot tell.
fn read_warm(file: &OpenFile, offset: u64, wanted: usize) -> Option<io::Result<Bytes>> {
    let read = file.read(wanted, |file, space| {
        rustix::io::preadv2(file, &mut [IoSliceMut::new(space)], offset, ReadWriteFlags::NOWAIT)
            .map_err(io::Error::from)
    });
    let unwilling = [Errno::AGAIN, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL, Errno::INTR];
    match read {
        Ok(piece) if piece.is_empty() => None,
        Err(error) if Errno::from_io_error(&error).is_some_and(|errno| unwilling.contains(&errno)) => None,
        read => Some(read),
    }
}

fn read_cold(file: &OpenFile, offset: u64, wanted: usize) -> io::Result<Bytes> {
    loop {
        match file.read(wanted, |file, space| file.read_at(space, offset)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

impl OpenFile {
    /// How long the file is, if that can be told.
    pub(super) fn length_bytes(&self) -> Option<u64> {
        self.file.metadata().ok().map(|metadata| metadata.len())
    }

    /// Reads a piece. Small ones get memory of their own size, the others a buffer that is used again.
    fn read(
        &self,
        wanted: usize,
        read: impl FnOnce(&File, &mut [u8]) -> io::Result<usize>,
    ) -> io::Result<Bytes> {
        if wanted <= Buffers::BYTES / 4 {
            let mut own = BytesMut::zeroed(wanted);
            let filled = read(&self.file, &mut own)?;
            own.truncate(filled);
            return Ok(own.freeze());
        }
        let mut lent = self.buffers.lend();
        let space = lent.space().get_mut(..wanted).unwrap_or_default();
        lent.filled_bytes = read(&self.file, space)?;
        Ok(Bytes::from_owner(lent))
    }
}
