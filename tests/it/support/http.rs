//! A small HTTP client: one connection kept open as clients do, HTTP/1.1 or HTTP/2, plain or TLS.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::answer::Answer;
use super::dial::dial;

/// Longest wait for a whole answer. The gateway itself gives up on everything much earlier.
const ANSWER_MAX: Duration = Duration::from_secs(180);

/// What is sent as a body.
pub(crate) type Sent = UnsyncBoxBody<Bytes, Infallible>;

/// A request in the making.
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    body: Sent,
}

/// A client of one server.
pub(crate) struct Http {
    address: SocketAddr,
    source: Option<IpAddr>,
    version: Version,
    tls: Option<Arc<ClientConfig>>,
    connection: Mutex<Option<Connection>>,
}

/// Which protocol is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

enum Connection {
    Http1(http1::SendRequest<Sent>),
    Http2(http2::SendRequest<Sent>),
}

impl Ask {
    pub(crate) fn new(method: Method, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: HeaderMap::new(), body: Empty::new().boxed_unsync() }
    }

    pub(crate) fn get(target: impl Into<String>) -> Self {
        Self::new(Method::GET, target)
    }

    pub(crate) fn head(target: impl Into<String>) -> Self {
        Self::new(Method::HEAD, target)
    }

    pub(crate) fn post(target: impl Into<String>) -> Self {
        Self::new(Method::POST, target)
    }

    pub(crate) fn put(target: impl Into<String>) -> Self {
        Self::new(Method::PUT, target)
    }

    pub(crate) fn patch(target: impl Into<String>) -> Self {
        Self::new(Method::PATCH, target)
    }

    pub(crate) fn delete(target: impl Into<String>) -> Self {
        Self::new(Method::DELETE, target)
    }

    /// Adds a header; a second one of the same name stands beside the first.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        self.headers.append(name, HeaderValue::from_str(value).expect("a header value"));
        self
    }

    pub(crate) fn authorization(self, value: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), value)
    }

    /// A body with its length.
    pub(crate) fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body = Full::new(bytes.into()).boxed_unsync();
        self
    }

    /// A body in the form of a web page's form.
    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<String> =
            fields.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
        self.header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded").body(pairs.join("&"))
    }

    /// What is to be other than it is (RFC 7396).
    pub(crate) fn merge(self, changes: &serde_json::Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/merge-patch+json").body(changes.to_string())
    }

    /// A body of JSON.
    pub(crate) fn json(self, value: &serde_json::Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json").body(value.to_string())
    }

    /// A body of unknown length, sent in chunks, as docker sends layers.
    pub(crate) fn chunked(mut self, chunks: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        let frames = chunks.map(|chunk| Ok::<_, Infallible>(Frame::data(chunk)));
        self.body = StreamBody::new(frames).boxed_unsync();
        self
    }
}

impl Http {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, source: None, version: Version::Http1, tls: None, connection: Mutex::new(None) }
    }

    /// The same from one of this machine's addresses.
    pub(crate) const fn bound_to(mut self, source: Option<IpAddr>) -> Self {
        self.source = source;
        self
    }

    pub(crate) fn speaking(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    pub(crate) fn over(mut self, tls: Arc<ClientConfig>) -> Self {
        self.tls = Some(tls);
        self
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) const fn source(&self) -> Option<IpAddr> {
        self.source
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, ask: Ask) -> Answer {
        let what = format!("{} {}", ask.method, ask.target);
        self.try_send(ask).await.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// As [`Self::send`], for tests in which the server may be gone.
    pub(crate) async fn try_send(&self, ask: Ask) -> Result<Answer, Failure> {
        let whole = async {
            let (answer, body) = self.open(ask).await?;
            let body = body.collect().await?.to_bytes();
            Ok(answer.with_body(body))
        };
        timeout(ANSWER_MAX, whole).await.unwrap_or(Err(Failure::NoAnswer))
    }

    /// Sends a request and gives the body of the answer as it comes.
    pub(crate) async fn open(&self, ask: Ask) -> Result<(Answer, Incoming), Failure> {
        let kept = self.connection.lock().await.take();
        let mut connection = match kept {
            Some(connection) if connection.is_open() => connection,
            _ => self.connect().await?,
        };
        let response = connection.send(self.request(ask)).await?;
        *self.connection.lock().await = Some(connection);
        let (parts, body) = response.into_parts();
        let answer = Answer::new(parts.status, parts.headers, self.authority());
        Ok((answer, body))
    }

    fn authority(&self) -> String {
        self.address.to_string()
    }

    fn request(&self, ask: Ask) -> Request<Sent> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let mut builder = Request::builder().method(ask.method);
        builder = match self.version {
            Version::Http1 => builder.uri(&ask.target),
            Version::Http2 => builder.uri(format!("{scheme}://{}{}", self.authority(), ask.target)),
        };
        let mut request = builder.body(ask.body).expect("a request");
        if self.version == Version::Http1 && !ask.headers.contains_key(HOST) {
            let host = HeaderValue::from_str(&self.authority()).expect("an authority");
            request.headers_mut().insert(HOST, host);
        }
        request.headers_mut().extend(ask.headers);
        request
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let stream = dial(self.address, self.source).await?;
        match &self.tls {
            None => self.shake_hands(stream).await,
            Some(config) => {
                let name = ServerName::try_from("localhost").expect("a server name");
                let stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await?;
                self.shake_hands(stream).await
            }
        }
    }

    async fn shake_hands<S>(&self, stream: S) -> Result<Connection, Failure>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let io = TokioIo::new(stream);
        match self.version {
            Version::Http1 => {
                let (sender, connection) = http1::handshake(io).await?;
                tokio::spawn(connection);
                Ok(Connection::Http1(sender))
            }
            Version::Http2 => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
                tokio::spawn(connection);
                Ok(Connection::Http2(sender))
            }
        }
    }
}

impl Connection {
    fn is_open(&self) -> bool {
        match self {
            Self::Http1(sender) => sender.is_ready(),
            Self::Http2(sender) => sender.is_ready(),
        }
    }

    async fn send(&mut self, request: Request<Sent>) -> hyper::Result<http::Response<Incoming>> {
        match self {
            Self::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Self::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }
}

/// Why no answer came.
#[derive(Debug)]
pub(crate) enum Failure {
    Io(std::io::Error),
    Http(hyper::Error),
    Http2(h2::Error),
    /// Not within [`ANSWER_MAX`].
    NoAnswer,
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        Self::Http(error)
    }
}

impl From<h2::Error> for Failure {
    fn from(error: h2::Error) -> Self {
        Self::Http2(error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Http(error) => write!(f, "{error:?}"),
            Self::Http2(error) => write!(f, "{error}"),
            Self::NoAnswer => write!(f, "no answer within {ANSWER_MAX:?}"),
        }
    }
}

/// Percent-encodes everything but letters, digits and `-._~`, as a query or a form wants it.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
