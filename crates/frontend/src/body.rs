use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout};

/// A request body: streamed, capped, and read no slower than the pace allows. A `100 Continue` that the client expects is
/// sent when the first chunk is asked for, so everything decided before costs the client no upload.
pub struct Body {
    source: Source,
    pace: Pace,
    bytes_max: u64,
    received_bytes: u64,
    waited: Duration,
    expects_continue: bool,
    asked: bool,
}

/// How slowly a client may send. Only time spent waiting for the client counts, not that of a slow store.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Longest wait for the next bytes.
    pub idle: Duration,
    /// Waiting allowed beyond what the rate explains.
    pub grace: Duration,
    /// Slowest average, in bytes per second.
    pub bytes_per_sec_min: u64,
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
    Broken(BodyError),
}

impl Body {
    /// Wraps what hyper hands out.
    #[must_use]
    pub fn new(incoming: Incoming, pace: Pace, bytes_max: u64, expects_continue: bool) -> Self {
        let source = if incoming.is_end_stream() { Source::Ended } else { Source::Incoming(incoming) };
        Self { source, pace, bytes_max, expects_continue, ..Self::from(Bytes::new()) }
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
            Source::Broken(_) => None,
        }
    }

    /// Whether nothing is left to read. May be `false` before an end that is not yet known.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        matches!(self.source, Source::Ended)
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// As the variants of [`BodyError`] say; afterwards the same error again.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        let outcome = self.next().await;
        match &outcome {
            Ok(Some(_)) => {}
            Ok(None) => self.source = Source::Ended,
            Err(error) => self.source = Source::Broken(*error),
        }
        outcome
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

    async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        if self.declared_bytes().is_some_and(|more| more > self.bytes_max.saturating_sub(self.received_bytes))
        {
            return Err(BodyError::TooLarge { bytes_max: self.bytes_max });
        }
        let chunk = match &mut self.source {
            Source::Ended => return Ok(None),
            Source::Broken(error) => return Err(*error),
            Source::Ready(bytes) => {
                let bytes = std::mem::take(bytes);
                self.source = Source::Ended;
                bytes
            }
            Source::Incoming(incoming) => {
                self.asked = true;
                let patience = self.pace.patience(self.waited, self.received_bytes);
                let since = Instant::now();
                let next = timeout(patience, next_data(incoming)).await.map_err(|_| BodyError::TimedOut)?;
                self.waited = self.waited.saturating_add(since.elapsed());
                match next {
                    None => return Ok(None),
                    Some(Err(_)) => return Err(BodyError::Aborted),
                    Some(Ok(bytes)) => bytes,
                }
            }
        };
        self.received_bytes = self.received_bytes.saturating_add(chunk.len() as u64);
        if self.received_bytes > self.bytes_max {
            return Err(BodyError::TooLarge { bytes_max: self.bytes_max });
        }
        Ok(Some(chunk))
    }
}

/// The next data frame; trailers are passed over.
async fn next_data(incoming: &mut Incoming) -> Option<Result<Bytes, hyper::Error>> {
    loop {
        match poll_fn(|cx| Pin::new(&mut *incoming).poll_frame(cx)).await? {
            Err(error) => return Some(Err(error)),
            Ok(frame) => {
                if let Ok(data) = frame.into_data() {
                    return Some(Ok(data));
                }
            }
        }
    }
}

impl Pace {
    /// No bound on time: for bodies that are there already.
    pub const UNHURRIED: Self =
        Self { idle: Duration::from_secs(3600), grace: Duration::from_secs(3600), bytes_per_sec_min: 0 };

    /// How long the next bytes may take after so much waiting for so many bytes.
    fn patience(&self, waited: Duration, received_bytes: u64) -> Duration {
        let Some(secs) = received_bytes.checked_div(self.bytes_per_sec_min) else { return self.idle };
        let allowed = self.grace.saturating_add(Duration::from_secs(secs));
        self.idle.min(allowed.saturating_sub(waited))
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
            expects_continue: false,
            asked: false,
        }
    }
}
