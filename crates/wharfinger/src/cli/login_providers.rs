//! What can be typed about providers of log-ins.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::flags::{Changing, Remote};

#[derive(Debug, Subcommand)]
pub(super) enum LoginProviderCommand {
    /// Shows who vouches for people
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a provider of log-ins, but for its secret
    Show {
        /// Its name
        provider: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Lets people log in by a provider, or sets how; what is not given is its default, but the secret stays
    Put {
        /// Its name, such as corp
        provider: String,
        #[command(flatten)]
        fields: LoginProviderFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Asks a provider for its configuration and its keys now
    Test {
        /// Its name; with --issuer of one that is not there yet
        provider: String,
        /// The issuer, in place of the one that is there
        #[arg(long)]
        issuer: Option<String>,
        /// Its host may have an address that is not public
        #[arg(long, requires = "issuer")]
        private: bool,
        #[command(flatten)]
        remote: Remote,
    },
    /// Lets nobody log in by a provider any more, and ends the sessions that it began
    Delete {
        /// Its name
        provider: String,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(super) struct LoginProviderFields {
    /// What its tokens say in `iss`, such as https://login.example.org
    #[arg(long)]
    pub(super) issuer: String,
    /// What it calls the gateway
    #[arg(long, value_name = "TEXT")]
    pub(super) client_id: String,
    /// A file that holds the secret by which it knows the gateway; a new provider needs one
    #[arg(long, value_name = "FILE")]
    pub(super) secret_file: Option<PathBuf>,
    /// What people call it, on the button of the log-in
    #[arg(long)]
    pub(super) title: Option<String>,
    /// What is asked of it besides openid; may be repeated [default: profile]
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(super) scopes: Vec<String>,
    /// The claim that new people are named by [default: preferred_username]
    #[arg(long, value_name = "CLAIM")]
    pub(super) name_claim: Option<String>,
    /// The claim that holds groups
    #[arg(long, value_name = "CLAIM")]
    pub(super) groups_claim: Option<String>,
    /// A group that puts members into a team; may be repeated
    #[arg(long = "group", value_name = "VALUE=TEAM")]
    pub(super) groups: Vec<String>,
    /// Whom it makes of somebody nobody is linked to
    #[arg(long, value_enum, default_value = "never")]
    pub(super) make: MakesChoice,
    /// Its host may have an address that is not public
    #[arg(long)]
    pub(super) private: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MakesChoice {
    Never,
    Member,
    Guest,
}
