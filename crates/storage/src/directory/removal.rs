//! Taking nodes and subjects away, with everything that names them: whoever follows is told of each, so that a full build finds
//! nothing that was left. Ids are never used again, so what is made anew under a name gets nothing back.

use domain::{GrantId, NodeId, RepositoryId, RoleId, SubjectId, TokenId};

use super::change::Change;
use super::event::{Document, Turn};
use super::nodes as making;
use crate::error::Error;
use crate::model::Pin;
use crate::sql::nodes::ProjectRow;
use crate::sql::records::ChangedKind;
use crate::sql::{nodes, pins, publishers, removal};

/// Ends grants one by one; gives how many.
fn end_grants(change: &mut Change<'_>, grants: Vec<GrantId>) -> Result<u64, Error> {
    for id in &grants {
        nodes::delete_grant(change.tx, *id)?;
        change.mark(ChangedKind::Grant, id.get().into())?;
    }
    Ok(grants.len() as u64)
}

/// Ends what names a node: grants, limits of tokens, authorisations of applications. Gives how many grants.
fn clear_node(change: &mut Change<'_>, node: NodeId) -> Result<u64, Error> {
    let grants = removal::grants_at(change.tx, node)?;
    let ended = end_grants(change, grants)?;
    let tokens = removal::tokens_limited_to(change.tx, node)?;
    let applications = removal::authorised_at(change.tx, node, 0, u32::MAX)?;
    removal::delete_limits_at(change.tx, node)?;
    publishers::clear_node(change.tx, node)?;
    mark_tokens(change, &tokens)?;
    for application in applications {
        change.mark(ChangedKind::Principal, application.get().into())?;
    }
    Ok(ended)
}

/// Ends what names a subject: grants and memberships. Gives how many grants.
pub(super) fn clear_subject(change: &mut Change<'_>, subject: SubjectId) -> Result<u64, Error> {
    let grants = removal::grants_to(change.tx, subject)?;
    let ended = end_grants(change, grants)?;
    for team in removal::teams_with(change.tx, subject)? {
        crate::sql::directory::delete_member(change.tx, team, subject)?;
        change.mark(ChangedKind::Team, team.get().into())?;
    }
    Ok(ended)
}

/// Ends the grants of a role and the role.
pub(super) fn role(change: &mut Change<'_>, id: RoleId) -> Result<u64, Error> {
    let grants = removal::grants_of(change.tx, id)?;
    let ended = end_grants(change, grants)?;
    removal::delete_role(change.tx, id)?;
    change.mark(ChangedKind::Role, id.get().into())?;
    Ok(ended)
}

/// Tells those who follow log-ins of tokens that are gone or limited otherwise.
pub(super) fn mark_tokens(change: &mut Change<'_>, tokens: &[TokenId]) -> Result<(), Error> {
    tokens.iter().try_for_each(|id| {
        let object = i64::try_from(id.get()).map_err(|_| Error::corrupt("a token id is out of range"))?;
        change.mark(ChangedKind::Token, object)
    })
}

/// Takes a repository away, unless something in it is pinned; gives how many grants went with it.
pub(super) fn repository(change: &mut Change<'_>, id: RepositoryId) -> Result<u64, Error> {
    let row = nodes::repository_by_id(change.tx, id)?.ok_or(Error::Absent)?;
    if let Some(Pin { key, reason, .. }) = pins::first(change.tx, id)? {
        return Err(Error::Pinned { name: format!("{key} in {}", row.path).into(), reason });
    }
    let was = Document::default()
        .with("format", row.format.as_str())
        .with("description", &*row.description)
        .with("visibility", if row.public { "public" } else { "private" });
    let name = row.path.to_string();
    making::repository_happened(change, "repository.delete", (id, &name), Turn::Gone(was))?;
    let ended = clear_node(change, id.into())?;
    removal::remove_repository(change.tx, id)?;
    Ok(ended)
}

/// Takes a project away in which no repository is left; gives how many grants went with it.
pub(super) fn project(change: &mut Change<'_>, row: &ProjectRow) -> Result<u64, Error> {
    let id = row.id;
    let was = making::project_document(&row.title, &row.description, row.access);
    making::project_happened(change, "project.delete", (id, &row.key), Turn::Gone(was))?;
    let (roles, team) = removal::parts_of_project(change.tx, id)?;
    let mut ended = clear_node(change, id.into())?;
    ended = ended.saturating_add(clear_subject(change, team.into())?);
    for own in roles {
        ended = ended.saturating_add(role(change, own)?);
    }
    removal::delete_project(change.tx, id, team)?;
    change.mark(ChangedKind::Team, team.get().into())?;
    Ok(ended)
}
