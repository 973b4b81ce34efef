//! Packages, their versions and the files of these, of whatever format; for who may read them.

use std::collections::BTreeMap;

use domain::{
    Browsing, EntryKey, EntryState, Granted, KnownFormat, Limit, PackageName, Read, RefName, RepositoryPath,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shelf::{Item, Shelf};
use storage::{Downloads, EdgeKind, PackageRow, Pin};

use crate::at::{PackageAt, VersionAt, absent, encoded};
use crate::counts::CountsAsked;
use crate::details::{FormatReaders, Outline};
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::Moment;

/// `GET /repositories/{project}/{repository}/packages`
pub enum ListPackages {}

/// `GET /repositories/{project}/{repository}/packages/{package}`
pub enum ShowPackage {}

/// `GET /repositories/{project}/{repository}/packages/{package}/versions/{version}`
pub enum ShowVersion {}

/// `GET /repositories/{project}/{repository}/packages/{package}/versions/{version}/files`
pub enum ListFiles {}

/// A package.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// Its repository.
    pub on: String,
    /// The protocol it speaks.
    #[schemars(extend("x-open-enum" = true))]
    pub format: String,
    /// What it is called: an image, `group:artifact`, the id of a NuGet package; `/` for everything in a repository of files.
    pub name: String,
    /// The newest of its listed versions, where versions have an order; `null` where they have none.
    pub latest: Option<String>,
    /// The last of its listed versions in their order, be that one of age or not; `null` if it has none.
    #[serde(default)]
    pub last: Option<String>,
    /// How many versions it has, 10,000 if there are more; `null` in lists.
    pub versions: Option<u64>,
    /// When its last version got the content it has; `null` if nothing of it is listed.
    pub updated_at: Option<Moment>,
    /// How often anything of it was ever fetched, as it is counted.
    #[serde(default)]
    pub downloads: u64,
    /// How often within the last 30 days, today included.
    #[serde(default)]
    pub downloads_30_days: u64,
}

/// A version of a package.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// What it is called: a tag or a digest, a version, the path of a file.
    pub version: String,
    /// Whether lists have it.
    pub state: Listing,
    /// Whether it is pinned: neither removed nor replaced, by whatever way.
    #[serde(default)]
    pub pinned: bool,
    /// Why it is pinned.
    #[serde(default)]
    pub pin_reason: Option<String>,
    /// When its name was made.
    pub published_at: Moment,
    /// When it last got other content, or was moved into or out of lists.
    pub changed_at: Moment,
    /// Length of its own content, in bytes; `null` where it is made of files.
    pub bytes: Option<u64>,
    /// Digest of its own content; `null` where it is made of files.
    pub digest: Option<String>,
    /// Media type of its own content; `null` where it is made of files.
    pub media_type: Option<String>,
    /// How often it was ever fetched, as it is counted; of a tag also how often what it names now was fetched by its digest.
    #[serde(default)]
    pub downloads: u64,
    /// How often within the last 30 days, today included.
    #[serde(default)]
    pub downloads_30_days: u64,
    /// A short form of its details, where it was asked for and there is something to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outline: Option<Outline>,
}

/// Whether lists have a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Listing {
    /// They have.
    Listed,
    /// It is found by its name only.
    Unlisted,
}

/// A file of a version.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PackageFile")]
pub struct File {
    /// Its path below the address of the repository.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its digests in hex, by algorithm.
    pub digests: BTreeMap<String, String>,
    /// Its media type.
    pub media_type: String,
    /// Where clients fetch it, on this server.
    pub url: String,
}

impl Package {
    /// As lists have it, whose versions are not counted.
    pub(crate) fn listed(path: &RepositoryPath, of: &KnownFormat, row: &PackageRow) -> Self {
        Self {
            on: path.to_string(),
            format: of.format.to_string(),
            name: row.name.to_string(),
            latest: row.last.as_ref().filter(|_| of.browsing.newest_last).map(ToString::to_string),
            last: row.last.as_ref().map(ToString::to_string),
            versions: None,
            updated_at: row.updated_at.map(Moment),
            downloads: row.downloads.total,
            downloads_30_days: row.downloads.recent,
        }
    }
}

/// A repository as it is looked at here.
pub(crate) struct Seen<'c> {
    shelf: Shelf<'c, Read>,
    path: &'c RepositoryPath,
    known: KnownFormat,
    pub(crate) by: Browsing,
    readers: &'c FormatReaders,
}

