//! What can be typed about packages and their versions.

use clap::{Args, Subcommand};

use super::super::flags::{Changing, Remote};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PackageCommand {
    /// Shows the packages of a repository
    List {
        /// PROJECT/REPOSITORY
        repository: String,
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
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum VersionCommand {
    /// Shows the versions of a package, those that are unlisted too
    List {
        #[command(flatten)]
        package: PackageName,
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
    /// Takes the pin of a version back
    Unpin {
        #[command(flatten)]
        version: VersionName,
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
