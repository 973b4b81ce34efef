//! What can be typed about machines that show who they are.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::flags::{Changing, Remote, Trying};

#[derive(Debug, Subcommand)]
pub(super) enum IssuerCommand {
    /// Shows who vouches for machines
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows an issuer
    Show {
        /// Its name
        issuer: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Believes an issuer, or sets how; what is not given is its default
    Put {
        /// Its name, such as github
        issuer: String,
        #[command(flatten)]
        fields: IssuerFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Asks an issuer for its keys now
    Test {
        /// Its name
        issuer: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Believes an issuer no more
    Delete {
        /// Its name
        issuer: String,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(super) struct IssuerFields {
    /// What its tokens say in `iss`, such as https://token.actions.githubusercontent.com
    #[arg(long)]
    pub(super) url: String,
    /// Which claims its tokens have
    #[arg(long, value_enum)]
    pub(super) kind: IssuerWord,
    /// Whom its tokens may be for besides the public address of the gateway; may be repeated
    #[arg(long = "audience", value_name = "TEXT")]
    pub(super) audiences: Vec<String>,
    /// Its host may have an address that is not public
    #[arg(long)]
    pub(super) private: bool,
    /// A file with its keys (JWKS); nothing is fetched then
    #[arg(long, value_name = "FILE")]
    pub(super) jwks_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum IssuerWord {
    Github,
    Gitlab,
    Kubernetes,
    Any,
}

#[derive(Debug, Subcommand)]
pub(super) enum PublisherCommand {
    /// Shows which machines get short-lived tokens in a project
    List {
        /// Such as alpha
        project: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a publisher
    Show {
        /// PROJECT/PUBLISHER, such as alpha/release
        publisher: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Lets a machine have short-lived tokens, or sets what for; what is not given is its default
    Put {
        /// PROJECT/PUBLISHER, such as alpha/release
        publisher: String,
        #[command(flatten)]
        fields: PublisherFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Takes a publisher away, with the tokens it made
    Delete {
        /// PROJECT/PUBLISHER, such as alpha/release
        publisher: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Tells whether a publisher would take the token of an issuer, and what stands in the way
    Try {
        /// PROJECT/PUBLISHER, such as alpha/release
        publisher: String,
        /// The token: from a file with @FILE, from standard input with @-
        #[arg(default_value = "@-", value_name = "@FILE")]
        shown: String,
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Debug, Args)]
pub(super) struct PublisherFields {
    /// The name of the issuer
    #[arg(long)]
    pub(super) issuer: String,
    /// NAME=TEXT: what a claim of the token must be, such as repository=acme/app; may be repeated, and all must be so
    #[arg(long = "claim", value_name = "NAME=TEXT", required = true)]
    pub(super) claims: Vec<String>,
    /// Where its tokens are good, PROJECT or PROJECT/REPOSITORY; may be repeated; without it the whole project
    #[arg(long, value_name = "NODE")]
    pub(super) on: Vec<String>,
    /// What for, between commas: read, publish, overwrite, delete-package; with --direct alone it is read
    #[arg(long, value_name = "PERMISSIONS", required_unless_present = "direct")]
    pub(super) permissions: Option<String>,
    /// For how many minutes each is good, 1 to 60 [default: 15]
    #[arg(long)]
    pub(super) minutes: Option<u32>,
    /// Take the issuer's token also as it is, in place of one of ours: of kubernetes alone
    #[arg(long)]
    pub(super) direct: bool,
    /// The application that owns the tokens; without it one of its own is made
    #[arg(long, value_name = "NAME")]
    pub(super) application: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ExchangeFlags {
    /// The issuer's token: from a file with @FILE, from standard input with @-
    #[arg(default_value = "@-", value_name = "@FILE")]
    pub(super) shown: String,
    /// Which publisher is meant, PROJECT/PUBLISHER; needed only if several fit
    #[arg(long, value_name = "PROJECT/PUBLISHER")]
    pub(super) publisher: Option<String>,
    #[command(flatten)]
    pub(super) trying: Trying,
}
