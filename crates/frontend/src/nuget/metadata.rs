//! What the documents show of a version: the attribute document of its entry.

use api::details::plain;
use domain::Need;
use serde::{Deserialize, Serialize};
use storage::NewEntry;

use super::fault::Fault;
use super::id::PackageId;
use super::range::Range;

/// Everything about a version that is not its bytes. Texts are empty where the nuspec says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Metadata {
    /// The id as written.
    pub id: String,
    /// The version with its metadata.
    pub version: String,
    /// Whether clients of SemVer 1 must not see it: its version or a bound of a dependency is SemVer 2.
    #[serde(skip_serializing_if = "is_false")]
    pub semver2: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authors: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Separated by spaces, commas or semicolons, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tags: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub project_url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub icon_url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub licence_url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub licence_expression: String,
    #[serde(skip_serializing_if = "is_false")]
    pub require_licence_acceptance: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub min_client_version: String,
    /// What kind of package it is; none is an ordinary one, a `Dependency`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<PackageType>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Whether symbols for debuggers lie among its libraries.
    #[serde(skip_serializing_if = "is_false")]
    pub pdbs: bool,
    /// The files of the package that are served by themselves.
    pub enclosed: Files,
}

/// A kind of package, such as `DotnetTool`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PackageType {
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
}

/// Dependencies for one framework; for all of them if it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Group {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub framework: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
}

/// One dependency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Dependency {
    /// The id as written.
    pub id: String,
    /// The range, normalised.
    pub range: String,
}

/// The files that are served by themselves, out of the package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Files {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nuspec: Option<Enclosed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readme: Option<Enclosed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<Icon>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Enclosed>,
}

/// An icon and what kind of image it is: JPEG, else PNG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Icon {
    pub file: Enclosed,
    pub jpeg: bool,
}

/// Where in a package a file lies, as was found out when it was pushed, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Enclosed {
    /// Of its content.
    pub digest: String,
    /// Where its bytes begin in the package.
    pub at: u64,
    /// How many they are there.
    pub packed_bytes: u64,
    /// How long it is.
    pub size_bytes: u64,
    /// Whether it is compressed by DEFLATE; else its bytes are its content.
    pub deflated: bool,
}

impl Dependency {
    fn need(&self, framework: &str) -> Option<Need> {
        let range = Range::parse(&self.range).ok()?;
        let lowest = range.lowest().map(|version| version.sort_key().into());
        Some(Need {
            package: PackageId::parse(&self.id).ok()?.name().key().into(),
            version: lowest.unwrap_or_default(),
            range: self.range.as_str().into(),
            group: plain(framework).unwrap_or_default().into(),
            ..Need::default()
        })
    }
}

impl Metadata {
    /// As the attribute document of an entry.
    pub(crate) fn to_json(&self) -> Result<String, Fault> {
        let bytes_max = NewEntry::ATTRIBUTES_BYTES_MAX;
        let json = serde_json::to_string(self).unwrap_or_default();
        if json.len() > bytes_max { Err(Fault::MetadataTooLarge { bytes_max }) } else { Ok(json) }
    }

    /// Reads it back; what an older program did not write is empty.
    pub(crate) fn from_json(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// What it needs, as it is found by who asks what needs a package.
    pub(crate) fn needs(&self) -> Vec<Need> {
        let of = |group: &Group| {
            let framework = group.framework.clone();
            let needs = group.dependencies.iter().filter_map(move |one| one.need(&framework));
            needs.collect::<Vec<_>>()
        };
        Need::kept(self.groups.iter().flat_map(of).collect())
    }

    /// The tags one by one.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        Self::split_tags(&self.tags)
    }

    /// Tags as they are written in one text.
    pub(crate) fn split_tags(text: &str) -> impl Iterator<Item = &str> {
        text.split([' ', ',', ';', '|', '\t', '\n', '\r']).filter(|tag| !tag.is_empty())
    }
}

const fn is_false(value: &bool) -> bool {
    !*value
}
