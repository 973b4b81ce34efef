//! How one object that changed is now, for those who follow.

use domain::{
    CredentialChange, GrantId, NodeId, OrganisationNames, PolicyChange, PrincipalId, ProjectId, RepositoryId,
    RoleId, SessionId, TeamId, TokenId,
};

use super::{organisation, sessions};
use crate::error::Error;
use crate::sql::facts::{self, Which};
use crate::sql::records::ChangedKind;
use crate::sql::{Tx, credentials};

/// The organisation is told of as a project, of which there is none with its number.
const ORGANISATION: u32 = NodeId::ORGANISATION.get();

/// As far as the matrix goes.
pub(super) fn policy_change(
    tx: &mut dyn Tx,
    kind: ChangedKind,
    object: i64,
) -> Result<Option<PolicyChange>, Error> {
    let Ok(id) = u32::try_from(object) else { return Ok(None) };
    let one = Which::One(id);
    Ok(Some(match kind {
        ChangedKind::Principal => {
            PolicyChange::Principal(PrincipalId::new(id), facts::principals(tx, one)?.pop())
        }
        ChangedKind::Team => PolicyChange::Team(TeamId::new(id), facts::teams(tx, one)?.pop()),
        ChangedKind::Role => PolicyChange::Role(RoleId::new(id), facts::roles(tx, one)?.pop()),
        ChangedKind::Project => PolicyChange::Project(ProjectId::new(id), facts::projects(tx, one)?.pop()),
        ChangedKind::Repository => {
            PolicyChange::Repository(RepositoryId::new(id), facts::repositories(tx, one)?.pop())
        }
        ChangedKind::Grant => PolicyChange::Grant(GrantId::new(id), facts::grants(tx, one)?.pop()),
        ChangedKind::Login | ChangedKind::Token | ChangedKind::Session => return Ok(None),
    }))
}

/// As far as log-ins go.
pub(super) fn credential_change(
    tx: &mut dyn Tx,
    kind: ChangedKind,
    object: i64,
) -> Result<Option<CredentialChange>, Error> {
    Ok(match (kind, u32::try_from(object), u64::try_from(object)) {
        (ChangedKind::Login, Ok(id), _) => {
            let id = PrincipalId::new(id);
            Some(CredentialChange::Principal(id, credentials::principals(tx, Some(id))?.pop()))
        }
        (ChangedKind::Token, _, Ok(id)) => {
            let id = TokenId::new(id);
            Some(CredentialChange::Token(id, credentials::token(tx, id)?))
        }
        (ChangedKind::Session, _, Ok(id)) => {
            let id = SessionId::new(TokenId::new(id));
            Some(CredentialChange::Session(id, sessions::fact(tx, id)?))
        }
        (ChangedKind::Project, Ok(ORGANISATION), _) => {
            Some(CredentialChange::Rules(organisation::log_in_rules(tx)?))
        }
        _ => None,
    })
}

/// As far as the names of the organisation go.
pub(super) fn names_change(
    tx: &mut dyn Tx,
    kind: ChangedKind,
    object: i64,
) -> Result<Option<OrganisationNames>, Error> {
    match (kind, u32::try_from(object)) {
        (ChangedKind::Project, Ok(ORGANISATION)) => organisation::names(tx).map(Some),
        _ => Ok(None),
    }
}
