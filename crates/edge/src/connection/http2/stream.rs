//! One request of HTTP/2 and its answer.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use ::http::header::{CONTENT_LENGTH, DATE};
use ::http::{HeaderValue, Request, Response, response};
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use hyper::body::Body as _;
use tokio::time::Duration;
use tracing::debug;

use crate::body::BodySource;
use crate::budgets::stall_timer::{StallEnd, StallTimer};
use crate::connection::session::Session;
use crate::min_rate::MinRate;
use crate::reply::{ContentStream, ReplyBody, Unwritten};
use crate::service::Service;

/// Largest piece of an answer that is on its way, in bytes: as many wait in a stream's buffer, and as many again before it.
const PIECE_BYTES_MAX: usize = 64 << 10;

/// Why an answer ended before its time.
enum End {
    /// The client does not want it, or its connection is gone.
    Gone,
    /// It could not be read, or took too long as a whole.
    Broken,
    /// The client took nothing of it.
    Stalled(StallEnd),
}

/// An answer that is being sent.
struct Sending<P> {
    to: SendStream<Bytes>,
    body: ReplyBody<P>,
    rate_min: MinRate,
    waited: Duration,
    sent_bytes: u64,
}

/// Answers one request, unless the client thinks better of it.
pub(super) async fn answer<S: Service>(
    session: Arc<Session<S>>,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
) {
    let (parts, receiver) = request.into_parts();
    let source = BodySource::http2(receiver, &parts.headers);
    let response = tokio::select! {
        biased;
        response = session.serve(parts, source) => response,
        _ = poll_fn(|cx| respond.poll_reset(cx)) => return,
    };
    let (mut head, mut body) = response.into_parts();
    head.headers.entry(DATE).or_insert_with(now);
    if body.is_end_stream() {
        return sent(respond.send_response(Response::from_parts(head, ()), true).map(|_| ()));
    }
    if body.account_mut().is_some_and(|account| !account.try_charge()) {
        return sent(at_once(head, body, &mut respond).await);
    }
    if let Some(length) = body.size_hint().exact() {
        head.headers.entry(CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    let unwritten = Arc::new(Unwritten::default());
    body.piecewise(PIECE_BYTES_MAX, Arc::clone(&unwritten));
    match respond.send_response(Response::from_parts(head, ()), false) {
        Ok(to) => {
            let rate_min = session.listener.config().timeouts.write_rate_min();
            Sending { to, body, rate_min, waited: Duration::ZERO, sent_bytes: 0 }.run(&unwritten).await;
        }
        Err(error) => sent(Err(error)),
    }
}

/// An answer that there is no place for, such as a refusal: what fits into the window goes out, and nothing waits.
async fn at_once<P: ContentStream>(
    mut head: response::Parts,
    mut body: ReplyBody<P>,
    respond: &mut SendResponse<Bytes>,
) -> Result<(), h2::Error> {
    head.headers.remove(CONTENT_LENGTH);
    let bytes = body.whole().unwrap_or_default();
    let mut to = respond.send_response(Response::from_parts(head, ()), false)?;
    to.reserve_capacity(bytes.len());
    let fits = to.capacity() >= bytes.len();
    to.send_data(if fits { bytes } else { Bytes::new() }, true)
}

impl<P: ContentStream> Sending<P> {
    /// Sends all of it, and waits until it has been written.
    async fn run(mut self, unwritten: &Unwritten) {
        let outcome = match self.all().await {
            Ok(()) => self.until(unwritten).await,
            failed => failed,
        };
        match outcome {
            Ok(()) | Err(End::Gone) => {}
            Err(End::Broken) => self.to.send_reset(Reason::INTERNAL_ERROR),
            Err(End::Stalled(stall)) => {
                debug!(?stall, "an answer was ended of which the client took nothing");
                // What is buffered goes as well.
                self.to.send_reset(Reason::CANCEL);
            }
        }
    }

    async fn all(&mut self) -> Result<(), End> {
        loop {
            let piece = self.next_piece().await?;
            let last = piece.is_none() || self.body.is_end_stream();
            let piece = piece.unwrap_or_default();
            let length = piece.len() as u64;
            if length > 0 {
                // Not for the whole piece: h2 asks for the rest itself, and streams that wait do not share out the window.
                self.to.reserve_capacity(1);
                self.patient(poll_capacity).await?;
            }
            self.to.send_data(piece, last).map_err(|_| End::Gone)?;
            self.sent_bytes = self.sent_bytes.saturating_add(length);
            if last {
                return Ok(());
            }
        }
    }

    async fn next_piece(&mut self) -> Result<Option<Bytes>, End> {
        let (to, body) = (&mut self.to, &mut self.body);
        poll_fn(|cx| {
            if to.poll_reset(cx).is_ready() {
                return Poll::Ready(Err(End::Gone));
            }
            let frame = std::task::ready!(std::pin::Pin::new(&mut *body).poll_frame(cx));
            Poll::Ready(match frame {
                None => Ok(None),
                Some(Ok(frame)) => Ok(frame.into_data().ok()),
                Some(Err(_)) => Err(End::Broken),
            })
        })
        .await
    }

    /// Waits for the client, as long as one may.
    async fn patient(
        &mut self,
        mut poll: impl FnMut(&mut SendStream<Bytes>, &mut Context<'_>) -> Poll<Result<(), End>>,
    ) -> Result<(), End> {
        let longest = self.rate_min.longest_wait(self.waited, self.sent_bytes);
        let mut timer: Option<StallTimer> = None;
        let (to, body) = (&mut self.to, &mut self.body);
        let outcome = poll_fn(|cx| {
            if let Poll::Ready(outcome) = poll(to, cx) {
                return Poll::Ready(outcome);
            }
            let Some(account) = body.account_mut() else { return Poll::Pending };
            let timer = timer.get_or_insert_with(|| account.stall_timer(longest));
            timer.poll_end(cx).map(|stall| Err(End::Stalled(stall)))
        });
        let outcome = outcome.await;
        if let Some(timer) = timer {
            self.waited = self.waited.saturating_add(timer.waited());
        }
        outcome
    }

    /// Waits until every piece was written.
    async fn until(&mut self, unwritten: &Unwritten) -> Result<(), End> {
        while !unwritten.is_empty() {
            let mut changed = std::pin::pin!(unwritten.changed());
            self.patient(|_, cx| changed.as_mut().poll(cx).map(Ok)).await?;
        }
        Ok(())
    }
}

fn poll_capacity(to: &mut SendStream<Bytes>, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
    if matches!(to.poll_reset(cx), Poll::Ready(_)) {
        return Poll::Ready(Err(End::Gone));
    }
    while to.capacity() == 0 {
        match std::task::ready!(to.poll_capacity(cx)) {
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Poll::Ready(Err(End::Gone)),
        }
    }
    Poll::Ready(Ok(()))
}

fn sent(outcome: Result<(), h2::Error>) {
    if let Err(error) = outcome {
        debug!(%error, "an answer was not sent");
    }
}

/// As hyper does on HTTP/1.
#[expect(clippy::disallowed_methods, reason = "told to the client, and nothing is decided by it")]
fn now() -> HeaderValue {
    let text = httpdate::fmt_http_date(SystemTime::now());
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}
