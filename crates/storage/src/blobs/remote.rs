//! Reading an object of a store: nothing is answered before its first bytes are here, and what breaks off is gone on with
//! (docs/operations.md 7).

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};
use tokio::time::{sleep, timeout};

use super::unreadable;
use crate::error::Error;

/// How long the first bytes may take.
const FIRST: Duration = Duration::from_secs(10);
/// How long each of the later pieces may take.
const IDLE: Duration = Duration::from_secs(15);
/// How often an object is opened again behind what has come, and after how long: twice as long each time.
const AGAIN_MAX: u32 = 3;
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Pieces of an object, from where it was opened to its end or that of the range.
type Pieces = BoxStream<'static, Result<Bytes, Broken>>;
/// Opens an object at a range of its bytes.
type Opens = Box<dyn Fn(Range<u64>) -> BoxFuture<'static, Result<Pieces, Broken>> + Send>;

/// An object whose first bytes are here.
pub(super) struct Remote {
    here: Bytes,
    more: BoxStream<'static, io::Result<Bytes>>,
}

/// Why no more comes.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Store(#[from] object_store::Error),
    #[error("nothing came for a while")]
    Silent,
    #[error("the object ended before its range")]
    Short,
}

struct Going {
    opens: Opens,
    left: Range<u64>,
    open: Option<Pieces>,
    again_left: u32,
}

impl Remote {
    /// Opens an object and waits for its first bytes.
    ///
    /// # Errors
    /// `Damaged` if there is none, or it is shorter than that; `Unavailable` if the store does not answer in time.
    pub(super) async fn begin(
        store: Arc<dyn ObjectStore>,
        key: Path,
        range: Range<u64>,
    ) -> Result<Self, Error> {
        Self::by(Box::new(move |range| Box::pin(open(Arc::clone(&store), key.clone(), range))), range).await
    }

    async fn by(opens: Opens, range: Range<u64>) -> Result<Self, Error> {
        let mut going = Going { opens, left: range, open: None, again_left: AGAIN_MAX };
        let here = match going.read(FIRST).await {
            Ok(here) => here,
            Err(Broken::Store(error)) => return Err(unreadable(error)),
            Err(Broken::Short) => return Err(Error::damaged("an object is shorter than its row says")),
            Err(Broken::Silent) => return Err(Error::unavailable("reading a blob", Broken::Silent)),
        };
        let more = stream::try_unfold(going, |going| Box::pin(going.next())).boxed();
        Ok(Self { here, more })
    }

    /// What has come and was not taken yet: empty behind the last byte only.
    pub(super) fn poll_here(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&mut Bytes>> {
        if self.here.is_empty()
            && let Some(more) = ready!(self.more.poll_next_unpin(cx)).transpose()?
        {
            self.here = more;
        }
        Poll::Ready(Ok(&mut self.here))
    }
}

impl Going {
    /// The next piece; behind what has come the object is opened again if it breaks off.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.left.is_empty() {
            return Ok(None);
        }
        let mut pause = AGAIN_AFTER;
        loop {
            match self.read(IDLE).await {
                Ok(piece) => return Ok(Some((piece, self))),
                Err(gone @ Broken::Store(object_store::Error::NotFound { .. })) => {
                    return Err(io::Error::new(io::ErrorKind::NotFound, gone));
                }
                Err(Broken::Short) if self.again_left == 0 => {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Err(error) if self.again_left == 0 => return Err(io::Error::other(error)),
                Err(error) => {
                    tracing::debug!(%error, at = self.left.start, "an object is opened again where it broke off");
                    self.again_left = self.again_left.saturating_sub(1);
                    sleep(pause).await;
                    pause = pause.saturating_mul(2);
                }
            }
        }
    }

    async fn read(&mut self, within: Duration) -> Result<Bytes, Broken> {
        let read = timeout(within, self.read_on()).await.unwrap_or(Err(Broken::Silent));
        if read.is_err() {
            self.open = None;
        }
        read
    }

    async fn read_on(&mut self) -> Result<Bytes, Broken> {
        let mut pieces = match self.open.take() {
            Some(pieces) => pieces,
            None => (self.opens)(self.left.clone()).await?,
        };
        loop {
            let mut piece = pieces.try_next().await?.ok_or(Broken::Short)?;
            let wanted = self.left.end.saturating_sub(self.left.start);
            piece.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
            if !piece.is_empty() {
                self.left.start = self.left.start.saturating_add(piece.len() as u64);
                self.open = Some(pieces);
                return Ok(piece);
            }
        }
    }
}

async fn open(store: Arc<dyn ObjectStore>, key: Path, range: Range<u64>) -> Result<Pieces, Broken> {
    let end = range.end;
    let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
    let found = store.get_opts(&key, options).await?;
    // Nothing is begun that cannot be ended.
    if found.meta.size < end {
        return Err(Broken::Short);
    }
    Ok(found.into_stream().map_err(Broken::Store).boxed())
}

#[cfg(test)]
mod tests;
