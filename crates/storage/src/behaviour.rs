//! The behaviour of any storage, as stories: run on every kind of blob store and on both databases. A new back end runs them
//! by calling [`content`], [`searches`] and [`directory`] with its own places.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    Algorithm, Digest, EntryKey, EntryKind, Format, Overwrite, PackageName, Publish, RefName, Visibility,
};

use crate::testing::{self, Bench, NUGET, OCI, Story};
use crate::{
    Batch, Committed, ContentError as Error, EntryOutcome, NewEntry, Plan, ProjectSpec, RepositorySpec, Rule,
    hashing,
};

mod access;
mod audit;
mod backups;
mod damaged;
mod dependents;
mod durability;
mod expected;
mod garbage;
mod gateways;
mod giving;
mod grants;
mod large;
mod leases;
mod lists;
mod machines;
mod modes;
mod names;
mod once;
mod parts;
mod pins;
mod plans;
mod remarks;
mod removals;
mod restarts;
mod retries;
mod searches;
mod sessions;
mod token_rotation;
mod tokens;
mod transfers;
mod upkeep;
mod uploads;
mod version_changes;
mod versions;
mod webhooks;

#[cfg(test)]
pub(crate) use access::{everything, people};

/// Stories about bytes and names; each wants a fresh place.
#[must_use]
pub fn content() -> Vec<(&'static str, Story)> {
    let stories = uploads::stories()
        .into_iter()
        .chain(retries::stories())
        .chain(names::stories())
        .chain(lists::stories());
    stories
        .chain(parts::stories())
        .chain(pins::stories())
        .chain(remarks::stories())
        .chain(version_changes::stories())
        .chain(versions::stories())
        .chain(large::stories())
        .chain(expected::stories())
        .chain(modes::stories())
        .chain(upkeep::stories())
        .chain(damaged::stories())
        .chain(garbage::stories())
        .chain(leases::stories())
        .chain(durability::stories())
        .chain(backups::stories())
        .collect()
}

/// Stories about searches and what needs what, which are no matter of blob stores; each wants a fresh place.
#[must_use]
pub fn searches() -> Vec<(&'static str, Story)> {
    searches::stories().into_iter().chain(dependents::stories()).collect()
}

/// Stories about who there is and what they may do; each wants a fresh place.
#[must_use]
pub fn directory() -> Vec<(&'static str, Story)> {
    let grants = grants::stories().into_iter().chain(giving::stories());
    let restarts = restarts::stories();
    access::stories()
        .into_iter()
        .chain(grants)
        .chain(audit::stories())
        .chain(transfers::stories())
        .chain(tokens::stories())
        .chain(token_rotation::stories())
        .chain(sessions::stories())
        .chain(once::stories())
        .chain(gateways::stories())
        .chain(restarts)
        .chain(removals::stories())
        .chain(plans::stories())
        .chain(webhooks::stories())
        .chain(machines::stories())
        .collect()
}

/// Names each function as a story.
macro_rules! stories {
    ($($name:ident)*) => {
        pub(super) fn stories() -> Vec<(&'static str, crate::testing::Story)> {
            vec![$((stringify!($name), |place| Box::pin($name(place)))),*]
        }
    };
}
use stories;

/// Whatever is there.
fn whatever<R>() -> crate::OnlyIf<R> {
    Box::new(|_| true)
}

/// Two projects, `alpha` with `images` and `other`, `beta` with `images`.
fn two_projects() -> Plan {
    with_policy(OCI, "{}")
}

/// The same of another format, where `alpha/images` has this policy.
pub(crate) fn with_policy(format: Format, policy: &str) -> Plan {
    let repository = |name: &str, policy| RepositorySpec {
        description: None,
        name: domain::RepositoryName::parse(name).expect("a name"),
        format,
        visibility: Visibility::Private,
        policy,
        webhooks: vec![],
    };
    let project = |key: &str, repositories| ProjectSpec {
        description: None,
        publishers: Vec::new(),
        key: domain::ProjectKey::parse(key).expect("a key"),
        title: None,
        access: None,
        roles: Vec::new(),
        repositories,
        webhooks: vec![],
    };
    let alpha =
        vec![repository("images", Some(testing::policy_of(format, policy))), repository("other", None)];
    let projects = vec![project("alpha", alpha), project("beta", vec![repository("images", None)])];
    Plan { projects, ..Plan::default() }
}

/// The same, where `alpha/images` is a NuGet feed.
fn with_feed() -> Plan {
    with_policy(NUGET, "{}")
}

fn sha256(bytes: &[u8]) -> Digest {
    hashing::digest_of(Algorithm::Sha256, &Bytes::copy_from_slice(bytes)).expect("sha256 is known")
}

fn web() -> PackageName {
    PackageName::exact("web").expect("a package")
}

fn tag(name: &str) -> EntryKey {
    EntryKey { kind: EntryKind::Tag, package: web(), name: RefName::exact(name).expect("a tag") }
}

fn manifest(digest: &Digest) -> EntryKey {
    let name = RefName::exact(&digest.to_string()).expect("a digest");
    EntryKey { kind: EntryKind::Manifest, package: web(), name }
}

fn entry(key: EntryKey, content: Digest) -> NewEntry {
    NewEntry {
        key,
        content: Some(content),
        rule: Rule::ByPolicy,
        media_type: Arc::from("text/x"),
        attributes: Arc::from("{}"),
        words: Arc::from(""),
        edges: Vec::new(),
    }
}

/// Pushes `bytes` as a manifest with a tag, the way a client does.
async fn push(
    bench: &Bench,
    repository: &str,
    bytes: &'static [u8],
    name: &str,
    overwrite: bool,
) -> Result<Committed, Error> {
    let may = bench.on::<Publish>(repository);
    let digest = sha256(bytes);
    let upload = bench.opened.storage.verified_bytes(&may, Bytes::from_static(bytes), Some(&digest)).await?;
    let batch = Batch {
        uploads: vec![upload],
        entries: vec![entry(manifest(&digest), digest), entry(tag(name), digest)],
        ..Batch::default()
    };
    let replace = overwrite.then(|| bench.on::<Overwrite>(repository));
    bench.opened.storage.commit(may, replace, batch).await
}

fn outcomes(committed: Committed) -> Vec<EntryOutcome> {
    committed.entries
}
