//! `wharfinger version`: which release this is, and which one a server is.

use api::server::ShowServer;
use api::{Ask, Nothing};
use serde_json::json;

use super::failure::Failure;
use super::flags::{At, Remote};
use super::{Version, manage, output, session};
use crate::config::Environment;

pub(super) async fn show(asked: Version, environment: &Environment) -> Result<(), Failure> {
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
