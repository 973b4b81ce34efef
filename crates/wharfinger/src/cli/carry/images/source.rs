use domain::Digest;

use super::super::content::Content;
use super::super::run::Finds;
use super::layout::Layouts;
use super::registry::Registry;
use super::{Pointed, Served};
use crate::cli::failure::Failure;

/// Where images come from.
pub(in super::super) enum Source {
    Layouts(Layouts),
    Registry(Registry),
}

impl Source {
    /// Hands in all images; if some are `only` wanted, those.
    ///
    /// # Errors
    /// They cannot be listed.
    pub(in super::super) async fn find(&self, only: &[String], finds: Finds<Pointed>) -> Result<(), Failure> {
        match self {
            Self::Layouts(layouts) => {
                layouts.find(|image| only.is_empty() || only.iter().any(|one| one == image), finds).await
            }
            Self::Registry(registry) => registry.find(only, finds).await,
        }
    }

    /// A manifest; `None` if it is not there.
    pub(super) async fn manifest(&self, one: &Pointed) -> Result<Option<Served>, Failure> {
        match self {
            Self::Layouts(layouts) => layouts.manifest(one).await,
            Self::Registry(registry) => registry.manifest(one).await,
        }
    }

    pub(super) fn blob(&self, image: &str, digest: &Digest) -> Content {
        match self {
            Self::Layouts(layouts) => layouts.blob(image, digest),
            Self::Registry(registry) => registry.blob(image, digest),
        }
    }

    /// What says that it is about a manifest. In a layout that stands in the index, and is carried by itself.
    pub(super) async fn referrers(&self, image: &str, digest: &Digest) -> Result<Vec<Digest>, Failure> {
        match self {
            Self::Layouts(_) => Ok(Vec::new()),
            Self::Registry(registry) => registry.referrers(image, digest).await,
        }
    }
}
