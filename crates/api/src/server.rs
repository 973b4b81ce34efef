//! `/`: what is asked before anything else; which operations there are is in `openapi.json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::endpoint::{Ask, Cx, Done, Endpoint, LoggedIn, Meta, Method, Nothing};
use crate::problem::Fault;

/// `GET /`
pub enum ShowServer {}

/// A server.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Server {
    /// The version of this API.
    pub api: String,
    /// The release that runs.
    pub release: String,
    /// Where people read what can be asked: a path on this server.
    pub docs: String,
}

impl Endpoint for ShowServer {
    const META: Meta = Meta {
        id: "server_show",
        method: Method::Get,
        path: "/",
        summary: "Shows which release this is; without credentials only the version of the API.",
        since: "0.1",
        audit: &[],
        faults: &[],
        cli: Some("version"),
    };
    type At = ();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Server;
    type May = LoggedIn;

    async fn call(_cx: &Cx, _may: LoggedIn, _ask: &Ask<Self>) -> Result<Done<Server>, Fault> {
        let release = env!("CARGO_PKG_VERSION").to_owned();
        Ok(Done::read(Server { api: "v1".to_owned(), release, docs: "/api/docs".to_owned() }))
    }
}
