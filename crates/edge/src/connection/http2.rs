//! HTTP/2 on one connection, driven by hand: only so can an answer be ended that the client takes nothing of, whatever window it
//! leaves, and only so is the window of uploads a share of a budget.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use domain::BoxFuture;
use h2::server::{Builder, Connection};
use h2::{Ping, PingPong, Reason};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Duration, sleep, timeout};

use crate::config::{ConnectionLimits, Http2Limits, secs};
use crate::connection::io::ConnectionIo;
use crate::connection::session::Session;
use crate::service::Service;

mod stream;

/// Largest window HTTP/2 knows (RFC 9113 §6.9.1).
const WINDOW_BYTES_MAX: u32 = i32::MAX.unsigned_abs();
/// The window that every connection begins with (RFC 9113 §6.9.2); none can be smaller.
const NARROW_WINDOW_BYTES: u32 = 65_535;
/// Largest send buffer, in bytes.
const SEND_BUFFER_BYTES_MAX: usize = 256 << 20;

/// A connection that speaks HTTP/2; ends with it.
pub(crate) struct Http2<S, T> {
    connection: Connection<ConnectionIo<T>, Bytes>,
    session: Arc<Session<S>>,
    /// Ends when the client does not answer.
    gone: BoxFuture<'static, ()>,
    /// Ends when an upload has a share of the budget for the whole window.
    widened: Option<BoxFuture<'static, ()>>,
    window_bytes: u32,
}

/// Exchanges the prefaces.
///
/// # Errors
/// `h2::Error` if the client does not speak HTTP/2, or too slowly.
pub(crate) async fn handshake<S: Service, T: AsyncRead + AsyncWrite + Unpin>(
    mut io: ConnectionIo<T>,
    session: Arc<Session<S>>,
    limits: &Http2Limits,
    connections: &ConnectionLimits,
    longest: Duration,
) -> io::Result<Http2<S, T>> {
    io.count_frames();
    let shaken = timeout(longest, builder(limits, connections).handshake(io)).await?;
    let mut connection = shaken.map_err(io::Error::other)?;
    let every = (secs(limits.ping_secs), secs(limits.ping_answer_secs_max));
    let pings = connection.ping_pong();
    let window = Arc::clone(&session.window);
    Ok(Http2 {
        connection,
        session,
        gone: Box::pin(answers(pings, every)),
        widened: Some(Box::pin(async move { window.widened().await })),
        window_bytes: limits.connection_window_bytes.clamp(NARROW_WINDOW_BYTES, WINDOW_BYTES_MAX),
    })
}

impl<S: Service, T: AsyncRead + AsyncWrite + Unpin> Http2<S, T> {
    /// No new requests; those in flight go on.
    pub(crate) fn graceful_shutdown(&mut self) {
        self.connection.graceful_shutdown();
    }
}

impl<S: Service, T: AsyncRead + AsyncWrite + Unpin> Future for Http2<S, T> {
    type Output = Result<(), h2::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.widened.as_mut().is_some_and(|widened| widened.as_mut().poll(cx).is_ready()) {
            this.widened = None;
            this.connection.set_target_window_size(this.window_bytes);
        }
        if this.gone.as_mut().poll(cx).is_ready() {
            this.gone = Box::pin(std::future::pending());
            this.connection.abrupt_shutdown(Reason::NO_ERROR);
        }
        while let Some(accepted) = ready!(this.connection.poll_accept(cx)) {
            let (request, respond) = accepted?;
            tokio::spawn(stream::answer(Arc::clone(&this.session), request, respond));
        }
        Poll::Ready(Ok(()))
    }
}

/// Pings again and again, and returns once an answer does not come in time.
async fn answers(pings: Option<PingPong>, (every, longest): (Duration, Duration)) {
    let Some(mut pings) = pings else { return std::future::pending().await };
    loop {
        sleep(every).await;
        if !matches!(timeout(longest, pings.ping(Ping::opaque())).await, Ok(Ok(_))) {
            return;
        }
    }
}

fn builder(limits: &Http2Limits, connections: &ConnectionLimits) -> Builder {
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(limits.streams_max)
        .max_pending_accept_reset_streams(limits.pending_resets_max)
        .max_local_error_reset_streams(Some(limits.local_resets_max))
        .max_header_list_size(u32::try_from(connections.header_bytes_max).unwrap_or(u32::MAX))
        .initial_window_size(limits.stream_window_bytes.min(WINDOW_BYTES_MAX))
        .initial_connection_window_size(NARROW_WINDOW_BYTES)
        .max_send_buffer_size(limits.send_buffer_bytes_max.min(SEND_BUFFER_BYTES_MAX));
    builder
}

#[cfg(test)]
mod tests;
