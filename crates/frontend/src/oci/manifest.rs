//! What a manifest must be before it gets a name. Pure.

use std::borrow::Cow;

use domain::Digest;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::wire::{
    DOCKER_LIST, DOCKER_MANIFEST, DOCKER_SCHEMA_1, Descriptor, Document, OCI_ARTIFACT, OCI_INDEX,
    OCI_MANIFEST, ambiguous, too_deep,
};

/// Longest `artifactType`, in bytes (RFC 6838 §4.2, twice 127 and a slash).
const ARTIFACT_TYPE_BYTES_MAX: usize = 255;
/// Longest annotations kept beside the manifest for lists of referrers, in bytes; longer ones are read out of it.
const ANNOTATIONS_BYTES_MAX: usize = 32 << 10;
const NO_ANNOTATIONS: &str = "{}";

/// A manifest that may be stored, with what it points at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The type it is stored and given out as.
    pub media_type: &'static str,
    /// Blobs that must be in the repository before it, with the length in bytes that it gives them.
    pub required: Vec<(Digest, u64)>,
    /// Foreign layers, which may be missing.
    pub foreign: Vec<Digest>,
    /// Members of an index that are manifests.
    pub members: Vec<Digest>,
    /// Members of an index that are none, such as the layers of a build cache.
    pub member_blobs: Vec<Digest>,
    /// What it is about; may be missing.
    pub subject: Option<Digest>,
    /// What lists of referrers show.
    pub attributes: Attributes,
}

/// The attribute document of a manifest's entry.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// Its own `artifactType`, for images else the type of the configuration; indexes may have none.
    pub artifact_type: Option<String>,
    /// Its annotations, an object as JSON; `None` if they are to be read out of the manifest.
    pub annotations: Option<Box<str>>,
}

/// As stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    artifact_type: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    annotations: Option<&'a RawValue>,
}

/// Why a document is no manifest that we store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not the JSON that a manifest is made of.
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Neither header nor document says what it is.
    NoType,
    /// The header says one thing, the document another (CVE-2021-41190).
    TypesDiffer,
    /// A type we do not know.
    UnknownType,
    /// Docker's schema 1.
    Schema1,
    /// `schemaVersion` is not 2.
    SchemaVersion,
    /// Members that could be read as another kind of document (CVE-2021-41190).
    Ambiguous,
    /// An image without configuration.
    NoConfig,
    /// An index without members, not even none.
    NoManifests,
    /// A digest of an algorithm that is not taken here.
    Algorithm(Box<str>),
    /// `artifactType` is too long.
    ArtifactType,
    /// Nested deeper than any manifest needs.
    TooDeep,
    /// One blob with two lengths.
    Sizes,
}

impl Attributes {
    /// As stored with the entry.
    pub(crate) fn to_json(&self) -> String {
        let annotations = self.annotations.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let artifact_type = self.artifact_type.as_deref().map(Cow::Borrowed);
        serde_json::to_string(&Stored { artifact_type, annotations }).unwrap_or_default()
    }

