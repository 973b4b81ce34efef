use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::config::{ConnectionLimits, Http2Limits, Timeouts, secs};
use crate::server::activity::Activity;
use crate::server::paced::{Linger, Paced};
use crate::server::room::Room;
use crate::server::service::Client;

/// How much of an HTTP/1 body is read at once, in bytes; hyper reads heads into the same buffer.
const READ_BYTES_MAX: usize = 256 << 10;
/// Largest window HTTP/2 knows (RFC 9113 §6.9.1).
const WINDOW_BYTES_MAX: u32 = i32::MAX.unsigned_abs();
/// How long a client whose body was cut may go on sending into the void, so that the answer is not lost on the way (RFC 9112 §9.6).
const LINGER: Duration = Duration::from_secs(5);
/// How long an idle client may take to see that the connection ends.
const FAREWELL: Duration = Duration::from_secs(10);

/// Serves one connection to its end. `http2` is what TLS agreed on; without TLS the first bytes tell.
pub(crate) async fn speak<S>(
    room: Arc<Room>,
    stream: S,
    peer: Option<IpAddr>,
    http2: Option<bool>,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (config, metrics) = (&room.frontend.config, &room.frontend.metrics);
    let timeouts = &config.timeouts;
    let activity = Arc::new(Activity::default());
    let linger = Linger { activity: Arc::clone(&activity), longest: LINGER };
    let mut stream = Paced::new(stream, timeouts.write_pace(), Arc::clone(metrics), linger);
    metrics.connections.inc();
    let _open = Open(&room);
    let http2 = match http2 {
        Some(http2) => http2,
        None => {
            let header_max = secs(timeouts.header_secs_max);
            let begins = tokio::select! {
                biased;
                begins = timeout(header_max, stream.begins_http2()) => begins,
                () = stop.cancelled() => return,
            };
            let Ok(Ok(http2)) = begins else { return };
            http2
        }
    };
    let client = Arc::new(Client { room: Arc::clone(&room), peer, activity: Arc::clone(&activity) });
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let client = Arc::clone(&client);
        async move { Ok::<_, Infallible>(client.serve(request).await) }
    });
    let stream = TokioIo::new(stream);
    let ended = if http2 {
        let connection = http2_builder(&config.http2, &config.connections).serve_connection(stream, service);
        drive(connection, &activity, &stop, timeouts).await
    } else {
        let connection = http1_builder(&config.connections, timeouts).serve_connection(stream, service);
        drive(connection, &activity, &stop, timeouts).await
    };
    if let Err(error) = ended {
        debug!(
            peer = peer.map(tracing::field::display),
            error = crate::log::chain(&error),
            "connection ended"
        );
    }
}

/// Keeps a connection going until it ends, is asked to stop, has been idle for too long, or is too old.
async fn drive<C: GracefulConnection<Error = hyper::Error>>(
    connection: C,
    activity: &Activity,
    stop: &CancellationToken,
    timeouts: &Timeouts,
) -> Result<(), hyper::Error> {
    let mut connection = pin!(connection);
    let idle_max = secs(timeouts.idle_secs_max);
    let oldest = Instant::now() + secs(timeouts.connection_secs_max);
    let mut next_look = pin!(sleep_until(Instant::now() + idle_max));
    let mut seen = 0;
    let farewell = loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = stop.cancelled() => break secs(timeouts.drain_secs_max),
            () = next_look.as_mut() => {
                let (begun, idle) = activity.seen();
                if idle && begun == seen {
                    break FAREWELL;
                }
                if Instant::now() >= oldest {
                    break secs(timeouts.request_secs_max);
                }
                seen = begun;
                next_look.as_mut().reset(Instant::now() + idle_max);
            }
        }
    };
    connection.as_mut().graceful_shutdown();
    timeout(farewell, connection).await.unwrap_or(Ok(()))
}

fn http1_builder(limits: &ConnectionLimits, timeouts: &Timeouts) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(secs(timeouts.header_secs_max))
        .max_header_size(limits.header_bytes_max)
        .max_headers(limits.headers_max)
        .max_buf_size(READ_BYTES_MAX.max(limits.header_bytes_max));
    builder
}

fn http2_builder(limits: &Http2Limits, connections: &ConnectionLimits) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams_max)
        .max_pending_accept_reset_streams(limits.pending_resets_max)
        .max_local_error_reset_streams(limits.local_resets_max)
        .max_header_list_size(u32::try_from(connections.header_bytes_max).unwrap_or(u32::MAX))
        .initial_stream_window_size(limits.stream_window_bytes.min(WINDOW_BYTES_MAX))
        .initial_connection_window_size(limits.connection_window_bytes.min(WINDOW_BYTES_MAX))
        .max_send_buf_size(limits.send_buffer_bytes_max.min(READ_BYTES_MAX << 10))
        .keep_alive_interval(secs(limits.ping_secs))
        .keep_alive_timeout(secs(limits.ping_answer_secs_max));
    builder
}

/// Counts the connection as open while it lives.
struct Open<'a>(&'a Room);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.frontend.metrics.connections.dec();
    }
}

#[cfg(test)]
mod tests;
