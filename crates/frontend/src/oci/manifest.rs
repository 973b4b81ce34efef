//! What a manifest must be before it gets a name. Pure.

use domain::Digest;
use serde::Serialize;

use super::wire::{
    DOCKER_LIST, DOCKER_MANIFEST, DOCKER_SCHEMA_1, Descriptor, Descriptors, Document, OCI_ARTIFACT,
    OCI_INDEX, OCI_MANIFEST, ambiguous, too_deep,
};

/// Longest `artifactType`, in bytes (RFC 6838 §4.2, twice 127 and a slash).
const ARTIFACT_TYPE_BYTES_MAX: usize = 255;

/// A manifest that may be stored, with what it points at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The type it is stored and given out as.
    pub media_type: &'static str,
    /// Blobs that must be in the repository before it, with the length in bytes that it gives them.
    pub required: Vec<(Digest, u64)>,
    /// Foreign layers, which may be missing.
    pub foreign: Vec<Digest>,
    /// Members of an index.
    pub members: Vec<Digest>,
    /// What it is about; may be missing.
    pub subject: Option<Digest>,
    /// What lists of referrers show.
    pub attributes: Attributes,
}

/// The attribute document of a manifest's entry.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attributes {
    /// Its own `artifactType`, for images else the type of the configuration; indexes may have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
}

/// Why a document is no manifest that we store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Image,
    Index,
    Artifact,
}

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
    let known = [
        (OCI_MANIFEST, Kind::Image),
        (DOCKER_MANIFEST, Kind::Image),
        (OCI_INDEX, Kind::Index),
        (DOCKER_LIST, Kind::Index),
        (OCI_ARTIFACT, Kind::Artifact),
    ];
    known.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).ok_or(Fault::UnknownType)
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
    if kind == Kind::Image && document.config.is_none() { Err(Fault::NoConfig) } else { Ok(()) }
}

fn collect(media_type: &'static str, kind: Kind, document: &Document) -> Result<Manifest, Fault> {
    let blobs = || listed(&document.layers).chain(listed(&document.blobs)).chain(&document.config);
    let of = |foreign: bool| blobs().filter(move |one| one.is_foreign() == foreign);
    let required = unique(of(false).map(|one| (one.digest, one.size)).collect());
    let twice = |pair: &[(Digest, u64)]| matches!(pair, [(one, _), (other, _)] if one == other);
    if required.windows(2).any(twice) {
        return Err(Fault::Sizes);
    }
    // The same bytes as an ordinary layer: then they are needed after all.
    let only_foreign = |digest: &Digest| required.binary_search_by_key(digest, |(one, _)| *one).is_err();
    let foreign = of(true).map(|one| one.digest).filter(only_foreign).collect();
    Ok(Manifest {
        media_type,
        foreign: unique(foreign),
        members: unique(listed(&document.manifests).map(|one| one.digest).collect()),
        subject: document.subject.as_ref().map(|one| one.digest),
        attributes: attributes(kind, document)?,
        required,
    })
}

fn listed(some: &Option<Descriptors>) -> impl Iterator<Item = &Descriptor> {
    some.iter().flat_map(|list| list.0.iter())
}

fn attributes(kind: Kind, document: &Document) -> Result<Attributes, Fault> {
    let own = document.artifact_type.as_deref().filter(|text| !text.is_empty());
    let config = document.config.as_ref().and_then(|config: &Descriptor| config.media_type.as_deref());
    let artifact_type = own.or_else(|| config.filter(|_| kind == Kind::Image));
    if artifact_type.is_some_and(|text| text.len() > ARTIFACT_TYPE_BYTES_MAX) {
        return Err(Fault::ArtifactType);
    }
    Ok(Attributes { artifact_type: artifact_type.map(str::to_owned) })
}

/// Sorted and without repetitions: a manifest may name the same empty layer a hundred times.
fn unique<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests;
