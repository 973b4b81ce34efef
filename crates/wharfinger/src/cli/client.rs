//! The command line's way to a running gateway: one request, one bounded answer, TLS by rustls.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::cli::failure::Failure;
use crate::config::ServerUrl;

pub(crate) mod streaming;

/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest wait for an answer, in seconds.
const ANSWER_SECS_MAX: u64 = 60;

/// How often more a request is sent that found nobody, or somebody who was busy.
const RETRIES_MAX: u32 = 3;
/// Wait before the second attempt to connect; each further one is three times as long.
const RECONNECT_WAIT: Duration = Duration::from_millis(100);
/// Longest wait that a server is granted, in seconds; who says more is told of to the person who waits.
const RETRY_AFTER_SECS_MAX: u64 = 30;

/// Where the gateway is and how to be believed there.
pub(crate) struct Client {
    server: ServerUrl,
    address: Option<SocketAddr>,
    retries: u32,
    credentials: Option<HeaderValue>,
    tls: Option<TlsConnector>,
    idle: streaming::Idle,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trust<'a> {
    /// Those of the system's authorities.
    System,
    /// Those of the authorities in this file (PEM) alone.
    Only(&'a Path),
    /// Both: the file is the gateway's own chain, which may be signed by itself.
    SystemAnd(&'a Path),
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no answer, and whether the request may have reached somebody.
struct Broken {
    failure: Failure,
    sent: bool,
}

impl Client {
    /// `token` may go over plain HTTP only to loopback.
    pub(crate) fn new(server: ServerUrl, token: Option<&str>, trust: Trust<'_>) -> Result<Self, Failure> {
        let credentials = token.map(|token| secret_header(&format!("Bearer {token}"))).transpose()?;
        Self::with_credentials(server, credentials, trust)
    }

    /// The same with a name and a password.
    pub(crate) fn by_password(
        server: ServerUrl,
        login: (&str, &str),
        trust: Trust<'_>,
    ) -> Result<Self, Failure> {
        Self::with_credentials(server, Some(basic(login)?), trust)
    }

    fn with_credentials(
        server: ServerUrl,
        credentials: Option<HeaderValue>,
        trust: Trust<'_>,
    ) -> Result<Self, Failure> {
        if credentials.is_some() {
            not_in_clear(&server, "what you log in with")?;
        }
        let tls = if server.is_tls() { Some(connector(trust)?) } else { None };
        let idle = streaming::Idle::default();
        Ok(Self { server, address: None, retries: 0, credentials, tls, idle })
    }

    /// Tries again, a few times, what is safe to be tried again: what changes nothing when it is done twice, after nobody could be
    /// reached or somebody said when to come back.
    pub(crate) fn patient(mut self) -> Self {
        self.retries = RETRIES_MAX;
        self
    }

    /// Where it asks.
    pub(crate) const fn server(&self) -> &ServerUrl {
        &self.server
    }

    /// Connects there, whatever the name of the server resolves to.
    pub(crate) fn at(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Sends a request with an optional JSON body.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Answer, Failure> {
        let json = body.iter().map(|_| ("content-type", "application/json".to_owned())).collect::<Vec<_>>();
        self.send_with(method, path, body, &json).await
    }

    /// The same with these headers.
    pub(crate) async fn send_with(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&'static str, String)],
    ) -> Result<Answer, Failure> {
        let request = self.request(method, path, body, headers)?;
        let mut tried = 0;
        loop {
            let outcome = self.once(request.clone()).await;
            let Some(wait) = self.again_in(request.method(), tried, &outcome) else {
                return outcome.map_err(|broken| broken.failure);
            };
            tokio::time::sleep(wait).await;
            tried = tried.saturating_add(1);
        }
    }

    async fn once(&self, request: Request<Full<Bytes>>) -> Result<Answer, Broken> {
        let late = || self.unreachable(&format!("no answer within {ANSWER_SECS_MAX} seconds"));
        let answer = async {
            let stream = self.connect().await.map_err(|failure| Broken { failure, sent: false })?;
            let answer = match &self.tls {
                None => self.exchange(stream, request).await,
                Some(tls) => {
                    let stream = self.encrypted(tls, stream).await;
                    let stream = stream.map_err(|failure| Broken { failure, sent: false })?;
                    self.exchange(stream, request).await
                }
            };
            answer.map_err(|failure| Broken { failure, sent: true })
        };
        tokio::time::timeout(Duration::from_secs(ANSWER_SECS_MAX), answer)
            .await
            .unwrap_or_else(|_| Err(Broken { failure: late(), sent: true }))
    }

    /// After which wait a request is sent once more, if it is.
    fn again_in(&self, method: &Method, tried: u32, outcome: &Result<Answer, Broken>) -> Option<Duration> {
        if tried >= self.retries || !method.is_idempotent() {
            return None;
        }
        match outcome {
            Err(broken) => (!broken.sent).then(|| RECONNECT_WAIT.saturating_mul(3_u32.pow(tried))),
            Ok(answer) => {
                let busy = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
                let secs: u64 = answer.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
                let again = busy.contains(&answer.status) && secs <= RETRY_AFTER_SECS_MAX;
                again.then_some(Duration::from_secs(secs))
            }
        }
    }

    async fn encrypted(
        &self,
        tls: &TlsConnector,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        let name = ServerName::try_from(self.host().to_owned())
            .map_err(|_| self.unreachable("its name cannot be in a certificate"))?;
        tls.connect(name, stream).await.map_err(|error| self.unreachable(&error.to_string()))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&'static str, String)],
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.server.authority())
            .header(USER_AGENT, concat!("wharfinger/", env!("CARGO_PKG_VERSION")));
        if let Some(credentials) = &self.credentials {
            request = request.header(AUTHORIZATION, credentials.clone());
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let body = Bytes::from(body.unwrap_or_default());
        request.body(Full::new(body)).map_err(|_| Failure::Usage(format!("{path} is no path of the API")))
    }

    async fn connect(&self) -> Result<TcpStream, Failure> {
        let stream = match self.address {
            Some(address) => TcpStream::connect(address).await,
            None => TcpStream::connect((self.host(), self.port())).await,
        };
        stream.map_err(|error| self.unreachable(&error.to_string()))
    }

    async fn exchange<S>(&self, stream: S, request: Request<Full<Bytes>>) -> Result<Answer, Failure>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let broken = |error: hyper::Error| self.unreachable(&error.to_string());
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let answer = async {
            let answer = sender.send_request(request).await.map_err(broken)?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| self.unreachable(&error.to_string()))?.to_bytes();
            Ok(Answer { status: head.status, headers: head.headers, body })
        };
        tokio::pin!(answer);
        tokio::pin!(connection);
        // Both in this task: the connection ends with the one answer it was made for.
        tokio::select! {
            biased;
            answer = &mut answer => answer,
            ended = &mut connection => {
                ended.map_err(broken)?;
                answer.await
            }
        }
    }

    fn host(&self) -> &str {
        let authority = self.server.authority();
        let host = authority.rsplit_once(':').map_or(authority, |(host, port)| {
            if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { authority }
        });
        host.trim_start_matches('[').trim_end_matches(']')
    }

    fn port(&self) -> u16 {
        let default = if self.server.is_tls() { 443 } else { 80 };
        let port = self.server.authority().rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        port.unwrap_or(default)
    }

    fn unreachable(&self, why: &str) -> Failure {
        Failure::Unreachable(format!("{} cannot be reached: {why}", self.server))
    }
}

/// What says who one is, called `what`, goes to this machine only, or encrypted.
pub(crate) fn not_in_clear(server: &ServerUrl, what: &str) -> Result<(), Failure> {
    if server.is_tls() || is_loopback(server) {
        return Ok(());
    }
    Err(Failure::Usage(format!("{server}: {what} would cross the network in clear; use an https:// address")))
}

/// A name and a password as a header.
pub(crate) fn basic((name, password): (&str, &str)) -> Result<HeaderValue, Failure> {
    secret_header(&format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}"))))
}

fn secret_header(text: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| Failure::Usage("the token has characters that no token has".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

impl<'a> From<Option<&'a Path>> for Trust<'a> {
    fn from(ca_file: Option<&'a Path>) -> Self {
        ca_file.map_or(Self::System, Self::Only)
    }
}

/// Whether the server is this machine, by its literal address or the one name that always means it.
pub(crate) fn is_loopback(server: &ServerUrl) -> bool {
    let authority = server.authority();
    let host = match authority.parse::<SocketAddr>() {
        Ok(address) => return address.ip().is_loopback(),
        Err(_) => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

fn connector(trust: Trust<'_>) -> Result<TlsConnector, Failure> {
    let mut roots = rustls::RootCertStore::empty();
    // A certificate that rustls does not understand is one authority less, not a failure.
    if let Trust::Only(path) | Trust::SystemAnd(path) = trust {
        let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        roots.add_parsable_certificates(certificates);
    }
    if !matches!(trust, Trust::Only(_)) {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() {
        let hint = "no trusted certificates were found; name the server's authority with --ca-file";
        return Err(Failure::Usage(hint.to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Other(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests;
