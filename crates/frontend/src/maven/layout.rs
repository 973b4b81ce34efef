//! The Maven 2 layout: `group/with/slashes/artifact/version/artifact-version[-classifier].extension`. Read from the right,
//! because from the left it is ambiguous (docs/maven.md 2).

use domain::{EntryKey, EntryKind, Invalid, InvalidReason, PackageName, RefName, Removal};

use super::characters::{is_of_id, is_plain};
use super::version::{SNAPSHOT, Version};
use crate::file_tree::characters::is_taken;

/// The list of what a repository has, by which Maven 4 decides what it never asks it for.
const PREFIXES: &str = ".meta/prefixes.txt";
/// Longest name of a row, in bytes: that of a file with its version, or a whole path outside the layout.
const NAME_BYTES_MAX: usize = 512;
/// The package of files outside the layout: no coordinates look like this.
const RAW_PACKAGE: &str = "/";

/// `group:artifact`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// The group id, with dots.
    pub group: Box<str>,
    /// The artifact id.
    pub artifact: Box<str>,
}

/// A base version of a package: a release, or all builds of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gav {
    /// The package.
    pub package: Package,
    /// The base version, as the directory has it.
    pub version: Version,
}

/// A file of the layout, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Which version it belongs to.
    pub gav: Gav,
    /// Its own name.
    pub name: Box<str>,
    /// Which build of the version it is of.
    pub build: Build,
    /// `sources`, `javadoc` and the like.
    pub classifier: Option<Box<str>>,
    /// Everything behind the version or classifier: `jar`, `pom.asc`, `tar.gz`.
    pub extension: Box<str>,
}

/// Which build of its version a file is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Build {
    /// The only one: a release.
    Release,
    /// A snapshot under its literal name.
    Literal,
    /// A snapshot under the name of one build.
    Expanded(Stamp),
}

/// `20260102.030405-7`: when a snapshot was built, and the how-manieth it is. Ordered by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    /// `yyyyMMdd.HHmmss`, digits unchecked.
    pub timestamp: Box<str>,
    /// Counted by the client.
    pub number: u64,
}

/// Where a file lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FilePath {
    /// In the layout.
    File(File),
    /// Outside of it: the whole path. Strict repositories take none of these.
    Raw(Box<str>),
}

/// A file and the name of its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Where it lies.
    pub path: FilePath,
    /// Its row.
    pub key: EntryKey,
}

/// What a directory can be. One can be several things: `org/foo/bar` is group `org.foo.bar`, artifact `org.foo:bar` and version
/// `bar` of `org:foo`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Directory {
    /// Its path, without a slash at either end.
    pub path: Box<str>,
    /// A group.
    pub group: Option<Box<str>>,
    /// A package.
    pub package: Option<Package>,
    /// A version of a package.
    pub gav: Option<Gav>,
}

impl Package {
    fn parse(group: &[&str], artifact: &str) -> Option<Self> {
        is_id(artifact).then_some(Self { group: group_of(group)?, artifact: artifact.into() })
    }

    /// `group:artifact`, what its versions are parts of.
    pub(crate) fn key(&self) -> String {
        format!("{}:{}", self.group, self.artifact)
    }

    /// The row that says what it is called as a plug-in: a movable name in its group, whose key, unlike that of an artifact, has no
    /// colon.
    ///
    /// # Errors
    /// `Invalid` if a part is too long.
    pub(crate) fn plugin(&self) -> Result<EntryKey, Invalid> {
        Ok(EntryKey {
            kind: EntryKind::Tag,
            package: PackageName::exact(&self.group)?,
            name: RefName::exact(&self.artifact)?,
        })
    }

    /// What it is called as a plug-in goes once nothing of it is left.
    pub(crate) fn orphan(&self) -> Option<Removal> {
        self.plugin().ok().map(|key| Removal::Orphan { key, of: self.key().into() })
    }

    /// Its name in rows.
    ///
    /// # Errors
    /// `Invalid` if it is too long.
    pub(crate) fn name(&self) -> Result<PackageName, Invalid> {
        PackageName::exact(&self.key())
    }
}

impl Gav {
    /// What the row of a version stands for.
    pub(crate) fn of_entry(key: &EntryKey) -> Option<Self> {
        let (group, artifact) = key.package.display().split_once(':')?;
        let package = Package { group: group.into(), artifact: artifact.into() };
        Some(Self { package, version: Version::parse(key.name.display())? })
    }

    /// `group:artifact:version`, what its files are parts of.
    pub(crate) fn key(&self) -> String {
        format!("{}:{}", self.package.key(), self.version.as_str())
    }