    /// What was stored.
    pub(crate) fn from_json(text: &str) -> Self {
        let Ok(stored) = serde_json::from_str::<Stored<'_>>(text) else { return Self::default() };
        Self {
            artifact_type: stored.artifact_type.map(Cow::into_owned),
            annotations: stored.annotations.map(|raw| raw.get().into()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Image,
    Index,
    Artifact,
}

const KINDS: [(&str, Kind); 5] = [
    (OCI_MANIFEST, Kind::Image),
    (DOCKER_MANIFEST, Kind::Image),
    (OCI_INDEX, Kind::Index),
    (DOCKER_LIST, Kind::Index),
    (OCI_ARTIFACT, Kind::Artifact),
];

/// Checks a document against the type it was pushed as, `Content-Type` without parameters.
///
/// # Errors
/// `Fault` says what is wrong.
pub(crate) fn check(pushed_as: Option<&str>, json: &[u8]) -> Result<Manifest, Fault> {
    if pushed_as.is_some_and(|text| text.starts_with(DOCKER_SCHEMA_1)) {
        return Err(Fault::Schema1);
    }
    if too_deep(json) {
        return Err(Fault::TooDeep);
    }
    let document: Document = serde_json::from_slice(json).map_err(|error| unreadable(&error))?;
    if document.fs_layers.is_some() || document.schema_version == Some(1) {
        return Err(Fault::Schema1);
    }
    if ambiguous(json) {
        return Err(Fault::Ambiguous);
    }
    let (media_type, kind) = kind_of(pushed_as, document.media_type.as_deref())?;
    shape(kind, &document)?;
    collect(media_type, kind, &document)
}

/// Where it went wrong. Not the error's own words, which may repeat megabytes of the document.
fn unreadable(error: &serde_json::Error) -> Fault {
    Fault::Json { line: error.line(), column: error.column() }
}

fn kind_of(pushed_as: Option<&str>, own: Option<&str>) -> Result<(&'static str, Kind), Fault> {
    // Some tools send what curl sends by default; then the document alone decides.
    let pushed_as =
        pushed_as.filter(|text| !matches!(*text, "application/json" | "application/octet-stream"));
    if let (Some(pushed_as), Some(own)) = (pushed_as, own)
        && !pushed_as.eq_ignore_ascii_case(own)
    {
        return Err(Fault::TypesDiffer);
    }
    let text = own.or(pushed_as).ok_or(Fault::NoType)?;
    KINDS.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).ok_or(Fault::UnknownType)
}

fn shape(kind: Kind, document: &Document) -> Result<(), Fault> {
    // The artifact manifest never had the member.
    if document.schema_version != Some(2) && kind != Kind::Artifact {
        return Err(Fault::SchemaVersion);
    }
    let image = document.config.is_some() || document.layers.is_some();
    let (index, artifact) = (document.manifests.is_some(), document.blobs.is_some());
    let other = match kind {
        Kind::Image => index || artifact,
        Kind::Index => image || artifact,
        Kind::Artifact => image || index,
    };
    if other {
        return Err(Fault::Ambiguous);
    }
    match kind {
        Kind::Image if document.config.is_none() => Err(Fault::NoConfig),
        Kind::Index if !index => Err(Fault::NoManifests),
        Kind::Image | Kind::Index | Kind::Artifact => Ok(()),
    }
}

fn collect(media_type: &'static str, kind: Kind, document: &Document) -> Result<Manifest, Fault> {
    let blobs = || listed(&document.layers).chain(listed(&document.blobs)).chain(&document.config);
    let of = |foreign: bool| blobs().filter(move |one| one.is_foreign() == foreign);
    let members = |manifests: bool| -> Result<Vec<Digest>, Fault> {
        let members = listed(&document.manifests).filter(|one| names_manifest(one) == manifests);
        members.map(digest_of).collect()
    };
    let sized = |one: &Descriptor| Ok((digest_of(one)?, one.size));
    let required = unique(of(false).map(sized).collect::<Result<_, Fault>>()?);
    let twice = |pair: &[(Digest, u64)]| matches!(pair, [(one, _), (other, _)] if one == other);
    if required.windows(2).any(twice) {
        return Err(Fault::Sizes);
    }
    // The same bytes as an ordinary layer: then they are needed after all.
    let only_foreign = |digest: &Digest| required.binary_search_by_key(digest, |(one, _)| *one).is_err();
    let foreign: Vec<Digest> = of(true).map(digest_of).collect::<Result<_, Fault>>()?;
    Ok(Manifest {
        media_type,
        foreign: unique(foreign.into_iter().filter(only_foreign).collect()),
        members: unique(members(true)?),
        member_blobs: unique(members(false)?),
        subject: document.subject.as_ref().map(digest_of).transpose()?,
        attributes: attributes(kind, document)?,
        required,
    })
}

fn listed(some: &Option<Vec<Descriptor>>) -> impl Iterator<Item = &Descriptor> {
    some.iter().flatten()
}

fn digest_of(one: &Descriptor) -> Result<Digest, Fault> {
    one.digest.clone().map_err(Fault::Algorithm)
}

/// Whether a member of an index is a manifest, as it is unless it says that it is something else: BuildKit's caches are
/// indexes of layers.
fn names_manifest(member: &Descriptor) -> bool {
    let Some(text) = member.media_type.as_deref().filter(|text| !text.is_empty()) else { return true };
    text.starts_with(DOCKER_SCHEMA_1) || KINDS.iter().any(|(name, _)| text.eq_ignore_ascii_case(name))
}

fn attributes(kind: Kind, document: &Document) -> Result<Attributes, Fault> {
    let own = document.artifact_type.as_deref().filter(|text| !text.is_empty());
    let config = document.config.as_ref().and_then(|config: &Descriptor| config.media_type.as_deref());
    let artifact_type = own.or_else(|| config.filter(|_| kind == Kind::Image));
    if artifact_type.is_some_and(|text| text.len() > ARTIFACT_TYPE_BYTES_MAX) {
        return Err(Fault::ArtifactType);
    }
    Ok(Attributes { artifact_type: artifact_type.map(str::to_owned), annotations: annotations(document) })
}

/// What a list of referrers shows of them, if that is short enough to be kept.
fn annotations(document: &Document) -> Option<Box<str>> {
    let text = document.annotations.as_deref().map_or(NO_ANNOTATIONS, RawValue::get);
    let text = if text.starts_with('{') { text } else { NO_ANNOTATIONS };
    (text.len() <= ANNOTATIONS_BYTES_MAX).then(|| text.into())
}

/// The annotations of a manifest that is stored: an object, or `None`.
pub(crate) fn annotations_in(json: &[u8]) -> Option<Box<str>> {
    #[derive(Deserialize)]
    struct Annotated<'a> {
        #[serde(default, borrow)]
        annotations: Option<&'a RawValue>,
    }
    let text = serde_json::from_slice::<Annotated<'_>>(json).ok()?.annotations?.get();
    text.starts_with('{').then(|| text.into())
}

/// Sorted and without repetitions: a manifest may name the same empty layer a hundred times.
fn unique<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests;
