use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream as _;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use hyper::body::{Frame, SizeHint};
use hyper::ext::ReasonPhrase;
use storage::BlobStream;

/// What goes out.
pub type Response = http::Response<OutBody>;

/// A successful answer in the making.
pub struct Reply {
    response: Response,
}

/// The body of an answer.
pub struct OutBody(Content);

enum Content {
    Empty,
    Full(Bytes),
    Blob { stream: BlobStream, left_bytes: u64 },
}

impl Reply {
    /// An answer without a body.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        let mut response = Response::new(OutBody(Content::Empty));
        *response.status_mut() = status;
        Self { response }
    }

    /// Sets a header; a value that no header can have (control characters) is left out, which no parsed name can cause.
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
        *self.response.body_mut() = OutBody(Content::Full(bytes));
        self
    }

    /// A body streamed from storage, of exactly this many bytes; sets the length.
    #[must_use]
    pub fn blob(mut self, stream: BlobStream, size_bytes: u64) -> Self {
        self.response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(size_bytes));
        *self.response.body_mut() = OutBody(Content::Blob { stream, left_bytes: size_bytes });
        self
    }

    /// Sets the length of a body that HEAD does not send.
    #[must_use]
    pub fn length(mut self, size_bytes: u64) -> Self {
        self.response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(size_bytes));
        self
    }

    /// The reason phrase, which HTTP/1 clients such as `dotnet` print; characters no phrase can have leave the standard one.
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

impl hyper::body::Body for OutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut self.0 {
            Content::Empty => Poll::Ready(None),
            Content::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Content::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Content::Blob { stream, left_bytes } => match Pin::new(stream).poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => {
                    *left_bytes = left_bytes.saturating_sub(chunk.len() as u64);
                    Poll::Ready(Some(Ok(Frame::data(chunk))))
                }
                Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Empty => true,
            Content::Full(bytes) => bytes.is_empty(),
            Content::Blob { left_bytes, .. } => *left_bytes == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Empty => SizeHint::with_exact(0),
            Content::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Blob { left_bytes, .. } => SizeHint::with_exact(*left_bytes),
        }
    }
}
