use ::http::StatusCode;
use domain::{
    AccessManage, CallerGate, Granted, Node, Organisation, Project, Repository, RepositoryPath,
    RepositorySettings, Right,
};
use serde_json::{Value, json};
use storage::{Directory, GrantRow, GrantedSpec};

use super::error::{Bad, Failure};
use super::route::{Place, named_grant, page};
use super::wire::{self, GrantBody, VisibilityBody};
use super::{Document, Tries, denied_nowhere, in_force, reply};
use crate::head::Head;
use crate::reply::Reply;
use crate::time;

/// The right on whichever kind of node it is.
enum Proof {
    Organisation(Granted<AccessManage, Organisation>),
    Project(Granted<AccessManage, Project>),
    Repository(Granted<AccessManage, Repository>),
}

fn proof(gate: &CallerGate, place: &Place) -> Result<Proof, Failure> {
    let nowhere = || denied_nowhere(gate, AccessManage::KIND);
    match place {
        Place::Organisation => Ok(Proof::Organisation(gate.check(Organisation)?)),
        Place::Project(key) => Ok(Proof::Project(gate.check(key.as_ref().ok_or_else(nowhere)?)?)),
        Place::Repository(path) => Ok(Proof::Repository(gate.check(path.as_ref().ok_or_else(nowhere)?)?)),
    }
}

pub(super) async fn list(
    directory: &Directory,
    gate: &CallerGate,
    place: &Place,
    head: &Head<'_>,
) -> Result<Reply, Failure> {
    match proof(gate, place)? {
        Proof::Organisation(may) => list_on(directory, &may, head).await,
        Proof::Project(may) => list_on(directory, &may, head).await,
        Proof::Repository(may) => list_on(directory, &may, head).await,
    }
}

async fn list_on<N: Node>(
    directory: &Directory,
    may: &Granted<AccessManage, N>,
    head: &Head<'_>,
) -> Result<Reply, Failure> {
    let (after, limit) = page(head)?;
    let after = match after {
        Some(text) => Some(text.parse().map_err(|_| Bad::Query("after must be what `next` said"))?),
        None => None,
    };
    let rows = directory.grants(may, after.map(domain::GrantId::new), limit).await?;
    let full = rows.len() as u64 >= u64::from(limit.rows());
    let next = rows.last().filter(|_| full).map(|row| row.id.to_string());
    let grants: Vec<Value> = rows.iter().map(shown).collect();
    Ok(reply(StatusCode::OK, &json!({ "grants": grants, "next": next })))
}

pub(super) async fn put(
    directory: &Directory,
    gate: &CallerGate,
    place: &Place,
    body: Document<'_>,
) -> Result<Reply, Failure> {
    proof(gate, place)?;
    let wanted: GrantBody = body.read().await?;
    let what = what(&wanted)?;
    let expires = wire::expires(wanted.expires.as_deref())?;
    let to = wanted.to.as_str();
    let mut tries = Tries::new();
    let force = loop {
        let what = what.clone();
        let done = match proof(gate, place)? {
            Proof::Organisation(may) => directory.put_grant(&may, to, what, expires).await,
            Proof::Project(may) => directory.put_grant(&may, to, what, expires).await,
            Proof::Repository(may) => directory.put_grant(&may, to, what, expires).await,
        };
        if let Some(settled) = tries.settled(done).await {
            break settled?;
        }
    };
    Ok(in_force(&force))
}

pub(super) async fn delete(
    directory: &Directory,
    gate: &CallerGate,
    place: &Place,
    head: &Head<'_>,
) -> Result<Reply, Failure> {
    proof(gate, place)?;
    let (to, role) = named_grant(head)?;
    let (to, role) = (&*to, role.as_deref());
    let mut tries = Tries::new();
    let force = loop {
        let done = match proof(gate, place)? {
            Proof::Organisation(may) => directory.delete_grant(&may, to, role).await,
            Proof::Project(may) => directory.delete_grant(&may, to, role).await,
            Proof::Repository(may) => directory.delete_grant(&may, to, role).await,
        };
        if let Some(settled) = tries.settled(done).await {
            break settled?;
        }
    };
    Ok(in_force(&force))
}

pub(super) async fn set_visibility(
    directory: &Directory,
    gate: &CallerGate,
    path: Option<&RepositoryPath>,
    body: Document<'_>,
) -> Result<Reply, Failure> {
    let path = path.ok_or_else(|| denied_nowhere(gate, RepositorySettings::KIND))?;
    let prove = || gate.check::<RepositorySettings, Repository>(path);
    prove().map(drop)?;
    let wanted: VisibilityBody = body.read().await?;
    let visibility = wanted.parse()?;
    let mut tries = Tries::new();
    let force = loop {
        let done = directory.set_visibility(&prove()?, visibility).await;
        if let Some(settled) = tries.settled(done).await {
            break settled?;
        }
    };
    Ok(in_force(&force))
}

fn what(wanted: &GrantBody) -> Result<GrantedSpec, Bad> {
    match (&wanted.role, &wanted.permissions) {
        (Some(role), None) => Ok(GrantedSpec::Role(role.as_str().into())),
        (None, Some(words)) => Ok(GrantedSpec::Permissions(wire::permissions(words)?)),
        _ => Err(Bad::Field("a grant has either a role or permissions")),
    }
}

fn shown(row: &GrantRow) -> Value {
    let (role, permissions) = match &row.what {
        GrantedSpec::Role(role) => (Some(role), None),
        GrantedSpec::Permissions(some) => (None, Some(wire::words(*some))),
    };
    json!({ "to": row.to, "role": role, "permissions": permissions, "expires": row.expires.map(time::show) })
}
