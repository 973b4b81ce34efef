//! Coordinates as packages: `group:artifact`, whose versions are made of files. Files outside the layout belong to none.

use domain::{
    Browsing, EntryKey, EntryKind, FetchLine, Meant, Need, Needs, PackageName, RefName, Removal, Rules,
    Wanted,
};

use super::layout::{File, Gav};
use super::pom::POM_BYTES_MAX;
use super::project;
use super::version::Version;

pub(super) const BROWSING: Browsing = Browsing {
    packages: EntryKind::Version,
    versions: EntryKind::Version,
    newest_last: true,
    prerelease: |text| Version::parse(text).is_some_and(|version| version.is_prerelease()),
    package: |name| PackageName::exact(name).ok(),
    version,
    parts: |key| Some(format!("{}:{}", key.package.display(), key.name.display())),
    delete,
    unlists: false,
    ecosystem: None,
    needs: Some(NEEDS),
    path,
    page,
    pages,
    folders: true,
    lines,
};

fn version(text: &str) -> Option<(EntryKind, RefName)> {
    let version = Version::parse(text)?;
    let name = RefName::keyed(version.as_str(), version.as_str(), &version.sort_key()).ok()?;
    Some((EntryKind::Version, name))
}

/// A POM says it. Of a snapshot the newest does, because builds are listed from the newest to the oldest.
const NEEDS: Needs = Needs { is_document, document_bytes_max: POM_BYTES_MAX, read };

fn is_document(version: &EntryKey, file: &EntryKey) -> bool {
    let file = Gav::of_entry(version).and_then(|gav| File::of_entry(&gav, file));
    file.is_some_and(|file| file.is_pom())
}

fn read(version: &EntryKey, _: &str, pom: &[u8]) -> Vec<Need> {
    Gav::of_entry(version).map(|gav| project::needs(pom, &gav)).unwrap_or_default()
}

/// All files of the version.
fn delete(key: &EntryKey, _: &dyn Rules) -> Vec<Removal> {
    Gav::of_entry(key).map(|gav| gav.removals()).unwrap_or_default()
}

/// The name of a file's row is its version and its own name.
fn path(key: &EntryKey) -> String {
    let package = key.package.display();
    let (group, artifact) = package.split_once(':').unwrap_or((package, ""));
    format!("{}/{artifact}/{}", group.replace('.', "/"), key.name.display())
}

/// As its directory is called.
fn page(package: &str, version: Option<&str>) -> String {
    let (group, artifact) = package.split_once(':').unwrap_or((package, ""));
    let of_package = format!("{}/{artifact}", group.replace('.', "/"));
    match version {
        Some(version) => format!("{of_package}/{version}"),
        None => of_package,
    }
}

/// The last part of a directory is a version or an artifact: only who asks finds out.
fn pages(address: &str) -> Vec<Meant> {
    let Some((above, last)) = address.rsplit_once('/') else { return Vec::new() };
    let group = |path: &str| path.replace('/', ".");
    let of_version = above
        .rsplit_once('/')
        .map(|(path, artifact)| (format!("{}:{artifact}", group(path)), Some(last.to_owned())));
    of_version.into_iter().chain([(format!("{}:{last}", group(above)), None)]).collect()
}

fn lines(wanted: &Wanted<'_>) -> Vec<FetchLine> {
    let Some((group, artifact)) = wanted.package.split_once(':') else { return Vec::new() };
    let version = wanted.version;
    let is_platform = wanted.says("packaging", "pom");
    let name = format!("\"{group}:{artifact}:{version}\"");
    let gradle = if is_platform { format!("platform({name})") } else { name };
    let kind = if is_platform { "\n  <type>pom</type>\n  <scope>import</scope>" } else { "" };
    let maven = format!(
        "<dependency>\n  <groupId>{group}</groupId>\n  <artifactId>{artifact}</artifactId>\n  \
         <version>{version}</version>{kind}\n</dependency>"
    );
    let sbt = format!("libraryDependencies += \"{group}\" % \"{artifact}\" % \"{version}\"");
    vec![
        FetchLine { client: "Gradle, Kotlin", text: format!("implementation({gradle})") },
        FetchLine { client: "Maven", text: maven },
        FetchLine { client: "sbt", text: sbt },
    ]
}
