use bytes::Bytes;
use domain::Digest;
use edge::http::etag::not_modified;
use http::header::ETAG;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::wire::CONTENT_DIGEST;
use crate::reply::Reply;

/// How clients know some bytes again: the entity tag and the digest, which is the same without quotes.
pub(crate) struct Identity {
    tag: Bytes,
}

impl Identity {
    /// Of the bytes with this digest.
    pub(crate) fn of(digest: &Digest) -> Self {
        Self { tag: etag(digest).into() }
    }

    /// Whether the client has them already, so that GET and HEAD answer 304.
    pub(crate) fn is_known(&self, known: &HeaderMap) -> bool {
        str::from_utf8(&self.tag).is_ok_and(|tag| not_modified(known, tag))
    }

    /// An answer that names them.
    pub(crate) fn reply(&self, status: StatusCode) -> Reply {
        let value = |bytes| HeaderValue::from_maybe_shared(bytes).ok();
        let digest = self.tag.slice(1..self.tag.len().saturating_sub(1).max(1));
        let mut reply = Reply::new(status);
        reply.headers_mut().extend(value(self.tag.clone()).map(|tag| (ETAG, tag)));
        reply.headers_mut().extend(value(digest).map(|digest| (CONTENT_DIGEST, digest)));
        reply
    }
}

/// The entity tag of content.
pub(crate) fn etag(digest: &Digest) -> String {
    let digest = digest.to_string();
    let mut tag = String::with_capacity(digest.len() + 2);
    tag.push('"');
    tag.push_str(&digest);
    tag.push('"');
    tag
}
