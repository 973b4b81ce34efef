//! What images and other artifacts tell of themselves: read out of manifests and configurations, which anybody may have written.

use api::details::{Details, Outline, Part, ROWS_MAX, document, plain};
use bytes::Bytes;
use domain::{Digest, EntryKey, EntryKind, Limit, PackageName, Read, RefName};
use futures_util::StreamExt as _;
use shelf::{Item, Shelf};
use storage::{ContentError, EdgeKind, ReferrersQuery};

use self::config::{Chart, Config};
use self::written::{Descriptor, Manifest};
use super::error::Bad;
use super::manifest::Attributes;
use super::ops::referrers::fallback_tag;
use super::wire::{DOCKER_LIST, OCI_INDEX};
use crate::blocking::blocking;
use crate::error::Error;
use crate::looked_up::unless_failed;

mod config;
mod kind;
mod written;

/// Longest document that is looked into, in bytes: manifests are no longer, and no honest configuration is.
const JSON_BYTES_MAX: u64 = 4 << 20;
/// Longest configuration that is looked into for a row of a list: a page has fifty of them.
const OUTLINED_BYTES_MAX: u64 = 128 << 10;
/// Longest document that is read on the runtime's own threads, in bytes.
const INLINE_BYTES_MAX: usize = 32 << 10;
/// Most members of an index that are looked into, and of those in a list.
const MEMBERS_MAX: usize = 32;
const MEMBERS_OUTLINED_MAX: usize = 4;
/// Most names that have the same content, or are about it.
const NAMES_MAX: u64 = 100;
/// What Cosign calls the tags of what it attaches, behind the digest.
const TAGS_OF_COSIGN: [(&str, &str); 3] = [(".sig", "signature"), (".att", "attestation"), (".sbom", "sbom")];

/// The manifests of one image.
#[derive(Clone, Copy)]
struct Image<'s> {
    shelf: &'s Shelf<'s, Read>,
    package: &'s PackageName,
}

/// Everything about a manifest.
pub(super) async fn details(shelf: &Shelf<'_, Read>, item: &Item) -> Result<Details, ContentError> {
    let image = Image { shelf, package: &item.entry.key.package };
    let Some(digest) = item.entry.digest else { return Ok(Details::of_kind("artifact")) };
    let digest = digest.to_string();
    let Some(json) = unless_failed(shelf.content(item).await)? else {
        return Ok(Details::of_kind("artifact"));
    };
    let manifest = parsed::<Manifest>(&json).await?;
    let mut details = Details { document: document(&json), ..Details::default() };
    match &manifest {
        None => details.kind = "artifact".to_owned(),
        Some(manifest) if is_index(item, manifest) => image.index(manifest, &mut details).await?,
        Some(manifest) => image.one(manifest, &mut details).await?,
    }
    if let Some(manifest) = &manifest {
        written::label(manifest.annotations.as_ref(), &mut details.labels);
    }
    config::from_labels(&mut details);
    image.attached(&digest, &mut details).await?;
    image.neighbours(item, &digest, &mut details).await?;
    Ok(details)
}

/// The same for a row of a list.
pub(super) async fn outline(shelf: &Shelf<'_, Read>, item: &Item) -> Result<Option<Outline>, ContentError> {
    let image = Image { shelf, package: &item.entry.key.package };
    let Some(json) = unless_failed(shelf.content(item).await)? else { return Ok(None) };
    let Some(manifest) = parsed::<Manifest>(&json).await? else { return Ok(None) };
    if !is_index(item, &manifest) {
        let kind = manifest.kind().to_owned();
        let config = if kind == "image" { image.config(&manifest, OUTLINED_BYTES_MAX).await? } else { None };
        let platform = config.and_then(|config| config.platform());
        let (platforms, pull_bytes) = (platform.into_iter().collect(), Some(manifest.pull_bytes()));
        return Ok(Some(Outline { kind, platforms, pull_bytes }));
    }
    let (mut platforms, mut most) = (Vec::new(), None);
    for member in manifest.members().filter(|member| !member.is_attached()).take(MEMBERS_MAX) {
        if platforms.len() < MEMBERS_OUTLINED_MAX
            && let Some(found) = image.member(&member.digest).await?
        {
            most = most.max(Some(found.pull_bytes()));
        }
        platforms.extend(member.platform());
    }
    platforms.dedup();
    Ok(Some(Outline { kind: "index".to_owned(), platforms, pull_bytes: most }))
}

