//! What can be typed about permanent tokens.

use clap::{Args, Subcommand, ValueEnum};

use super::flags::{Doing, Form};
use super::{Changing, Remote};

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Prints a well-formed secret and nothing else, with `-o json` also its id and hash; for files, and for `put`
    Generate {
        /// Whose token it is to be
        #[arg(value_enum)]
        kind: GeneratedKind,
        #[command(flatten)]
        form: Form,
    },
    /// Makes a token and shows it, once
    Create {
        /// What it is called
        name: String,
        #[command(flatten)]
        reach: Reach,
        /// When it ends, such as 2030-01-01T00:00:00Z; without it never
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        #[command(flatten)]
        whence: Whence,
        #[command(flatten)]
        owner: Owner,
        #[command(flatten)]
        changing: Changing,
    },
    /// Makes a token what it is to be by the secret that you keep, as often as you like; only its id and hash are sent
    Put {
        /// What it is called
        name: String,
        #[command(flatten)]
        secret: KeptSecret,
        #[command(flatten)]
        reach: Reach,
        /// When it ends, such as 2030-01-01T00:00:00Z; without it never
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        #[command(flatten)]
        whence: Whence,
        /// Known, and refused
        #[arg(long)]
        disabled: bool,
        #[command(flatten)]
        owner: Owner,
        #[command(flatten)]
        changing: Changing,
    },
    /// Disables tokens that were found where they should not be: those in the text on standard input
    Report {
        /// Where they were found
        #[arg(long, value_name = "TEXT")]
        url: Option<String>,
        #[command(flatten)]
        doing: Doing,
    },
    /// Makes a token with the name and limits of another and shows it, once; the other goes on for a time
    Rotate {
        /// The eight characters behind `whfp_` or `whfa_`
        id: String,
        /// For how many seconds the old one goes on, at most 2592000; 0 ends it at once
        #[arg(long, value_name = "SECONDS", default_value_t = 604_800, value_parser = clap::value_parser!(u32).range(..=2_592_000))]
        overlap: u32,
        /// When the new one ends, such as 2030-01-01T00:00:00Z; without it as long from now as the old one was made for
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        #[command(flatten)]
        owner: Owner,
        #[command(flatten)]
        changing: Changing,
    },
    /// Shows tokens, never their secrets
    List {
        /// Those that were exchanged for a machine's token, in place of those that somebody made
        #[arg(long)]
        short_lived: bool,
        /// Only those of this state; without it all that are not revoked
        #[arg(long, value_enum)]
        state: Option<StateWord>,
        /// Only those that were not used for so many days
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
        unused_days: Option<u32>,
        #[command(flatten)]
        owner: Owner,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a token, never its secret
    Show {
        /// The eight characters behind `whfp_` or `whfa_`
        id: String,
        #[command(flatten)]
        owner: Owner,
        #[command(flatten)]
        remote: Remote,
    },
    /// Disables a token: known, and refused
    Disable {
        /// The eight characters behind `whfp_` or `whfa_`
        id: String,
        #[command(flatten)]
        owner: Owner,
        #[command(flatten)]
        changing: Changing,
    },
    /// Revokes a token for good
    Revoke {
        /// The eight characters behind `whfp_` or `whfa_`
        id: String,
        #[command(flatten)]
        owner: Owner,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GeneratedKind {
    Person,
    Application,
}

/// A secret as `token generate` made it: the text, which stays here, or what is known of it.
#[derive(Debug, Args)]
pub(super) struct KeptSecret {
    /// Read the secret from standard input
    #[arg(long, conflicts_with_all = ["id", "sha256"], required_unless_present = "id")]
    pub(super) secret_stdin: bool,
    /// The eight characters behind `whfp_` or `whfa_`
    #[arg(long, requires = "sha256")]
    pub(super) id: Option<String>,
    /// SHA-256 of the whole secret, in hexadecimal digits
    #[arg(long, requires = "id", value_name = "HASH")]
    pub(super) sha256: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StateWord {
    Active,
    Disabled,
    Revoked,
}

/// From when and from where a token is good.
#[derive(Debug, Args)]
pub(super) struct Whence {
    /// When it begins, such as 2030-01-01T00:00:00Z; without it at once
    #[arg(long, value_name = "TIME")]
    pub(super) not_before: Option<String>,
    /// An address or network from which it is good, such as 10.0.0.0/8; may be repeated, without it from everywhere
    #[arg(long = "cidr", value_name = "ADDRESS[/BITS]")]
    pub(super) cidrs: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Owner {
    /// Whose tokens, such as application:build-server; without it your own
    #[arg(long, value_name = "KIND:NAME")]
    pub(super) of: Option<String>,
}

/// How far a token reaches. Where nothing is said the terminal is asked.
#[derive(Debug, Args)]
pub(super) struct Reach {
    /// Limit it: NODE=PERMISSION[,PERMISSION…], such as alpha/images=read; may be repeated
    #[arg(long = "limit", value_name = "NODE=PERMISSIONS")]
    pub(super) limits: Vec<String>,
    /// Let it read there, `/`, PROJECT or PROJECT/REPOSITORY; may be repeated
    #[arg(long, value_name = "NODE")]
    pub(super) read: Vec<String>,
    /// Let it read, publish and overwrite there; may be repeated
    #[arg(long, value_name = "NODE")]
    pub(super) write: Vec<String>,
    /// Let it do everything that its owner may
    #[arg(long, conflicts_with_all = ["limits", "read", "write"])]
    pub(super) full: bool,
}
