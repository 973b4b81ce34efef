//! What can be typed about grants.

use clap::{Args, Subcommand};

use super::flags::{Changing, Remote};

#[derive(Debug, Subcommand)]
pub(super) enum GrantCommand {
    /// Makes a grant, or replaces the one of the same name
    Put {
        #[command(flatten)]
        grant: GrantName,
        /// Permissions instead of a role, between commas
        #[arg(long, value_name = "PERMISSIONS", conflicts_with = "role", required_unless_present = "role")]
        permissions: Option<String>,
        /// When it ends, such as 2030-01-01T00:00:00Z; without it never
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
    /// Deletes a grant: with --role the one of that role, without it the one with permissions
    Delete {
        #[command(flatten)]
        grant: GrantName,
        #[command(flatten)]
        changing: Changing,
    },
    /// Shows the grants on a node, not those it inherits
    List {
        /// `/`, PROJECT or PROJECT/REPOSITORY
        #[arg(long, value_name = "NODE")]
        on: String,
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Debug, Args)]
pub(super) struct GrantName {
    /// Who gets it, such as member:alice or team:releasers
    #[arg(long, value_name = "KIND:NAME")]
    pub(super) to: String,
    /// Where it holds: `/`, PROJECT or PROJECT/REPOSITORY
    #[arg(long, value_name = "NODE")]
    pub(super) on: String,
    /// A role, such as viewer
    #[arg(long)]
    pub(super) role: Option<String>,
}
