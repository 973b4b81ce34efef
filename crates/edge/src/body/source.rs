use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::http::HeaderMap;
use ::http::header::CONTENT_LENGTH;
use bytes::Bytes;
use h2::RecvStream;
use hyper::body::{Body as _, Incoming};

use super::BodyError;

/// Where a body comes from.
pub(crate) enum BodySource {
    Http1(Incoming),
    Http2(Http2Body),
    Ready(Bytes),
    Ended,
}

/// A body that HTTP/2 brings.
pub(crate) struct Http2Body {
    receiver: RecvStream,
    left_bytes: Option<u64>,
}

impl BodySource {
    /// A body of HTTP/1.
    pub(crate) fn http1(incoming: Incoming) -> Self {
        if incoming.is_end_stream() { Self::Ended } else { Self::Http1(incoming) }
    }

    /// A body of HTTP/2; the headers say how long it is.
    pub(crate) fn http2(receiver: RecvStream, headers: &HeaderMap) -> Self {
        if receiver.is_end_stream() {
            return Self::Ended;
        }
        // h2 has compared it with what arrives.
        let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        Self::Http2(Http2Body { receiver, left_bytes: length.and_then(|length| length.parse().ok()) })
    }

    /// Bytes still to come, if the client said.
    pub(super) fn left_bytes(&self) -> Option<u64> {
        match self {
            Self::Http1(incoming) => incoming.size_hint().exact(),
            Self::Http2(body) => body.left_bytes,
            Self::Ready(bytes) => Some(bytes.len() as u64),
            Self::Ended => Some(0),
        }
    }

    /// The next frame with data; trailers and empty frames are passed over.
    pub(super) fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, BodyError>> {
        loop {
            let data = match self {
                Self::Http1(incoming) => match ready!(Pin::new(incoming).poll_frame(cx)) {
                    None => None,
                    Some(Err(_)) => return Poll::Ready(Err(BodyError::Aborted)),
                    // Trailers say nothing to us.
                    Some(Ok(frame)) => Some(frame.into_data().unwrap_or_default()),
                },
                Self::Http2(stream) => ready!(stream.poll_data(cx))?,
                Self::Ready(_) | Self::Ended => None,
            };
            if data.as_ref().is_none_or(|data| !data.is_empty()) {
                return Poll::Ready(Ok(data));
            }
        }
    }
}

impl Http2Body {
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, BodyError>> {
        let Some(data) = ready!(self.receiver.poll_data(cx)) else { return Poll::Ready(Ok(None)) };
        let data = data.map_err(|_| BodyError::Aborted)?;
        self.left_bytes = self.left_bytes.map(|left| left.saturating_sub(data.len() as u64));
        // Fails only on a stream that is over.
        let _ = self.receiver.flow_control().release_capacity(data.len());
        Poll::Ready(Ok(Some(data)))
    }
}
