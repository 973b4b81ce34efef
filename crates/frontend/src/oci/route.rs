//! Head → operation: the grammar of paths, queries and headers (docs/oci.md 2 and 3). Pure.

pub(crate) mod name;

use std::borrow::Cow;

use domain::{Digest, RefName, UploadId};
use edge::http::{etag::range_holds, path, query};
use http::header::{CONTENT_RANGE, CONTENT_TYPE, IF_NONE_MATCH, RANGE};
use http::{HeaderMap, Method};

use self::name::{ImageName, Named};
use super::Oci;
use super::error::Bad;
use super::identity::etag;
use super::op::{
    Browse, CataloguePage, Fetch, Look, MountFrom, On, Open, Push, Reference, ReferrersPage, Remove, Start,
    TagsPage,
};
use super::span::Span;
use super::wire::read_digest;
use crate::head::Head;
use crate::protocol::{At, Routed};

/// Longest tag, in bytes.
const TAG_BYTES_MAX: usize = 128;
/// Most tags one manifest may be given along with its digest; the specification asks for at least 10.
const TAGS_MAX: usize = 32;
/// Longest query looked at, in bytes; a longer one counts as none.
const QUERY_BYTES_MAX: usize = 16 * 1024;

/// The list of images; a name that no image can have.
pub(crate) const CATALOGUE: &str = "_catalog";

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
    // An encoded slash, a relative segment: what such a path means depends on who reads it, so it means nothing here.
    let Ok(path) = path::decode(head.path) else { return Routed::Open(Err(Bad::Path)) };
    let path = path.strip_prefix('/').unwrap_or(&path);
    if path.is_empty() {
        return Routed::Open(version(head.method));
    }
    let request = Request { head, query: head.query.filter(|query| query.len() <= QUERY_BYTES_MAX) };
    if path == CATALOGUE {
        return Routed::Browse(request.catalogue());
    }
    let Some((spelt, resource)) = cut(path) else { return Routed::Open(Err(Bad::NoRoute)) };
    let named = name::parse(spelt);
    match resource {
        Resource::Tags => request.tags(named),
        Resource::Referrers(subject) => request.referrers(named, subject),
        Resource::Manifest(reference) => request.manifest(named, reference),
        Resource::Uploads => request.uploads(named),
        Resource::Upload(id) => request.upload(named, id),
        Resource::Blob(digest) => request.blob(named, digest),
    }
}

/// The name of the image in a path below the mount, as the client spelt it, for challenges.
pub(crate) fn spelt(path: &str) -> Option<ImageName> {
    let path = path::decode(path).ok()?;
    let (spelt, _) = cut(path.strip_prefix('/').unwrap_or(&path))?;
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
        Named::Absent => variant(At::new(None, Err(Bad::NoRoute))),
        // Nobody has such a repository, so there is nothing to hide and a reason helps.
        Named::Nowhere(bad) => Routed::Open(Err(Bad::Name(bad))),
    }
}

#[derive(Clone, Copy)]
struct Request<'a> {
    head: &'a Head<'a>,
    query: Option<&'a str>,
}

impl<'a> Request<'a> {
    fn tags(self, named: Named) -> Routed<Oci> {
        match *self.head.method {
            Method::GET | Method::HEAD => on(named, self.tags_page().map(Fetch::Tags), Routed::Read),
            _ => not_allowed(named, "GET, HEAD"),
        }
    }

    fn blob(self, named: Named, digest: &str) -> Routed<Oci> {
        let digest = digest_of(digest);
        match *self.head.method {
            Method::HEAD => on(named, digest.map(Look::Blob), Routed::Probe),
            Method::GET => on(named, digest.map(|digest| self.fetch_blob(digest)), Routed::Read),
            Method::DELETE => on(named, digest.map(Remove::Blob), Routed::Delete),
            _ => not_allowed(named, "GET, HEAD, DELETE"),
        }
    }

