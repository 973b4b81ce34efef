//! The protocol over storage in memory: what clients send, one request after the other, and what they get.

use std::io::{Cursor, Write as _};

use bytes::Bytes;
use domain::{Permission, Permissions};
use serde_json::Value;
use storage::StorageLimits;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::testing::hub::{self, Answer};

mod access;
mod bounds;
mod catalog;
mod clients;
mod feeds;
mod files;
mod lists;
mod pushes;
mod registrations;
mod remarks;
mod searches;
mod symbols;

/// A registry with `alpha/packages`, `alpha/other`, `alpha/public`, `alpha/hard` (a delete removes), `alpha/free` (versions
/// may be replaced), `alpha/pre` (prereleases may) and `alpha/images` (OCI).
type Hub = hub::Hub<NuGet>;
type Client<'a> = hub::Client<'a, NuGet>;

/// As usual, with `alpha/packages` in the middle; carol publishes in `alpha/free` too.
fn held(who: &str, path: &str) -> Permissions {
    match (who, path) {
        ("carol", "alpha/free") => Permissions::of(&[Permission::Read, Permission::Publish]),
        _ => hub::usual("alpha/packages", who, path),
    }
}

impl Hub {
    async fn new() -> Self {
        Self::limited(StorageLimits::default()).await
    }

    async fn limited(limits: StorageLimits) -> Self {
        let repositories = [
            ("packages", "nuget", "{}"),
            ("other", "nuget", "{}"),
            ("public", "nuget", "{}"),
            ("hard", "nuget", r#"{"delete":"hard"}"#),
            ("free", "nuget", r#"{"duplicates":"always"}"#),
            ("pre", "nuget", r#"{"duplicates":"prerelease-only"}"#),
            ("images", "oci", "{}"),
        ];
        Self::within(limits, (NuGet::new(), "/nuget"), held, &repositories).await
    }
}

impl Client<'_> {
    async fn remove(&self, id: &str, version: &str) -> Answer {
        self.delete(&at(&format!("package/{id}/{version}"))).await
    }

    /// Pushes to `alpha/packages` as a raw body.
    async fn push(&self, package: &[u8]) -> Answer {
        self.push_to("packages", package).await
    }

    async fn push_to(&self, repository: &str, package: &[u8]) -> Answer {
        let target = format!("/nuget/p/alpha/{repository}/v3/package");
        self.send("PUT", &target, &[("content-type", "application/octet-stream")], package.to_vec()).await
    }
}

impl Answer {
    /// A failure that says `words` where the client prints it and in the body.
    #[track_caller]
    fn tells(&self, status: u16, words: &str) -> &Self {
        self.is(status);
        let reason = self.reason.as_deref().unwrap_or_default();
        assert!(reason.contains(words), "{reason:?} lacks {words:?}");
        assert_eq!(self.json()["detail"], reason);
        self
    }
}

/// An address below the index of `alpha/packages`.
fn at(path: &str) -> String {
    format!("/nuget/p/alpha/packages/v3/{path}")
}

/// A package with `extra` in its metadata, and files.
fn packed(id: &str, version: &str, extra: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let nuspec = format!(
        "<package><metadata><id>{id}</id><version>{version}</version><authors>An Author</authors>{extra}</metadata></package>"
    );
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let files = [&[("it.nuspec", nuspec.as_bytes())], files].concat();
    for (name, content) in files {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn package(id: &str, version: &str) -> Vec<u8> {
    packed(id, version, "<description>Some words.</description>", &[])
}

/// The texts at a member of every item.
fn texts(list: &Value, member: &str) -> Vec<String> {
    let text = |item: &Value| {
        let value = if member.is_empty() { item } else { &item[member] };
        value.as_str().unwrap_or_else(|| panic!("{item}")).to_owned()
    };
    list.as_array().unwrap_or_else(|| panic!("{list}")).iter().map(text).collect()
}
