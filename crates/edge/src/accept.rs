//! Listening: connections in, requests to the service, and an orderly end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};

use crate::config::secs;
use crate::connection::{self, HttpVersion};
use crate::connections::ConnectionPermit;
use crate::edge::Edge;
use crate::listener::Listener;
use crate::service::Service;
use crate::tls::Tls;

/// Why a listener could not be served.
#[derive(Debug, thiserror::Error)]
#[error("the listener cannot be used")]
pub struct ServeError(#[from] io::Error);

impl Edge {
    /// Lets the service answer on this listener until `stop`, and then lets requests in flight end, at most as long as the
    /// configuration says.
    ///
    /// # Errors
    /// `ServeError` if the listener has no address. Failing connections end alone.
    pub async fn serve<S: Service>(
        self: Arc<Self>,
        service: S,
        listener: TcpListener,
        tls: Option<Tls>,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let local = listener.local_addr()?;
        let connections = Arc::clone(&self.connections);
        let shared = Listener::new(self, service, connections, local, tls.is_some());
        listen(Arc::new(shared), listener, tls, stop).await;
        Ok(())
    }

    /// As [`Self::serve`], in the clear and with so many places of its own for connections, so that it can be reached whatever goes
    /// on elsewhere.
    ///
    /// # Errors
    /// As [`Self::serve`].
    pub async fn serve_apart<S: Service>(
        self: Arc<Self>,
        service: S,
        listener: TcpListener,
        connections_max: usize,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let local = listener.local_addr()?;
        let connections = self.connections.apart(connections_max);
        listen(Arc::new(Listener::new(self, service, connections, local, false)), listener, None, stop).await;
        Ok(())
    }
}

/// Takes in connections until `stop`, and waits for their end.
async fn listen<S: Service>(
    shared: Arc<Listener<S>>,
    listener: TcpListener,
    tls: Option<Tls>,
    stop: CancellationToken,
) {
    info!(address = shared.local(), tls = tls.is_some(), serves = shared.service.name(), "listening");
    let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&listener) => accepted,
        };
        let task = connect(Arc::clone(&shared), stream, peer, tls.clone(), stop.child_token());
        tasks.spawn(until_cut(Box::pin(task), cut.clone()));
    }
    drop(listener);
    shared.service.stopping();
    tasks.close();
    let drain_max = secs(shared.config().timeouts.drain_secs_max);
    if timeout(drain_max, tasks.wait()).await.is_err() {
        warn!(connections = tasks.len(), "cut after the time to end was over");
        cut.cancel();
        tasks.wait().await;
    }
}

/// The next connection. Errors here are those of a client that is gone already, or of a process short of descriptors: waiting helps.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if gone(&error) => {}
            Err(error) => {
                warn!(%error, "no connection can be accepted at the moment");
                sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

fn gone(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

async fn until_cut(task: impl Future<Output = ()>, cut: CancellationToken) {
    tokio::select! {
        biased;
        () = task => {}
        () = cut.cancelled() => {}
    }
}

/// From the accepted socket to the end of its connection.
async fn connect<S: Service>(
    listener: Arc<Listener<S>>,
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Tls>,
    stop: CancellationToken,
) {
    let Ok(permit) = listener.connections.acquire(peer.ip(), &stop).await else {
        return debug!(%peer, "there is no place for one more connection");
    };
    // Fails only on a dead socket, which the next read tells better.
    let _ = stream.set_nodelay(true);
    // In boxes of their own: an idle connection is as large as what it may become.
    match tls {
        None => {
            Box::pin(connection::serve(listener, stream, Some(peer.ip()), None, permit.connection(), stop))
                .await
        }
        Some(tls) => Box::pin(shake_hands(listener, stream, peer, tls, &permit, stop)).await,
    }
}

/// As [`connect`], once it is known that the client has to begin with a handshake.
async fn shake_hands<S: Service>(
    listener: Arc<Listener<S>>,
    stream: TcpStream,
    peer: SocketAddr,
    tls: Tls,
    permit: &ConnectionPermit,
    stop: CancellationToken,
) {
    let handshake_max = secs(listener.config().timeouts.handshake_secs_max);
    let shaken = tokio::select! {
        biased;
        shaken = timeout(handshake_max, Box::pin(tls.acceptor().accept(stream))) => shaken,
        () = permit.ends() => return,
    };
    let stream = match shaken {
        Ok(Ok(stream)) => Box::new(stream),
        Ok(Err(error)) => return debug!(%peer, %error, "no TLS handshake"),
        Err(_) => return debug!(%peer, "the TLS handshake took too long"),
    };
    let version = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => HttpVersion::Http2,
        _ => HttpVersion::Http1,
    };
    Box::pin(connection::serve(listener, stream, Some(peer.ip()), Some(version), permit.connection(), stop))
        .await;
}

#[cfg(test)]
mod tests;