impl<'c> Seen<'c> {
    /// A repository of a format that this program does not know shows nothing.
    pub(crate) fn new(cx: &'c Cx, may: Granted<Read>, path: &'c RepositoryPath) -> Result<Self, Fault> {
        let format = may.node().format();
        let known = cx.formats.find(format.as_str()).map_err(|_| absent())?;
        let shelf = cx.house.shelf(cx.gate.stand(may));
        Ok(Self { shelf, path, by: known.browsing, known, readers: &cx.readers })
    }

    /// What the repository shows.
    pub(crate) const fn shelf(&self) -> &Shelf<'c, Read> {
        &self.shelf
    }

    pub(crate) fn package(&self, at: &PackageAt) -> Result<PackageName, Fault> {
        (self.by.package)(&at.package).ok_or_else(absent)
    }

    fn shown(&self, row: &PackageRow, versions: Option<u64>) -> Package {
        Package { versions, ..Package::listed(self.path, &self.known, row) }
    }

    /// A version of a list, or one that is found besides.
    pub(crate) async fn version(&self, at: &VersionAt) -> Result<Item, Fault> {
        let package = self.package(&at.package)?;
        let (kind, name) = (self.by.version)(&at.version).ok_or_else(absent)?;
        Ok(self.shelf.find(&EntryKey { kind, package, name }).await?)
    }

    /// Versions of a package as they are shown, in the order of their sort keys.
    pub(crate) async fn versions(&self, items: &[Item]) -> Result<Vec<Version>, Fault> {
        let (Some(first), Some(last)) = (items.first(), items.last()) else { return Ok(Vec::new()) };
        let pins = self.shelf.pins(&first.entry.key, &last.entry.key).await?;
        let mut pins = pins.iter().peekable();
        let downloads = self.downloads(items).await?;
        let shown = items.iter().zip(downloads).map(|(item, downloads)| {
            let name = &item.entry.key.name;
            let is_before = |pin: &&Pin| place(&pin.key.name) < place(name);
            while pins.next_if(is_before).is_some() {}
            version_of(item, pins.next_if(|pin| place(&pin.key.name) == place(name)), downloads)
        });
        Ok(shown.collect())
    }

    /// How often each of these was fetched. What is a name for something else that has one of its own, as a tag is for what has a digest,
    /// is fetched by either.
    async fn downloads(&self, items: &[Item]) -> Result<Vec<Downloads>, Fault> {
        let digest_of = |item: &Item| {
            let EntryKey { kind, package, .. } = &item.entry.key;
            let (digest_kind, name) = (self.by.version)(&item.entry.digest?.to_string())?;
            let key = EntryKey { kind: digest_kind, package: package.clone(), name };
            (digest_kind != *kind).then_some(key)
        };
        let digests: Vec<Option<EntryKey>> = items.iter().map(digest_of).collect();
        let names = items.iter().map(|item| item.entry.key.clone());
        let asked = names.chain(digests.iter().flatten().cloned()).collect();
        let found = self.shelf.downloads(asked).await?;
        let (own, by_digest) = found.split_at_checked(items.len()).unwrap_or((&found, &[]));
        let mut by_digest = by_digest.iter().copied();
        let also = |digest: &Option<EntryKey>| digest.as_ref().and_then(|_| by_digest.next());
        let also: Vec<Downloads> = digests.iter().map(also).map(Option::unwrap_or_default).collect();
        Ok(own.iter().zip(also).map(|(own, also)| own.and(also)).collect())
    }

    /// The same with the short form of their details.
    pub(crate) async fn outlined(&self, items: &[Item]) -> Result<Vec<Version>, Fault> {
        let mut versions = self.versions(items).await?;
        let Some(reader) = self.readers.of(self.known.format) else { return Ok(versions) };
        for (version, item) in versions.iter_mut().zip(items) {
            version.outline = (reader.outline)(&self.shelf, item).await?;
        }
        Ok(versions)
    }

    /// Versions that no name in lists stands for.
    pub(crate) async fn without_names(&self, items: Vec<Item>) -> Result<Vec<Item>, Fault> {
        let mut loose = Vec::new();
        for item in items {
            if self.shelf.tags_of(&item.entry.key, Limit::capped(1)).await?.is_empty() {
                loose.push(item);
            }
        }
        Ok(loose)
    }

    async fn file(&self, item: &Item) -> Result<File, Fault> {
        let (entry, path) = (&item.entry, (self.by.path)(&item.entry.key));
        let address: Vec<String> = path.split('/').map(encoded).collect();
        let digests = self.shelf.digests(item).await?;
        let digests = digests.iter().map(|digest| {
            let text = digest.to_string();
            let (algorithm, hex) = text.split_once(':').unwrap_or(("", &text));
            (algorithm.to_owned(), hex.to_owned())
        });
        Ok(File {
            bytes: entry.size_bytes,
            digests: digests.collect(),
            media_type: entry.media_type.to_string(),
            url: format!("{}/p/{}/{}", self.known.mount, self.path, address.join("/")),
            path,
        })
    }
}

