//! What a request can ask of one repository: the variant names the right (docs/style.md 6).

use domain::{Digest, RefName, UploadId};
use http::HeaderMap;

use super::route::name::ImageName;
use super::span::Span;

/// An act on one image.
#[derive(Debug)]
pub(crate) struct On<T> {
    /// The image, as the client spelt it and as it is known.
    pub name: ImageName,
    /// What is to be done.
    pub act: T,
}

/// What needs no repository.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// `GET /v2/`.
    Version,
}

/// Over all repositories the caller may read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Browse {
    /// `GET /v2/_catalog`.
    Catalogue(CataloguePage),
}

/// HEAD: open to readers and publishers.
#[derive(Debug)]
pub(crate) enum Look {
    /// Is this blob here, and how long is it?
    Blob(Digest),
    /// Which manifest is behind this reference?
    Manifest {
        /// Tag or digest.
        reference: Reference,
        /// `If-None-Match`: what the client has already.
        known: HeaderMap,
    },
}

/// GET: content and lists.
#[derive(Debug)]
pub(crate) enum Fetch {
    /// The bytes of a blob, or a part of them.
    Blob {
        /// Which.
        digest: Digest,
        /// `Range`, where `If-Range` allows it.
        range: Option<Box<str>>,
        /// `If-None-Match`: what the client has already.
        known: HeaderMap,
    },
    /// The bytes of a manifest.
    Manifest {
        /// Tag or digest.
        reference: Reference,
        /// `If-None-Match`: what the client has already.
        known: HeaderMap,
    },
    /// The tags of the image.
    Tags(TagsPage),
    /// The manifests that are about another one.
    Referrers {
        /// The other one, which need not be here.
        subject: Digest,
        /// Which part of the list.
        page: ReferrersPage,
    },
}

/// Everything that adds, and the state of uploads.
#[derive(Debug)]
pub(crate) enum Push {
    /// `POST …/blobs/uploads/`: an upload session, a whole blob, or a mount.
    Start(Start),
    /// `PATCH <location>`: more bytes.
    Append {
        /// Which upload.
        id: UploadId,
        /// Where the client believes the bytes belong.
        at: Option<Span>,
    },
    /// `PUT <location>?digest=`: the last bytes, if any, and the name of all.
    Finish {
        /// Which upload.
        id: UploadId,
        /// What the bytes must hash to.
        digest: Digest,
        /// Where the client believes the bytes belong.
        at: Option<Span>,
    },
    /// `GET <location>`: how far is it?
    Status(UploadId),
    /// `DELETE <location>`: never mind.
    Cancel(UploadId),
    /// `PUT …/manifests/<reference>`.
    Manifest {
        /// Tag or digest.
        reference: Reference,
        /// Tags to set besides, given as `tag=` with a digest (end-7b).
        tags: Vec<RefName>,
        /// `Content-Type` without parameters.
        media_type: Option<Box<str>>,
    },
}

/// How a blob is begun.
#[derive(Debug)]
pub(crate) enum Start {
    /// A session; the bytes come later.
    Session,
    /// The whole blob is in the body.
    Whole(Digest),
    /// The blob is in another repository already.
    Mount {
        /// Which.
        digest: Digest,
        /// Where, if the client says and it can be the name of an image.
        from: MountFrom,
    },
}

/// Where a blob is to be mounted from.
#[derive(Debug)]
pub(crate) enum MountFrom {
    /// The client named no source: any repository it may read.
    Anywhere,
    /// This image's repository.
    Image(ImageName),
    /// A name that no repository here can have.
    Nowhere,
}

/// What is deleted.
#[derive(Debug)]
pub(crate) enum Remove {
    /// The name only.
    Tag(RefName),
    /// A manifest with all its tags.
    Manifest {
        /// Which.
        digest: Digest,
        /// `force=true`: a member of a tagged index too, where the repository allows sparse indexes. Our own parameter.
        force: bool,
    },
    /// A blob: the link, the bytes follow when nobody links them.
    Blob(Digest),
}

/// Tag or digest.
#[derive(Debug, Clone)]
pub(crate) enum Reference {
    /// A movable name.
    Tag(RefName),
    /// The content itself.
    Digest(Digest),
}

/// Which part of a list of referrers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ReferrersPage {
    /// `artifactType`: only those of this type.
    pub artifact_type: Option<String>,
    /// `last`, as our own links have it: after this one.
    pub after: Option<Digest>,
}

/// Which part of the list of images.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CataloguePage {
    /// `n`: at most so many; capped, never allocated in advance.
    pub images_max: Option<u64>,
    /// `last`: after this one.
    pub after: Option<String>,
}

/// Which part of the list of tags.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TagsPage {
    /// `n`: at most so many; capped, never allocated in advance.
    pub tags_max: Option<u64>,
    /// `last`: after this one.
    pub after: Option<String>,
}
