//! What can be typed about who takes part in a project.

use clap::{Args, Subcommand, ValueEnum};

use super::Remote;
use super::flags::Trying;

#[derive(Debug, Subcommand)]
pub(super) enum ParticipantCommand {
    /// Shows who was added to a project
    List {
        /// Such as alpha
        project: String,
        /// Only those with this role
        #[arg(long)]
        role: Option<String>,
        /// Only those of this kind
        #[arg(long, value_enum)]
        kind: Option<ParticipantWord>,
        /// Only those with these words in name or title
        #[arg(long, value_name = "WORDS")]
        query: Option<String>,
        /// Only this one, such as member:alice
        #[arg(long, value_name = "REF")]
        who: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Names who could be added to a project, 20 at most
    Candidates {
        /// Such as alpha
        project: String,
        /// Only those with these words in name or title
        #[arg(long, value_name = "WORDS")]
        query: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Adds somebody, or a team, to a project
    Add {
        #[command(flatten)]
        wanted: ParticipantFields,
    },
    /// Sets which roles somebody has on a project; those that are not given are taken away
    Set {
        #[command(flatten)]
        wanted: ParticipantFields,
    },
    /// Sets which permissions of their own an external or an application has in a project
    Permissions {
        /// Such as alpha
        project: String,
        /// Such as collaborator:carol or application:build-server
        participant: String,
        /// NODE=PERMISSION[,PERMISSION…], such as alpha/jars=read,publish; may be repeated, and then these are all
        #[arg(long = "grant", value_name = "NODE=PERMISSIONS")]
        grants: Vec<String>,
        /// When they end, such as 2030-01-01T00:00:00Z; without it never
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        #[command(flatten)]
        trying: Trying,
    },
    /// Takes every grant of somebody away, on a project and on its repositories, and tells what remains
    Remove {
        /// Such as alpha
        project: String,
        /// Such as member:alice or team:releasers
        participant: String,
        #[command(flatten)]
        trying: Trying,
    },
}

#[derive(Debug, Args)]
pub(super) struct ParticipantFields {
    /// Such as alpha
    pub(super) project: String,
    /// Such as member:alice or team:releasers
    pub(super) participant: String,
    /// A role on the project, such as project-member; may be repeated. An external has the one of their kind
    #[arg(long = "role", value_name = "ROLE")]
    pub(super) roles: Vec<String>,
    /// When they end, such as 2030-01-01T00:00:00Z; without it never
    #[arg(long, value_name = "TIME")]
    pub(super) expires: Option<String>,
    #[command(flatten)]
    pub(super) trying: Trying,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ParticipantWord {
    Member,
    Collaborator,
    Guest,
    Application,
    Team,
}
