use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::time::{Duration, Sleep, sleep};

use crate::activity::Activity;
use crate::budgets::receive_window::ReceiveWindow;
use crate::budgets::stall_timer::StallTimer;
use crate::budgets::stalled_requests::StalledRequests;
use crate::connection::HttpVersion;
use crate::metrics::EdgeMetrics;
use crate::min_rate::MinRate;

mod frame_limit;

use frame_limit::FrameLimit;

/// How every HTTP/2 connection begins (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How much of HTTP/1 is read at once until there is a share of the budget for more, in bytes: hyper's buffer grows with what it gets.
const NARROW_BYTES: usize = 16 << 10;
/// Reads into the void before other connections get their turn.
const READS_AT_ONCE_MAX: usize = 64;

/// The bytes of one connection, whatever protocol runs on it: they are counted, the other side must take them at some rate, and what
/// comes of HTTP/2 may not be a flood of frames.
pub(crate) struct ConnectionIo<S> {
    stream: S,
    /// Bytes read to tell the protocol, to be read again.
    seen: [u8; PREFACE.len()],
    seen_bytes: usize,
    replayed_bytes: usize,
    rate_min: MinRate,
    metrics: Arc<EdgeMetrics>,
    stalled: Arc<StalledRequests>,
    window: Arc<ReceiveWindow>,
    /// Those that came, on HTTP/2.
    frames: Option<FrameLimit>,
    stall_timer: Option<StallTimer>,
    waited: Duration,
    written_bytes: u64,
    linger: Linger,
    farewell: Option<Pin<Box<Sleep>>>,
}

/// Whether to go on reading after the last byte is written: closing a socket with unread bytes resets the connection, and the
/// client may lose an answer it has not read yet.
pub(crate) struct Linger {
    /// Knows whether a request body was left unread.
    pub(crate) activity: Arc<Activity>,
    /// How long at most.
    pub(crate) longest: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ConnectionIo<S> {
    pub(crate) fn new(
        stream: S,
        rate_min: MinRate,
        metrics: Arc<EdgeMetrics>,
        linger: Linger,
        (stalled, window): (Arc<StalledRequests>, Arc<ReceiveWindow>),
    ) -> Self {
        Self {
            stream,
            stalled,
            window,
            frames: None,
            seen: [0; PREFACE.len()],
            seen_bytes: 0,
            replayed_bytes: 0,
            rate_min,
            metrics,
            stall_timer: None,
            waited: Duration::ZERO,
            written_bytes: 0,
            linger,
            farewell: None,
        }
    }

    /// What the client speaks without having agreed on it: reads until the preface of HTTP/2 is whole or broken.
    pub(crate) async fn version(&mut self) -> io::Result<HttpVersion> {
        loop {
            let seen = self.seen.get(..self.seen_bytes).unwrap_or_default();
            if !PREFACE.starts_with(seen) {
                return Ok(HttpVersion::Http1);
            }
            let Some(free) = self.seen.get_mut(self.seen_bytes..).filter(|free| !free.is_empty()) else {
                return Ok(HttpVersion::Http2);
            };
            let read = self.stream.read(free).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.seen_bytes = self.seen_bytes.saturating_add(read);
        }
    }

    /// What comes are frames of HTTP/2: from now on they are counted.
    pub(crate) fn count_frames(&mut self) {
        self.frames = Some(FrameLimit::new());
    }

    /// The end of a write: of a stall, if there was one.
    fn wrote(&mut self, bytes: usize) {
        if let Some(timer) = self.stall_timer.take() {
            self.waited = self.waited.saturating_add(timer.waited());
            self.linger.activity.unsent(false);
        }
        if let Some(frames) = &mut self.frames {
            frames.wrote(bytes);
        }
        self.written_bytes = self.written_bytes.saturating_add(bytes as u64);
        self.metrics.sent_bytes.inc_by(bytes as u64);
    }

    /// The other side takes nothing: fails once that has gone on for too long, or somebody needs what it holds.
    fn stalled<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let (rate, waited, written) = (self.rate_min, self.waited, self.written_bytes);
        self.linger.activity.unsent(true);
        let (stalled, client) = (&self.stalled, self.window.client());
        let stall_timer = self
            .stall_timer
            .get_or_insert_with(|| StallTimer::new(stalled, client, rate.longest_wait(waited, written)));
        ready!(stall_timer.poll_end(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads from the connection; little at a time, until there is a share of the budget for more.
    fn poll_stream(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if buf.remaining() <= NARROW_BYTES || self.frames.is_some() || self.window.is_wide() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let mut narrow = ReadBuf::new(buf.initialize_unfilled_to(NARROW_BYTES));
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut narrow))?;
        let read = narrow.filled().len();
        buf.advance(read);
        Poll::Ready(Ok(()))
    }

    /// Throws away what still comes, until the other side has read our end and closes, or its time is over.
    fn read_to_nothing(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut nothing = [0; 4096];
        for _ in 0..READS_AT_ONCE_MAX {
            if self.farewell.as_mut().is_none_or(|farewell| farewell.as_mut().poll(cx).is_ready()) {
                return Poll::Ready(Ok(()));
            }
            let mut buf = ReadBuf::new(&mut nothing);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                _ => return Poll::Ready(Ok(())),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn after_write(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match outcome {
            Poll::Ready(Ok(bytes)) => {
                self.wrote(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.stalled(cx),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for ConnectionIo<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        if let Some(seen) =
            this.seen.get(this.replayed_bytes..this.seen_bytes).filter(|seen| !seen.is_empty())
        {
            let replayed = seen.len().min(buf.remaining());
            buf.put_slice(seen.get(..replayed).unwrap_or_default());
            this.replayed_bytes = this.replayed_bytes.saturating_add(replayed);
        } else {
            ready!(this.poll_stream(cx, buf))?;
        }
        let read = buf.filled().get(before..).unwrap_or_default();
        if let Some(frames) = &mut this.frames
            && frames.is_flood(read)
        {
            this.metrics.floods.inc();
            return Poll::Ready(Err(io::Error::other("too many frames that ask for nothing")));
        }
        this.metrics.received_bytes.inc_by(read.len() as u64);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ConnectionIo<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.after_write(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.after_write(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(cx) {
            Poll::Pending => self.stalled(cx),
            Poll::Ready(done) => {
                self.wrote(0);
                Poll::Ready(done)
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.farewell.is_none() {
            match Pin::new(&mut self.stream).poll_shutdown(cx) {
                Poll::Pending => return self.stalled(cx),
                Poll::Ready(Ok(())) if self.linger.activity.was_cut() => {
                    self.farewell = Some(Box::pin(sleep(self.linger.longest)));
                }
                Poll::Ready(done) => return Poll::Ready(done),
            }
        }
        self.read_to_nothing(cx)
    }
}
