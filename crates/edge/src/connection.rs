//! One connection, from its first byte to its last: which version of HTTP it speaks, its requests, and how it ends.

use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::budgets::receive_window::ReceiveWindow;
use crate::config::{Timeouts, secs};
use crate::connections::OpenConnection;
use crate::listener::Listener;
use crate::metrics::EdgeMetrics;
use crate::service::Service;

mod http1;
mod http2;
mod io;
mod session;

use http2::Http2;
use io::{ConnectionIo, Linger};
use session::Session;

/// How long a client whose body was cut may go on sending into the void, so that the answer is not lost on the way (RFC 9112 §9.6).
const LINGER: Duration = Duration::from_secs(5);
/// How long an idle client may take to see that the connection ends.
const FAREWELL: Duration = Duration::from_secs(10);
/// The same where another connection waits for its place.
const GIVE_WAY: Duration = Duration::from_secs(1);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How requests are written on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HttpVersion {
    Http1,
    Http2,
}

/// Serves one connection to its end. `agreed` is the version that TLS agreed on; without TLS the first bytes tell.
pub(crate) async fn serve<S, T>(
    listener: Arc<Listener<S>>,
    stream: T,
    peer: Option<IpAddr>,
    agreed: Option<HttpVersion>,
    open: Arc<OpenConnection>,
    stop: CancellationToken,
) where
    S: Service,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (config, metrics) = (&listener.edge.config, &listener.edge.metrics);
    let timeouts = &config.timeouts;
    let window = ReceiveWindow::new(open.client);
    let linger = Linger { activity: Arc::clone(&open.activity), longest: LINGER };
    let shared = (Arc::clone(&listener.edge.budgets.stalled), Arc::clone(&window));
    let mut io = ConnectionIo::new(stream, timeouts.write_rate_min(), Arc::clone(metrics), linger, shared);
    metrics.connections.inc();
    let _counted = Counted(metrics);
    let header_max = secs(timeouts.header_secs_max);
    let version = match agreed {
        Some(version) => version,
        None => {
            let told = tokio::select! {
                biased;
                told = timeout(header_max, io.version()) => told,
                () = open.ends.cancelled() => return,
            };
            let Ok(Ok(version)) = told else { return };
            version
        }
    };
    let activity = Arc::clone(&open.activity);
    let session =
        Arc::new(Session { listener: Arc::clone(&listener), peer, activity, window: Arc::clone(&window) });
    let ended: Result<(), BoxError> = match version {
        HttpVersion::Http2 => {
            window.widens_to(config.http2.connection_window_bytes.into());
            match Box::pin(http2::handshake(io, session, &config.http2, &config.connections, header_max))
                .await
            {
                Ok(connection) => {
                    drive(Box::pin(connection), &open, &stop, timeouts).await.map_err(Into::into)
                }
                Err(error) => Err(error.into()),
            }
        }
        HttpVersion::Http1 => {
            window.widens_to(http1::READ_BYTES_MAX as u64);
            let connection = http1::connection(io, session, config);
            drive(Box::pin(connection), &open, &stop, timeouts).await.map_err(Into::into)
        }
    };
    if let Err(error) = ended {
        let peer = peer.map(tracing::field::display);
        debug!(peer, error = crate::log::chain(&*error), "connection ended");
    }
}

/// What can be asked to take no new requests and to end with those in flight.
trait Connection: Future<Output = Result<(), Self::Error>> {
    type Error;

    fn graceful_shutdown(self: Pin<&mut Self>);
}

impl<S: Service, T: AsyncRead + AsyncWrite + Unpin> Connection for Http2<S, T> {
    type Error = h2::Error;

    fn graceful_shutdown(self: Pin<&mut Self>) {
        self.get_mut().graceful_shutdown();
    }
}

impl<C: GracefulConnection<Error = hyper::Error>> Connection for C {
    type Error = hyper::Error;

    fn graceful_shutdown(self: Pin<&mut Self>) {
        GracefulConnection::graceful_shutdown(self);
    }
}

/// Keeps a connection going until it ends, is asked to stop, has been idle for too long, or is too old.
async fn drive<C: Connection>(
    mut connection: Pin<Box<C>>,
    open: &OpenConnection,
    stop: &CancellationToken,
    timeouts: &Timeouts,
) -> Result<(), C::Error> {
    let idle_max = secs(timeouts.idle_secs_max);
    let oldest = Instant::now() + secs(timeouts.connection_secs_max);
    let mut next_look = pin!(sleep_until(Instant::now() + idle_max));
    let mut seen = 0;
    let farewell = loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = open.ends.cancelled() => {
                break if stop.is_cancelled() { secs(timeouts.drain_secs_max) } else { GIVE_WAY };
            }
            () = next_look.as_mut() => {
                let (begun, idle) = open.activity.seen();
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

/// Counts the connection as open while it lives.
struct Counted<'a>(&'a EdgeMetrics);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}

#[cfg(test)]
mod tests;
