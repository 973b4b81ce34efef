//! `/nodes`: the processes that answer with the same rows.

use domain::{AuditView, Granted, Organisation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::GatewayRow;

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::Moment;

/// `GET /nodes`
pub enum ListNodes {}

/// A process that answers with the rows of this gateway.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Node")]
pub struct NodeShown {
    /// Drawn at random when it starts.
    pub id: String,
    /// The release that runs.
    pub release: String,
    /// When it started, by its own clock.
    pub started_at: Moment,
    /// The version of all access changes that it said it has in force.
    pub policy_version: u64,
    /// Until when it counts as alive, by the clock of the database: changes that ask for it wait for it until then.
    pub lease_until: Moment,
    /// Whether it is the one that answers.
    pub here: bool,
}

impl NodeShown {
    fn of(row: &GatewayRow) -> Self {
        Self {
            id: id_text(row.id),
            release: row.release.to_string(),
            started_at: Moment(row.started_at),
            policy_version: row.version.get(),
            lease_until: Moment(row.lease_until),
            here: row.here,
        }
    }
}

impl Endpoint for ListNodes {
    const META: Meta = Meta {
        id: "node_list",
        method: Method::Get,
        path: "/nodes",
        summary: "Lists the processes that share the rows: those that live, and those that ended without a word within the last hour.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("node list"),
    };
    type At = ();
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<NodeShown>;
    type May = Granted<AuditView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<NodeShown>>, Fault> {
        let after = ask.query.after(|text| u64::from_str_radix(text, 16).ok().map(u64::cast_signed))?;
        let rows = cx.directory.gateways(&may, after, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| id_text(row.id), NodeShown::of)))
    }
}

fn id_text(id: i64) -> String {
    format!("{:016x}", id.cast_unsigned())
}
