//! What can be typed about webhooks.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Remote;
use super::nouns::Changing;

#[derive(Debug, Subcommand)]
pub(super) enum WebhookCommand {
    /// Shows the webhooks of a node
    List {
        /// `/`, PROJECT or PROJECT/REPOSITORY
        #[arg(long, value_name = "NODE")]
        on: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows a webhook and how it fares
    Show {
        #[command(flatten)]
        webhook: WebhookName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Makes a webhook and prints its secret, or changes what is given of one
    Put {
        #[command(flatten)]
        webhook: WebhookName,
        #[command(flatten)]
        fields: WebhookFields,
        #[command(flatten)]
        changing: Changing,
    },
    /// Deletes a webhook, with the messages that wait for it
    Delete {
        #[command(flatten)]
        webhook: WebhookName,
        #[command(flatten)]
        changing: Changing,
    },
    /// Sends a webhook a message of its own, and says how that went
    Test {
        #[command(flatten)]
        webhook: WebhookName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows what a webhook was told, and how that went
    Deliveries {
        #[command(flatten)]
        webhook: WebhookName,
        #[command(flatten)]
        remote: Remote,
    },
    /// Sends a message again
    Redeliver {
        #[command(flatten)]
        webhook: WebhookName,
        /// Its number, as `deliveries` shows it
        delivery: String,
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Debug, Args)]
pub(super) struct WebhookName {
    /// Its name
    pub(super) webhook: String,
    /// `/`, PROJECT or PROJECT/REPOSITORY
    #[arg(long, value_name = "NODE")]
    pub(super) on: String,
}

#[derive(Debug, Args)]
pub(super) struct WebhookFields {
    /// Where its messages go
    #[arg(long)]
    pub(super) url: Option<String>,
    /// What it is told of: package.published, package.replaced, package.removed, package.unlisted, package.relisted, audit; may be
    /// repeated, and then these are all
    #[arg(long = "event", value_name = "EVENT")]
    pub(super) events: Vec<String>,
    /// Whether it is told anything
    #[arg(long, value_name = "BOOL")]
    pub(super) active: Option<bool>,
    /// A file that holds its secret; not given, a new webhook gets one made here
    #[arg(long, value_name = "FILE")]
    pub(super) secret_file: Option<PathBuf>,
    /// Give it a new secret, made here and printed; the one before signs too for a day
    #[arg(long, conflicts_with = "secret_file")]
    pub(super) new_secret: bool,
}
