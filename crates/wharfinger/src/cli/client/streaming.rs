//! Requests whose bodies and answers are streamed, over connections that are kept for the next one.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, HOST, RETRY_AFTER, USER_AGENT};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::{Client, RECONNECT_WAIT, RETRY_AFTER_SECS_MAX};
use crate::cli::failure::Failure;

/// Most connections that are kept without a request.
const IDLE_MAX: usize = 32;
/// Longest wait for a connection, in seconds.
const CONNECT_SECS_MAX: u64 = 30;
/// Longest wait for an answer, once all was sent, in seconds: who was sent much may have much to look at.
const ANSWER_SECS_MAX: u64 = 600;
/// Largest account of a failure that is read, in bytes.
const WORDS_BYTES_MAX: usize = 64 << 10;

/// A body that is sent in pieces.
pub(crate) type Sent = UnsyncBoxBody<Bytes, io::Error>;

/// Connections without a request.
#[derive(Default)]
pub(super) struct Idle(Mutex<Vec<SendRequest<Sent>>>);

/// Nothing, as a body.
pub(crate) fn nothing() -> Sent {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

impl Client {
    /// Sends a request and waits for the head of the answer. Without an `Authorization` of its own it goes with the credentials that
    /// belong to the server. Redirects are answers.
    ///
    /// # Errors
    /// `Unreachable` if there is none.
    pub(crate) async fn open(&self, request: Request<Sent>) -> Result<Response<Incoming>, Failure> {
        let mut request = self.dressed(request)?;
        while let Some(mut kept) = self.idle.take() {
            match timeout(Duration::from_secs(ANSWER_SECS_MAX), kept.try_send_request(request)).await {
                Ok(Ok(answer)) => return Ok(self.kept(kept, answer)),
                // The server had closed it meanwhile.
                Ok(Err(mut error)) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(self.unreachable(&error.into_error().to_string())),
                },
                Err(_) => return Err(self.silent()),
            }
        }
        let mut fresh = self.dial().await?;
        let sent = timeout(Duration::from_secs(ANSWER_SECS_MAX), fresh.send_request(request)).await;
        let answer =
            sent.map_err(|_| self.silent())?.map_err(|error| self.unreachable(&error.to_string()))?;
        Ok(self.kept(fresh, answer))
    }

    fn kept(&self, connection: SendRequest<Sent>, answer: Response<Incoming>) -> Response<Incoming> {
        let closes = answer.headers().get(CONNECTION).is_some_and(|value| value == "close");
        if !closes {
            self.idle.put(connection);
        }
        answer
    }

    fn silent(&self) -> Failure {
        self.unreachable(&format!("no answer within {ANSWER_SECS_MAX} seconds"))
    }

    fn dressed(&self, mut request: Request<Sent>) -> Result<Request<Sent>, Failure> {
        let host = HeaderValue::try_from(self.server.authority())
            .map_err(|_| Failure::Usage(format!("{} is no address", self.server)))?;
        let headers = request.headers_mut();
        headers.insert(HOST, host);
        let agent = HeaderValue::from_static(concat!("wharfinger/", env!("CARGO_PKG_VERSION")));
        headers.insert(USER_AGENT, agent);
        if let Some(credentials) = &self.credentials
            && !headers.contains_key(AUTHORIZATION)
        {
            headers.insert(AUTHORIZATION, credentials.clone());
        }
        Ok(request)
    }

    async fn dial(&self) -> Result<SendRequest<Sent>, Failure> {
        let connecting = async {
            let stream = self.connect().await?;
            match &self.tls {
                None => self.spoken_over(stream).await,
                Some(tls) => self.spoken_over(self.encrypted(tls, stream).await?).await,
            }
        };
        let dialled = timeout(Duration::from_secs(CONNECT_SECS_MAX), connecting).await;
        dialled.unwrap_or_else(|_| {
            Err(self.unreachable(&format!("no connection within {CONNECT_SECS_MAX} seconds")))
        })
    }

    async fn spoken_over<S>(&self, stream: S) -> Result<SendRequest<Sent>, Failure>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| self.unreachable(&error.to_string()))?;
        // What goes wrong in it is told to whoever waits for an answer.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }
}

impl Idle {
    /// One that is ready for a request.
    fn take(&self) -> Option<SendRequest<Sent>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| !one.is_closed());
        // The answer of another may still be on its way.
        let at = kept.iter().position(SendRequest::is_ready)?;
        Some(kept.swap_remove(at))
    }

    fn put(&self, connection: SendRequest<Sent>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < IDLE_MAX {
            kept.push(connection);
        }
    }
}

/// Waits before a request is sent once more that failed `tried` times.
pub(crate) async fn pause(tried: u32) {
    tokio::time::sleep(RECONNECT_WAIT.saturating_mul(4_u32.saturating_pow(tried))).await;
}

/// Waits as long as a server says that it is busy, if it says so.
pub(crate) async fn wait_as_told<B>(answer: &Response<B>) {
    let busy = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&answer.status());
    let secs = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(secs) = secs.filter(|_| busy) {
        tokio::time::sleep(Duration::from_secs(RETRY_AFTER_SECS_MAX.min(secs))).await;
    }
}

/// A body of an answer that is small, whole.
///
/// # Errors
/// It is larger than `bytes_max`, or broke off.
pub(crate) async fn whole(answer: Response<Incoming>, bytes_max: usize) -> Result<Bytes, Failure> {
    let body = http_body_util::Limited::new(answer.into_body(), bytes_max).collect();
    match timeout(Duration::from_secs(ANSWER_SECS_MAX), body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Failure::Other(format!("an answer is longer than {bytes_max} bytes")))
        }
        Ok(Err(error)) => Err(Failure::Unreachable(format!("an answer broke off: {error}"))),
        Err(_) => Err(Failure::Unreachable("an answer broke off".to_owned())),
    }
}

/// What an answer that is no success says, in the server's own words if it gives some.
pub(crate) async fn refusal(answer: Response<Incoming>) -> Failure {
    wait_as_told(&answer).await;
    let status = answer.status();
    let body = whole(answer, WORDS_BYTES_MAX).await.unwrap_or_default();
    Failure::answered(status, &words(&body))
}

/// The words of a problem document, of errors as registries of images write them, or of a line of text.
fn words(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(document) => {
            let at = |pointer: &str| document.pointer(pointer).and_then(serde_json::Value::as_str);
            let found = ["/detail", "/errors/0/message", "/message", "/title"].into_iter().find_map(at);
            found.unwrap_or_default().to_owned()
        }
        Err(_) => String::from_utf8_lossy(body).lines().next().unwrap_or_default().to_owned(),
    };
    let text = if text.trim_start().starts_with('<') { "" } else { text.trim() };
    text.chars().filter(|letter| !letter.is_control()).take(400).collect()
}
