//! Files, as they are deleted.

use domain::{Delete, Granted};
use http::StatusCode;
use storage::Removal;

use super::absent;
use crate::files::Files;
use crate::files::error::Bad;
use crate::files::op::Remove;
use crate::protocol::{ReplyResult, WriteCx};
use crate::reply::Reply;

/// Takes one file away, unless its name is immutable.
pub(crate) async fn remove(op: Remove, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<Files> {
    let removal = Removal::Entry(op.path.key);
    cx.storage.remove(may, vec![removal]).await.map_err(absent(Bad::NoFile))?;
    Ok(Reply::new(StatusCode::NO_CONTENT))
}
