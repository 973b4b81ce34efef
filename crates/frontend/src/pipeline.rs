//! The one path of every request to a protocol.

use std::pin::pin;
use std::time::Duration;

use domain::{CallerGate, Denied, Granted, NodeName, Repository, RepositoryPath, Right};
use edge::{Body, charge_reply};
use shelf::House;
use storage::Storage;
use tokio::time::timeout;

use crate::config::Limits;
use crate::credential_intake::{Admitted, CredentialIntake};
use crate::error::Error;
use crate::head::{Asked, Head};
use crate::metrics::Operation;
use crate::protocol::{At, Cx, Protocol, ReplyResult, Routed, WriteCx};
use crate::record::Record;
use crate::reply::Response;

/// What stands between the listener and the protocols.
pub(crate) struct Pipeline {
    pub(crate) credential_intake: CredentialIntake,
    pub(crate) house: House,
    pub(crate) storage: Storage,
    pub(crate) limits: Limits,
    pub(crate) longest: Duration,
}

/// A caller who was let in, and what there is for them: shelves to answer from, storage to change.
pub(crate) struct Call<'a> {
    pub(crate) house: &'a House,
    pub(crate) storage: &'a Storage,
    pub(crate) gate: CallerGate,
    pub(crate) limits: &'a Limits,
}

/// Routes, authenticates, asks the gate, and only then shows what is wrong or does what is asked (docs/oci.md 2). Who was let in elsewhere is
/// not asked again.
pub(crate) async fn serve<P: Protocol>(
    protocol: &P,
    head: Head<'_>,
    body: &mut Body,
    pipeline: &Pipeline,
    record: &mut Record,
    admitted: Option<Admitted>,
) -> (Response, Operation) {
    let routed = protocol.route(&head);
    let operation = routed.operation();
    let mut asked = Asked { head, id: record.origin.request, presented: None };
    // Before any credential is looked at: a challenge would name the address.
    let admitted = match (head.public_url.believed(), admitted) {
        (Ok(()), Some(admitted)) => Ok(admitted),
        (Ok(()), None) => {
            pipeline.credential_intake.admit(head.headers, record, P::AUDIENCE).await.map_err(Error::Auth)
        }
        (Err(misdirected), _) => Err(misdirected.into()),
    };
    let outcome = match admitted {
        Err(error) => Err(error),
        Ok(admitted) => {
            asked.presented = Some(admitted.presented);
            let Pipeline { house, storage, limits, .. } = pipeline;
            let call = Call { house, storage, gate: admitted.gate, limits };
            let routed = if head.foreign { routed.nowhere() } else { routed };
            let outcome = {
                // Where it stands: a future that is handed on is copied whole.
                let charged = pin!(charged(protocol, routed, body, &call, record));
                timeout(pipeline.longest, charged).await.unwrap_or(Err(Error::TimedOut))
            };
            if let Err(Error::Denied(denied)) = &outcome {
                let path = protocol.route(&head).repository().filter(|_| !head.foreign);
                record.denied(&call.gate, denied, path.as_ref().map(NodeName::Repository));
            }
            outcome
        }
    };
    let response = outcome.map_or_else(
        |error| {
            crate::log::failed(&error, &asked);
            protocol.render(&error, &asked)
        },
        Response::from,
    );
    (response, operation)
}

/// The operation, and its answer charged to whoever asked for it.
async fn charged<P: Protocol>(
    protocol: &P,
    routed: Routed<P>,
    body: &mut Body,
    call: &Call<'_>,
    record: &mut Record,
) -> ReplyResult<P> {
    let mut reply = run(protocol, routed, body, call, record).await?;
    charge_reply(reply.body_mut(), body).await?;
    Ok(reply)
}

/// Asks the gate for what the variant names and only then looks at the operation. What is long anyway is in a box of its own, so that
/// a read is not as large as an upload.
pub(crate) async fn run<P: Protocol>(
    protocol: &P,
    routed: Routed<P>,
    body: &mut Body,
    call: &Call<'_>,
    record: &mut Record,
) -> ReplyResult<P> {
    let &Call { house, storage, ref gate, limits } = call;
    let cx = Cx { gate, leases: storage.leases(), limits };
    match routed {
        Routed::Open(op) => protocol.open(op.map_err(Error::Bad)?, &cx).await,
        Routed::Browse(op) => {
            let op = op.map_err(Error::Bad)?;
            body.charge(gate.client()).await?;
            Box::pin(protocol.browse(op, house.shelves(gate.readable()), &cx)).await
        }
        Routed::Probe(at) => {
            let (op, may) = admit::<P, _, _>(at, body, gate).await?;
            protocol.probe(op, house.shelf(gate.stand(may)), &cx).await
        }
        Routed::Read(at) => {
            let (op, may) = admit::<P, _, _>(at, body, gate).await?;
            record.fetches(&may, P::handed_out(&op));
            protocol.read(op, house.shelf(gate.stand(may)), &cx).await
        }
        Routed::Publish(at) => {
            let (op, may) = admit::<P, _, _>(at, body, gate).await?;
            Box::pin(protocol.publish(op, may, body, &WriteCx { storage, gate, limits })).await
        }
        Routed::Delete(at) => {
            let (op, may) = admit::<P, _, _>(at, body, gate).await?;
            Box::pin(protocol.delete(op, may, &WriteCx { storage, gate, limits })).await
        }
    }
}

/// The proof first, then the format, then the syntax, and only then is anybody charged: a refusal holds nothing, and whoever is told
/// to log in shall not wait behind strangers at the same address. A name that none can have is as absent as any other.
async fn admit<P: Protocol, O, R: Right>(
    at: At<O, P::Bad>,
    body: &mut Body,
    gate: &CallerGate,
) -> Result<(O, Granted<R>), Error<P::Bad>> {
    let Some(path) = at.repository else {
        let authenticated = gate.caller().is_authenticated();
        return Err(Denied { authenticated, may_know: false, right: R::KIND }.into());
    };
    let may = gate.check::<R, Repository>(&path)?;
    if may.node().format() != P::FORMAT {
        return Err(Error::OtherFormat);
    }
    let op = at.op.map_err(Error::Bad)?;
    body.charge(may.client()).await?;
    Ok((op, may))
}

impl<P: Protocol> Routed<P> {
    /// The same at a repository that none can have.
    fn nowhere(self) -> Self {
        match self {
            Self::Open(_) | Self::Browse(_) => self,
            Self::Probe(at) => Self::Probe(At::new(None, at.op)),
            Self::Read(at) => Self::Read(At::new(None, at.op)),
            Self::Publish(at) => Self::Publish(At::new(None, at.op)),
            Self::Delete(at) => Self::Delete(At::new(None, at.op)),
        }
    }

    /// The repository it is about.
    fn repository(self) -> Option<RepositoryPath> {
        match self {
            Self::Open(_) | Self::Browse(_) => None,
            Self::Probe(at) => at.repository,
            Self::Read(at) => at.repository,
            Self::Publish(at) => at.repository,
            Self::Delete(at) => at.repository,
        }
    }

    const fn operation(&self) -> Operation {
        match self {
            Self::Open(_) => Operation::Open,
            Self::Browse(_) => Operation::Browse,
            Self::Probe(_) => Operation::Probe,
            Self::Read(_) => Operation::Read,
            Self::Publish(_) => Operation::Publish,
            Self::Delete(_) => Operation::Delete,
        }
    }
}

#[cfg(test)]
mod tests;
