use std::future::poll_fn;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body as _, Incoming};
use tokio::time::{Duration, Instant, timeout};

use crate::pace::Pace;

/// A request body: streamed, capped, and read no slower than the pace allows. A `100 Continue` that the client expects is
/// sent when the first chunk is asked for, so everything decided before costs the client no upload.
pub struct Body {
    source: Source,
    pace: Pace,
    bytes_max: u64,
    received_bytes: u64,
    waited: Duration,
    failed: Option<BodyError>,
    /// The client waits for `100 Continue` before it sends anything.
    held_back: bool,
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed.
    #[error("the body is longer than {bytes_max} bytes")]
    TooLarge {
        /// The bound, in bytes.
        bytes_max: u64,
    },
    /// It came too slowly.
    #[error("the body came too slowly")]
    TimedOut,
    /// The client went away, or the framing is broken.
    #[error("the body ended before its time")]
    Aborted,
}

enum Source {
    Incoming(Incoming),
    Ready(Bytes),
    Ended,
}

/// What became of the rest of a body that nobody wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// There is none: the connection can go on.
    Gone,
    /// The client has not sent it and may never do: the connection ends with the answer.
    HeldBack,
    /// There was too much of it, or it came too slowly: the connection ends with the answer.
    Left,
}

impl Body {
    /// Wraps what hyper hands out. `held_back` says that the client expects `100 Continue`.
    #[must_use]
    pub fn new(incoming: Incoming, pace: Pace, held_back: bool) -> Self {
        let source = if incoming.is_end_stream() { Source::Ended } else { Source::Incoming(incoming) };
        Self { source, pace, held_back, ..Self::from(Bytes::new()) }
    }

    /// Lowers the cap; from now on more than `bytes_max` in all is [`BodyError::TooLarge`].
    pub fn cap(&mut self, bytes_max: u64) {
        self.bytes_max = self.bytes_max.min(bytes_max);
    }

    /// Bytes still to come, if the client said: from `Content-Length`.
    #[must_use]
    pub fn declared_bytes(&self) -> Option<u64> {
        match &self.source {
            Source::Incoming(incoming) => incoming.size_hint().exact(),
            Source::Ready(bytes) => Some(bytes.len() as u64),
            Source::Ended => Some(0),
        }
    }

    /// Bytes read so far.
    #[must_use]
    pub const fn received_bytes(&self) -> u64 {
        self.received_bytes
    }

    /// The next bytes, at least one; `None` at the end.
    ///
    /// # Errors
    /// As the variants of [`BodyError`] say; afterwards the same error again.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let room = self.bytes_max.saturating_sub(self.received_bytes);
        let outcome = if self.declared_bytes().is_some_and(|more| more > room) {
            Err(BodyError::TooLarge { bytes_max: self.bytes_max })
        } else {
            self.next().await
        };
        match outcome {
            Ok(Some(chunk)) if chunk.len() as u64 > room => {
                self.fail(BodyError::TooLarge { bytes_max: self.bytes_max })
            }
            Ok(chunk) => Ok(chunk),
            Err(error) => self.fail(error),
        }
    }

    /// The whole body in memory.
    ///
    /// # Errors
    /// As [`Self::chunk`]; `TooLarge` beyond `bytes_max`.
    pub async fn whole(&mut self, bytes_max: u64) -> Result<Bytes, BodyError> {
        self.cap(bytes_max);
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let mut whole = BytesMut::from(first);
        whole.extend_from_slice(&second);
        while let Some(more) = self.chunk().await? {
            whole.extend_from_slice(&more);
        }
        Ok(whole.freeze())
    }

    /// What is left is not waited for: the client is silent, and is to be told at once why nothing more is wanted.
    pub(crate) const fn give_up(&mut self) {
        self.failed = Some(BodyError::TimedOut);
    }

    /// Whether anything is or may be left to read.
    pub(crate) const fn has_more(&self) -> bool {
        !matches!(self.source, Source::Ended)
    }

    /// Reads and throws away what is left, at most so much for so long.
    pub(crate) async fn drain(&mut self, bytes_max: u64, longest: Duration) -> Rest {
        if !self.has_more() {
            return Rest::Gone;
        }
        if self.held_back {
            return Rest::HeldBack;
        }
        if matches!(self.failed, Some(BodyError::TimedOut | BodyError::Aborted)) {
            return Rest::Left;
        }
        self.failed = None;
        self.bytes_max = self.received_bytes.saturating_add(bytes_max);
        let all = async { while let Ok(Some(_)) = self.chunk().await {} };
        let in_time = timeout(longest, all).await.is_ok();
        if in_time && !self.has_more() { Rest::Gone } else { Rest::Left }
    }

    fn fail(&mut self, error: BodyError) -> Result<Option<Bytes>, BodyError> {
        self.failed = Some(error);
        Err(error)
    }

    async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        let chunk = match &mut self.source {
            Source::Ended => None,
            Source::Ready(bytes) => Some(std::mem::take(bytes)),
            Source::Incoming(incoming) => {
                self.held_back = false;
                let patience = self.pace.patience(self.waited, self.received_bytes);
                let since = Instant::now();
                let next = timeout(patience, next_data(incoming)).await.map_err(|_| BodyError::TimedOut)?;
                self.waited = self.waited.saturating_add(since.elapsed());
                next.transpose().map_err(|_| BodyError::Aborted)?
            }
        };
        match &chunk {
            Some(chunk) => self.received_bytes = self.received_bytes.saturating_add(chunk.len() as u64),
            None => self.source = Source::Ended,
        }
        if matches!(self.source, Source::Ready(_)) {
            self.source = Source::Ended;
        }
        Ok(chunk)
    }
}

/// The next frame with data; trailers and empty frames are passed over.
async fn next_data(incoming: &mut Incoming) -> Option<Result<Bytes, hyper::Error>> {
    loop {
        match poll_fn(|cx| Pin::new(&mut *incoming).poll_frame(cx)).await? {
            Err(error) => return Some(Err(error)),
            Ok(frame) => match frame.into_data() {
                Ok(data) if !data.is_empty() => return Some(Ok(data)),
                _ => {}
            },
        }
    }
}

/// A body that is there already, such as in tests.
impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self {
            source: if bytes.is_empty() { Source::Ended } else { Source::Ready(bytes) },
            pace: Pace::UNHURRIED,
            bytes_max: u64::MAX,
            received_bytes: 0,
            waited: Duration::ZERO,
            failed: None,
            held_back: false,
        }
    }
}

#[cfg(test)]
mod tests;
