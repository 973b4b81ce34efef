//! The repository that packages are put into: a gateway's own routes, with the caller's token.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::channel::Channel;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::content::Opened;
use super::sums::{KINDS, Sums};
use crate::cli::client::Client;
use crate::cli::client::streaming::{Sent, nothing, refusal};
use crate::cli::failure::Failure;

/// Longest wait until a piece of what is sent is taken, in seconds.
const PIECE_SECS_MAX: u64 = 120;

/// A repository of a gateway.
pub(super) struct Target {
    client: Arc<Client>,
    /// The path below which its content lies, with a slash at the end.
    base: String,
}

impl Target {
    pub(super) fn new(client: Arc<Client>, base: String) -> Self {
        Self { client, base }
    }

    /// A path as it is asked for.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Asks without a body.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Response<Incoming>, Failure> {
        self.client.open(request(method, &self.at(path), headers, nothing())?).await
    }

    /// Sends a body that is small. An answer that is no success is a failure.
    pub(super) async fn send(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Response<Incoming>, Failure> {
        let body = Full::new(body).map_err(|never| match never {}).boxed_unsync();
        successful(self.client.open(request(Method::PUT, &self.at(path), headers, body)?).await?).await
    }

    /// What is there at a path: hashes, as far as they are told.
    pub(super) async fn there(&self, path: &str) -> Result<Option<HeaderMap>, Failure> {
        let answer = self.ask(Method::HEAD, path, &[("accept", "*/*")]).await?;
        match answer.status() {
            status if status.is_success() => Ok(Some(answer.headers().clone())),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(Failure::answered(status, answer.status().canonical_reason().unwrap_or_default())),
        }
    }

    /// Streams content there. What turns out not to be what was promised is never sent whole. Gives the answer and how long it was.
    ///
    /// # Errors
    /// The server's own words, or why the content cannot be had.
    pub(super) async fn stream(
        &self,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        opened: Opened,
        promised: &Sums,
    ) -> Result<(Response<Incoming>, u64), Failure> {
        let length = opened.bytes;
        let (mut to, body) = Channel::<Bytes, io::Error>::new(1);
        let mut request = request(method, &self.at(path), headers, body.boxed_unsync())?;
        if let Some(length) = length {
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        let sending = async move {
            let mut put = async |piece: Bytes| {
                let taken = timeout(Duration::from_secs(PIECE_SECS_MAX), to.send_data(piece)).await;
                if matches!(taken, Ok(Ok(()))) { Ok(()) } else { Err(Failure::Unreachable(String::new())) }
            };
            let poured = opened.pour(promised, &mut put).await;
            if poured.is_err() {
                // The body ends without an end, so that nobody takes it for a whole one.
                to.abort(io::Error::other("given up"));
            }
            poured
        };
        let answering = self.client.open(request);
        tokio::pin!(sending, answering);
        let answer = tokio::select! {
            biased;
            sent = &mut sending => match sent {
                Ok((_, bytes)) => return Ok((successful(answering.await?).await?, bytes)),
                // Whoever stops taking says why.
                Err(Failure::Unreachable(why)) if why.is_empty() => answering.await?,
                Err(failure) => return Err(failure),
            },
            // Answered before all was sent.
            answer = &mut answering => answer?,
        };
        let early = successful(answer).await?;
        Err(Failure::Unreachable(format!("{} answered {} too early", self.at(path), early.status())))
    }
}

/// Hashes as headers that a gateway compares.
pub(super) fn as_headers(sums: &Sums) -> Vec<(String, String)> {
    let told = KINDS.into_iter().filter_map(|kind| Some((kind, sums.of(kind)?.to_owned())));
    told.map(|(kind, hex)| (format!("x-checksum-{}", kind.word()), hex)).collect()
}

async fn successful(answer: Response<Incoming>) -> Result<Response<Incoming>, Failure> {
    if answer.status().is_success() { Ok(answer) } else { Err(refusal(answer).await) }
}

fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Sent,
) -> Result<Request<Sent>, Failure> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str())) {
        request = request.header(CONTENT_TYPE, "application/octet-stream");
    }
    request.body(body).map_err(|_| Failure::Other(format!("`{path}` cannot be asked for")))
}
