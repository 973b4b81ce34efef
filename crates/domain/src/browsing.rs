use crate::needs::Needs;
use crate::refname::{EntryKey, EntryKind, PackageName, RefName};
use crate::removal::Removal;
use crate::repository_policy::Rules;

/// How the names of a format are packages, versions of these and their files, for those who look at all formats alike. A version
/// that is a file itself has no parts.
#[derive(Debug, Clone, Copy)]
pub struct Browsing {
    /// What every package has a name of.
    pub packages: EntryKind,
    /// What the versions in lists are names of.
    pub versions: EntryKind,
    /// Whether the last in the order of versions is the newest.
    pub newest_last: bool,
    /// Whether a version is one before a release; no version is, where they have no order.
    pub prerelease: fn(&str) -> bool,
    /// The package that somebody means; `None` if none can be called so.
    pub package: fn(&str) -> Option<PackageName>,
    /// The version that somebody means: one of a list, or one that is found besides, such as a digest.
    pub version: fn(&str) -> Option<(EntryKind, RefName)>,
    /// What the files of a version are parts of; `None` where the version is its own file.
    pub parts: fn(&EntryKey) -> Option<String>,
    /// What goes with a version that is deleted in a repository of these rules: what its protocol's own delete takes away.
    pub delete: fn(&EntryKey, &dyn Rules) -> Vec<Removal>,
    /// Whether versions can be taken out of lists and are still found.
    pub unlists: bool,
    /// The ecosystem of OSV whose weaknesses its clients look for; they are told too which versions should no longer be used. `None`
    /// where they know of neither.
    pub ecosystem: Option<&'static str>,
    /// How versions say which packages they need; `None` where they say nothing of the kind.
    pub needs: Option<Needs>,
    /// Where clients fetch a file, below the address of its repository; not encoded.
    pub path: fn(&EntryKey) -> String,
    /// Where people look at a package, or at a version of it, below the page of its repository; not encoded. Empty for a package that is the
    /// whole repository.
    pub page: fn(&str, Option<&str>) -> String,
    /// What such an address may mean, the likeliest first: a package, or one with a version.
    pub pages: fn(&str) -> Vec<Meant>,
    /// Whether packages or files are named by paths, so that there are folders.
    pub folders: bool,
    /// Lines to paste that fetch a version, whole, the likeliest first.
    pub lines: fn(&Wanted<'_>) -> Vec<FetchLine>,
}

/// A version that somebody wants to fetch.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// `https://HOST`.
    pub origin: &'a str,
    /// `PROJECT/REPOSITORY`.
    pub repository: &'a str,
    /// The package.
    pub package: &'a str,
    /// The version.
    pub version: &'a str,
    /// What it is, such as `image` or `helm-chart`; empty where that is not known.
    pub kind: &'a str,
    /// What else its content says, by name.
    pub facts: &'a [(&'a str, &'a str)],
}

/// A line to paste.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchLine {
    /// The client that takes it.
    pub client: &'static str,
    /// The line, or a few.
    pub text: String,
}

impl Wanted<'_> {
    /// `HOST` with its port, as some clients want it.
    #[must_use]
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin, |(_, host)| host)
    }

    /// Whether its content says this.
    #[must_use]
    pub fn says(&self, name: &str, value: &str) -> bool {
        self.facts.contains(&(name, value))
    }
}

/// What an address may mean: a package, and a version of it.
pub type Meant = (String, Option<String>);
