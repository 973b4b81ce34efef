use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use budget::{Exceeded, Share};
use bytes::Bytes;
use domain::BoxFuture;
use futures_util::Stream;
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::activity::InFlight;
use crate::body::Body;
use crate::budgets::UNCOUNTED_BYTES_MAX;
use crate::budgets::account::Account;

/// What an answer is streamed from: read only as fast as the client takes it. It may still be arriving from elsewhere.
pub trait ContentStream: Stream<Item = io::Result<Bytes>> + Unpin + Send + 'static {
    /// Bytes still to come; `None` if nobody knows, and the answer ends where its pieces do.
    fn left_bytes(&self) -> Option<u64>;

    /// Waits until the next piece is there, or will not come. Until then the answer holds nothing. What is stored is always there.
    #[inline]
    fn poll_arrived(&mut self, _cx: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    /// Bytes of the next piece at most, once it is there.
    fn piece_bytes(&self) -> usize;

    /// From now on pieces have at most so many bytes.
    fn limit_pieces(&mut self, bytes_max: usize);
}

/// The body of an answer. Each piece that is handed out keeps its share of the budget until the last byte of it was written.
pub struct ReplyBody<P> {
    content: Content<P>,
    /// When the whole request must be over.
    deadline: Option<Instant>,
    /// Keeps the request in flight until the last byte is handed out.
    in_flight: Option<InFlight>,
    /// Who is charged.
    account: Option<Account>,
    /// Ends the wait for what does not arrive.
    overdue: Option<Pin<Box<Sleep>>>,
    /// What the next piece, or the whole of what is in memory, costs.
    reserved: Reservation,
    /// Who is told of the pieces that were written.
    unwritten: Option<Arc<Unwritten>>,
    /// Who is told how much it was.
    tally: Option<Box<Tally>>,
}

/// What of an answer was handed out, told once that is over.
struct Tally {
    bytes: u64,
    is_whole: bool,
    tell: Option<Tell>,
}

/// Told how many bytes of an answer were handed out, and whether those were all.
type Tell = Box<dyn FnOnce(u64, bool) + Send>;

enum Content<P> {
    Empty,
    Full(Bytes),
    Stream(P),
}

/// A share of the budget for what is handed out next.
enum Reservation {
    None,
    Awaited(BoxFuture<'static, Result<Share, Exceeded>>),
    Held(Share),
}

/// Pieces of an answer that were handed out and not yet written.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    out: AtomicUsize,
    changed: Notify,
}

/// A piece on its way.
struct Piece {
    bytes: Bytes,
    /// Given back with the piece.
    _share: Option<Share>,
    unwritten: Option<Arc<Unwritten>>,
}

/// Charges whoever is charged for the request for its answer, if that is in memory and belongs to nobody else.
///
/// # Errors
/// `Exceeded` if the client, or all together, have as much as they may, and took nothing of it in time.
pub fn charge_reply<P: ContentStream>(
    body: &mut ReplyBody<P>,
    request: &Body,
) -> impl Future<Output = Result<(), Exceeded>> + Send {
    // Only this of the request is kept while it waits.
    let account = request.account();
    async move {
        let (Content::Full(bytes), Reservation::None, Some(account)) =
            (&body.content, &body.reserved, account)
        else {
            return Ok(());
        };
        // What a cache has too costs nothing more, however many read it.
        if bytes.len() as u64 > UNCOUNTED_BYTES_MAX && bytes.is_unique() {
            let length = bytes.len() as u64;
            body.reserved =
                Reservation::Held(account.budgets().whole_answer(account.client(), length).await?);
        }
        Ok(())
    }
}

impl<P: ContentStream> ReplyBody<P> {
    /// What is still to be sent, in bytes, if that is known.
    #[must_use]
    pub fn left_bytes(&self) -> Option<u64> {
        match &self.content {
            Content::Empty => Some(0),
            Content::Full(bytes) => Some(bytes.len() as u64),
            Content::Stream(stream) => stream.left_bytes(),
        }
    }

    /// Tells, once the answer is over, how many bytes of its body were handed out, and whether those were all.
    pub fn tell(&mut self, tell: impl FnOnce(u64, bool) + Send + 'static) {
        let is_whole = self.left_bytes() == Some(0);
        self.tally = Some(Box::new(Tally { bytes: 0, is_whole, tell: Some(Box::new(tell)) }));
    }

    const fn new(content: Content<P>) -> Self {
        Self {
            content,
            deadline: None,
            in_flight: None,
            account: None,
            overdue: None,
            reserved: Reservation::None,
            unwritten: None,
            tally: None,
        }
    }

    /// No bytes: what HEAD gets.
    pub(crate) const fn empty() -> Self {
        Self::new(Content::Empty)
    }

    pub(super) const fn full(bytes: Bytes) -> Self {
        Self::new(Content::Full(bytes))
    }

    pub(super) const fn stream(content: P) -> Self {
        Self::new(Content::Stream(content))
    }

    /// Ends a streamed body with an error once `deadline` has passed, and the request with the body.
    pub(crate) fn until(&mut self, deadline: Instant, in_flight: InFlight, account: Option<Account>) {
        self.deadline = Some(deadline);
        self.in_flight = Some(in_flight);
        self.account = account;
    }

