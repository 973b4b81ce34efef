use ::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use hyper::ext::ReasonPhrase;
use storage::BlobStream;

mod body;

pub use body::OutBody;
pub(crate) use body::{Taken, hold};

/// Room for so many headers is made at once: as many as most answers have.
const HEADERS: usize = 12;

/// What goes out.
pub type Response = ::http::Response<OutBody>;

/// An answer in the making.
pub struct Reply {
    response: Response,
}

impl Reply {
    /// An answer without a body.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        let mut response = Response::new(OutBody::empty());
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
        *self.response.body_mut() = OutBody::full(bytes);
        self
    }

    /// A body streamed from storage; sets the length to what the stream holds.
    #[must_use]
    pub fn blob(mut self, stream: BlobStream) -> Self {
        self = self.length(stream.left_bytes());
        *self.response.body_mut() = OutBody::blob(stream);
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
    pub(crate) fn body_mut(&mut self) -> &mut OutBody {
        self.response.body_mut()
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
