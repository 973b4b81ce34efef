//! How those in an event of the audit are called at the moment it is written: names are stored, so that neither a rename nor a removal
//! changes what the past says.

use domain::{NodeId, PrincipalId, ProjectId, TeamId, Timestamp, TokenId, WrittenNode};
use serde_json::Value;

use super::{Tx, audit, directory, nodes, records};
use crate::audit::{
    AuditActor, AuditClass, AuditDetail, AuditEvent, AuditObject, AuditOrigin, AuditOutcome, AuditPlace,
    AuditToken,
};
use crate::error::Error;

/// The gateway itself, for a reason.
pub(crate) fn gateway(reason: &str) -> AuditActor {
    AuditActor { id: None, kind: "system".into(), name: reason.into(), title: None }
}

/// Appends what the gateway itself did to the organisation, and why it does so, to the chain.
pub(crate) fn append_own(
    tx: &mut dyn Tx,
    (action, reason, at): (&str, &str, Timestamp),
    object: AuditObject,
    after: &Value,
) -> Result<(), Error> {
    // Whoever writes to the chain has this row: nobody else does meanwhile.
    let point = records::lock_version(tx)?;
    let event = AuditEvent {
        id: 0,
        sequence: None,
        at,
        class: AuditClass::Admin,
        action: action.into(),
        outcome: AuditOutcome::Done,
        actor: gateway(reason),
        token: AuditToken::default(),
        origin: AuditOrigin::default(),
        place: place(tx, NodeId::ORGANISATION)?,
        object,
        content: AuditDetail { after: Some(after.to_string().into()), ..AuditDetail::default() },
        reason: None,
        policy_version: point.version,
        times: None,
        chain: None,
    };
    let mut head = audit::head(tx)?;
    audit::append(tx, &mut head, event)
}

/// Nobody in particular.
pub(crate) fn anyone() -> AuditActor {
    AuditActor { id: None, kind: "anonymous".into(), name: "anyone".into(), title: None }
}

/// Somebody.
pub(crate) fn actor(tx: &mut dyn Tx, id: PrincipalId) -> Result<AuditActor, Error> {
    let row = directory::principal(tx, id)?;
    let (kind, name, title) = match row {
        Some(row) => (row.kind.as_str(), row.name, Some(row.title)),
        None => ("removed", "".into(), None),
    };
    Ok(AuditActor { id: Some(id.get()), kind: kind.into(), name, title })
}

/// A token, and who made it, if not its owner.
pub(crate) fn token(tx: &mut dyn Tx, id: TokenId) -> Result<AuditToken, Error> {
    let Some(row) = audit::token_named(tx, id)? else {
        return Ok(AuditToken { id: Some(id), ..AuditToken::default() });
    };
    let made_by = if row.created_by == row.owner { None } else { subject(tx, row.created_by)? };
    Ok(AuditToken { id: Some(id), name: Some(row.name), made_by: made_by.map(Into::into) })
}

/// A node that is there.
pub(crate) fn place(tx: &mut dyn Tx, node: NodeId) -> Result<AuditPlace, Error> {
    let path = nodes::node_name(tx, node)?;
    let project = nodes::project_of(tx, node)?.map(ProjectId::get);
    Ok(AuditPlace { node: Some(node.get()), path, project })
}

/// The node that is called so now; nowhere if there is none.
pub(crate) fn place_called(tx: &mut dyn Tx, called: &WrittenNode) -> Result<AuditPlace, Error> {
    let (key, name) = match called {
        WrittenNode::Organisation => return place(tx, NodeId::ORGANISATION),
        WrittenNode::Project(key) => (key, None),
        WrittenNode::Repository(path) => (&path.project, Some(&path.repository)),
    };
    let Some(project) = nodes::project(tx, key)? else { return Ok(AuditPlace::default()) };
    let Some(name) = name else { return place(tx, project.id.into()) };
    match nodes::repository(tx, project.id, name)? {
        Some((repository, _)) => place(tx, repository.into()),
        // Whoever sees the project sees that something was asked for in it.
        None => place(tx, project.id.into()),
    }
}

/// A principal or team as it is written: `member:alice`; `None` for one that is gone.
pub(crate) fn subject(tx: &mut dyn Tx, id: u32) -> Result<Option<String>, Error> {
    if let Some(row) = directory::principal(tx, PrincipalId::new(id))? {
        return Ok(Some(format!("{}:{}", row.kind.as_str(), row.name)));
    }
    Ok(directory::team(tx, TeamId::new(id))?.map(|team| format!("team:{}", team.name)))
}
