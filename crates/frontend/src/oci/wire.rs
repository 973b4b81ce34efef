//! What goes over the wire: headers, media types, documents.

use std::borrow::Cow;
use std::fmt;

use domain::{Digest, Invalid};
use http::HeaderName;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// `Docker-Content-Digest`: what the bytes hash to.
pub(crate) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
/// `Docker-Upload-UUID`: the id of an upload.
pub(crate) const UPLOAD_UUID: HeaderName = HeaderName::from_static("docker-upload-uuid");
/// `Docker-Distribution-API-Version`: old clients of Docker look for it on `/v2/`, on the 401 too.
pub(crate) const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");
/// `OCI-Subject`: what a manifest that was pushed is about; clients then leave their lists of referrers under tags alone.
pub(crate) const OCI_SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
/// `OCI-Filters-Applied`: by what a list of referrers was filtered.
pub(crate) const FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");
/// `OCI-Tag`: a tag that was set along with a manifest pushed by digest.
pub(crate) const OCI_TAG: HeaderName = HeaderName::from_static("oci-tag");

/// The value of [`API_VERSION`].
pub(crate) const API_VERSION_2: &str = "registry/2.0";

/// OCI image manifest.
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// OCI image index.
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// OCI artifact manifest, which release candidates of version 1.1 had and some tools still write.
pub(crate) const OCI_ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
/// Docker image manifest, schema 2.
pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker manifest list.
pub(crate) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Both forms of Docker's schema 1 begin with this; no engine takes it any more.
pub(crate) const DOCKER_SCHEMA_1: &str = "application/vnd.docker.distribution.manifest.v1+";

/// Deepest nesting of a manifest.
const DEPTH_MAX: usize = 64;
/// Longest name of an algorithm that an answer repeats, in bytes.
const ALGORITHM_BYTES_MAX: usize = 32;

/// A manifest or index of any kind, as far as a registry looks into it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    /// 2 in everything since Docker's schema 1.
    #[serde(default)]
    pub schema_version: Option<u64>,
    /// Its own type, which must be the one it is pushed as.
    #[serde(default)]
    pub media_type: Option<String>,
    /// What an artifact is.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// Configuration of an image.
    #[serde(default)]
    pub config: Option<Descriptor>,
    /// Layers of an image.
    #[serde(default)]
    pub layers: Option<Vec<Descriptor>>,
    /// Files of an artifact manifest.
    #[serde(default)]
    pub blobs: Option<Vec<Descriptor>>,
    /// Members of an index.
    #[serde(default)]
    pub manifests: Option<Vec<Descriptor>>,
    /// What this one is about; it need not be here.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// Names and texts for people and tools.
    #[serde(default)]
    pub annotations: Option<Box<RawValue>>,
    /// Only schema 1 has it.
    #[serde(default)]
    pub fs_layers: Option<IgnoredAny>,
}

/// A reference from one document to some bytes.
#[derive(Debug)]
pub(crate) struct Descriptor {
    /// Type of the bytes.
    pub media_type: Option<String>,
    /// Their digest; or the word of its algorithm, if that is one we do not know.
    pub digest: Result<Digest, Box<str>>,
    /// Their length in bytes; an `int64` for every client, so nothing above that.
    pub size: u64,
    /// Whether it says where else they can be had. Never fetched (CVE-2020-15157).
    pub elsewhere: bool,
}

/// The names of the members of a JSON object, for [`ambiguous`].
struct Members;

/// Body of `tags/list`.
#[derive(Debug, Serialize)]
pub(crate) struct TagList<'a> {
    /// The image, as the client spelt it.
    pub name: &'a str,
    /// Its tags, sorted byte by byte.
    pub tags: Vec<&'a str>,
}

/// One referrer in a list of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Referrer<'a> {
    /// The type it was pushed as.
    pub media_type: &'a str,
    /// Its digest.
    pub digest: &'a str,
    /// Its length in bytes.
    pub size: u64,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<&'a str>,
    /// Its own annotations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<&'a RawValue>,
}

/// Body of `_catalog`.
#[derive(Debug, Serialize)]
pub(crate) struct Catalogue {
    /// Images as they are pulled, sorted byte by byte.
    pub repositories: Vec<String>,
}

/// Body of every failure.
#[derive(Debug, Serialize)]
pub(crate) struct Errors<'a> {
    /// One or more.
    pub errors: Vec<ErrorItem<'a>>,
}

/// One failure.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorItem<'a> {
    /// A word of the specification.
    pub code: &'a str,
    /// For people.
    pub message: Cow<'a, str>,
    /// For programs; often null.
    pub detail: Option<serde_json::Value>,
}

