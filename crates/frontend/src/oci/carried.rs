//! What a manifest points at, for who carries images from place to place: read by the rules that hold when it is pushed.

use domain::Digest;

use super::error::of_manifest;
use super::manifest::{self, Manifest};
use super::wire::{DOCKER_LIST, DOCKER_MANIFEST, OCI_ARTIFACT, OCI_INDEX, OCI_MANIFEST};

/// What indexes are served as, those of an image layout among them.
pub const IMAGE_INDEX: &str = OCI_INDEX;

/// The types of manifests that are taken, as `Accept` lists them.
pub const MANIFEST_TYPES: [&str; 5] = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST, OCI_ARTIFACT];

/// A manifest and what it points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageParts {
    /// The type it is pushed as.
    pub media_type: &'static str,
    /// Blobs that must be there before it.
    pub blobs: Vec<Digest>,
    /// Blobs that may be missing: foreign layers, and members of an index that are no manifests.
    pub optional_blobs: Vec<Digest>,
    /// Members of an index that are manifests.
    pub members: Vec<Digest>,
}

/// Reads a manifest that was served, or is described, as `media_type`.
///
/// # Errors
/// Why a push would be refused, in words for people.
pub fn image_parts(media_type: Option<&str>, json: &[u8]) -> Result<ImageParts, String> {
    let read = manifest::check(media_type, json).map_err(|fault| of_manifest(&fault).into_owned())?;
    let Manifest { media_type, required, foreign, members, member_blobs, .. } = read;
    Ok(ImageParts {
        media_type,
        blobs: required.into_iter().map(|(digest, _)| digest).collect(),
        optional_blobs: foreign.into_iter().chain(member_blobs).collect(),
        members,
    })
}
