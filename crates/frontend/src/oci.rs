//! OCI distribution v1.1, and what Docker's engine asks for besides (`docker login`, schema 2).
//!
//! | request below `/v2` | asks for | does |
//! |---|---|---|
//! | `GET /` | – | version check, 401 without credentials |
//! | `GET /_catalog` | – | images in the repositories the caller may read |
//! | `HEAD …/blobs/D`, `HEAD …/manifests/R` | Probe | what is there |
//! | `GET …/blobs/D`, `GET …/manifests/R`, `GET …/tags/list` | Read | content, with ranges; tags |
//! | `GET …/referrers/D` | Read | what is about D, here or not |
//! | `POST …/blobs/uploads/` | Publish | begins an upload, takes a whole blob (`digest=`), mounts (`mount=`, `from=`) |
//! | `GET`, `PATCH`, `PUT`, `DELETE …/blobs/uploads/U` | Publish | status, more bytes, the end, cancel |
//! | `PUT …/manifests/R` | Publish | a manifest, with `tag=` several names |
//! | `DELETE …/manifests/R`, `DELETE …/blobs/D` | Delete | tag, manifest with its tags, blob that nothing needs |
//!
//! `…` is `[p/]PROJECT/REPOSITORY/IMAGE`, `D` a digest, `R` a tag or digest, `U` an upload.

mod browsing;
mod carried;
mod details;
pub(crate) mod error;
mod examples;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod identity;
pub(crate) mod location;
mod manifest;
pub(crate) mod op;
mod ops;
mod policy;
pub(crate) mod route;
mod span;
mod steps;
mod wire;

pub use carried::{IMAGE_INDEX, ImageParts, MANIFEST_TYPES, image_parts};

use api::details::{Details, Outline};
use auth::Audience;
use domain::{
    Browsing, ClientLines, Connecting, Delete, EntryKey, EntryKind, Format, Granted, Probe, Publish, Read,
    RefName,
};
use edge::Body;
use shelf::{Item, Shelf, Shelves};
use storage::ContentError;

use self::error::Bad;
use self::op::{Browse, Fetch, Look, On, Open, Push, Reference, Remove};
use self::policy::Policy;
use crate::error::Error;
use crate::head::{Asked, Head};
use crate::protocol::{Cx, Example, FirstLogin, HandedOut, Protocol, ReplyResult, Routed, WriteCx};
use crate::reply::Response;

/// Where the specification puts every registry.
pub(crate) const MOUNT: &str = "/v2";

/// The protocol of container images and artifacts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Oci;

