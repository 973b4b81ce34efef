use domain::{Denied, Granted, Repository, Right};

use crate::body::Body;
use crate::error::Error;
use crate::protocol::{At, Cx, Outcome, Protocol, Routed};

/// Asks the gate for what the variant names and only then looks at the operation.
pub(crate) async fn run<P: Protocol>(
    protocol: &P,
    routed: Routed<P>,
    body: &mut Body,
    cx: &Cx<'_>,
) -> Outcome<P> {
    match routed {
        Routed::Open(op) => protocol.open(op.map_err(Error::Bad)?, cx).await,
        Routed::Browse(op) => protocol.browse(op.map_err(Error::Bad)?, cx.gate.readable(), cx).await,
        Routed::Probe(at) => {
            let (op, may) = admit::<P, _, _>(at, cx)?;
            protocol.probe(op, may, cx).await
        }
        Routed::Read(at) => {
            let (op, may) = admit::<P, _, _>(at, cx)?;
            protocol.read(op, may, cx).await
        }
        Routed::Publish(at) => {
            let (op, may) = admit::<P, _, _>(at, cx)?;
            protocol.publish(op, may, body, cx).await
        }
        Routed::Delete(at) => {
            let (op, may) = admit::<P, _, _>(at, cx)?;
            protocol.delete(op, may, cx).await
        }
    }
}

/// The proof first, then the format, then the syntax.
fn admit<P: Protocol, O, R: Right>(at: At<O, P::Bad>, cx: &Cx<'_>) -> Result<(O, Granted<R>), Error<P::Bad>> {
    let Some(path) = at.repository else {
        let authenticated = cx.gate.caller().is_authenticated();
        return Err(Denied { authenticated, may_know: false, right: R::KIND }.into());
    };
    let may = cx.gate.check::<R, Repository>(&path)?;
    if may.node().format() != P::FORMAT {
        return Err(Error::OtherFormat);
    }
    Ok((at.op.map_err(Error::Bad)?, may))
}

/// What stands ready when a request enters.
pub(crate) struct Entered<'a> {
    pub(crate) storage: &'a storage::Storage,
    pub(crate) limits: &'a crate::config::Limits,
    pub(crate) gate: &'a domain::Gate,
    pub(crate) origin: std::sync::Arc<domain::Origin>,
}

pub(crate) async fn serve<P: Protocol>(
    protocol: &P,
    head: crate::head::Head<'_>,
    body: &mut Body,
    entered: &Entered<'_>,
) -> crate::reply::Response {
    let routed = protocol.route(&head);
    let gate = entered.gate.for_caller(domain::Caller::anonymous(), entered.origin.clone());
    let cx = Cx { storage: entered.storage, gate, limits: entered.limits };
    match run(protocol, routed, body, &cx).await {
        Ok(reply) => reply.into(),
        Err(error) => {
            protocol.render(&error, &crate::head::Asked { head, id: entered.origin.request, presented: None })
        }
    }
}