impl Descriptor {
    /// Whether the bytes are allowed to be elsewhere only: foreign and non-distributable layers.
    pub(crate) fn is_foreign(&self) -> bool {
        let kind = self.media_type.as_deref().unwrap_or_default();
        self.elsewhere
            || kind.starts_with("application/vnd.oci.image.layer.nondistributable.")
            || kind.starts_with("application/vnd.docker.image.rootfs.foreign.")
    }
}

/// By hand, because the same bytes must mean the same to clients that ignore the case of members: see [`ambiguous`].
impl<'de> Deserialize<'de> for Descriptor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Strict;
        impl<'de> Visitor<'de> for Strict {
            type Value = Descriptor;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a descriptor")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Descriptor, A::Error> {
                let (mut media_type, mut digest, mut size, mut urls) = (None, None, None, None);
                while let Some(key) = map.next_key::<Cow<'_, str>>()? {
                    match &*key {
                        "mediaType" => once(&mut media_type, map.next_value::<Option<String>>()?)?,
                        "digest" => once(&mut digest, map.next_value::<Cow<'_, str>>()?)?,
                        "size" => once(&mut size, map.next_value::<u64>()?)?,
                        "urls" => once(&mut urls, map.next_value::<Option<Vec<IgnoredAny>>>()?)?,
                        other => {
                            other_case(other, &["mediaType", "digest", "size", "urls"])?;
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                let digest = digest.ok_or_else(|| A::Error::missing_field("digest"))?;
                let size = size.ok_or_else(|| A::Error::missing_field("size"))?;
                if i64::try_from(size).is_err() {
                    return Err(A::Error::custom("a size beyond 63 bits"));
                }
                Ok(Descriptor {
                    media_type: media_type.flatten(),
                    digest: read_digest(&digest).map_err(A::Error::custom)?,
                    size,
                    elsewhere: urls.flatten().is_some_and(|urls| !urls.is_empty()),
                })
            }
        }
        from.deserialize_map(Strict)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Spelling;
        impl<'de> Visitor<'de> for Spelling {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while let Some(key) = map.next_key::<Cow<'_, str>>()? {
                    other_case(&key, &MEMBERS)?;
                    map.next_value::<IgnoredAny>()?;
                }
                Ok(Members)
            }
        }
        from.deserialize_map(Spelling)
    }
}

const MEMBERS: [&str; 10] = [
    "schemaVersion",
    "mediaType",
    "artifactType",
    "config",
    "layers",
    "blobs",
    "manifests",
    "subject",
    "annotations",
    "fsLayers",
];

/// Whether the object has a member such as `Manifests`: clients written in Go read it as `manifests`, others do not, so
/// the same bytes would mean two things (the class of CVE-2021-41190).
pub(crate) fn ambiguous(json: &[u8]) -> bool {
    serde_json::from_slice::<Members>(json).is_err()
}

/// Whether arrays and objects are nested deeper than any manifest needs. We would pass over such parts without recursion,
/// the clients that read the same bytes later perhaps not.
pub(crate) fn too_deep(json: &[u8]) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in json {
        match (byte, quoted) {
            _ if escaped => escaped = false,
            (b'\\', true) => escaped = true,
            (b'"', _) => quoted = !quoted,
            (b'{' | b'[', false) => depth = depth.saturating_add(1),
            (b'}' | b']', false) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// A digest, the word of an algorithm that is not taken here, or what is wrong with the text.
pub(crate) fn read_digest(text: &str) -> Result<Result<Digest, Box<str>>, Invalid> {
    Digest::parse(text).map(Ok).or_else(|invalid| unknown_algorithm(text).map(Err).ok_or(invalid))
}

/// The algorithm of a text that is a digest by the grammar of the image specification, if it is not one of ours.
fn unknown_algorithm(text: &str) -> Option<Box<str>> {
    let (algorithm, encoded) = text.split_once(':')?;
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let component = |text: &str| !text.is_empty() && text.bytes().all(word);
    let fits = algorithm.len() <= ALGORITHM_BYTES_MAX
        && algorithm.split(['+', '.', '_', '-']).all(component)
        && !encoded.is_empty()
        && encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b'_' | b'-'));
    (fits && !matches!(algorithm, "sha256" | "sha512")).then(|| algorithm.into())
}

fn once<T, E: serde::de::Error>(slot: &mut Option<T>, value: T) -> Result<(), E> {
    if slot.replace(value).is_some() { Err(E::custom("a member is there twice")) } else { Ok(()) }
}

fn other_case<E: serde::de::Error>(key: &str, known: &[&str]) -> Result<(), E> {
    let differs = |known: &&str| key != *known && key.eq_ignore_ascii_case(known);
    if known.iter().any(differs) { Err(E::custom("a member is spelt in another case")) } else { Ok(()) }
}
