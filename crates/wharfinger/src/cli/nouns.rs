//! What can be typed about the organisation, projects, repositories, people, teams, applications and roles.

use clap::{Args, Subcommand, ValueEnum};

use super::VisibilityWord;
use super::flags::{Changing, Remote};

mod organisation;
pub(super) mod packages;
mod person;

pub(super) use organisation::{OrganisationCommand, OrganisationFields};
pub(super) use person::{InvitedPerson, PersonCommand, PersonFields, PersonWord};

/// Orders of projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProjectOrder {
    /// By key
    Key,
    /// By key, the last first
    #[value(name = "-key")]
    KeyDown,
    /// The oldest first
    Created,
    /// The newest first
    #[value(name = "-created")]
    CreatedDown,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProjectCommand {
    /// Shows the projects you may know of
    List {
        /// Only those with these words in key or title
        #[arg(long, value_name = "WORDS")]
        query: Option<String>,
        /// In this order, which `-` in front turns round; by key without it
        #[arg(long, value_enum, allow_hyphen_values = true)]
        sort: Option<ProjectOrder>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a project
    Show {
        /// Its key
        project: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Makes a project; you are its administrator then
    Create {
        /// Its key
        project: String,
        #[command(flatten)]
        fields: ProjectFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Changes a project; what is not given stays
    Set {
        /// Its key
        project: String,
        #[command(flatten)]
        fields: ProjectFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Deletes a project with its roles and every grant on it and in it
    Delete {
        /// Its key
        project: String,
        /// Its key once more
        #[arg(long, value_name = "KEY")]
        confirm: Option<String>,
        /// Delete its repositories too, with everything in them
        #[arg(long)]
        with_repositories: bool,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(super) struct ProjectFields {
    /// What people call it
    #[arg(long)]
    pub(super) title: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub(super) description: Option<String>,
    /// Whether every member may read in it
    #[arg(long, value_enum)]
    pub(super) access: Option<AccessWord>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum AccessWord {
    Closed,
    Internal,
}

impl AccessWord {
    /// As the API writes it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Internal => "internal",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum WorkerCommand {
    /// Shows what one node does for all without being asked, and how it stands
    List {
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum GarbageCommand {
    /// Shows what was removed, what waits to be removed, until when, and what has been freed
    Status {
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum NodeCommand {
    /// Shows the processes that share the rows, and what each has in force
    List {
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum FormatCommand {
    /// Shows the words of the formats, and how the paths of their repositories begin
    List {
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum RepositoryCommand {
    /// Shows the repositories you may read
    List {
        /// Only those of this project
        #[arg(long, value_name = "KEY")]
        project: Option<String>,
        /// Only those with these words in name or description
        #[arg(long, value_name = "WORDS")]
        query: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a repository
    Show {
        /// PROJECT/REPOSITORY
        repository: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Makes a repository
    Create {
        /// PROJECT/REPOSITORY
        repository: String,
        /// The protocol it speaks, for all of its life, such as oci or maven
        #[arg(long)]
        format: String,
        #[command(flatten)]
        fields: RepositoryFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Changes a repository; what is not given stays
    Set {
        /// PROJECT/REPOSITORY
        repository: String,
        #[command(flatten)]
        fields: RepositoryFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Makes a repository public or private
    Visibility {
        /// PROJECT/REPOSITORY
        repository: String,
        /// Who may read without logging in: everybody or nobody
        #[arg(value_enum)]
        visibility: VisibilityWord,
        #[command(flatten)]
        changing: Changing,
    },
    /// Deletes a repository with all its packages; its name gives nothing back
    Delete {
        /// PROJECT/REPOSITORY
        repository: String,
        /// PROJECT/REPOSITORY once more
        #[arg(long, value_name = "PROJECT/REPOSITORY")]
        confirm: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(super) struct RepositoryFields {
    /// Who may read without logging in: everybody or nobody
    #[arg(long, value_enum)]
    pub(super) visibility: Option<VisibilityWord>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub(super) description: Option<String>,
    /// What it lets happen to its packages: a field and its value, such as releases=replace or immutable_tags=["v*"], a JSON object
    /// of them, or @FILE with one
    #[arg(long, value_name = "FIELD=VALUE|JSON|@FILE")]
    pub(super) policy: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum TeamCommand {
    /// Shows teams
    List {
        /// Only those with these words in name or title
        #[arg(long, value_name = "WORDS")]
        query: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a team and who is in it directly
    Show {
        /// Its name
        team: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Makes a team
    Create {
        /// Its name
        team: String,
        #[command(flatten)]
        fields: TeamFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Changes a team; what is not given stays
    Set {
        /// Its name
        team: String,
        #[command(flatten)]
        fields: TeamFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Puts somebody, or a team, into a team
    Add {
        /// Its name
        team: String,
        /// Such as member:alice or team:others
        member: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Takes somebody, or a team, out of a team
    Remove {
        /// Its name
        team: String,
        /// Such as member:alice or team:others
        member: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Deletes a team with every grant to it
    Delete {
        /// Its name
        team: String,
        /// Its name once more
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(super) struct TeamFields {
    /// What people call it
    #[arg(long)]
    pub(super) title: Option<String>,
    /// Somebody in it, such as member:alice; may be repeated, and then these are all
    #[arg(long = "member", value_name = "KIND:NAME")]
    pub(super) members: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// Shows applications
    List {
        /// Only those that have what they request in this project
        #[arg(long = "in", value_name = "PROJECT")]
        within: Option<String>,
        /// Only those with these words in name or title
        #[arg(long, value_name = "WORDS", conflicts_with = "within")]
        query: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows an application
    Show {
        /// Its name
        application: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Makes an application; `token create --of application:NAME` is its way in
    Create {
        /// Its name
        application: String,
        #[command(flatten)]
        fields: AppFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Changes an application; what is not given stays
    Set {
        /// Its name
        application: String,
        #[command(flatten)]
        fields: AppFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Gives an application in a project what it requests
    Authorise {
        /// Its name
        application: String,
        /// The project
        #[arg(long = "in", value_name = "PROJECT")]
        within: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Takes that back
    Withdraw {
        /// Its name
        application: String,
        /// The project
        #[arg(long = "in", value_name = "PROJECT")]
        within: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Deletes an application with its tokens, grants and memberships
    Delete {
        /// Its name
        application: String,
        /// Its name once more
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(super) struct AppFields {
    /// What people call it
    #[arg(long)]
    pub(super) title: Option<String>,
    /// The rights it requests, between commas
    #[arg(long, value_name = "PERMISSIONS")]
    pub(super) requested: Option<String>,
    /// A project where those are authorised; may be repeated, and then these are all
    #[arg(long = "authorised", value_name = "PROJECT")]
    pub(super) authorised: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum RoleCommand {
    /// Shows the roles of a project, or of the organisation
    List {
        /// `/` or PROJECT
        #[arg(long, value_name = "NODE")]
        on: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a role
    Show {
        #[command(flatten)]
        role: RoleName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Makes a role, or sets what one holds
    Set {
        #[command(flatten)]
        role: RoleName,
        /// Everything it holds, between commas
        #[arg(long, value_name = "PERMISSIONS")]
        permissions: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Makes a predefined role what its template says
    Reset {
        #[command(flatten)]
        role: RoleName,
        #[command(flatten)]
        changing: Changing,
    },
    /// Deletes a role that is not predefined
    Delete {
        #[command(flatten)]
        role: RoleName,
        /// End the grants of it too
        #[arg(long)]
        with_grants: bool,
        /// Its name once more
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(super) struct RoleName {
    /// Its name
    pub(super) role: String,
    /// `/` or PROJECT
    #[arg(long, value_name = "NODE")]
    pub(super) on: String,
}
