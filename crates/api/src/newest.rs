//! `/versions` and `/digests`: versions that changed last, and content by a hash of it, in everything that one may read.

use std::collections::HashMap;

use domain::{KnownFormat, Limit, RepositoryId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{NamedContent, NewestVersion, PlaceRow};

use crate::at::DigestAt;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing, Reader};
use crate::problem::{Code, Fault};
use crate::search::{PlacesAsked, packages_of, places};
use crate::words::{FormatText, KeyText, Moment};

/// Versions that one answer has if it does not say, and most names of one content.
const ROWS_DEFAULT: u32 = 20;
const NAMES_MAX: u64 = 100;

/// `GET /versions`
pub enum ListNewest {}

/// `GET /digests/{digest}`
pub enum FindDigest {}

/// Which versions.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct NewestAsked {
    /// Those of this project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<KeyText>,
    /// Those of this format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<FormatText>,
    /// Most of them; 20 if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
}

/// Versions that changed last.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Newest {
    /// The last first.
    pub items: Vec<NewVersion>,
}

/// A version among those that changed last.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct NewVersion {
    /// Its repository.
    pub on: String,
    /// The protocol it speaks.
    #[schemars(extend("x-open-enum" = true))]
    pub format: String,
    /// The package.
    pub package: String,
    /// What it is called: a tag, a version, the path of a file.
    pub version: String,
    /// When it last got other content, or came into lists.
    pub changed_at: Moment,
}

/// Where content is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ContentFound {
    /// The digest with its algorithm, in lower case.
    pub digest: String,
    /// Names of it by repository and package; 100 at most.
    pub items: Vec<ContentNamed>,
}

/// A name of content.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ContentNamed {
    /// The repository.
    pub on: String,
    /// The protocol it speaks.
    #[schemars(extend("x-open-enum" = true))]
    pub format: String,
    /// The package that the name is of; of files that several packages could have, the repository's own.
    pub package: String,
    /// The version, where the name is one: a tag, a digest, a version; `null` for a file of a version.
    pub version: Option<String>,
    /// Where clients fetch it, below the address of the repository.
    pub path: String,
    /// When it got this content.
    pub changed_at: Moment,
}

/// Repositories by their ids, with their formats.
type Places<'p> = HashMap<RepositoryId, (&'p PlaceRow, &'p KnownFormat)>;

fn by_id(places: &[(PlaceRow, KnownFormat)]) -> Places<'_> {
    places.iter().map(|(row, known)| (row.id, (row, known))).collect()
}

impl NewVersion {
    fn of(places: &Places<'_>, version: &NewestVersion) -> Option<Self> {
        let (row, known) = places.get(&version.repository)?;
        Some(Self {
            on: row.path.to_string(),
            format: known.format.to_string(),
            package: version.package.to_string(),
            version: version.name.to_string(),
            changed_at: Moment(version.changed_at),
        })
    }
}

impl ContentNamed {
    fn of(places: &Places<'_>, name: &NamedContent) -> Option<Self> {
        let (row, known) = places.get(&name.repository)?;
        let (key, browsing) = (&name.key, &known.browsing);
        let shown = key.name.display();
        let is_version = (browsing.version)(shown)
            .is_some_and(|(kind, meant)| kind == key.kind && meant.key() == key.name.key());
        Some(Self {
            on: row.path.to_string(),
            format: known.format.to_string(),
            package: key.package.display().to_owned(),
            version: is_version.then(|| shown.to_owned()),
            path: (browsing.path)(key),
            changed_at: Moment(name.changed_at),
        })
    }
}

impl Endpoint for ListNewest {
    const META: Meta = Meta {
        id: "version_newest",
        method: Method::Get,
        path: "/versions",
        summary: "Lists the versions that changed last in everything you may read.",
        since: "0.1",
        audit: &[],
        faults: &[Code::UnknownName],
        cli: Some("version newest"),
    };
    type At = ();
    type Query = NewestAsked;
    type Body = Nothing;
    type Answer = Newest;
    type May = Reader;

    async fn call(cx: &Cx, _may: Reader, ask: &Ask<Self>) -> Result<Done<Newest>, Fault> {
        let NewestAsked { project, format, limit } = &ask.query;
        let asked =
            PlacesAsked { project: project.as_ref(), format: format.as_ref(), ..PlacesAsked::default() };
        let places = places(cx, &asked).await?;
        let shelves = cx.house.shelves(cx.gate.readable());
        let of = places.iter().map(packages_of).collect();
        let limit = Limit::capped(limit.unwrap_or(ROWS_DEFAULT).into());
        let found = shelves.newest_versions(of, limit).await?;
        let by_id = by_id(&places);
        let items = found.iter().filter_map(|version| NewVersion::of(&by_id, version)).collect();
        Ok(Done::read(Newest { items }))
    }
}

impl Endpoint for FindDigest {
    const META: Meta = Meta {
        id: "digest_find",
        method: Method::Get,
        path: "/digests/{digest}",
        summary: "Says where content with this SHA-256, SHA-512 or SHA-1 is, in everything you may read.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("version find"),
    };
    type At = DigestAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = ContentFound;
    type May = Reader;

    async fn call(cx: &Cx, _may: Reader, ask: &Ask<Self>) -> Result<Done<ContentFound>, Fault> {
        let digest = ask.at.digest()?;
        let places = places(cx, &PlacesAsked::default()).await?;
        let shelves = cx.house.shelves(cx.gate.readable());
        let found = shelves.names_of_content(digest, Limit::capped(NAMES_MAX)).await?;
        let by_id = by_id(&places);
        let items = found.iter().filter_map(|name| ContentNamed::of(&by_id, name)).collect();
        Ok(Done::read(ContentFound { digest: digest.to_string(), items }))
    }
}