    /// Its row.
    ///
    /// # Errors
    /// `Invalid` if the name of the package is too long.
    pub(crate) fn entry(&self) -> Result<EntryKey, Invalid> {
        let version = self.version.as_str();
        let name = RefName::keyed(version, version, &self.version.sort_key())?;
        Ok(EntryKey { kind: EntryKind::Version, package: self.package.name()?, name })
    }

    /// What is gone once no file of it is left: the version, and the artifact as a plug-in.
    pub(crate) fn orphans(&self) -> impl Iterator<Item = Removal> {
        let version = self.entry().ok().map(|key| Removal::Orphan { key, of: self.key().into() });
        version.into_iter().chain(self.package.orphan())
    }

    /// All of its files, and what goes with the last of them.
    pub(crate) fn removals(&self) -> Vec<Removal> {
        [Removal::Parts(self.key().into())].into_iter().chain(self.orphans()).collect()
    }
}

impl File {
    /// Reads `group… artifact version name`; `None` if that is not the layout.
    pub(crate) fn parse(segments: &[&str]) -> Option<Self> {
        let [group @ .., artifact, version, name] = segments else { return None };
        let gav = Gav { package: Package::parse(group, artifact)?, version: Version::parse(version)? };
        let behind = |stem: &str| build_of(name.strip_prefix(stem)?.strip_prefix('-')?, &gav.version);
        let (build, rest) = behind(artifact).or_else(|| behind(sbt_plugin(artifact)?))?;
        let (classifier, extension) = match rest.split_at_checked(1)? {
            (".", extension) => (None, extension),
            ("-", rest) => {
                let extension = extension_of(rest);
                let classifier = rest.strip_suffix(extension)?.strip_suffix('.')?;
                if classifier.is_empty() {
                    return None;
                }
                (Some(Box::from(classifier)), extension)
            }
            _ => return None,
        };
        let good = extension.chars().all(is_plain) && rest.chars().all(is_taken);
        if extension.is_empty() || extension.starts_with('.') || !good {
            return None;
        }
        let (name, extension) = (Box::from(*name), Box::from(extension));
        Some(Self { gav, name, build, classifier, extension })
    }

    /// The file that a row of this version stands for.
    pub(crate) fn of_entry(gav: &Gav, key: &EntryKey) -> Option<Self> {
        let (_, name) = key.name.key().split_once('/')?;
        let mut segments: Vec<&str> = gav.package.group.split('.').collect();
        segments.extend([&*gav.package.artifact, gav.version.as_str(), name]);
        Self::parse(&segments)
    }

    /// The version in its own name: the expanded one of a build.
    pub(crate) fn version(&self) -> String {
        match &self.build {
            Build::Release | Build::Literal => self.gav.version.as_str().to_owned(),
            Build::Expanded(stamp) => {
                let base = self.gav.version.as_str();
                format!("{}{}-{}", base.strip_suffix(SNAPSHOT).unwrap_or(base), stamp.timestamp, stamp.number)
            }
        }
    }

    /// The same kind of file of a build, whose version is given, instead of this literal one.
    ///
    /// # Errors
    /// `Invalid` if it is too long.
    pub(crate) fn of_build(&self, version: &str) -> Result<Stored, Invalid> {
        let (group, gav) = (self.gav.package.group.replace('.', "/"), &self.gav);
        let base = gav.version.as_str();
        let rest = match &self.classifier {
            Some(classifier) => format!("-{classifier}.{}", self.extension),
            None => format!(".{}", self.extension),
        };
        let stem =
            self.name.strip_suffix(&*rest).and_then(|name| name.strip_suffix(base)).unwrap_or_default();
        Stored::parse(&format!("{group}/{}/{base}/{stem}{version}{rest}", gav.package.artifact))
    }

    /// Whether it is the POM itself, not a signature or a variant of it.
    pub(crate) fn is_pom(&self) -> bool {
        self.classifier.is_none() && &*self.extension == "pom"
    }

    /// Its row. Builds are listed from the newest to the oldest.
    fn entry(&self) -> Result<EntryKey, Invalid> {
        let version = self.gav.version.as_str();
        let shown = format!("{version}/{}", self.name);
        bounded(&shown)?;
        let name = match &self.build {
            Build::Release | Build::Literal => RefName::exact(&shown)?,
            Build::Expanded(stamp) => {
                let newest_first: String = format!("{}-{:020}", stamp.timestamp, stamp.number)
                    .chars()
                    .map(|at| at.to_digit(10).and_then(|digit| char::from_digit(9 - digit, 10)).unwrap_or(at))
                    .collect();
                RefName::keyed(&shown, &shown, &format!("{version}/{newest_first}/{}", self.name))?
            }
        };
        Ok(EntryKey { kind: EntryKind::File, package: self.gav.package.name()?, name })
    }
}

impl FilePath {
    /// Whether it decides what clients ask this repository for at all.
    pub(crate) fn is_prefixes(&self) -> bool {
        matches!(self, Self::Raw(path) if **path == *PREFIXES)
    }

