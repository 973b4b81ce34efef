use ::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use hyper::ext::ReasonPhrase;

mod body;

pub(crate) use body::Unwritten;
pub use body::{ContentStream, ReplyBody, charge_reply};

/// Room for so many headers is made at once: as many as most answers have.
const HEADERS: usize = 12;

/// What goes out.
pub type Response<P> = ::http::Response<ReplyBody<P>>;

/// An answer in the making.
pub struct Reply<P> {
    response: Response<P>,
}

impl<P: ContentStream> Reply<P> {
    /// An answer without a body.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        let mut response = Response::new(ReplyBody::empty());
        *response.status_mut() = status;
        response.headers_mut().reserve(HEADERS);
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
        *self.response.body_mut() = ReplyBody::full(bytes);
        self
    }

    /// A body that is read while it is sent; sets the length, if it is known.
    #[must_use]
    pub fn stream(mut self, content: impl Into<P>) -> Self {
        let content = content.into();
        if let Some(bytes) = content.left_bytes() {
            self = self.length(bytes);
        }
        *self.response.body_mut() = ReplyBody::stream(content);
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

    /// The body so far.
    pub fn body_mut(&mut self) -> &mut ReplyBody<P> {
        self.response.body_mut()
    }

    /// The headers, for the rare answer that needs more.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.response.headers_mut()
    }
}

impl<P> From<Reply<P>> for Response<P> {
    fn from(reply: Reply<P>) -> Self {
        reply.response
    }
}
