use clap::{Args, Subcommand};

use super::super::Remote;
use super::{AccessWord, Changing};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OrganisationCommand {
    /// Shows the organisation; all of it to who may manage it
    Show {
        #[command(flatten)]
        remote: Remote,
    },
    /// Changes the organisation; what is not given stays
    Set {
        #[command(flatten)]
        fields: OrganisationFields,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OrganisationFields {
    /// What addresses of Space's forms call it
    #[arg(long)]
    pub(in crate::cli) name: Option<String>,
    /// What people call it
    #[arg(long)]
    pub(in crate::cli) title: Option<String>,
    /// Another name that addresses may call it; may be repeated, and then these are all
    #[arg(long = "alias", value_name = "NAME")]
    pub(in crate::cli) aliases: Vec<String>,
    /// Leave no other name
    #[arg(long, conflicts_with = "aliases")]
    pub(in crate::cli) no_aliases: bool,
    /// Whether every member may read in new projects
    #[arg(long, value_enum)]
    pub(in crate::cli) new_projects: Option<AccessWord>,
    /// Whether every member may make projects
    #[arg(long, value_name = "YES")]
    pub(in crate::cli) members_make_projects: Option<bool>,
    /// Whether passwords are good for anything
    #[arg(long, value_name = "YES")]
    pub(in crate::cli) password_log_in: Option<bool>,
    /// Whether passwords are good where packages are fetched and published, too
    #[arg(long, value_name = "YES")]
    pub(in crate::cli) password_on_packages: Option<bool>,
    /// Whether the name that comes along with a token must be one of its owner's
    #[arg(long, value_name = "YES")]
    pub(in crate::cli) strict_user_names: Option<bool>,
    /// Fewest characters of a new password
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) password_chars_min: Option<u32>,
    /// Most days until a new token ends; 0 for any
    #[arg(long, value_name = "DAYS")]
    pub(in crate::cli) token_days_max: Option<u32>,
    /// Days that events of administration are kept in the audit
    #[arg(long, value_name = "DAYS")]
    pub(in crate::cli) audit_admin_days: Option<u32>,
    /// Days that transfers are kept in the audit
    #[arg(long, value_name = "DAYS")]
    pub(in crate::cli) audit_transfer_days: Option<u32>,
    /// Days that log-ins and refusals are kept in the audit
    #[arg(long, value_name = "DAYS")]
    pub(in crate::cli) audit_denial_days: Option<u32>,
    /// Seconds that a session in a browser lasts unused
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) session_idle_secs: Option<u32>,
    /// Seconds that a session in a browser lasts in all
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) session_total_secs: Option<u32>,
    /// Whether who is not logged in is shown what is public on the first page of the console
    #[arg(long, value_name = "YES")]
    pub(in crate::cli) public_landing: Option<bool>,
}
