use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::body::BodySource;
use crate::config::{EdgeConfig, secs};
use crate::connection::io::ConnectionIo;
use crate::connection::session::Session;
use crate::service::Service;

/// How much of a body is read at once, in bytes; hyper reads heads into the same buffer.
pub(crate) const READ_BYTES_MAX: usize = 256 << 10;

/// A connection that speaks HTTP/1; ends with it.
pub(crate) fn connection<S, T>(
    io: ConnectionIo<T>,
    session: Arc<Session<S>>,
    config: &EdgeConfig,
) -> impl GracefulConnection<Error = hyper::Error> + use<S, T>
where
    S: Service,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let session = Arc::clone(&session);
        async move {
            let (parts, incoming) = request.into_parts();
            Ok::<_, Infallible>(session.serve(parts, BodySource::http1(incoming)).await)
        }
    });
    let limits = &config.connections;
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(secs(config.timeouts.header_secs_max))
        .max_header_size(limits.header_bytes_max)
        .max_headers(limits.headers_max)
        .max_buf_size(READ_BYTES_MAX.max(limits.header_bytes_max));
    builder.serve_connection(TokioIo::new(io), service)
}
