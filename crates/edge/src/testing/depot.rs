//! A service as small as one can be: `GET /N` gives N bytes, `GET /arriving` what still arrives, `PUT /x` takes some.

use std::future::pending;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use ::http::header::RETRY_AFTER;
use ::http::{HeaderName, HeaderValue, Method, StatusCode};
use budget::Exceeded;
use bytes::Bytes;
use domain::{Client, PrincipalId};
use futures_util::Stream;
use prometheus_client::registry::Registry;
use tokio::sync::mpsc;

use super::Pipes;
use crate::body::{Body, BodyError};
use crate::config::EdgeConfig;
use crate::edge::Edge;
use crate::metrics::EdgeMetrics;
use crate::reply::{ContentStream, charge_reply};
use crate::service::{Request, Service};

type Reply = crate::reply::Reply<Arriving>;
type Response = crate::reply::Response<Arriving>;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain");
const WARNING: HeaderName = HeaderName::from_static("x-warning");
/// Longest body that is taken, in bytes.
const TAKEN_BYTES_MAX: u64 = 1 << 20;

#[derive(Clone, Default)]
pub(crate) struct Depot {
    /// What is given to who asks for it next.
    arriving: Arc<Mutex<Option<Arriving>>>,
}

/// Bytes that are sent while somebody reads them already.
pub(crate) struct Arriving {
    from: mpsc::Receiver<io::Result<Bytes>>,
    /// The piece that is there; `None` behind the last.
    here: Option<io::Result<Bytes>>,
    left_bytes: Option<u64>,
    piece_bytes_max: usize,
}

impl Depot {
    /// Gives to who asks next what is sent here, of this length if that is known.
    pub(crate) fn arriving(&self, left_bytes: Option<u64>) -> mpsc::Sender<io::Result<Bytes>> {
        let (to, from) = mpsc::channel(1);
        let here = Some(Ok(Bytes::new()));
        let arriving = Arriving { from, here, left_bytes, piece_bytes_max: usize::MAX };
        *self.arriving.lock().expect("nobody panics with it") = Some(arriving);
        to
    }
}

impl ContentStream for Arriving {
    fn left_bytes(&self) -> Option<u64> {
        self.left_bytes
    }

    fn poll_arrived(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if matches!(&self.here, Some(Ok(bytes)) if bytes.is_empty()) {
            self.here = ready!(self.from.poll_recv(cx));
        }
        Poll::Ready(())
    }

    fn piece_bytes(&self) -> usize {
        let here = self.here.as_ref().and_then(|here| here.as_ref().ok());
        here.map_or(0, Bytes::len).min(self.piece_bytes_max)
    }

    fn limit_pieces(&mut self, bytes_max: usize) {
        self.piece_bytes_max = bytes_max;
    }
}

impl Stream for Arriving {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.poll_arrived(cx));
        let wanted = self.piece_bytes();
        let piece = match &mut self.here {
            Some(Ok(bytes)) => bytes.split_to(wanted),
            ended => return Poll::Ready(ended.take()),
        };
        self.left_bytes = self.left_bytes.map(|left| left.saturating_sub(wanted as u64));
        Poll::Ready(Some(Ok(piece)))
    }
}

impl Pipes<Depot> {
    pub(crate) fn depot() -> Self {
        Self::depot_with(EdgeConfig::default())
    }

    pub(crate) fn depot_with(config: EdgeConfig) -> Self {
        let metrics = EdgeMetrics::register(&mut Registry::default());
        Self::new(Edge::new(config, metrics), Depot::default())
    }
}

impl Service for Depot {
    type Content = Arriving;

    fn name(&self) -> &'static str {
        "depot"
    }

    async fn answer(&self, request: &Request<'_>, body: &mut Body) -> Response {
        let mut response = match self.reply(request, body).await {
            Ok(reply) => Response::from(reply),
            Err(error) => refused(error).into(),
        };
        match charge_reply(response.body_mut(), body).await {
            Ok(()) => response,
            Err(exceeded) => refused(BodyError::Busy(exceeded)).into(),
        }
    }

    fn names_no_host(&self) -> Response {
        says(StatusCode::BAD_REQUEST, "no host").into()
    }
}

impl Depot {
    async fn reply(&self, request: &Request<'_>, body: &mut Body) -> Result<Reply, BodyError> {
        let path = request.parts.uri.path().trim_start_matches('/');
        match path {
            "livez" => return Ok(says(StatusCode::OK, "alive\n")),
            "closed" => return Ok(says(StatusCode::UNAUTHORIZED, "closed")),
            _ => body.charge(client(request)).await.map_err(BodyError::Busy)?,
        }
        match request.parts.method {
            Method::GET if path == "wait" => pending().await,
            Method::GET | Method::HEAD if path == "arriving" => {
                let arriving = self.arriving.lock().expect("nobody panics with it").take();
                Ok(Reply::new(StatusCode::OK).stream(arriving.expect("somebody sends it")))
            }
            Method::GET => {
                let bytes = vec![b'x'; path.parse().unwrap_or(0)];
                Ok(Reply::new(StatusCode::OK).bytes(TEXT, bytes.into()))
            }
            Method::HEAD => Ok(Reply::new(StatusCode::OK).length(path.parse().unwrap_or(0))),
            Method::PUT if path == "unwanted" => {
                let reply = says(StatusCode::CONFLICT, "unwanted").reason("Nobody wants this");
                Ok(reply.header(WARNING, "try another"))
            }
            _ => {
                let taken = body.whole(TAKEN_BYTES_MAX).await?.len();
                Ok(Reply::new(StatusCode::CREATED).bytes(TEXT, format!("{taken} bytes").into()))
            }
        }
    }
}

/// Who says who they are has a name; all others are their address.
fn client(request: &Request<'_>) -> Client {
    let named = request.parts.headers.get("x-principal").and_then(|id| id.to_str().ok()?.parse().ok());
    let unnamed = || Client::at(request.origin.address);
    named.map_or_else(unnamed, |id| Client::Principal(PrincipalId::new(id)))
}

fn refused(error: BodyError) -> Reply {
    let status = match error {
        BodyError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        BodyError::TimedOut => StatusCode::REQUEST_TIMEOUT,
        BodyError::Aborted => StatusCode::BAD_REQUEST,
        BodyError::Busy(Exceeded::Own) => StatusCode::TOO_MANY_REQUESTS,
        BodyError::Busy(Exceeded::Total) => StatusCode::SERVICE_UNAVAILABLE,
    };
    says(status, "refused").header(RETRY_AFTER, 1)
}

fn says(status: StatusCode, text: &'static str) -> Reply {
    Reply::new(status).bytes(TEXT, Bytes::from_static(text.as_bytes()))
}