impl Protocol for Oci {
    const NAME: &'static str = "oci";
    const FORMAT: Format = Format::new("oci");
    const SPACE_HOST: Option<&'static str> = None;
    const AUDIENCE: Audience = Audience::Oci;
    const FIRST_REPOSITORY: &'static str = "images";
    const BROWSING: Browsing = browsing::BROWSING;
    const PROGRAMS: &'static [&'static str] = &["docker", "podman"];

    type Policy = Policy;
    type Bad = Bad;
    type Open = Open;
    type Browse = Browse;
    type Probe = On<Look>;
    type Read = On<Fetch>;
    type Publish = On<Push>;
    type Delete = On<Remove>;

    fn route(&self, head: &Head<'_>) -> Routed<Self> {
        route::route(head)
    }

    async fn open(&self, op: Open, cx: &Cx<'_>) -> ReplyResult<Self> {
        match op {
            Open::Version => ops::version(cx),
        }
    }

    async fn browse(&self, op: Browse, shelves: Shelves<'_>, cx: &Cx<'_>) -> ReplyResult<Self> {
        match op {
            Browse::Catalogue(page) => ops::catalogue::list(page, &shelves, cx).await,
        }
    }

    async fn probe(&self, op: On<Look>, shelf: Shelf<'_, Probe>, cx: &Cx<'_>) -> ReplyResult<Self> {
        let name = op.name;
        match op.act {
            Look::Blob(digest) => ops::blobs::look(&name, &digest, &shelf, cx).await,
            Look::Manifest { reference, known } => {
                ops::manifests::look(&name, (&reference, &known), &shelf, cx).await
            }
        }
    }

    async fn read(&self, op: On<Fetch>, shelf: Shelf<'_, Read>, cx: &Cx<'_>) -> ReplyResult<Self> {
        let name = op.name;
        match op.act {
            Fetch::Blob { digest, range, known } => {
                ops::blobs::fetch((&name, &digest), range.as_deref(), &known, &shelf).await
            }
            Fetch::Manifest { reference, known } => {
                ops::manifests::fetch(&name, &reference, &known, &shelf).await
            }
            Fetch::Tags(page) => Box::pin(ops::tags::list(&name, page, &shelf, cx)).await,
            Fetch::Referrers { subject, page } => {
                Box::pin(ops::referrers::list(&name, &subject, page, &shelf)).await
            }
        }
    }

    async fn publish(
        &self,
        op: On<Push>,
        may: Granted<Publish>,
        body: &mut Body,
        cx: &WriteCx<'_>,
    ) -> ReplyResult<Self> {
        let name = op.name;
        match op.act {
            Push::Start(start) => ops::uploads::start(&name, start, may, body, cx).await,
            Push::Append { id, at } => ops::uploads::append(&name, id, at, &may, body, cx).await,
            Push::Finish { id, digest, at } => {
                ops::uploads::finish(&name, (id, digest), at, may, body, cx).await
            }
            Push::Status(id) => ops::uploads::status(&name, id, &may, cx).await,
            Push::Cancel(id) => ops::uploads::cancel(id, &may, cx).await,
            Push::Manifest { reference, tags, media_type } => {
                let pushed = ops::manifests::Pushed { reference, tags, media_type };
                ops::manifests::push(&name, pushed, may, body, cx).await
            }
        }
    }

    async fn delete(&self, op: On<Remove>, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<Self> {
        let name = op.name;
        match op.act {
            Remove::Tag(tag) => ops::manifests::remove_tag(&name, tag, may, cx).await,
            Remove::Manifest { digest, force } => {
                ops::manifests::remove(&name, &digest, force, may, cx).await
            }
            Remove::Blob(digest) => ops::blobs::remove(digest, may, cx).await,
        }
    }

    fn render(&self, error: &Error<Bad>, asked: &Asked<'_>) -> Response {
        error::render(error, asked)
    }

    fn handed_out(op: &On<Fetch>) -> Option<HandedOut> {
        let (kind, name) = match &op.act {
            Fetch::Manifest { reference: Reference::Tag(tag), .. } => (EntryKind::Tag, tag.clone()),
            Fetch::Manifest { reference: Reference::Digest(digest), .. } => {
                (EntryKind::Manifest, RefName::exact(&digest.to_string()).ok()?)
            }
            // Layers are many, and of no package alone.
            Fetch::Blob { .. } | Fetch::Tags(_) | Fetch::Referrers { .. } => return None,
        };
        Some(HandedOut::version(EntryKey { kind, package: op.name.image().clone(), name }))
    }

    async fn details(shelf: &Shelf<'_, Read>, item: &Item) -> Result<Details, ContentError> {
        details::details(shelf, item).await
    }

    async fn outline(shelf: &Shelf<'_, Read>, item: &Item) -> Result<Option<Outline>, ContentError> {
        details::outline(shelf, item).await
    }

    fn examples() -> Vec<Example> {
        examples::all()
    }

    fn first_steps(login: &FirstLogin<'_>, repository: &str) -> String {
        steps::first(login, repository)
    }

    fn clients(connecting: &Connecting<'_>) -> Vec<ClientLines> {
        steps::clients(connecting)
    }
}

/// The scope a token for this request would have to name; `None` where there is no image.
fn scope(head: &Head<'_>) -> Option<String> {
    let actions = match route::route(head) {
        Routed::Open(_) => return None,
        // No token grants anything by it; clients want to see the word.
        Routed::Browse(_) => return Some("registry:catalog:*".to_owned()),
        Routed::Probe(_) | Routed::Read(_) => "pull",
        Routed::Publish(_) => "pull,push",
        Routed::Delete(_) => "delete",
    };
    let name = route::spelt(head.path)?;
    Some(format!("repository:{}:{actions}", name.spelt()))
}

#[cfg(test)]
mod tests;
