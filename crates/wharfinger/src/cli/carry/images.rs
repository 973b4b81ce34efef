//! Images: manifests with all that they point at, what is below before what is above, from a registry or from layouts on disk.

use std::cell::Cell;

use bytes::Bytes;
use domain::{Algorithm, Digest};
use frontend::image_parts;
use storage::digest_of;

use super::account::{Account, Outcome};
use super::sums::Sums;
use crate::cli::failure::Failure;

pub(super) mod layout;
pub(super) mod registry;
mod sink;
mod source;

pub(super) use sink::Sink;
pub(super) use source::Source;

/// Longest manifest, in bytes: what clients take.
const MANIFEST_BYTES_MAX: usize = 4 << 20;
/// Deepest index of indexes, and longest chain of things that are about each other.
const DEPTH_MAX: u32 = 8;

/// A manifest that is carried with all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointed {
    /// The image, without the repository.
    pub(super) image: String,
    /// Its tag; without one it is carried by its digest alone.
    pub(super) tag: Option<String>,
    /// Its digest, where that is known before it is read.
    pub(super) digest: Option<Digest>,
}

/// A manifest as it was served.
pub(super) struct Served {
    pub(super) media_type: Option<String>,
    pub(super) bytes: Bytes,
}

/// Who carries images.
pub(super) struct Images<'a> {
    pub(super) from: &'a Source,
    pub(super) to: &'a Sink,
    pub(super) account: &'a Account,
    /// Whether a tag is moved that points elsewhere.
    pub(super) replace: bool,
}

/// What was carried of one image so far.
#[derive(Default)]
struct Load {
    bytes: Cell<u64>,
    /// Whether anything that has a name of its own came.
    came: Cell<bool>,
}

impl Pointed {
    /// As in the account.
    pub(super) fn name(&self) -> String {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => format!("{}:{tag}", self.image),
            (None, Some(digest)) => format!("{}@{digest}", self.image),
            (None, None) => self.image.clone(),
        }
    }
}

impl Load {
    fn add(&self, bytes: u64) {
        self.bytes.set(self.bytes.get().saturating_add(bytes));
    }
}

impl Images<'_> {
    /// Brings one there, and what is about it, unless the same is there.
    pub(super) async fn carry(&self, one: &Pointed) -> Result<Outcome, Failure> {
        let served = self.from.manifest(one).await?;
        let Some(served) = served else {
            return Err(Failure::Absent("its manifest is not there".to_owned()));
        };
        let digest = checked(&served.bytes, one.digest.as_ref())?;
        let reference = one.tag.clone().unwrap_or_else(|| digest.to_string());
        let there = self.to.digest_at(&one.image, &reference).await?;
        let load = Load::default();
        match &there {
            Some(there) if *there == digest.to_string() => {}
            Some(_) if !self.replace => {
                let why = "the tag is there and means other content".to_owned();
                return Ok(Outcome::Refused(Failure::Conflict(why)));
            }
            _ if self.account.dry_run() => return Ok(Outcome::Taken(0)),
            _ => {
                self.below(&one.image, &served, &load, 0).await?;
                self.put(&one.image, &reference, &served, &load).await?;
            }
        }
        self.about(&one.image, &digest, &load, 0).await?;
        Ok(if load.came.get() { Outcome::Taken(load.bytes.get()) } else { Outcome::Same })
    }

    /// All that a manifest points at.
    async fn below(&self, image: &str, served: &Served, load: &Load, depth: u32) -> Result<(), Failure> {
        if depth > DEPTH_MAX {
            return Err(Failure::Other("its indexes are nested too deeply".to_owned()));
        }
        let parts = image_parts(served.media_type.as_deref(), &served.bytes).map_err(Failure::Other)?;
        for blob in &parts.blobs {
            self.blob(image, blob, load).await?;
        }
        for blob in &parts.optional_blobs {
            match self.blob(image, blob, load).await {
                Err(Failure::Absent(_)) => {}
                done => done?,
            }
        }
        for member in &parts.members {
            // A member may be missing: of a sparse index.
            self.by_digest(image, member, load, depth.saturating_add(1)).await?;
        }
        Ok(())
    }

    /// A manifest that has no name but its digest, if it is there and not here.
    async fn by_digest(&self, image: &str, digest: &Digest, load: &Load, depth: u32) -> Result<(), Failure> {
        if self.to.digest_at(image, &digest.to_string()).await?.is_some() {
            return Ok(());
        }
        let one = Pointed { image: image.to_owned(), tag: None, digest: Some(*digest) };
        let Some(served) = self.from.manifest(&one).await? else { return Ok(()) };
        checked(&served.bytes, Some(digest))?;
        Box::pin(self.below(image, &served, load, depth)).await?;
        self.put(image, &digest.to_string(), &served, load).await
    }

    /// What says that it is about a manifest: signatures, lists of contents.
    async fn about(&self, image: &str, digest: &Digest, load: &Load, depth: u32) -> Result<(), Failure> {
        if depth > DEPTH_MAX || self.account.dry_run() {
            return Ok(());
        }
        for referrer in self.from.referrers(image, digest).await? {
            self.by_digest(image, &referrer, load, 0).await?;
            Box::pin(self.about(image, &referrer, load, depth.saturating_add(1))).await?;
        }
        Ok(())
    }

    async fn blob(&self, image: &str, digest: &Digest, load: &Load) -> Result<(), Failure> {
        if self.to.has_blob(image, digest).await? {
            return Ok(());
        }
        let opened = self.from.blob(image, digest).open().await?;
        load.add(self.to.put_blob(image, digest, opened, &Sums::of_digest(digest)).await?);
        Ok(())
    }

    async fn put(&self, image: &str, reference: &str, served: &Served, load: &Load) -> Result<(), Failure> {
        let parts = image_parts(served.media_type.as_deref(), &served.bytes).map_err(Failure::Other)?;
        self.to.put_manifest(image, reference, parts.media_type, &served.bytes).await?;
        load.add(served.bytes.len() as u64);
        load.came.set(true);
        Ok(())
    }
}

/// The digest of a manifest, which is the one it was asked for by.
fn checked(bytes: &Bytes, wanted: Option<&Digest>) -> Result<Digest, Failure> {
    let algorithm = wanted.map_or(Algorithm::Sha256, Digest::algorithm);
    let digest = digest_of(algorithm, bytes).map_err(|error| Failure::Other(error.to_string()))?;
    match wanted {
        Some(wanted) if *wanted != digest => {
            Err(Failure::Other(format!("a manifest has the digest {digest}, and {wanted} was promised")))
        }
        _ => Ok(digest),
    }
}
