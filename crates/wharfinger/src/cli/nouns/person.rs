use clap::{Args, Subcommand, ValueEnum};

use super::super::{Doing, Remote};
use super::Changing;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PersonCommand {
    /// Shows members, collaborators and guests
    List {
        /// Only those of this kind
        #[arg(long, value_enum)]
        kind: Option<PersonWord>,
        /// Only those with these words in name, title or address
        #[arg(long, value_name = "WORDS")]
        query: Option<String>,
        /// Only those who are suspended, or are not
        #[arg(long, value_name = "BOOL")]
        suspended: Option<bool>,
        /// Only those who were not seen for so many days
        #[arg(long, value_name = "DAYS")]
        unused_days: Option<u32>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a person
    Show {
        /// Such as member:alice
        person: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Makes a person; `person invite` or `token create --of` gives them a way in
    Create {
        /// Such as member:alice or collaborator:carol
        person: String,
        #[command(flatten)]
        fields: PersonFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Changes a person; what is not given stays
    Set {
        /// Such as member:alice
        person: String,
        #[command(flatten)]
        fields: PersonFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Makes a code by which somebody sets a first password of their own, and shows it, once
    Invite {
        #[command(flatten)]
        invited: InvitedPerson,
        #[command(flatten)]
        doing: Doing,
    },
    /// Makes a code by which somebody who forgot their password sets another, and shows it, once
    ResetPassword {
        #[command(flatten)]
        invited: InvitedPerson,
        #[command(flatten)]
        doing: Doing,
    },
    /// Shows the codes of somebody that were not redeemed, never the codes themselves
    Invitations {
        /// Such as member:alice
        person: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Withdraws a code
    Uninvite {
        /// Such as member:alice
        person: String,
        /// The eight characters behind `whfi_`
        id: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Sets somebody's password, which they have to change: reads it from standard input
    SetPassword {
        /// Such as member:alice
        person: String,
        /// They may keep it
        #[arg(long)]
        keep: bool,
        #[command(flatten)]
        doing: Doing,
    },
    /// Ends the bearers that somebody's password was given; the password stays
    Logout {
        /// Such as member:alice
        person: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Deletes a person with their tokens, grants and memberships
    Delete {
        /// Such as member:alice
        person: String,
        /// The same once more
        #[arg(long, value_name = "KIND:NAME")]
        confirm: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InvitedPerson {
    /// Such as member:alice
    pub(in crate::cli) person: String,
    /// How many seconds the code is good, 900 to 604800 [default: three days]
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) expires_secs: Option<u32>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PersonFields {
    /// What people call them
    #[arg(long)]
    pub(in crate::cli) title: Option<String>,
    /// An address, which is a log-in name too; may be repeated, and then these are all
    #[arg(long = "email", value_name = "ADDRESS")]
    pub(in crate::cli) emails: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PersonWord {
    Member,
    Collaborator,
    Guest,
}
