//! Packages and their versions.

use api::folders::{FolderAsked, ListFolder};
use api::packages::{
    ListFiles, ListPackages, ListVersions, Listing, ShowPackage, ShowVersion, VersionsAsked,
};
use api::pins::{PinVersion, Pinning};
use api::search::{FindPackages, PackageSort, PackagesAsked};
use api::tombstones::{LiftTombstone, ListTombstones};
use api::version_details::ShowDetails;
use api::versions::{DeletePackage, DeleteVersion, Deleted, PackageGoes, SetVersionState, VersionState};
use api::{Ask, Nothing, PackageAt, Paging, TombstoneAt, VersionAt};

use super::super::failure::Failure;
use super::super::flags::Changing;
use super::super::nouns::packages::{
    PackageCommand, PackageName, PackageOrder, TombstoneCommand, VersionCommand, VersionName,
};
use super::changing::{self, confirmed};
use super::nouns::path;
use super::remarks::{self, Said};
use super::typed;
use crate::config::Environment;

pub(in crate::cli) async fn package(
    command: PackageCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        PackageCommand::Search { query, format, project, sort, remote } => {
            let asked = PackagesAsked {
                query: query.map(|text| typed("QUERY", text)).transpose()?,
                format: format.map(|word| typed("--format", word)).transpose()?,
                project: project.map(|key| typed("--project", key)).transpose()?,
                sort: sort.map(|order| match order {
                    PackageOrder::Name => PackageSort::Name,
                    PackageOrder::NameDown => PackageSort::NameDown,
                    PackageOrder::Downloads => PackageSort::Downloads,
                    PackageOrder::DownloadsDown => PackageSort::DownloadsDown,
                }),
                ..PackagesAsked::default()
            };
            let titles = ["name", "on", "format", "latest", "downloads", "updated_at"];
            changing::list::<_, FindPackages>(((), asked), &titles, &remote, environment).await
        }
        PackageCommand::List { repository, remote } => {
            let asked = (path(&repository)?, Paging::default());
            let titles = ["name", "latest", "downloads", "updated_at"];
            changing::list::<_, ListPackages>(asked, &titles, &remote, environment).await
        }
        PackageCommand::Folder { repository, path: folder, remote } => {
            let folder = folder.map(|text| typed("PATH", text)).transpose()?;
            let asked = (path(&repository)?, FolderAsked { path: folder, ..FolderAsked::default() });
            changing::list::<_, ListFolder>(asked, &["name", "folder"], &remote, environment).await
        }
        PackageCommand::Show { package, remote } => {
            changing::show::<ShowPackage>(package_at(package)?, &remote, environment).await
        }
        PackageCommand::Delete { package, confirm, changing } => {
            delete_package(package, confirm, &changing, environment).await
        }
    }
}

