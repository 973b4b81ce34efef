use bytes::Bytes;
use domain::{Algorithm, Digest};
use frontend::MANIFEST_TYPES;
use http::{Method, StatusCode};
use storage::digest_of;

use super::super::content::Opened;
use super::super::place::{encoded, written};
use super::super::sums::Sums;
use super::super::target::Target;
use super::layout::Layouts;
use crate::cli::client::streaming::refusal;
use crate::cli::failure::Failure;

/// Where images go.
pub(in super::super) enum Sink {
    /// A repository of a gateway; its base is `/v2/p/PROJECT/REPOSITORY/`.
    Repository(Target),
    Layouts(Layouts),
}

impl Sink {
    /// The digest of what a tag or digest of an image means there.
    pub(super) async fn digest_at(&self, image: &str, reference: &str) -> Result<Option<String>, Failure> {
        let target = match self {
            Self::Repository(target) => target,
            Self::Layouts(layouts) => return layouts.digest_at(image, reference),
        };
        let path = format!("{}/manifests/{reference}", encoded(image));
        let accept = MANIFEST_TYPES.join(", ");
        let answer = target.ask(Method::HEAD, &path, &[("accept", &*accept)]).await?;
        match answer.status() {
            status if status.is_success() => {
                let digest = answer.headers().get("docker-content-digest");
                Ok(digest.and_then(|digest| digest.to_str().ok()).map(str::to_owned))
            }
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refusal(answer).await),
        }
    }

    pub(super) async fn has_blob(&self, image: &str, digest: &Digest) -> Result<bool, Failure> {
        let target = match self {
            Self::Repository(target) => target,
            Self::Layouts(layouts) => return layouts.has_blob(image, digest),
        };
        Ok(target.there(&format!("{}/blobs/{digest}", encoded(image))).await?.is_some())
    }

    /// Gives how long it is.
    pub(super) async fn put_blob(
        &self,
        image: &str,
        digest: &Digest,
        opened: Opened,
        promised: &Sums,
    ) -> Result<u64, Failure> {
        match self {
            Self::Repository(target) => {
                let path = format!("{}/blobs/uploads/?digest={digest}", encoded(image));
                let (_, bytes) = target.stream((Method::POST, &path), &[], opened, promised).await?;
                Ok(bytes)
            }
            Self::Layouts(layouts) => written(&layouts.blob_file(image, digest)?, opened, promised).await,
        }
    }

    pub(super) async fn put_manifest(
        &self,
        image: &str,
        reference: &str,
        media_type: &str,
        bytes: &Bytes,
    ) -> Result<(), Failure> {
        match self {
            Self::Repository(target) => {
                let path = format!("{}/manifests/{reference}", encoded(image));
                target.send(&path, &[("content-type", media_type)], bytes.clone()).await.map(drop)
            }
            Self::Layouts(layouts) => {
                let digest = match Digest::parse(reference) {
                    Ok(digest) => digest,
                    Err(_) => digest_of(Algorithm::Sha256, bytes)
                        .map_err(|error| Failure::Other(error.to_string()))?,
                };
                layouts.put_manifest(image, reference, (media_type, &digest), bytes)
            }
        }
    }
}
