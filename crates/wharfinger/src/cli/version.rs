//! `wharfinger version`: which release this is, and which one a server is. The versions of packages stand below the same word.

use std::path::PathBuf;

use api::server::ShowServer;
use api::{Ask, Nothing};
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::flags::{At, Form, Remote};
use super::nouns::packages::VersionCommand;
use super::{manage, output, server_url, session};
use crate::config::{Environment, ServerUrl};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Version {
    #[command(subcommand)]
    command: Option<VersionCommand>,
    /// Ask a gateway, the one that is meant if none is named
    #[arg(long, value_name = "URL", num_args = 0..=1, value_parser = server_url)]
    server: Option<Option<ServerUrl>>,
    /// Certificates (PEM) to trust instead of the system's
    #[arg(long, value_name = "FILE", requires = "server")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

pub(super) async fn show(asked: Version, environment: &Environment) -> Result<(), Failure> {
    if let Some(command) = asked.command {
        return manage::packages::version(command, environment).await;
    }
    let release = env!("CARGO_PKG_VERSION");
    let Some(server) = asked.server else {
        let here = Remote { form: asked.form, at: At { server: None, ca_file: None } };
        manage::shown::show_done(&here, &json!({ "release": release }), &format!("wharfinger {release}"));
        return Ok(());
    };
    let remote = Remote { form: asked.form, at: At { server, ca_file: asked.ca_file } };
    let client = session::client(&remote.at, environment)?;
    let told = client.call(&Ask::<ShowServer>::new((), Nothing {}, Nothing {})).await?;
    manage::shown::show_fields(&remote, &told.document);
    if told.answer.release != release {
        output::complain(&format!("this is release {release}"));
    }
    Ok(())
}