    fn parse(path: &str) -> Self {
        let segments: Vec<&str> = path.split('/').collect();
        File::parse(&segments).map_or_else(|| Self::Raw(path.into()), Self::File)
    }

    fn entry(&self) -> Result<EntryKey, Invalid> {
        match self {
            Self::File(file) => file.entry(),
            Self::Raw(path) => {
                bounded(path)?;
                Ok(EntryKey { kind: EntryKind::File, package: raw_package()?, name: RefName::exact(path)? })
            }
        }
    }
}

impl Stored {
    /// Reads a path without a slash at either end.
    ///
    /// # Errors
    /// `Invalid` if it is too long.
    pub(crate) fn parse(path: &str) -> Result<Self, Invalid> {
        let path = FilePath::parse(path);
        let key = path.entry()?;
        Ok(Self { path, key })
    }
}

impl Directory {
    /// Reads a path without a slash at either end; empty for the root.
    pub(crate) fn parse(path: &str) -> Self {
        let segments: Vec<&str> = path.split('/').collect();
        let package = |segments: &[&str]| {
            let (artifact, group) = segments.split_last()?;
            Package::parse(group, artifact)
        };
        let gav = segments.split_last().and_then(|(version, above)| {
            Some(Gav { package: package(above)?, version: Version::parse(version)? })
        });
        Self { path: path.into(), group: group_of(&segments), package: package(&segments), gav }
    }
}

const fn bounded(name: &str) -> Result<(), Invalid> {
    if name.len() > NAME_BYTES_MAX {
        return Err(Invalid { what: "name", reason: InvalidReason::TooLong { bytes_max: NAME_BYTES_MAX } });
    }
    Ok(())
}

/// What files outside the layout belong to.
///
/// # Errors
/// None, in fact.
pub(crate) fn raw_package() -> Result<PackageName, Invalid> {
    PackageName::exact(RAW_PACKAGE)
}

/// What ids and prefixes are made of, and not empty.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_of_id)
}

/// The name of an sbt plug-in without the versions of Scala and sbt that it is for, `sbt-x` of `sbt-x_2.12_1.0`: sbt publishes
/// its files under either name, in the directory with the longer one.
pub(crate) fn sbt_plugin(artifact: &str) -> Option<&str> {
    let (name, sbt) = artifact.rsplit_once('_')?;
    let (name, scala) = name.rsplit_once('_')?;
    let is_version =
        |text: &str| text.contains('.') && text.starts_with(|first: char| first.is_ascii_digit());
    (!name.is_empty() && is_version(scala) && is_version(sbt)).then_some(name)
}

/// A group id out of its directories, of which none has a dot.
fn group_of(segments: &[&str]) -> Option<Box<str>> {
    let good = |segment: &&str| is_id(segment) && !segment.contains('.');
    (!segments.is_empty() && segments.iter().all(good)).then(|| segments.join(".").into())
}

/// Which build a name is of that goes on with `text` behind its artifact, and what follows the version.
fn build_of<'a>(text: &'a str, version: &Version) -> Option<(Build, &'a str)> {
    let ends = |rest: &str| rest.starts_with(['.', '-']);
    if let Some(rest) = text.strip_prefix(version.as_str()).filter(|rest| ends(rest)) {
        return Some((if version.is_snapshot() { Build::Literal } else { Build::Release }, rest));
    }
    let text = text.strip_prefix(version.as_str().strip_suffix(SNAPSHOT)?)?;
    let (timestamp, rest) = text.split_at_checked(15)?;
    let shape = timestamp.bytes().enumerate().all(|(at, byte)| match at {
        8 => byte == b'.',
        _ => byte.is_ascii_digit(),
    });
    let rest = rest.strip_prefix('-').filter(|_| shape)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at_checked(digits)?;
    let stamp = Stamp { timestamp: timestamp.into(), number: number.parse().ok()? };
    // Two spellings of one number would be two names of one build.
    let plain = number == "0" || !number.starts_with('0');
    (plain && ends(rest)).then_some((Build::Expanded(stamp), rest))
}

/// The extension of a name with a classifier, in which dots are possible: behind the last dot, and more where that is the
/// signature of another file, or a tar file is packed.
fn extension_of(name: &str) -> &str {
    let Some((stem, last)) = name.rsplit_once('.') else { return name };
    let whole = |inner: &str| name.get(stem.len().saturating_sub(inner.len())..).unwrap_or(last);
    match (stem.rsplit_once('.'), last) {
        (Some(_), "asc" | "sigstore") => whole(extension_of(stem)),
        (Some((_, "sigstore")), "json") => whole(extension_of(stem)),
        (Some((_, "tar")), _) => whole("tar"),
        _ => last,
    }
}

#[cfg(test)]
mod tests;