/// Reads JSON; `None` for what is no such document.
async fn parsed<T: serde::de::DeserializeOwned + Send + 'static>(
    json: &Bytes,
) -> Result<Option<T>, ContentError> {
    if json.len() <= INLINE_BYTES_MAX {
        return Ok(serde_json::from_slice(json).ok());
    }
    let json = json.clone();
    let read =
        blocking::<_, Bad>("reading what a manifest tells", move || serde_json::from_slice(&json).ok());
    read.await.map_err(Error::of_content)
}

fn is_index(item: &Item, manifest: &Manifest) -> bool {
    matches!(&*item.entry.media_type, OCI_INDEX | DOCKER_LIST) || manifest.manifests.is_some()
}

impl Image<'_> {
    /// A manifest by its digest, if it is stored here.
    async fn member(&self, digest: &str) -> Result<Option<Manifest>, ContentError> {
        let Ok(name) = RefName::exact(digest) else { return Ok(None) };
        let key = EntryKey { kind: EntryKind::Manifest, package: self.package.clone(), name };
        let Some(item) = unless_failed(self.shelf.find(&key).await)? else { return Ok(None) };
        match unless_failed(self.shelf.content(&item).await)? {
            Some(json) => Ok(Some(parsed::<Manifest>(&json).await?.unwrap_or_default())),
            None => Ok(None),
        }
    }

    /// A document among the blobs, if it is here and not too long.
    async fn blob(&self, digest: &str, bytes_max: u64) -> Result<Option<Bytes>, ContentError> {
        let Ok(digest) = Digest::parse(digest) else { return Ok(None) };
        let Some(blob) = unless_failed(self.shelf.open_blob(self.package, &digest).await)? else {
            return Ok(None);
        };
        if blob.info().size_bytes > bytes_max {
            return Ok(None);
        }
        let Some(mut stream) = unless_failed(blob.stream(0..bytes_max).await)? else { return Ok(None) };
        let mut bytes = Vec::new();
        while let Some(piece) = stream.next().await {
            let Ok(piece) = piece else { return Ok(None) };
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(bytes.into()))
    }

    /// The configuration of an image, if it has no more bytes than these.
    async fn config(&self, manifest: &Manifest, bytes_max: u64) -> Result<Option<Config>, ContentError> {
        let Some(config) = &manifest.config else { return Ok(None) };
        match self.blob(&config.digest, bytes_max).await? {
            Some(json) => parsed(&json).await,
            None => Ok(None),
        }
    }

    /// Whether a blob is here.
    async fn has(&self, digest: &str) -> Result<bool, ContentError> {
        let Ok(digest) = Digest::parse(digest) else { return Ok(false) };
        Ok(unless_failed(self.shelf.stat_blob(self.package, &digest).await)?.is_some())
    }

    /// Platforms of an index, and what else it has.
    async fn index(&self, manifest: &Manifest, details: &mut Details) -> Result<(), ContentError> {
        details.kind = "index".to_owned();
        for (at, member) in manifest.members().take(ROWS_MAX).enumerate() {
            let found = if at < MEMBERS_MAX { self.member(&member.digest).await? } else { None };
            let (role, name) = if member.is_attached() {
                ("attached", Some(found.as_ref().map_or("attestation", Manifest::kind).to_owned()))
            } else {
                ("platform", member.platform())
            };
            let pulled = found.as_ref().map(Manifest::pull_bytes);
            if role == "platform" {
                details.pull_bytes = details.pull_bytes.max(pulled);
            }
            let here = found.is_some() || self.has(&member.digest).await?;
            details.parts.push(Part { role: role.to_owned(), name, here, bytes: pulled, ..member.part() });
        }
        Ok(())
    }

    /// Layers and configuration of an image, or of an artifact that is made like one.
    async fn one(&self, manifest: &Manifest, details: &mut Details) -> Result<(), ContentError> {
        details.kind = manifest.kind().to_owned();
        details.pull_bytes = Some(manifest.pull_bytes());
        if let Some(kind) = &manifest.artifact_type {
            details.fact("artifact-type", kind);
        }
        let mut commands = Vec::new();
        if let Some(config) = &manifest.config {
            match &*details.kind {
                "image" => {
                    if let Some(config) = self.config(manifest, JSON_BYTES_MAX).await? {
                        commands = config.commands(manifest.layers().count());
                        config.tell(details);
                    }
                }
                "helm-chart" => {
                    let json = self.blob(&config.digest, JSON_BYTES_MAX).await?;
                    if let Some(json) = json
                        && let Some(chart) = parsed::<Chart>(&json).await?
                    {
                        chart.tell(details);
                    }
                }
                _ => details.fact("configuration-type", config.media_type.as_deref().unwrap_or_default()),
            }
        }
        let mut commands = commands.into_iter();
        for layer in manifest.layers().take(ROWS_MAX - 1) {
            let made_by = commands.next().and_then(|command| plain(&command));
            let (name, here) = (layer.title(), self.has(&layer.digest).await?);
            details.parts.push(Part { role: "layer".to_owned(), name, made_by, here, ..layer.part() });
        }
        if let Some(config) = &manifest.config {
            let here = self.has(&config.digest).await?;
            details.parts.push(Part { role: "configuration".to_owned(), here, ..config.part() });
        }
        Ok(())
    }

    /// What is about it: referrers, and what Cosign put under tags.
    async fn attached(&self, digest: &str, details: &mut Details) -> Result<(), ContentError> {
        let Ok(listed) = fallback_tag(digest) else { return Ok(()) };
        let limit = Limit::capped(NAMES_MAX);
        let query =
            ReferrersQuery { package: self.package, subject: digest, listed: &listed, after: "", limit };
        let (found, _) = self.shelf.referrers(&query).await?;
        for item in found {
            let attributes = Attributes::from_json(&item.entry.attributes);
            let (types, annotations) =
                (attributes.artifact_type.as_deref(), attributes.annotations.as_deref());
            let kind = kind::of_artifact(types.unwrap_or_default(), kind::predicate(annotations).as_deref());
            details.parts.push(Part {
                role: "attached".to_owned(),
                name: Some(kind.to_owned()),
                digest: item.entry.key.name.display().to_owned(),
                bytes: Some(item.entry.size_bytes),
                media_type: types.and_then(plain),
                made_by: None,
                here: true,
            });
        }
        let tag = digest.replace(':', "-");
        for (ending, kind) in TAGS_OF_COSIGN {
            let Ok(name) = RefName::exact(&format!("{tag}{ending}")) else { continue };
            let key = EntryKey { kind: EntryKind::Tag, package: self.package.clone(), name };
            let Some(item) = unless_failed(self.shelf.find(&key).await)? else { continue };
            let Some(digest) = item.entry.digest else { continue };
            details.parts.push(Part {
                role: "attached".to_owned(),
                name: Some(kind.to_owned()),
                digest: digest.to_string(),
                bytes: Some(item.entry.size_bytes),
                media_type: plain(&item.entry.media_type),
                made_by: None,
                here: true,
            });
        }
        details.parts.truncate(ROWS_MAX * 2);
        Ok(())
    }

    /// Tags that have the same content, and indexes that have it as a member.
    async fn neighbours(&self, item: &Item, digest: &str, details: &mut Details) -> Result<(), ContentError> {
        let Ok(name) = RefName::exact(digest) else { return Ok(()) };
        let key = EntryKey { kind: EntryKind::Manifest, package: self.package.clone(), name };
        let limit = Limit::capped(NAMES_MAX);
        let tags = self.shelf.tags_of(&key, limit).await?;
        let others = tags.iter().filter(|tag| **tag != item.entry.key);
        details.same_as = others.map(|tag| tag.name.display().to_owned()).collect();
        details.same_as.sort();
        let member = (EdgeKind::Member, digest);
        let over = self.shelf.pointing_to(member, self.package, None, limit).await?;
        details.part_of = over.iter().map(|item| item.entry.key.name.display().to_owned()).collect();
        Ok(())
    }
}

impl Descriptor {
    /// What it refers to, of which nothing else is known.
    fn part(&self) -> Part {
        Part {
            role: String::new(),
            name: None,
            digest: plain(&self.digest).unwrap_or_default(),
            bytes: Some(self.size),
            media_type: self.media_type.as_deref().and_then(plain),
            made_by: None,
            here: false,
        }
    }
}

#[cfg(test)]
mod tests;
