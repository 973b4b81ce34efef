//! `/`: what is asked, before anything is asked of it.

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
    /// What can be administered here: the nouns of the command line that it has endpoints for, by name.
    #[schemars(extend("x-open-enum" = true))]
    pub features: Vec<String>,
}

impl Endpoint for ShowServer {
    const META: Meta = Meta {
        id: "server_show",
        method: Method::Get,
        path: "/",
        summary: "Shows which release this is, and what it can do; without credentials only the version of the API.",
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
        let all = crate::all::all();
        let nouns = all.iter().filter_map(|mounted| mounted.meta.cli?.split(' ').next());
        let mut features: Vec<String> = nouns.filter(|noun| *noun != "version").map(str::to_owned).collect();
        features.sort_unstable();
        features.dedup();
        let release = env!("CARGO_PKG_VERSION").to_owned();
        Ok(Done::read(Server { api: "v1".to_owned(), release, features }))
    }
}
