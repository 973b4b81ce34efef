use domain::{CallerGate, DirectoryManage, Granted, Organisation};
use storage::Directory;

use super::error::Failure;
use super::wire::SuspendedBody;
use super::{document, in_force};
use crate::body::Body;
use crate::reply::Reply;

pub(super) async fn set_suspended(
    directory: &Directory,
    gate: &CallerGate,
    principal: &str,
    body: &mut Body,
) -> Result<Reply, Failure> {
    let may: Granted<DirectoryManage, Organisation> = gate.check(Organisation)?;
    let wanted: SuspendedBody = document(body).await?;
    let force = directory.set_suspended(&may, principal, wanted.suspended).await?;
    Ok(in_force(&force))
}