    fn fetch_blob(self, digest: Digest) -> Fetch {
        // The part is only good for the bytes the client has the beginning of (RFC 9110 §13.1.5).
        let range = self.head.header(&RANGE);
        let range = range.filter(|_| range_holds(self.head.headers, &etag(&digest))).map(Box::from);
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
                on(named, reference.and_then(|reference| self.remove(reference)), Routed::Delete)
            }
            _ => not_allowed(named, "GET, HEAD, PUT, DELETE"),
        }
    }

    fn push_manifest(self, reference: Reference) -> Result<Push, Bad> {
        let mut tags = Vec::new();
        if matches!(reference, Reference::Digest(_)) {
            for tag in query::all(self.query, "tag") {
                if tags.len() == TAGS_MAX {
                    return Err(Bad::TooManyTags { tags_max: TAGS_MAX });
                }
                tags.push(tag_of(&tag)?);
            }
        }
        let media_type =
            self.head.header(&CONTENT_TYPE).map(|text| text.split(';').next().unwrap_or(text).trim());
        let media_type = media_type.filter(|text| !text.is_empty()).map(Box::from);
        Ok(Push::Manifest { reference, tags, media_type })
    }

    fn remove(self, reference: Reference) -> Result<Remove, Bad> {
        Ok(match reference {
            Reference::Tag(tag) => Remove::Tag(tag),
            Reference::Digest(digest) => {
                let force = match self.one("force")?.as_deref() {
                    None | Some("false") => false,
                    Some("true") => true,
                    Some(_) => return Err(Bad::Parameter("force")),
                };
                Remove::Manifest { digest, force }
            }
        })
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
                Named::Within(..) | Named::Absent | Named::Nowhere(_) => MountFrom::Nowhere,
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

    fn referrers(self, named: Named, subject: &str) -> Routed<Oci> {
        match *self.head.method {
            Method::GET | Method::HEAD => on(named, self.referrers_page(subject), Routed::Read),
            _ => not_allowed(named, "GET, HEAD"),
        }
    }

    fn referrers_page(self, subject: &str) -> Result<Fetch, Bad> {
        let artifact_type = self.one("artifactType")?.filter(|text| !text.is_empty()).map(Cow::into_owned);
        let after = self.one("last")?.map(|last| digest_of(&last)).transpose()?;
        Ok(Fetch::Referrers { subject: digest_of(subject)?, page: ReferrersPage { artifact_type, after } })
    }

    fn catalogue(self) -> Result<Browse, Bad> {
        match *self.head.method {
            Method::GET | Method::HEAD => {
                let after = self.one("last")?.filter(|last| !last.is_empty()).map(Cow::into_owned);
                Ok(Browse::Catalogue(CataloguePage { images_max: self.page_size()?, after }))
            }
            _ => Err(Bad::Method { allow: "GET, HEAD" }),
        }
    }

    fn page_size(self) -> Result<Option<u64>, Bad> {
        Ok(match self.one("n")? {
            Some(n) if n.is_empty() || !n.bytes().all(|b| b.is_ascii_digit()) => return Err(Bad::PageSize),
            // More digits than a number has: as many as we give anybody.
            Some(n) => Some(n.parse().unwrap_or(u64::MAX)),
            None => None,
        })
    }

    fn tags_page(self) -> Result<TagsPage, Bad> {
        let tags_max = self.page_size()?;
        let after = self.one("last")?.filter(|last| !last.is_empty());
        if after.as_ref().is_some_and(|last| RefName::exact(last).is_err()) {
            return Err(Bad::Parameter("last"));
        }
        Ok(TagsPage { tags_max, after: after.map(Cow::into_owned) })
    }

    fn span(self) -> Result<Option<Span>, Bad> {
        let header = self.head.headers.get(CONTENT_RANGE);
        header.map(|value| Span::parse(value.as_bytes()).ok_or(Bad::ContentRange)).transpose()
    }

    fn known(self) -> HeaderMap {
        let lines = self.head.headers.get_all(IF_NONE_MATCH).iter();
        lines.map(|line| (IF_NONE_MATCH, line.clone())).collect()
    }

    /// The only value of a parameter: which of two digests would be meant?
    fn one(self, name: &'static str) -> Result<Option<Cow<'a, str>>, Bad> {
        let mut values = query::all(self.query, name);
        let first = values.next();
        if values.next().is_some() { Err(Bad::Parameter(name)) } else { Ok(first) }
    }
}

fn not_allowed(named: Named, allow: &'static str) -> Routed<Oci> {
    on(named, Err::<Look, _>(Bad::Method { allow }), Routed::Probe)
}

fn digest_of(text: &str) -> Result<Digest, Bad> {
    read_digest(text).map_err(|_| Bad::Digest)?.map_err(Bad::Algorithm)
}

fn reference_of(text: &str) -> Result<Reference, Bad> {
    if text.contains(':') { digest_of(text).map(Reference::Digest) } else { tag_of(text).map(Reference::Tag) }
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
