use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::body::Source;
use crate::config::{ConnectionLimits, Timeouts, secs};
use crate::metrics::Metrics;
use crate::server::connections::Line;
use crate::server::http2::{self, Http2};
use crate::server::intake::Intake;
use crate::server::listener::Listener;
use crate::server::paced::{Linger, Paced};
use crate::server::session::Session;
use crate::service::Service;

/// How much of an HTTP/1 body is read at once, in bytes; hyper reads heads into the same buffer.
const READ_BYTES_MAX: usize = 256 << 10;
/// How long a client whose body was cut may go on sending into the void, so that the answer is not lost on the way (RFC 9112 §9.6).
const LINGER: Duration = Duration::from_secs(5);
/// How long an idle client may take to see that the connection ends.
const FAREWELL: Duration = Duration::from_secs(10);
/// The same where another connection waits for its place.
const GIVE_WAY: Duration = Duration::from_secs(1);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Serves one connection to its end. `http2` is what TLS agreed on; without TLS the first bytes tell.
pub(crate) async fn speak<S, T>(
    listener: Arc<Listener<S>>,
    stream: T,
    peer: Option<IpAddr>,
    http2: Option<bool>,
    line: Arc<Line>,
    stop: CancellationToken,
) where
    S: Service,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (config, metrics) = (&listener.edge.config, &listener.edge.metrics);
    let timeouts = &config.timeouts;
    let intake = Intake::new(line.client);
    let linger = Linger { activity: Arc::clone(&line.activity), longest: LINGER };
    let shared = (Arc::clone(&listener.edge.budgets.stalled), Arc::clone(&intake));
    let mut stream = Paced::new(stream, timeouts.write_pace(), Arc::clone(metrics), linger, shared);
    metrics.connections.inc();
    let _open = Open(metrics);
    let header_max = secs(timeouts.header_secs_max);
    let http2 = match http2 {
        Some(http2) => http2,
        None => {
            let begins = tokio::select! {
                biased;
                begins = timeout(header_max, stream.begins_http2()) => begins,
                () = line.ends.cancelled() => return,
            };
            let Ok(Ok(http2)) = begins else { return };
            http2
        }
    };
    let activity = Arc::clone(&line.activity);
    let session =
        Arc::new(Session { listener: Arc::clone(&listener), peer, activity, intake: Arc::clone(&intake) });
    let ended: Result<(), BoxError> = if http2 {
        intake.widens_to(config.http2.connection_window_bytes.into());
        match Box::pin(http2::greet(stream, session, &config.http2, &config.connections, header_max)).await {
            Ok(connection) => drive(Box::pin(connection), &line, &stop, timeouts).await.map_err(Into::into),
            Err(error) => Err(error.into()),
        }
    } else {
        intake.widens_to(READ_BYTES_MAX as u64);
        let connection = http1(stream, session, &config.connections, timeouts);
        drive(Box::pin(connection), &line, &stop, timeouts).await.map_err(Into::into)
    };
    if let Err(error) = ended {
        debug!(
            peer = peer.map(tracing::field::display),
            error = crate::log::chain(&*error),
            "connection ended"
        );
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
    line: &Line,
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
            () = line.ends.cancelled() => {
                break if stop.is_cancelled() { secs(timeouts.drain_secs_max) } else { GIVE_WAY };
            }
            () = next_look.as_mut() => {
                let (begun, idle) = line.activity.seen();
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

fn http1<S, T>(
    stream: Paced<T>,
    session: Arc<Session<S>>,
    limits: &ConnectionLimits,
    timeouts: &Timeouts,
) -> impl GracefulConnection<Error = hyper::Error>
where
    S: Service,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let session = Arc::clone(&session);
        async move {
            let (parts, incoming) = request.into_parts();
            Ok::<_, Infallible>(session.serve(parts, Source::incoming(incoming)).await)
        }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(secs(timeouts.header_secs_max))
        .max_header_size(limits.header_bytes_max)
        .max_headers(limits.headers_max)
        .max_buf_size(READ_BYTES_MAX.max(limits.header_bytes_max));
    builder.serve_connection(TokioIo::new(stream), service)
}

/// Counts the connection as open while it lives.
struct Open<'a>(&'a Metrics);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}

#[cfg(test)]
mod tests;
