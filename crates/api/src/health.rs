//! `/health` and `/workers`: how the gateway is, for who watches it.

use domain::{AuditView, Granted, Organisation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::WorkerRow;

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::Moment;

/// `GET /health`
pub enum ShowHealth {}

/// `GET /workers`
pub enum ListWorkers {}

/// How the node that answers is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// Whether it can read rows and store content at this moment.
    pub ready: bool,
    /// Whether rows can be read.
    pub database: bool,
    /// The disk that has the least to spare; `null` where none of this machine is used.
    pub disk: Option<Disk>,
    /// What goes to the audit beside the requests.
    pub audit: AuditHealth,
    /// Changes that are in force and wait for room on the disk.
    pub unstored: u64,
}

/// Room on a disk.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Disk {
    /// What may still be used, in bytes.
    pub free_bytes: u64,
    /// Content is refused below this, in bytes.
    pub free_bytes_min: u64,
}

/// What goes to the audit beside the requests: log-ins, refusals and transfers.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct AuditHealth {
    /// Events that wait to be written.
    pub waiting: u64,
    /// Events that found no room since this process began.
    pub lost: u64,
}

/// Something that one node does for all without being asked.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct WorkerShown {
    /// What it is called, here and in the metrics.
    pub name: String,
    /// Whether some node is at it.
    pub working: bool,
    /// When it last ended well; `null` for never.
    pub last_ok_at: Option<Moment>,
    /// When it is due again.
    pub next_at: Moment,
    /// For how long it has been due and nobody is at it, in seconds.
    pub lag_secs: u64,
    /// How often it failed since it last ended well.
    pub failures: u32,
    /// Things that it could not deal with and tries again, later and later.
    pub failing: u64,
    /// Things that it has given up after twenty tries: they are tried again when a gateway is started.
    pub given_up: u64,
    /// Why, of the one that was tried most often; `null` if there is none.
    pub failure: Option<String>,
}

impl WorkerShown {
    fn of(row: &WorkerRow) -> Self {
        Self {
            name: row.name.to_string(),
            working: row.working,
            last_ok_at: row.last_ok_at.map(Moment),
            next_at: Moment(row.next_at),
            lag_secs: row.lag_secs,
            failures: row.failures,
            failing: row.failing,
            given_up: row.given_up,
            failure: row.failure.as_deref().map(str::to_owned),
        }
    }
}

impl Endpoint for ShowHealth {
    const META: Meta = Meta {
        id: "health_show",
        method: Method::Get,
        path: "/health",
        summary: "Shows how the node that answers is: its rows, its disk, and what waits to be written.",
        since: "0.1",
        audit: &[],
        faults: &[],
        cli: None,
    };
    type At = ();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Health;
    type May = Granted<AuditView, Organisation>;

    async fn call(cx: &Cx, _may: Self::May, _ask: &Ask<Self>) -> Result<Done<Health>, Fault> {
        let ready = cx.house.ready().await;
        let (room, counts) = (cx.house.room(), cx.house.audit_counts());
        Ok(Done::read(Health {
            ready: ready.is_ok(),
            database: !matches!(ready, Err(storage::Fault::Unavailable { .. })),
            disk: room.map(|room| Disk { free_bytes: room.free_bytes, free_bytes_min: room.free_bytes_min }),
            audit: AuditHealth { waiting: counts.waiting, lost: counts.dropped },
            unstored: cx.directory.unstored() as u64,
        }))
    }
}

impl Endpoint for ListWorkers {
    const META: Meta = Meta {
        id: "worker_list",
        method: Method::Get,
        path: "/workers",
        summary: "Lists what one node does for all without being asked, by name; what each does for itself is in the metrics.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("worker list"),
    };
    type At = ();
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<WorkerShown>;
    type May = Granted<AuditView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<WorkerShown>>, Fault> {
        let after = ask.query.after.clone().unwrap_or_default();
        let rows = cx.directory.workers(&may, after, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.name.to_string(), WorkerShown::of)))
    }
}
