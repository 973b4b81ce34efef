//! Versions out of lists, out of the repository, and back.

use domain::{Delete, Granted};
use http::StatusCode;
use storage::Removal;

use super::{absent, key};
use crate::nuget::NuGet;
use crate::nuget::error::Bad;
use crate::nuget::op::Identity;
use crate::nuget::policy::Policy;
use crate::protocol::{ReplyResult, WriteCx};
use crate::reply::Reply;

/// Unlists or removes a version, as the repository's rule says. One that is unlisted already stays so.
pub(crate) async fn delete(of: &Identity, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<NuGet> {
    let key = key(of)?;
    let removals = cx.policy::<Policy>(&may).await?.delete.removals(key);
    cx.storage.remove(may, removals).await.map_err(absent(Bad::UnknownVersion))?;
    Ok(Reply::new(StatusCode::NO_CONTENT))
}

/// Back into lists; one that is listed stays so.
pub(crate) async fn relist(of: &Identity, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<NuGet> {
    let removal = Removal::Relist(key(of)?);
    cx.storage.remove(may, vec![removal]).await.map_err(absent(Bad::UnknownVersion))?;
    Ok(Reply::new(StatusCode::OK))
}