    /// For HTTP/2: pieces of at most so many bytes, and word of each that was written.
    pub(crate) fn piecewise(&mut self, bytes_max: usize, unwritten: Arc<Unwritten>) {
        if let Content::Stream(stream) = &mut self.content {
            stream.limit_pieces(bytes_max);
        }
        self.unwritten = Some(unwritten);
    }

    /// The bytes of an answer that is in memory.
    pub(crate) fn whole(&mut self) -> Option<Bytes> {
        match std::mem::replace(&mut self.content, Content::Empty) {
            Content::Full(bytes) => {
                self.handed_out(bytes.len(), true);
                Some(bytes)
            }
            Content::Empty | Content::Stream(_) => None,
        }
    }

    fn handed_out(&mut self, bytes: usize, is_whole: bool) {
        if let Some(tally) = &mut self.tally {
            tally.bytes = tally.bytes.saturating_add(bytes as u64);
            tally.is_whole = is_whole;
        }
    }

    /// Who is charged for it.
    pub(crate) const fn account_mut(&mut self) -> Option<&mut Account> {
        self.account.as_mut()
    }

    /// The next piece of a stream: waits until it has arrived, and then until there is room for it.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let Content::Stream(stream) = &mut self.content else { return Poll::Ready(None) };
        if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        if stream.poll_arrived(cx).is_pending() {
            ready!(self.poll_overdue(cx));
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        ready!(self.poll_reserved(cx))?;
        let Content::Stream(stream) = &mut self.content else { return Poll::Ready(None) };
        match ready!(Pin::new(&mut *stream).poll_next(cx)) {
            // What ends before its time is cut, so that nobody takes it for the whole.
            None if stream.left_bytes().is_some_and(|bytes| bytes > 0) => {
                Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())))
            }
            next => Poll::Ready(next),
        }
    }

    /// Waits until the whole request is over.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else { return Poll::Pending };
        self.overdue.get_or_insert_with(|| Box::pin(sleep_until(deadline))).as_mut().poll(cx)
    }

    /// Waits for a share of the budget for the next piece of a stream.
    fn poll_reserved(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.reserved {
                Reservation::Held(_) => return Poll::Ready(Ok(())),
                Reservation::Awaited(share) => match ready!(share.as_mut().poll(cx)) {
                    Ok(share) => self.reserved = Reservation::Held(share),
                    Err(exceeded) => return Poll::Ready(Err(io::Error::other(exceeded))),
                },
                Reservation::None => {
                    let (Content::Stream(stream), Some(account)) = (&self.content, &self.account) else {
                        return Poll::Ready(Ok(()));
                    };
                    let bytes = stream.piece_bytes() as u64;
                    if bytes <= UNCOUNTED_BYTES_MAX {
                        return Poll::Ready(Ok(()));
                    }
                    let budgets = Arc::clone(account.budgets());
                    self.reserved = Reservation::Awaited(Box::pin(budgets.piece(account.client(), bytes)));
                }
            }
        }
    }

    /// Hands out a piece together with what it costs.
    fn piece(&mut self, bytes: Bytes) -> Frame<Bytes> {
        let share = match std::mem::replace(&mut self.reserved, Reservation::None) {
            Reservation::Held(share) => Some(share),
            Reservation::None | Reservation::Awaited(_) => None,
        };
        let unwritten = self.unwritten.clone();
        if share.is_none() && unwritten.is_none() {
            return Frame::data(bytes);
        }
        if let Some(unwritten) = &unwritten {
            unwritten.out.fetch_add(1, Ordering::Relaxed);
        }
        Frame::data(Bytes::from_owner(Piece { bytes, _share: share, unwritten }))
    }
}

impl<P: ContentStream> hyper::body::Body for ReplyBody<P> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        match &mut this.content {
            Content::Empty => Poll::Ready(None),
            Content::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                this.content = Content::Empty;
                this.handed_out(bytes.len(), true);
                Poll::Ready(Some(Ok(this.piece(bytes))))
            }
            Content::Stream(_) => {
                let next = ready!(this.poll_piece(cx));
                match &next {
                    Some(Ok(bytes)) => this.handed_out(bytes.len(), this.left_bytes() == Some(0)),
                    Some(Err(_)) => this.handed_out(0, false),
                    None => this.handed_out(0, true),
                }
                Poll::Ready(next.map(|next| next.map(|bytes| this.piece(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Empty => true,
            Content::Full(bytes) => bytes.is_empty(),
            Content::Stream(stream) => stream.left_bytes() == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.left_bytes().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Unwritten {
    /// Whether every piece that was handed out has been written, or thrown away.
    pub(crate) fn is_empty(&self) -> bool {
        self.out.load(Ordering::Acquire) == 0
    }

    /// Waits until that may have changed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        if let Some(tell) = self.tell.take() {
            tell(self.bytes, self.is_whole);
        }
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        if let Some(unwritten) = &self.unwritten {
            unwritten.out.fetch_sub(1, Ordering::Release);
            unwritten.changed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests;
