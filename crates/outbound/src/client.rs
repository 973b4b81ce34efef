use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::error::SendError;
use crate::guard::{Reach, reach};
use crate::resolve::Resolve;
use crate::target::{Place, Target};
use crate::trust::Trust;

/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;
/// Largest head of an answer, in bytes, and most headers in it.
const HEAD_BYTES_MAX: usize = 64 << 10;
const HEADERS_MAX: usize = 100;
const AGENT: HeaderValue = HeaderValue::from_static(concat!("wharfinger/", env!("CARGO_PKG_VERSION")));

/// The one way out. Share it: its bounds are those of all.
pub struct Client {
    names: Arc<dyn Resolve>,
    trust: Trust,
    private: Vec<Place>,
    limits: Limits,
    turns: Semaphore,
}

/// How much goes out at one time, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests under way; others wait, within their time.
    pub requests_max: usize,
    /// Longest wait for a connection, in seconds.
    pub connect_secs_max: u64,
    /// Longest request from its beginning to the end of its answer, in seconds.
    pub request_secs_max: u64,
}

/// What is sent.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to.
    pub target: Target,
    /// Headers besides `Host`, `User-Agent` and the length.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Largest body of an answer, in bytes; with 0 it is not read at all.
    pub answer_bytes_max: usize,
    /// A place that this one request may reach though it is not public; in clear only if it is an address of this machine.
    pub private: Option<Place>,
}

/// What came back, whatever its status: redirects are not followed.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, if it was read.
    pub body: Bytes,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests_max: 64, connect_secs_max: 5, request_secs_max: 15 }
    }
}

impl Client {
    /// A client that asks `names` for addresses, believes whom `trust` believes, and reaches the places of `private` though
    /// they are not public, in clear if the target says so.
    #[must_use]
    pub fn new(names: Arc<dyn Resolve>, trust: Trust, private: Vec<Place>, limits: Limits) -> Self {
        Self { names, trust, private, limits, turns: Semaphore::new(limits.requests_max) }
    }

    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    /// `SendError` says why there is none.
    pub async fn send(&self, request: Request) -> Result<Answer, SendError> {
        let whole = async {
            let _turn = self.turns.acquire().await.map_err(|_| SendError::Slow)?;
            let stream = self.connect(&request.target, request.private.as_ref()).await?;
            if !request.target.tls {
                return exchange(stream, request).await;
            }
            let connector = self.trust.connector()?;
            let name = request.target.name.clone();
            exchange(connector.connect(name, stream).await.map_err(SendError::Tls)?, request).await
        };
        let longest = Duration::from_secs(self.limits.request_secs_max);
        timeout(longest, whole).await.unwrap_or(Err(SendError::Slow))
    }

    /// Whether a request may go there, as far as the address alone tells: a name is looked up when it is sent. `private` is what
    /// [`Request::private`] would be.
    ///
    /// # Errors
    /// `InClear` and `NotPublic`.
    pub fn check(&self, target: &Target, private: Option<&Place>) -> Result<(), SendError> {
        let (place, address) = (target.place(), target.place().address());
        let is_here = address.is_some_and(|address| address.is_loopback());
        let in_clear = self.private.contains(place) || is_here && private == Some(place);
        if !target.tls && !in_clear {
            return Err(SendError::InClear);
        }
        match address {
            Some(address) if !allows(address, self.is_named(place, private)) => Err(SendError::NotPublic),
            _ => Ok(()),
        }
    }

    /// Whether somebody who may say so named a place.
    fn is_named(&self, place: &Place, private: Option<&Place>) -> bool {
        self.private.contains(place) || private == Some(place)
    }

    /// A connection to an address that was looked at, and is not looked up again.
    async fn connect(&self, target: &Target, private: Option<&Place>) -> Result<TcpStream, SendError> {
        self.check(target, private)?;
        let place = target.place();
        let named = self.is_named(place, private);
        let may = |address: &SocketAddr| allows(address.ip(), named);
        let found = self.addresses(place).await?;
        if found.is_empty() {
            return Err(SendError::Unresolved);
        }
        let mut last = SendError::NotPublic;
        let longest = Duration::from_secs(self.limits.connect_secs_max);
        for address in found.into_iter().filter(may).take(ADDRESSES_MAX) {
            match timeout(longest, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = SendError::Unreachable(error),
                Err(_) => last = SendError::Unreachable(io::ErrorKind::TimedOut.into()),
            }
        }
        Err(last)
    }

    async fn addresses(&self, place: &Place) -> Result<Vec<SocketAddr>, SendError> {
        let found = match place.address() {
            Some(address) => vec![address],
            None => self.names.resolve(&place.host).await.map_err(|_| SendError::Unresolved)?,
        };
        Ok(found.into_iter().map(|address| SocketAddr::new(address, place.port)).collect())
    }
}

/// Whether a request may go to an address; `named` if somebody who may say so names the place.
fn allows(address: IpAddr, named: bool) -> bool {
    match reach(address) {
        Reach::Public => true,
        Reach::Private => named,
        Reach::Never => false,
    }
}

/// One request on one connection, which ends with it.
async fn exchange<S>(stream: S, request: Request) -> Result<Answer, SendError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let bytes_max = request.answer_bytes_max;
    let request = outgoing(request)?;
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(SendError::Broken)?;
    let answer = async {
        let answer = sender.send_request(request).await.map_err(SendError::Broken)?;
        let (head, body) = answer.into_parts();
        let body = if bytes_max == 0 { Bytes::new() } else { whole(body, bytes_max).await? };
        Ok(Answer { status: head.status, headers: head.headers, body })
    };
    tokio::pin!(answer);
    tokio::pin!(connection);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        ended = &mut connection => {
            ended.map_err(SendError::Broken)?;
            answer.await
        }
    }
}

fn outgoing(request: Request) -> Result<http::Request<Full<Bytes>>, SendError> {
    let host = HeaderValue::try_from(request.target.authority()).map_err(|_| SendError::Unresolved)?;
    let mut sent = http::Request::new(Full::new(request.body));
    *sent.method_mut() = request.method;
    *sent.uri_mut() = request.target.path().parse().map_err(|_| SendError::Unresolved)?;
    *sent.headers_mut() = request.headers;
    sent.headers_mut().insert(HOST, host);
    sent.headers_mut().insert(USER_AGENT, AGENT);
    Ok(sent)
}

async fn whole(body: hyper::body::Incoming, bytes_max: usize) -> Result<Bytes, SendError> {
    match Limited::new(body, bytes_max).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) => Err(match error.downcast::<hyper::Error>() {
            Ok(broken) => SendError::Broken(*broken),
            Err(_) => SendError::TooLarge,
        }),
    }
}

#[cfg(test)]
mod tests;
