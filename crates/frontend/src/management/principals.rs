use domain::{CallerGate, DirectoryManage, Organisation};
use storage::Directory;

use super::error::Failure;
use super::wire::SuspendedBody;
use super::{Document, Tries, in_force};
use crate::reply::Reply;

pub(super) async fn set_suspended(
    directory: &Directory,
    gate: &CallerGate,
    principal: &str,
    body: Document<'_>,
) -> Result<Reply, Failure> {
    let prove = || gate.check::<DirectoryManage, Organisation>(Organisation);
    prove().map(drop)?;
    let wanted: SuspendedBody = body.read().await?;
    let mut tries = Tries::new();
    let force = loop {
        let done = directory.set_suspended(&prove()?, principal, wanted.suspended).await;
        if let Some(settled) = tries.settled(done).await {
            break settled?;
        }
    };
    Ok(in_force(&force))
}
