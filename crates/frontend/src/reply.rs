use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use futures_util::Stream as _;
use hyper::body::{Frame, SizeHint};
use hyper::ext::ReasonPhrase;
use storage::BlobStream;
use tokio::time::Instant;

use crate::server::activity::InFlight;

/// What goes out.
pub type Response = ::http::Response<OutBody>;

/// An answer in the making.
pub struct Reply {
    response: Response,
}

/// The body of an answer.
pub struct OutBody {
    content: Content,
    /// When the whole request must be over.
    deadline: Option<Instant>,
    /// Keeps the request in flight until the last byte is handed out.
    in_flight: Option<InFlight>,
}

enum Content {
    Empty,
    Full(Bytes),
    Blob(BlobStream),
}

impl Reply {
    /// An answer without a body.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        let mut response = Response::new(OutBody::new(Content::Empty));
        *response.status_mut() = status;
        Self { response }
    }

    /// Adds a header. A value that no header can have, which no parsed name is, is left out.
    #[must_use]
    pub fn header<V: TryInto<HeaderValue>>(mut self, name: HeaderName, value: V) -> Self {
        if let Ok(value) = value.try_into() {
            self.response.headers_mut().append(name, value);
        }
        self
    }

    /// A small body with its type and length. On HEAD the pipeline keeps the length and drops the bytes.
    #[must_use]
    pub fn bytes(mut self, content_type: HeaderValue, bytes: Bytes) -> Self {
        let headers = self.response.headers_mut();
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        *self.response.body_mut() = OutBody::new(Content::Full(bytes));
        self
    }

    /// A body streamed from storage; sets the length to what the stream holds.
    #[must_use]
    pub fn blob(mut self, stream: BlobStream) -> Self {
        self = self.length(stream.left_bytes());
        *self.response.body_mut() = OutBody::new(Content::Blob(stream));
        self
    }

    /// Sets the length of a body that HEAD does not send.
    #[must_use]
    pub fn length(mut self, size_bytes: u64) -> Self {
        self.response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(size_bytes));
        self
    }

    /// The reason phrase, which HTTP/1 clients such as `dotnet` print. Characters no phrase can have leave the standard one.
    #[must_use]
    pub fn reason(mut self, phrase: &str) -> Self {
        if let Ok(phrase) = ReasonPhrase::try_from(phrase.as_bytes()) {
            self.response.extensions_mut().insert(phrase);
        }
        self
    }

    /// The headers, for the rare answer that needs more.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.response.headers_mut()
    }
}

impl From<Reply> for Response {
    fn from(reply: Reply) -> Self {
        reply.response
    }
}

impl OutBody {
    const fn new(content: Content) -> Self {
        Self { content, deadline: None, in_flight: None }
    }

    /// No bytes: what HEAD gets.
    pub(crate) const fn empty() -> Self {
        Self::new(Content::Empty)
    }

    /// Ends a streamed body with an error once `deadline` has passed, and the request with the body.
    pub(crate) fn until(&mut self, deadline: Instant, in_flight: InFlight) {
        self.deadline = Some(deadline);
        self.in_flight = Some(in_flight);
    }
}

impl hyper::body::Body for OutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let deadline = self.deadline;
        match &mut self.content {
            Content::Empty => Poll::Ready(None),
            Content::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.content = Content::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Content::Blob(stream) => {
                if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                    return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
                }
                Pin::new(stream).poll_next(cx).map_ok(Frame::data)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Empty => true,
            Content::Full(bytes) => bytes.is_empty(),
            Content::Blob(stream) => stream.left_bytes() == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match &self.content {
            Content::Empty => 0,
            Content::Full(bytes) => bytes.len() as u64,
            Content::Blob(stream) => stream.left_bytes(),
        })
    }
}
