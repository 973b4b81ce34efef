//! `/garbage`: what was removed, what waits to be removed and what has been freed.

use domain::{AuditView, Granted, Organisation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::GarbageRow;

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::Moment;

/// `GET /garbage`
pub enum ListGarbage {}

/// What became of garbage, in a repository or in all of them.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct GarbageShown {
    /// The repository that let go of it, as `project/repository`; `null` for all of them together, those that are gone among them.
    pub repository: Option<String>,
    /// Contents that are not to be read there any more, since the beginning.
    pub removed: u64,
    /// Their bytes. What other repositories have too stays on the disk.
    pub removed_bytes: u64,
    /// Contents that no repository has any more, and whose bytes wait to be removed.
    pub waiting: u64,
    /// How many bytes that are.
    pub waiting_bytes: u64,
    /// When the first of them go; `null` if none waits.
    pub first_goes_at: Option<Moment>,
    /// When the last of them go.
    pub last_goes_at: Option<Moment>,
    /// Contents whose bytes were removed, since the beginning.
    pub freed: u64,
    /// How many bytes that were.
    pub freed_bytes: u64,
}

impl GarbageShown {
    fn of(row: &GarbageRow) -> Self {
        let path = row.project.as_deref().zip(row.repository.as_deref());
        Self {
            repository: path.map(|(project, repository)| format!("{project}/{repository}")),
            removed: row.removed,
            removed_bytes: row.removed_bytes,
            waiting: row.waiting,
            waiting_bytes: row.waiting_bytes,
            first_goes_at: row.first_goes_at.map(Moment),
            last_goes_at: row.last_goes_at.map(Moment),
            freed: row.freed,
            freed_bytes: row.freed_bytes,
        }
    }
}

impl Endpoint for ListGarbage {
    const META: Meta = Meta {
        id: "garbage_list",
        method: Method::Get,
        path: "/garbage",
        summary: "Lists what was removed, what waits to be removed and what has been freed: first of all repositories together, then \
                  of each.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("garbage status"),
    };
    type At = ();
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<GarbageShown>;
    type May = Granted<AuditView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<GarbageShown>>, Fault> {
        let after = ask.query.after(|text| text.parse().ok())?;
        let rows = cx.directory.garbage(&may, after, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, GarbageRow::cursor, GarbageShown::of)))
    }
}
