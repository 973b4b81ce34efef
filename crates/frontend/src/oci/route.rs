//! Head → operation: the grammar of paths, queries and headers (oci.md 2 and 3). Pure.

pub(crate) mod name;
pub(crate) mod query;

use std::borrow::Cow;

use domain::{Digest, RefName, UploadId};
use http::Method;
use http::header::{CONTENT_RANGE, CONTENT_TYPE, HeaderName, IF_NONE_MATCH, IF_RANGE, RANGE};

use self::name::{BadName, ImageName, Named};
use self::query::{Plus, Query, decode};
use super::Oci;
use super::error::Bad;
use super::op::{Fetch, Look, MountFrom, On, Open, Push, Reference, Remove, Span, Start, TagsPage};
use super::range::RangeHeader;
use super::wire::etag;
use crate::head::Head;
use crate::protocol::{At, Routed};

/// Longest tag, in bytes.
const TAG_BYTES_MAX: usize = 128;
/// Most tags one manifest may be given along with its digest; the specification asks for at least 10.
const TAGS_MAX: usize = 32;
/// Longest `Content-Type` and `If-None-Match` looked at, in bytes.
const HEADER_BYTES_MAX: usize = 4096;

/// What a path names, cut from the right: an image may be called `manifests` or `blobs/uploads`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource<'a> {
    Tags,
    Referrers(&'a str),
    Manifest(&'a str),
    Uploads,
    Upload(&'a str),
    Blob(&'a str),
}

/// Reads a request.
pub(crate) fn route(head: &Head<'_>) -> Routed<Oci> {
    let path = head.path.strip_prefix('/').unwrap_or(head.path);
    if path.is_empty() {
        return Routed::Open(version(head.method));
    }
    let Some((spelt, resource)) = cut(path) else { return Routed::Open(Err(Bad::NoRoute)) };
    let named = name::parse(spelt);
    let request = Request { head, query: Query::new(head.query) };
    match resource {
        Resource::Tags => request.tags(named),
        Resource::Referrers(_) => on(named, Err::<Fetch, _>(Bad::NoReferrers), Routed::Read),
        Resource::Manifest(reference) => request.manifest(named, reference),
        Resource::Uploads => request.uploads(named),
        Resource::Upload(id) => request.upload(named, id),
        Resource::Blob(digest) => request.blob(named, digest),
    }
}

/// The name of the image in a path below the mount, as the client spelt it, for challenges.
pub(crate) fn spelt(path: &str) -> Option<ImageName> {
    let (spelt, _) = cut(path.strip_prefix('/').unwrap_or(path))?;
    if let Named::Image(name) = name::parse(spelt) { Some(name) } else { None }
}

fn version(method: &Method) -> Result<Open, Bad> {
    match *method {
        Method::GET | Method::HEAD => Ok(Open::Version),
        _ => Err(Bad::Method { allow: "GET, HEAD" }),
    }
}

fn cut(path: &str) -> Option<(&str, Resource<'_>)> {
    let (before, last) = path.rsplit_once('/')?;
    let ends = |suffix| before.strip_suffix(suffix);
    if last.is_empty() {
        return Some((ends("/blobs/uploads")?, Resource::Uploads));
    }
    if let ("list", Some(name)) = (last, ends("/tags")) {
        return Some((name, Resource::Tags));
    }
    if let ("uploads", Some(name)) = (last, ends("/blobs")) {
        return Some((name, Resource::Uploads));
    }
    if let Some(name) = ends("/blobs/uploads") {
        return Some((name, Resource::Upload(last)));
    }
    if let Some(name) = ends("/manifests") {
        return Some((name, Resource::Manifest(last)));
    }
    if let Some(name) = ends("/blobs") {
        return Some((name, Resource::Blob(last)));
    }
    Some((ends("/referrers")?, Resource::Referrers(last)))
}

/// Puts an act and the image it is about together.
fn on<T>(named: Named, act: Result<T, Bad>, variant: fn(At<On<T>, Bad>) -> Routed<Oci>) -> Routed<Oci> {
    match named {
        Named::Image(name) => {
            let repository = name.repository().clone();
            variant(At::new(Some(repository), act.map(|act| On { name, act })))
        }
        Named::Within(repository, bad) => variant(At::new(Some(repository), Err(Bad::Name(bad)))),
        // Nobody has such a repository, so there is nothing to hide and a reason helps.
        Named::Nowhere(bad) => Routed::Open(Err(Bad::Name(bad))),
    }
}

#[derive(Clone, Copy)]
struct Request<'a> {
    head: &'a Head<'a>,
    query: Query<'a>,
}

impl Request<'_> {
    fn tags(self, named: Named) -> Routed<Oci> {
        match *self.head.method {
            Method::GET | Method::HEAD => on(named, self.tags_page().map(Fetch::Tags), Routed::Read),
            _ => not_allowed(named, "GET, HEAD"),
        }
    }

    fn blob(self, named: Named, digest: &str) -> Routed<Oci> {
        let digest = decode(digest, Plus::IsPlus).ok_or(Bad::Digest).and_then(|text| digest_of(&text));
        match *self.head.method {
            Method::HEAD => on(named, digest.map(Look::Blob), Routed::Probe),
            Method::GET => on(named, digest.map(|digest| self.fetch_blob(digest)), Routed::Read),
            Method::DELETE => on(named, digest.map(Remove::Blob), Routed::Delete),
            _ => not_allowed(named, "GET, HEAD, DELETE"),
        }
    }

    fn fetch_blob(self, digest: Digest) -> Fetch {
        // The part is only good for the bytes the client has the beginning of (RFC 9110 §13.1.5).
        let same = self.raw(&IF_RANGE).is_none_or(|value| value == etag(&digest).as_bytes());
        let range = self.raw(&RANGE).filter(|_| same).and_then(RangeHeader::parse);
        Fetch::Blob { digest, range, known: self.known() }
    }

    fn manifest(self, named: Named, reference: &str) -> Routed<Oci> {
        let reference = reference_of(reference);
        match *self.head.method {
            Method::HEAD => {
                let look = reference.map(|reference| Look::Manifest { reference, known: self.known() });
                on(named, look, Routed::Probe)
            }
            Method::GET => {
                let fetch = reference.map(|reference| Fetch::Manifest { reference, known: self.known() });
                on(named, fetch, Routed::Read)
            }
            Method::PUT => {
                let push = reference.and_then(|reference| self.push_manifest(reference));
                on(named, push, Routed::Publish)
            }
            Method::DELETE => {
                let remove = reference.map(|reference| match reference {
                    Reference::Tag(tag) => Remove::Tag(tag),
                    Reference::Digest(digest) => Remove::Manifest(digest),
                });
                on(named, remove, Routed::Delete)
            }
            _ => not_allowed(named, "GET, HEAD, PUT, DELETE"),
        }
    }

    fn push_manifest(self, reference: Reference) -> Result<Push, Bad> {
        let mut tags = Vec::new();
        if matches!(reference, Reference::Digest(_)) {
            for value in self.query.all("tag") {
                if tags.len() == TAGS_MAX {
                    return Err(Bad::TooManyTags { tags_max: TAGS_MAX });
                }
                tags.push(tag_of(&value.map_err(|_| Bad::Parameter("tag"))?)?);
            }
        }
        let media_type = self.text(&CONTENT_TYPE).map(|text| text.split(';').next().unwrap_or(text).trim());
        let media_type = media_type.filter(|text| !text.is_empty()).map(Box::from);
        Ok(Push::Manifest { reference, tags, media_type })
    }

    fn uploads(self, named: Named) -> Routed<Oci> {
        match *self.head.method {
            Method::POST => on(named, self.start().map(Push::Start), Routed::Publish),
            _ => not_allowed(named, "POST"),
        }
    }

    fn start(self) -> Result<Start, Bad> {
        if let Some(algorithm) = self.one("digest-algorithm")? {
            // The bytes are hashed anew under whatever the last PUT names; only a word we do not know matters.
            if !matches!(&*algorithm, "sha256" | "sha512") {
                return Err(Bad::Digest);
            }
        }
        if let Some(digest) = self.one("mount")? {
            let from = self.one("from")?.map_or(MountFrom::Anywhere, |from| match name::parse(&from) {
                Named::Image(name) => MountFrom::Image(name),
                Named::Within(..) | Named::Nowhere(_) => MountFrom::Nowhere,
            });
            return Ok(Start::Mount { digest: digest_of(&digest)?, from });
        }
        let digest = self.one("digest")?.map(|digest| digest_of(&digest)).transpose()?;
        Ok(digest.map_or(Start::Session, Start::Whole))
    }

    fn upload(self, named: Named, id: &str) -> Routed<Oci> {
        let id = UploadId::parse(id).ok_or(Bad::UnknownUpload);
        let push = match *self.head.method {
            Method::PATCH => id.and_then(|id| Ok(Push::Append { id, at: self.span()? })),
            Method::PUT => id.and_then(|id| self.finish(id)),
            Method::GET => id.map(Push::Status),
            Method::DELETE => id.map(Push::Cancel),
            _ => return not_allowed(named, "GET, PATCH, PUT, DELETE"),
        };
        on(named, push, Routed::Publish)
    }

    fn finish(self, id: UploadId) -> Result<Push, Bad> {
        let digest = self.one("digest")?.ok_or(Bad::MissingDigest)?;
        Ok(Push::Finish { id, digest: digest_of(&digest)?, at: self.span()? })
    }

    fn tags_page(self) -> Result<TagsPage, Bad> {
        let tags_max = match self.one("n")? {
            Some(n) if n.is_empty() || !n.bytes().all(|b| b.is_ascii_digit()) => return Err(Bad::PageSize),
            // More digits than a number has: as many as we give anybody.
            Some(n) => Some(n.parse().unwrap_or(u64::MAX)),
            None => None,
        };
        let after = self.one("last")?.filter(|last| !last.is_empty());
        if after.as_ref().is_some_and(|last| RefName::exact(last).is_err()) {
            return Err(Bad::Parameter("last"));
        }
        Ok(TagsPage { tags_max, after: after.map(Cow::into_owned) })
    }

    fn span(self) -> Result<Option<Span>, Bad> {
        self.raw(&CONTENT_RANGE).map(|value| Span::parse(value).ok_or(Bad::ContentRange)).transpose()
    }

    fn known(self) -> Box<str> {
        self.text(&IF_NONE_MATCH).unwrap_or_default().into()
    }

    fn one(&self, key: &'static str) -> Result<Option<Cow<'_, str>>, Bad> {
        self.query.one(key).map_err(|_| Bad::Parameter(key))
    }

    fn raw(&self, header: &HeaderName) -> Option<&[u8]> {
        self.head.headers.get(header).map(http::HeaderValue::as_bytes)
    }

    fn text(&self, header: &HeaderName) -> Option<&str> {
        self.head.header(header).filter(|text| text.len() <= HEADER_BYTES_MAX)
    }
}

fn not_allowed(named: Named, allow: &'static str) -> Routed<Oci> {
    on(named, Err::<Look, _>(Bad::Method { allow }), Routed::Probe)
}

fn digest_of(text: &str) -> Result<Digest, Bad> {
    Digest::parse(text).map_err(|_| Bad::Digest)
}

fn reference_of(segment: &str) -> Result<Reference, Bad> {
    let text = decode(segment, Plus::IsPlus).ok_or(Bad::Tag)?;
    if text.contains(':') { digest_of(&text).map(Reference::Digest) } else { tag_of(&text).map(Reference::Tag) }
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
fn tag_of(text: &str) -> Result<RefName, Bad> {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let fits = text.len() <= TAG_BYTES_MAX
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'));
    if fits { RefName::exact(text).map_err(|_| Bad::Tag) } else { Err(Bad::Tag) }
}

#[cfg(test)]
mod tests;
