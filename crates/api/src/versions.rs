//! `/repositories/{project}/{repository}/packages/{package}/versions/{version}`: what becomes of versions.

use domain::{Browsing, Delete, EntryKey, EntryState, Format, Formats, Granted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::at::{PackageAt, VersionAt, absent};
use crate::change::{Change, Confirmed};
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::packages::Listing;
use crate::problem::{Code, Fault};

/// `DELETE /repositories/{project}/{repository}/packages/{package}/versions/{version}`
pub enum DeleteVersion {}

/// `PUT /repositories/{project}/{repository}/packages/{package}/versions/{version}/state`
pub enum SetVersionState {}

/// `DELETE /repositories/{project}/{repository}/packages/{package}`
pub enum DeletePackage {}

/// What a package is deleted with.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct PackageGoes {
    /// Its name, as the path has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub confirm: Option<String>,
}

/// What became of a package that was deleted.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PackageDeleted {
    /// As the repository's policy has it.
    pub outcome: Deleted,
    /// Its versions; of an image its tags, and each manifest besides.
    pub versions: u64,
    /// How many names it were: those of the versions and their files.
    pub names: u64,
}

/// What became of a version that was deleted.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct VersionDeleted {
    /// As the repository's policy has it.
    pub outcome: Deleted,
    /// How many names it were: one, or the files of the version, or the manifest and its tags.
    pub names: u64,
}

/// What a delete did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Deleted {
    /// It is gone.
    Removed,
    /// It is out of lists and still found by its name.
    Unlisted,
}

/// Whether lists are to have a version.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionState {
    /// Whether lists have it.
    pub state: Listing,
}

/// The version that a path means in a repository of this format.
pub(crate) fn version_named(
    formats: &Formats,
    format: Format,
    at: &VersionAt,
) -> Result<(Browsing, EntryKey), Fault> {
    let by = formats.find(format.as_str()).map_err(|_| absent())?.browsing;
    let package = (by.package)(&at.package.package).ok_or_else(absent)?;
    let (kind, name) = (by.version)(&at.version).ok_or_else(absent)?;
    Ok((by, EntryKey { kind, package, name }))
}

impl Endpoint for DeleteVersion {
    const META: Meta = Meta {
        id: "version_delete",
        method: Method::Delete,
        path: "/repositories/{project}/{repository}/packages/{package}/versions/{version}",
        summary: "Deletes a version by the rules of its protocol's own delete.",
        since: "0.1",
        audit: &["version.delete", "version.unlist"],
        faults: &[Code::Absent, Code::InUse, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("version delete"),
    };
    type At = VersionAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = VersionDeleted;
    type May = Granted<Delete>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<VersionDeleted>, Fault> {
        let (by, key) = version_named(&cx.formats, may.node().format(), &ask.at)?;
        let (gone, force) = cx.directory.delete_version(&may, &by, &key).await?;
        let outcome = if gone.unlisted { Deleted::Unlisted } else { Deleted::Removed };
        Ok(Done::changed(VersionDeleted { outcome, names: gone.names }, force))
    }
}

impl Endpoint for DeletePackage {
    const META: Meta = Meta {
        id: "package_delete",
        method: Method::Delete,
        path: "/repositories/{project}/{repository}/packages/{package}",
        summary: "Deletes a package with all its versions, by the rules of its protocol's own delete.",
        since: "0.1",
        audit: &["version.delete", "version.unlist"],
        faults: &[Code::Absent, Code::Confirm, Code::InUse, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("package delete"),
    };
    type At = PackageAt;
    type Query = PackageGoes;
    type Body = Nothing;
    type Answer = PackageDeleted;
    type May = Granted<Delete>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<PackageDeleted>, Fault> {
        Confirmed::insist(ask.query.confirm.as_deref(), &ask.at.package)?;
        let by = cx.formats.find(may.node().format().as_str()).map_err(|_| absent())?.browsing;
        let package = (by.package)(&ask.at.package).ok_or_else(absent)?;
        let (gone, force) = cx.directory.delete_package(&may, &by, &package).await?;
        let outcome = if gone.unlisted { Deleted::Unlisted } else { Deleted::Removed };
        let answer = PackageDeleted { outcome, versions: gone.versions, names: gone.names };
        Ok(Done::changed(answer, force))
    }
}

impl Endpoint for SetVersionState {
    const META: Meta = Meta {
        id: "version_state",
        method: Method::Put,
        path: "/repositories/{project}/{repository}/packages/{package}/versions/{version}/state",
        summary: "Takes a version out of lists, where it is still found by its name, or back into them.",
        since: "0.1",
        audit: &["version.unlist", "version.list"],
        faults: &[Code::Absent, Code::InUse, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("version unlist"),
    };
    type At = VersionAt;
    type Query = Nothing;
    type Body = VersionState;
    type Answer = Change;
    type May = Granted<Delete>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let (by, key) = version_named(&cx.formats, may.node().format(), &ask.at)?;
        if !by.unlists {
            let detail = "versions of this format are listed as long as they are there";
            return Err(Fault::Told(Code::Rule, detail.into()));
        }
        let wanted = match ask.body.state {
            Listing::Listed => EntryState::Live,
            Listing::Unlisted => EntryState::Unlisted,
        };
        Ok(Done::told(cx.directory.list_version(&may, &key, wanted).await?))
    }
}
