//! Packages and their versions.

use api::by_words::{FindByWords, WordsAsked};
use api::dependents::{DependentsAsked, ListDependents};
use api::folders::{FolderAsked, ListFolder};
use api::newest::{FindDigest, ListNewest, NewestAsked};
use api::packages::{ListFiles, ListPackages, Listing, ShowPackage, ShowVersion};
use api::pins::{PinVersion, Pinning};
use api::search::{FindPackages, PackageSort, PackagesAsked};
use api::tombstones::{LiftTombstone, ListTombstones};
use api::version_details::ShowDetails;
use api::version_list::{ListVersions, VersionsAsked};
use api::versions::{DeletePackage, DeleteVersion, Deleted, PackageGoes, SetVersionState, VersionState};
use api::{Ask, DigestAt, Endpoint, Nothing, PackageAt, Paging, TombstoneAt, VersionAt};

use super::super::failure::Failure;
use super::super::flags::{Changing, Remote};
use super::super::nouns::packages::{
    PackageCommand, PackageName, PackageOrder, TombstoneCommand, VersionCommand, VersionName,
};
use super::changing::{self, confirmed};
use super::nouns::path;
use super::remarks::{self, Said};
use super::shown::{programs_read, show_list};
use super::{connect, typed};
use crate::config::Environment;

pub(in crate::cli) async fn package(
    command: PackageCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        PackageCommand::Search { query, format, project, repository, prerelease, unlisted, sort, remote } => {
            let asked = PackagesAsked {
                query: query.map(|text| typed("QUERY", text)).transpose()?,
                format: format.map(|word| typed("--format", word)).transpose()?,
                project: project.map(|key| typed("--project", key)).transpose()?,
                repository: repository.map(|name| typed("--repository", name)).transpose()?,
                prerelease,
                unlisted,
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
        PackageCommand::ByWords { query, format, project, limit, remote } => {
            let asked = WordsAsked {
                query: typed("QUERY", query)?,
                format: format.map(|word| typed("--format", word)).transpose()?,
                project: project.map(|key| typed("--project", key)).transpose()?,
                visibility: None,
                prerelease: None,
                limit: Some(limit),
            };
            let ask = Ask::<FindByWords>::new((), asked, Nothing {});
            found(&ask, &["name", "on", "title", "description"], &remote, environment).await
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
        PackageCommand::Dependents { package, version, remote } => {
            let asked = (package_at(package)?, DependentsAsked { version, ..DependentsAsked::default() });
            let titles = ["package", "version", "on", "range", "scope", "group"];
            changing::list::<_, ListDependents>(asked, &titles, &remote, environment).await
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
        VersionCommand::List { package, newest_first, untagged, query, remote } => {
            let only = |said: bool| said.then_some(true);
            let (newest_first, untagged) = (only(newest_first), only(untagged));
            let query = query.map(|text| typed("--query", text)).transpose()?;
            let asked = VersionsAsked { newest_first, untagged, query, ..VersionsAsked::default() };
            let asked = (package_at(package)?, asked);
            let titles = ["version", "state", "pinned", "published_at", "bytes", "downloads", "digest"];
            changing::list::<_, ListVersions>(asked, &titles, &remote, environment).await
        }
        VersionCommand::Newest { project, format, limit, remote } => {
            let asked = NewestAsked {
                project: project.map(|key| typed("--project", key)).transpose()?,
                format: format.map(|word| typed("--format", word)).transpose()?,
                limit: Some(limit),
            };
            let ask = Ask::<ListNewest>::new((), asked, Nothing {});
            let titles = ["package", "version", "on", "format", "changed_at"];
            found(&ask, &titles, &remote, environment).await
        }
        VersionCommand::Find { digest, remote } => {
            let wrong = || Failure::Usage("DIGEST: write a SHA-256, SHA-512 or SHA-1".to_owned());
            let at = DigestAt::new(&digest).ok_or_else(wrong)?;
            let ask = Ask::<FindDigest>::new(at, Nothing {}, Nothing {});
            found(&ask, &["on", "package", "version", "path", "changed_at"], &remote, environment).await
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
            let pinning = Pinning { pinned: true, reason: Some(typed("--reason", reason)?) };
            pin(version, pinning, &changing, environment).await
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
            pin(version, Pinning { pinned: false, reason: None }, &changing, environment).await
        }
    }
}

async fn pin(
    version: VersionName,
    pinning: Pinning,
    changing: &Changing,
    environment: &Environment,
) -> Result<(), Failure> {
    let is = if pinning.pinned { "is pinned" } else { "is not pinned any more" };
    let line = format!("{} {is}", version.version);
    changing::put::<PinVersion>((version_at(version)?, pinning), changing, &line, environment).await
}

/// Shows the items of an answer that is no page.
async fn found<E: Endpoint>(
    ask: &Ask<E>,
    titles: &[&str],
    remote: &Remote,
    environment: &Environment,
) -> Result<(), Failure> {
    let mut document = connect(remote, environment)?.call(ask).await?.document;
    if programs_read(remote.form, &document) {
        return Ok(());
    }
    let items = document.get_mut("items").and_then(|items| items.as_array_mut().map(std::mem::take));
    show_list(remote, items.unwrap_or_default(), titles);
    Ok(())
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
