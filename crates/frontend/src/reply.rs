use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use edge::ContentStream;
use futures_util::Stream;
use storage::BlobStream;

/// What goes out.
pub type Response = edge::Response<Stored>;

/// An answer in the making.
pub type Reply = edge::Reply<Stored>;

/// The beginning of an answer whose body is still to come.
pub(crate) type Begun = edge::conditional::Begun<Stored>;

/// Content that is streamed out of storage.
pub struct Stored(BlobStream);

impl From<BlobStream> for Stored {
    fn from(stream: BlobStream) -> Self {
        Self(stream)
    }
}

impl ContentStream for Stored {
    #[inline]
    fn left_bytes(&self) -> Option<u64> {
        Some(self.0.left_bytes())
    }

    #[inline]
    fn piece_bytes(&self) -> usize {
        self.0.piece_bytes()
    }

    #[inline]
    fn limit_pieces(&mut self, bytes_max: usize) {
        self.0.limit_pieces(bytes_max);
    }
}

impl Stream for Stored {
    type Item = io::Result<Bytes>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx)
    }
}