fn version_of(item: &Item, pin: Option<&Pin>, downloads: Downloads) -> Version {
    let entry = &item.entry;
    Version {
        pinned: pin.is_some(),
        pin_reason: pin.map(|pin| pin.reason.to_string()),
        version: entry.key.name.display().to_owned(),
        state: if entry.state == EntryState::Unlisted { Listing::Unlisted } else { Listing::Listed },
        published_at: Moment(entry.created_at),
        changed_at: Moment(entry.changed_at),
        bytes: entry.digest.map(|_| entry.size_bytes),
        digest: entry.digest.map(|digest| digest.to_string()),
        media_type: entry.digest.map(|_| entry.media_type.to_string()),
        downloads: downloads.total,
        downloads_30_days: downloads.recent,
        outline: None,
    }
}

impl Endpoint for ListPackages {
    const META: Meta = Meta {
        id: "package_list",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/packages",
        summary: "Lists the packages of a repository, by name.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: Some("package list"),
    };
    type At = RepositoryPath;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Package>;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Package>>, Fault> {
        let seen = Seen::new(cx, may, &ask.at)?;
        let after = ask.query.after.as_deref().unwrap_or_default();
        let rows = seen.shelf.packages(&seen.by, after, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.key.to_string(), |row| seen.shown(row, None))))
    }
}

impl Endpoint for ShowPackage {
    const META: Meta = Meta {
        id: "package_show",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/packages/{package}",
        summary: "Shows a package; slashes in its name are written `%2F`.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("package show"),
    };
    type At = PackageAt;
    type Query = CountsAsked;
    type Body = Nothing;
    type Answer = Package;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Package>, Fault> {
        let seen = Seen::new(cx, may, &ask.at.repository)?;
        let package = seen.package(&ask.at)?;
        let (row, versions) = seen.shelf.package(&seen.by, &package, ask.query.counts).await?;
        Ok(Done::read(seen.shown(&row, versions)))
    }
}

pub(crate) fn place(name: &RefName) -> (&str, &str) {
    (name.sort_key(), name.key())
}

impl Endpoint for ShowVersion {
    const META: Meta = Meta {
        id: "version_show",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/packages/{package}/versions/{version}",
        summary: "Shows a version of a package, an image also by its digest.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("version show"),
    };
    type At = VersionAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Version;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Version>, Fault> {
        let seen = Seen::new(cx, may, &ask.at.package.repository)?;
        let item = seen.version(&ask.at).await?;
        let shown = seen.versions(std::slice::from_ref(&item)).await?;
        Ok(Done::read(shown.into_iter().next().ok_or_else(absent)?))
    }
}

impl Endpoint for ListFiles {
    const META: Meta = Meta {
        id: "version_files",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/packages/{package}/versions/{version}/files",
        summary: "Lists the files of a version with their digests; of an image its manifest.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: Some("version files"),
    };
    type At = VersionAt;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<File>;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<File>>, Fault> {
        let seen = Seen::new(cx, may, &ask.at.package.repository)?;
        let version = seen.version(&ask.at).await?;
        let Some(parts) = (seen.by.parts)(&version.entry.key) else {
            return Ok(Done::read(Page { items: vec![seen.file(&version).await?], next: None }));
        };
        let after = ask
            .query
            .after(|text| text.split_once('\n').map(|(sort, key)| (sort.to_owned(), key.to_owned())))?;
        let after = after.as_ref().map(|(sort, key)| (sort.as_str(), key.as_str()));
        let (edge, limit) = ((EdgeKind::Part, parts.as_str()), ask.query.limit());
        let items = seen.shelf.pointing_to(edge, &version.entry.key.package, after, limit).await?;
        let mut files = Vec::with_capacity(items.len());
        for item in items.iter().filter(|item| item.entry.digest.is_some()) {
            files.push(seen.file(item).await?);
        }
        Ok(Done::read(Page { items: files, next: following(&items, limit) }))
    }
}

/// Where a full page goes on.
fn following(items: &[Item], limit: Limit) -> Option<String> {
    let full = items.len() as u64 >= u64::from(limit.rows());
    let name = &items.last().filter(|_| full)?.entry.key.name;
    Some(format!("{}\n{}", name.sort_key(), name.key()))
}
