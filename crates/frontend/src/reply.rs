use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use edge::ContentStream;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};
use storage::BlobStream;

/// What goes out.
pub type Response = edge::Response<Stored>;

/// An answer in the making.
pub type Reply = edge::Reply<Stored>;

/// The beginning of an answer whose body is still to come.
pub(crate) type Begun = edge::conditional::Begun<Stored>;

/// Content that is streamed out of storage, or text that is made while it is sent.
pub struct Stored(Source);

enum Source {
    Storage(BlobStream),
    Made(Made),
}

/// Text that is made while it is sent, a piece after another.
struct Made {
    pieces: BoxStream<'static, Result<String, api::Fault>>,
    /// What is left of the present piece; `None` behind the last.
    here: Option<io::Result<Bytes>>,
    piece_bytes_max: usize,
}

impl From<BlobStream> for Stored {
    fn from(stream: BlobStream) -> Self {
        Self(Source::Storage(stream))
    }
}

impl Stored {
    /// Text that is made while it is sent. What fails on the way breaks the answer off, so that nobody takes it for the whole.
    pub(crate) fn made(pieces: BoxStream<'static, Result<String, api::Fault>>) -> Self {
        Self(Source::Made(Made { pieces, here: Some(Ok(Bytes::new())), piece_bytes_max: usize::MAX }))
    }
}

impl Made {
    fn poll_arrived(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while matches!(&self.here, Some(Ok(bytes)) if bytes.is_empty()) {
            let next = ready!(self.pieces.poll_next_unpin(cx));
            self.here =
                next.map(|piece| piece.map(Bytes::from).map_err(|_| io::Error::other("it broke off")));
        }
        Poll::Ready(())
    }

    fn piece_bytes(&self) -> usize {
        let here = self.here.as_ref().and_then(|here| here.as_ref().ok());
        here.map_or(0, Bytes::len).min(self.piece_bytes_max)
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        ready!(self.poll_arrived(cx));
        let wanted = self.piece_bytes();
        match &mut self.here {
            Some(Ok(bytes)) => Poll::Ready(Some(Ok(bytes.split_to(wanted)))),
            ended => Poll::Ready(ended.take()),
        }
    }
}

impl ContentStream for Stored {
    #[inline]
    fn left_bytes(&self) -> Option<u64> {
        match &self.0 {
            Source::Storage(stream) => Some(stream.left_bytes()),
            Source::Made(_) => None,
        }
    }

    #[inline]
    fn poll_arrived(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Source::Storage(_) => Poll::Ready(()),
            Source::Made(made) => made.poll_arrived(cx),
        }
    }

    #[inline]
    fn piece_bytes(&self) -> usize {
        match &self.0 {
            Source::Storage(stream) => stream.piece_bytes(),
            Source::Made(made) => made.piece_bytes(),
        }
    }

    #[inline]
    fn limit_pieces(&mut self, bytes_max: usize) {
        match &mut self.0 {
            Source::Storage(stream) => stream.limit_pieces(bytes_max),
            Source::Made(made) => made.piece_bytes_max = bytes_max,
        }
    }
}

impl Stream for Stored {
    type Item = io::Result<Bytes>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.0 {
            Source::Storage(stream) => Pin::new(stream).poll_next(cx),
            Source::Made(made) => made.poll_piece(cx),
        }
    }
}
