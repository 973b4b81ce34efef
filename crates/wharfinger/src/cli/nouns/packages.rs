//! What can be typed about packages and their versions.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::super::flags::{Changing, Remote};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PackageCommand {
    /// Looks for packages in everything you may read
    Search {
        /// Text in their names, in any case
        query: Option<String>,
        /// Only those of this format, such as maven
        #[arg(long)]
        format: Option<String>,
        /// Only those of this project
        #[arg(long, value_name = "KEY")]
        project: Option<String>,
        /// Only those of repositories with this name
        #[arg(long, value_name = "NAME")]
        repository: Option<String>,
        /// Only those whose newest version is one before a release, or none such
        #[arg(long, value_name = "BOOL")]
        prerelease: Option<bool>,
        /// Only those of which lists have no version, or the others
        #[arg(long, value_name = "BOOL")]
        unlisted: Option<bool>,
        /// In this order, which `-` in front turns round; by repository and name without it
        #[arg(long, value_enum, allow_hyphen_values = true)]
        sort: Option<PackageOrder>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Looks for packages by what they say of themselves, in everything you may read
    ByWords {
        /// Words in their names, tags, titles, authors or descriptions, or beginnings of them
        query: String,
        /// Only those of this format, such as nuget
        #[arg(long)]
        format: Option<String>,
        /// Only those of this project
        #[arg(long, value_name = "KEY")]
        project: Option<String>,
        /// So many of them, 100 at most
        #[arg(long, value_name = "COUNT", default_value_t = 20)]
        limit: u32,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows the packages of a repository
    List {
        /// PROJECT/REPOSITORY
        repository: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows what lies in a folder of a repository that has some: Maven, files
    Folder {
        /// PROJECT/REPOSITORY
        repository: String,
        /// Path of the folder, such as org/example; the whole repository without it
        path: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a package
    Show {
        #[command(flatten)]
        package: PackageName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows the packages that say they need this one, in everything you may read
    Dependents {
        #[command(flatten)]
        package: PackageName,
        /// Only those that ask for this version by number, or take none that is lower
        #[arg(long, value_name = "VERSION")]
        version: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Deletes a package with all its versions, as its protocol does
    Delete {
        #[command(flatten)]
        package: PackageName,
        /// Its name again; without it you are asked
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum VersionCommand {
    /// Shows the versions of a package, those that are unlisted too
    List {
        #[command(flatten)]
        package: PackageName,
        /// The newest first
        #[arg(long)]
        newest_first: bool,
        /// Those that no name in lists stands for: manifests without a tag
        #[arg(long)]
        untagged: bool,
        /// Only those that have this in what they are called
        #[arg(long, value_name = "TEXT")]
        query: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows the versions that changed last in everything you may read
    Newest {
        /// Only those of this project
        #[arg(long, value_name = "KEY")]
        project: Option<String>,
        /// Only those of this format, such as maven
        #[arg(long)]
        format: Option<String>,
        /// So many of them, 100 at most
        #[arg(long, value_name = "COUNT", default_value_t = 20)]
        limit: u32,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows where content is, by its SHA-256, SHA-512 or SHA-1
    Find {
        /// The hash, as hexadecimal digits or as sha256:DIGITS
        digest: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows what the content of a version tells of it
    Details {
        #[command(flatten)]
        version: VersionName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a version
    Show {
        #[command(flatten)]
        version: VersionName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows the files of a version and their digests
    Files {
        #[command(flatten)]
        version: VersionName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Deletes a version, as its protocol's own delete does
    Delete {
        #[command(flatten)]
        version: VersionName,
        /// The version once more
        #[arg(long, value_name = "VERSION")]
        confirm: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
    /// Takes a version out of lists; it is still found by its name
    Unlist {
        #[command(flatten)]
        version: VersionName,
        #[command(flatten)]
        changing: Changing,
    },
    /// Takes a version back into lists
    Relist {
        #[command(flatten)]
        version: VersionName,
        #[command(flatten)]
        changing: Changing,
    },
    /// Pins a version: nobody removes or replaces it until that is taken back
    Pin {
        #[command(flatten)]
        version: VersionName,
        /// Why, in a line; whoever meets the pin is told
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Shows why a version should no longer be used
    Deprecation {
        #[command(flatten)]
        version: VersionName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Says that a version should no longer be used; clients that ask are told
    Deprecate {
        #[command(flatten)]
        version: VersionName,
        /// Why; may be repeated
        #[arg(long = "reason", value_enum)]
        reasons: Vec<ReasonWord>,
        /// What to do about it
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
        /// A package to use instead
        #[arg(long, value_name = "PACKAGE")]
        alternate: Option<String>,
        /// Which versions of that, in the format's own words
        #[arg(long, value_name = "RANGE", requires = "alternate")]
        range: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
    /// Takes back that a version should no longer be used
    Undeprecate {
        #[command(flatten)]
        version: VersionName,
        #[command(flatten)]
        changing: Changing,
    },
    /// Takes the pin of a version back
    Unpin {
        #[command(flatten)]
        version: VersionName,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReasonWord {
    /// Nobody works on it any more
    Legacy,
    /// It has bugs that make it unfit
    CriticalBugs,
    /// What the message says
    Other,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AdvisoryCommand {
    /// Shows the weaknesses that are known of packages of a repository
    List {
        /// PROJECT/REPOSITORY
        repository: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows the document of a weakness
    Show {
        #[command(flatten)]
        advisory: AdvisoryName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Puts the document of a weakness; clients that look for weaknesses are told
    Put {
        #[command(flatten)]
        advisory: AdvisoryName,
        /// A file with the document, in the format of OSV
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        #[command(flatten)]
        changing: Changing,
    },
    /// Takes the document of a weakness away
    Delete {
        #[command(flatten)]
        advisory: AdvisoryName,
        /// Its id once more
        #[arg(long, value_name = "ID")]
        confirm: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AdvisoryName {
    /// PROJECT/REPOSITORY
    pub(in crate::cli) repository: String,
    /// Its id, such as GHSA-1234-5678-90ab
    pub(in crate::cli) id: String,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TombstoneCommand {
    /// Shows the names of a repository that were removed and stay reserved
    List {
        /// PROJECT/REPOSITORY
        repository: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Makes a reserved name free for any content
    Lift {
        /// PROJECT/REPOSITORY
        repository: String,
        /// The name, as `list` shows it
        name: String,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PackageName {
    /// PROJECT/REPOSITORY
    pub(in crate::cli) repository: String,
    /// An image, `group:artifact`, the id of a NuGet package; / for everything in a repository of files
    pub(in crate::cli) package: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VersionName {
    #[command(flatten)]
    pub(in crate::cli) package: PackageName,
    /// A version, a tag, a digest, the path of a file
    pub(in crate::cli) version: String,
}

/// Orders of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PackageOrder {
    /// By name, and then by repository
    Name,
    /// By name, the last first
    #[value(name = "-name")]
    NameDown,
    /// By how often they were fetched, then by name and repository
    Downloads,
    /// By how often they were fetched, the most fetched first
    #[value(name = "-downloads")]
    DownloadsDown,
}
