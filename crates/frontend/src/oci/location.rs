//! Where things are: path-absolute, with the name as the client spelt it, because clients match by string.

use domain::{Digest, UploadId};
use edge::http::link;
use http::HeaderValue;

use super::MOUNT;
use super::route::CATALOGUE;
use super::route::name::ImageName;

/// An upload session and how far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    spelt: Box<str>,
    /// Its id.
    pub id: UploadId,
    /// How many bytes it has.
    pub offset_bytes: u64,
}

impl Progress {
    /// An upload of this image.
    pub(crate) fn new(name: &ImageName, id: UploadId, offset_bytes: u64) -> Self {
        Self { spelt: name.spelt().into(), id, offset_bytes }
    }

    /// Its `Location`.
    pub(crate) fn location(&self) -> String {
        format!("{MOUNT}/{}/blobs/uploads/{}", self.spelt, self.id)
    }

    /// Its `Range`: first and last byte without a unit. `0-0` when it is empty as well: Docker reads two numbers of which
    /// the second is not the smaller.
    pub(crate) fn range(&self) -> String {
        format!("0-{}", self.offset_bytes.saturating_sub(1))
    }
}

/// `Location` of a blob.
pub(crate) fn blob(name: &ImageName, digest: &Digest) -> String {
    format!("{MOUNT}/{}/blobs/{digest}", name.spelt())
}

/// `Location` of a manifest.
pub(crate) fn manifest(name: &ImageName, digest: &Digest) -> String {
    format!("{MOUNT}/{}/manifests/{digest}", name.spelt())
}

/// `Link` to the next page of referrers.
pub(crate) fn next_referrers(
    name: &ImageName,
    subject: &Digest,
    artifact_type: Option<&str>,
    last: &str,
) -> Option<HeaderValue> {
    let filter = artifact_type.map(|text| ("artifactType", text));
    let parameters: Vec<_> = filter.into_iter().chain([("last", last)]).collect();
    link::next(&format!("{MOUNT}/{}/referrers/{subject}", name.spelt()), &parameters)
}

/// `Link` to the next page of images.
pub(crate) fn next_images(images_max: u32, last: &str) -> Option<HeaderValue> {
    link::next(&format!("{MOUNT}/{CATALOGUE}"), &[("n", &images_max.to_string()), ("last", last)])
}

/// `Link` to the next page of tags.
pub(crate) fn next_tags(name: &ImageName, tags_max: u32, last: &str) -> Option<HeaderValue> {
    link::next(
        &format!("{MOUNT}/{}/tags/list", name.spelt()),
        &[("n", &tags_max.to_string()), ("last", last)],
    )
}
