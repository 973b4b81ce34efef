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

use crate::body::Body;
use crate::budgets::UNCOUNTED_BYTES_MAX;
use crate::budgets::account::Account;
use crate::server::activity::InFlight;

/// What an answer is streamed from: read only as fast as the client takes it. It may still be arriving from elsewhere.
pub trait Pieces: Stream<Item = io::Result<Bytes>> + Unpin + Send + 'static {
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
pub struct OutBody<P> {
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
    room: Room,
    /// Who is told of the pieces that were written.
    taken: Option<Arc<Taken>>,
}

enum Content<P> {
    Empty,
    Full(Bytes),
    Stream(P),
}

enum Room {
    None,
    Awaited(BoxFuture<'static, Result<Share, Exceeded>>),
    Held(Share),
}

/// Pieces of an answer that were handed out and not yet written.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    out: AtomicUsize,
    changed: Notify,
}

/// A piece on its way.
struct Piece {
    bytes: Bytes,
    /// Given back with the piece.
    _room: Option<Share>,
    taken: Option<Arc<Taken>>,
}

/// Charges whoever is charged for the request for its answer, if that is in memory and belongs to nobody else.
///
/// # Errors
/// `Exceeded` if the client, or all together, have as much as they may, and took nothing of it in time.
pub fn hold<P: Pieces>(
    body: &mut OutBody<P>,
    request: &Body,
) -> impl Future<Output = Result<(), Exceeded>> + Send {
    // Only this of the request is kept while it waits.
    let account = request.account();
    async move {
        let (Content::Full(bytes), Room::None, Some(account)) = (&body.content, &body.room, account) else {
            return Ok(());
        };
        // What a cache has too costs nothing more, however many read it.
        if bytes.len() as u64 > UNCOUNTED_BYTES_MAX && bytes.is_unique() {
            let length = bytes.len() as u64;
            body.room = Room::Held(account.budgets().whole_answer(account.client(), length).await?);
        }
        Ok(())
    }
}

impl<P: Pieces> OutBody<P> {
    const fn new(content: Content<P>) -> Self {
        Self {
            content,
            deadline: None,
            in_flight: None,
            account: None,
            overdue: None,
            room: Room::None,
            taken: None,
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
    pub(crate) fn piecewise(&mut self, bytes_max: usize, taken: Arc<Taken>) {
        if let Content::Stream(stream) = &mut self.content {
            stream.limit_pieces(bytes_max);
        }
        self.taken = Some(taken);
    }

    /// The bytes of an answer that is in memory.
    pub(crate) fn whole(&mut self) -> Option<Bytes> {
        match std::mem::replace(&mut self.content, Content::Empty) {
            Content::Full(bytes) => Some(bytes),
            Content::Empty | Content::Stream(_) => None,
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
        ready!(self.poll_room(cx))?;
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

    /// Waits until there is room for the next piece of a stream.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.room {
                Room::Held(_) => return Poll::Ready(Ok(())),
                Room::Awaited(room) => match ready!(room.as_mut().poll(cx)) {
                    Ok(room) => self.room = Room::Held(room),
                    Err(exceeded) => return Poll::Ready(Err(io::Error::other(exceeded))),
                },
                Room::None => {
                    let (Content::Stream(stream), Some(account)) = (&self.content, &self.account) else {
                        return Poll::Ready(Ok(()));
                    };
                    let bytes = stream.piece_bytes() as u64;
                    if bytes <= UNCOUNTED_BYTES_MAX {
                        return Poll::Ready(Ok(()));
                    }
                    let budgets = Arc::clone(account.budgets());
                    self.room = Room::Awaited(Box::pin(budgets.piece(account.client(), bytes)));
                }
            }
        }
    }

    /// Hands out a piece together with what it costs.
    fn piece(&mut self, bytes: Bytes) -> Frame<Bytes> {
        let room = match std::mem::replace(&mut self.room, Room::None) {
            Room::Held(room) => Some(room),
            Room::None | Room::Awaited(_) => None,
        };
        let taken = self.taken.clone();
        if room.is_none() && taken.is_none() {
            return Frame::data(bytes);
        }
        if let Some(taken) = &taken {
            taken.out.fetch_add(1, Ordering::Relaxed);
        }
        Frame::data(Bytes::from_owner(Piece { bytes, _room: room, taken }))
    }
}

impl<P: Pieces> hyper::body::Body for OutBody<P> {
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
                Poll::Ready(Some(Ok(this.piece(bytes))))
            }
            Content::Stream(_) => {
                let next = ready!(this.poll_piece(cx));
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
        let bytes = match &self.content {
            Content::Empty => Some(0),
            Content::Full(bytes) => Some(bytes.len() as u64),
            Content::Stream(stream) => stream.left_bytes(),
        };
        bytes.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Taken {
    /// Whether every piece that was handed out has been written, or thrown away.
    pub(crate) fn all(&self) -> bool {
        self.out.load(Ordering::Acquire) == 0
    }

    /// Waits until that may have changed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        if let Some(taken) = &self.taken {
            taken.out.fetch_sub(1, Ordering::Release);
            taken.changed.notify_one();
        }
    }
}
