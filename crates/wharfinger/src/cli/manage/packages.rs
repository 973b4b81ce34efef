//! Packages and their versions.

use api::packages::{ListFiles, ListPackages, ListVersions, ShowPackage, ShowVersion};
use api::pins::{PinVersion, Pinning};
use api::{PackageAt, Paging, VersionAt};

use super::super::failure::Failure;
use super::super::nouns::packages::{PackageCommand, PackageName, VersionCommand, VersionName};
use super::changing;
use super::nouns::path;
use super::typed;
use crate::config::Environment;

pub(in crate::cli) async fn package(
    command: PackageCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        PackageCommand::List { repository, remote } => {
            let asked = (path(&repository)?, Paging::default());
            let titles = ["name", "latest", "updated_at"];
            changing::list::<_, ListPackages>(asked, &titles, &remote, environment).await
        }
        PackageCommand::Show { package, remote } => {
            changing::show::<ShowPackage>(package_at(package)?, &remote, environment).await
        }
    }
}

pub(in crate::cli) async fn version(
    command: VersionCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        VersionCommand::List { package, remote } => {
            let asked = (package_at(package)?, Paging::default());
            let titles = ["version", "state", "pinned", "published_at", "bytes", "digest"];
            changing::list::<_, ListVersions>(asked, &titles, &remote, environment).await
        }
        VersionCommand::Show { version, remote } => {
            changing::show::<ShowVersion>(version_at(version)?, &remote, environment).await
        }
        VersionCommand::Files { version, remote } => {
            let asked = (version_at(version)?, Paging::default());
            let titles = ["path", "bytes", "media_type"];
            changing::list::<_, ListFiles>(asked, &titles, &remote, environment).await
        }
        VersionCommand::Pin { version, reason, changing } => {
            let line = format!("{} is pinned", version.version);
            let pinning = Pinning { pinned: true, reason: Some(typed("--reason", reason)?) };
            changing::put::<PinVersion>((version_at(version)?, pinning), &changing, &line, environment).await
        }
        VersionCommand::Unpin { version, changing } => {
            let line = format!("{} is not pinned any more", version.version);
            let pinning = Pinning { pinned: false, reason: None };
            changing::put::<PinVersion>((version_at(version)?, pinning), &changing, &line, environment).await
        }
    }
}

fn package_at(named: PackageName) -> Result<PackageAt, Failure> {
    Ok(PackageAt { repository: path(&named.repository)?, package: named.package })
}

fn version_at(named: VersionName) -> Result<VersionAt, Failure> {
    Ok(VersionAt { package: package_at(named.package)?, version: named.version })
}
