//! `/repositories/{project}/{repository}/tombstones`: names that were removed and stay reserved for the bytes they had.

use domain::{
    Browsing, EntryKey, EntryKind, Granted, PackageName, Read, RefName, RepositoryPath, RepositorySettings,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::TombstoneRow;

use crate::at::{TombstoneAt, absent};
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::Moment;

/// `GET /repositories/{project}/{repository}/tombstones`
pub enum ListTombstones {}

/// `DELETE /repositories/{project}/{repository}/tombstones/{tombstone}`
pub enum LiftTombstone {}

/// A name that was removed and stays reserved.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tombstone {
    /// What it is called, as `tombstones/{tombstone}` takes it.
    pub name: String,
    /// SHA-256, in hex, of the only content that it may have again.
    pub sha256: String,
    /// When it was removed.
    pub removed_at: Moment,
    /// Who removed it; `null` for somebody who is gone.
    pub removed_by: Option<String>,
}

const KINDS: [EntryKind; 4] = [EntryKind::Tag, EntryKind::Manifest, EntryKind::File, EntryKind::Version];

/// A place in the list as a cursor says it.
fn cursor(key: &EntryKey) -> String {
    format!("{}\n{}\n{}", key.kind.as_str(), key.package.key(), key.name.key())
}

fn behind(text: &str) -> Option<EntryKey> {
    let (kind, rest) = text.split_once('\n')?;
    let (package, name) = rest.split_once('\n')?;
    let kind = KINDS.into_iter().find(|known| known.as_str() == kind)?;
    Some(EntryKey { kind, package: PackageName::exact(package).ok()?, name: RefName::exact(name).ok()? })
}

fn shown(row: &TombstoneRow) -> Tombstone {
    let storage::Tombstone { key, sha256, removed_at, .. } = &row.tombstone;
    Tombstone {
        name: key.to_string(),
        sha256: sha256.hex(),
        removed_at: Moment(*removed_at),
        removed_by: row.removed_by.as_deref().map(str::to_owned),
    }
}

/// Every name that is written so: of a version or a tag of a package, of a file of one, of a file of none.
fn meant(by: &Browsing, text: &str) -> Vec<EntryKey> {
    let version = |(package, name): (&str, &str)| {
        let (kind, name) = (by.version)(name)?;
        Some(EntryKey { kind, package: (by.package)(package)?, name })
    };
    let file = |(package, name): (&str, &str)| {
        let package = PackageName::exact(package).ok()?;
        Some(EntryKey { kind: EntryKind::File, package, name: RefName::exact(name).ok()? })
    };
    let of_version = [text.rsplit_once('@'), text.rsplit_once(':')].into_iter().flatten().filter_map(version);
    let of_file = [Some(("/", text)), text.split_once('/')].into_iter().flatten().filter_map(file);
    of_version.chain(of_file).collect()
}

impl Endpoint for ListTombstones {
    const META: Meta = Meta {
        id: "tombstone_list",
        method: Method::Get,
        path: "/repositories/{project}/{repository}/tombstones",
        summary: "Lists the names that were removed and stay reserved for the bytes they had.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: Some("tombstone list"),
    };
    type At = RepositoryPath;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Tombstone>;
    type May = Granted<Read>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Tombstone>>, Fault> {
        let after = ask.query.after(behind)?;
        let rows = cx.directory.tombstones(&may, after, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| cursor(&row.tombstone.key), shown)))
    }
}

impl Endpoint for LiftTombstone {
    const META: Meta = Meta {
        id: "tombstone_lift",
        method: Method::Delete,
        path: "/repositories/{project}/{repository}/tombstones/{tombstone}",
        summary: "Makes a reserved name free for any content.",
        since: "0.1",
        audit: &["tombstone.lift"],
        faults: &[Code::Absent, Code::Stale, Code::NotYetInForce],
        cli: Some("tombstone lift"),
    };
    type At = TombstoneAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<RepositorySettings>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let known = cx.formats.find(may.node().format().as_str()).map_err(|_| absent())?;
        let keys = meant(&known.browsing, &ask.at.name);
        Ok(Done::told(cx.directory.lift_tombstone(&may, keys).await?))
    }
}