pub(in crate::cli) async fn version(
    command: VersionCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        VersionCommand::List { package, newest_first, untagged, remote } => {
            let only = |said: bool| said.then_some(true);
            let (newest_first, untagged) = (only(newest_first), only(untagged));
            let asked = VersionsAsked { newest_first, untagged, ..VersionsAsked::default() };
            let asked = (package_at(package)?, asked);
            let titles = ["version", "state", "pinned", "published_at", "bytes", "downloads", "digest"];
            changing::list::<_, ListVersions>(asked, &titles, &remote, environment).await
        }
        VersionCommand::Details { version, remote } => {
            changing::show::<ShowDetails>(version_at(version)?, &remote, environment).await
        }
        VersionCommand::Show { version, remote } => {
            changing::show::<ShowVersion>(version_at(version)?, &remote, environment).await
        }
        VersionCommand::Files { version, remote } => {
            let asked = (version_at(version)?, Paging::default());
            let titles = ["path", "bytes", "media_type"];
            changing::list::<_, ListFiles>(asked, &titles, &remote, environment).await
        }
        VersionCommand::Delete { version, confirm, changing } => {
            delete(version, confirm, &changing, environment).await
        }
        VersionCommand::Unlist { version, changing } => {
            let line = format!("{} is out of lists", version.version);
            state((version, Listing::Unlisted), &changing, &line, environment).await
        }
        VersionCommand::Relist { version, changing } => {
            let line = format!("{} is in lists", version.version);
            state((version, Listing::Listed), &changing, &line, environment).await
        }
        VersionCommand::Pin { version, reason, changing } => {
            let line = format!("{} is pinned", version.version);
            let pinning = Pinning { pinned: true, reason: Some(typed("--reason", reason)?) };
            changing::put::<PinVersion>((version_at(version)?, pinning), &changing, &line, environment).await
        }
        VersionCommand::Deprecation { version, remote } => {
            remarks::show(version_at(version)?, &remote, environment).await
        }
        VersionCommand::Deprecate { version, reasons, message, alternate, range, changing } => {
            let said = Said { reasons, message, alternate, range };
            remarks::deprecate(version_at(version)?, said, &changing, environment).await
        }
        VersionCommand::Undeprecate { version, changing } => {
            remarks::undeprecate(version_at(version)?, &changing, environment).await
        }
        VersionCommand::Unpin { version, changing } => {
            let line = format!("{} is not pinned any more", version.version);
            let pinning = Pinning { pinned: false, reason: None };
            changing::put::<PinVersion>((version_at(version)?, pinning), &changing, &line, environment).await
        }
    }
}

async fn delete(
    version: VersionName,
    confirm: Option<String>,
    changing: &Changing,
    environment: &Environment,
) -> Result<(), Failure> {
    confirmed(confirm, &version.version, changing)?;
    let name = version.version.clone();
    let ask = Ask::<DeleteVersion>::new(version_at(version)?, Nothing {}, Nothing {});
    let done = changing::call(ask, changing, environment).await?;
    let line = match done.answer.outcome {
        Deleted::Removed => format!("{name} is gone"),
        Deleted::Unlisted => format!("{name} is out of lists, which is what this repository does on delete"),
    };
    changing::told(&done, changing, &line);
    Ok(())
}

async fn delete_package(
    package: PackageName,
    confirm: Option<String>,
    changing: &Changing,
    environment: &Environment,
) -> Result<(), Failure> {
    let name = package.package.clone();
    let query = PackageGoes { confirm: confirmed(confirm, &name, changing)? };
    let ask = Ask::<DeletePackage>::new(package_at(package)?, query, Nothing {});
    let done = changing::call(ask, changing, environment).await?;
    let versions = done.answer.versions;
    let line = match done.answer.outcome {
        Deleted::Removed => format!("{name} is gone, with {versions} versions"),
        Deleted::Unlisted => {
            format!(
                "{name} is out of lists, {versions} versions, which is what this repository does on delete"
            )
        }
    };
    changing::told(&done, changing, &line);
    Ok(())
}

async fn state(
    (version, state): (VersionName, Listing),
    changing: &Changing,
    line: &str,
    environment: &Environment,
) -> Result<(), Failure> {
    let set = (version_at(version)?, VersionState { state });
    changing::put::<SetVersionState>(set, changing, line, environment).await
}

pub(in crate::cli) async fn tombstone(
    command: TombstoneCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        TombstoneCommand::List { repository, remote } => {
            let asked = (path(&repository)?, Paging::default());
            let titles = ["name", "sha256", "removed_at", "removed_by"];
            changing::list::<_, ListTombstones>(asked, &titles, &remote, environment).await
        }
        TombstoneCommand::Lift { repository, name, changing } => {
            let line = format!("{name} is free");
            let at = TombstoneAt { repository: path(&repository)?, name };
            changing::act::<LiftTombstone>(at, &changing, &line, environment).await
        }
    }
}

fn package_at(named: PackageName) -> Result<PackageAt, Failure> {
    Ok(PackageAt { repository: path(&named.repository)?, package: named.package })
}

fn version_at(named: VersionName) -> Result<VersionAt, Failure> {
    Ok(VersionAt { package: package_at(named.package)?, version: named.version })
}
