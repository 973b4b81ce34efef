use std::sync::Arc;

use domain::{
    BoxFuture, CredentialChange, CredentialChanges, CredentialFacts, CredentialSource, GrantId, GrantSource,
    PolicyChange, PolicyChanges, PolicyFacts, PolicyVersion, PrincipalId, ProjectId, RepositoryId, RoleId,
    SourceError, TeamId, TokenId,
};

use crate::error::Error;
use crate::sql::facts::{self, Which};
use crate::sql::records::{self, Changed};
use crate::sql::{Tx, credentials};
use crate::store::Shared;

/// Changes told one by one; beyond that a rebuild is cheaper.
const CHANGES_MAX: u32 = 4096;

/// What the permission cache and `auth` follow: the rows as facts.
pub(crate) struct Facts {
    pub(super) shared: Arc<Shared>,
}

impl GrantSource for Facts {
    fn load(&self) -> BoxFuture<'_, Result<PolicyFacts, SourceError>> {
        Box::pin(async { self.shared.database.read(policy).await.map_err(unread) })
    }

    fn changes_since(&self, version: PolicyVersion) -> BoxFuture<'_, Result<PolicyChanges, SourceError>> {
        Box::pin(async move {
            if let Some(reached) = self.nothing_after(version).await? {
                return Ok(PolicyChanges { version: reached, changes: Vec::new() });
            }
            self.shared.database.read(move |tx| policy_changes(tx, version)).await.map_err(unread)
        })
    }
}

impl CredentialSource for Facts {
    fn load(&self) -> BoxFuture<'_, Result<CredentialFacts, SourceError>> {
        Box::pin(async { self.shared.database.read(all_credentials).await.map_err(unread) })
    }

    fn changes_since(&self, version: PolicyVersion) -> BoxFuture<'_, Result<CredentialChanges, SourceError>> {
        Box::pin(async move {
            if let Some(reached) = self.nothing_after(version).await? {
                return Ok(CredentialChanges { version: reached, changes: Vec::new() });
            }
            self.shared.database.read(move |tx| credential_changes(tx, version)).await.map_err(unread)
        })
    }
}

impl Facts {
    /// The usual answer to the poll of every second, as cheap as it can be.
    async fn nothing_after(&self, version: PolicyVersion) -> Result<Option<PolicyVersion>, SourceError> {
        let reached = self.shared.database.point(records::version).await.map_err(unread)?;
        Ok((reached == version).then_some(reached))
    }
}

fn policy(tx: &mut dyn Tx) -> Result<PolicyFacts, Error> {
    Ok(PolicyFacts {
        version: records::version(tx)?,
        principals: facts::principals(tx, Which::All)?,
        teams: facts::teams(tx, Which::All)?,
        roles: facts::roles(tx, Which::All)?,
        projects: facts::projects(tx, Which::All)?,
        repositories: facts::repositories(tx, Which::All)?,
        grants: facts::grants(tx, Which::All)?,
    })
}

fn all_credentials(tx: &mut dyn Tx) -> Result<CredentialFacts, Error> {
    Ok(CredentialFacts {
        version: records::version(tx)?,
        principals: credentials::principals(tx, None)?,
        tokens: credentials::tokens(tx)?,
    })
}

fn policy_changes(tx: &mut dyn Tx, after: PolicyVersion) -> Result<PolicyChanges, Error> {
    let version = records::version(tx)?;
    let Some(changed) = told(tx, after)? else {
        return Ok(PolicyChanges { version, changes: vec![PolicyChange::Rebuild] });
    };
    let mut changes = Vec::with_capacity(changed.len());
    for (kind, object) in changed {
        let Ok(id) = u32::try_from(object) else { continue };
        let one = Which::One(id);
        changes.push(match kind {
            Changed::Principal => {
                PolicyChange::Principal(PrincipalId::new(id), facts::principals(tx, one)?.pop())
            }
            Changed::Team => PolicyChange::Team(TeamId::new(id), facts::teams(tx, one)?.pop()),
            Changed::Role => PolicyChange::Role(RoleId::new(id), facts::roles(tx, one)?.pop()),
            Changed::Project => PolicyChange::Project(ProjectId::new(id), facts::projects(tx, one)?.pop()),
            Changed::Repository => {
                PolicyChange::Repository(RepositoryId::new(id), facts::repositories(tx, one)?.pop())
            }
            Changed::Grant => PolicyChange::Grant(GrantId::new(id), facts::grants(tx, one)?.pop()),
            Changed::Login | Changed::Token => continue,
        });
    }
    Ok(PolicyChanges { version, changes })
}

fn credential_changes(tx: &mut dyn Tx, after: PolicyVersion) -> Result<CredentialChanges, Error> {
    let version = records::version(tx)?;
    let Some(changed) = told(tx, after)? else {
        return Ok(CredentialChanges { version, changes: vec![CredentialChange::Rebuild] });
    };
    let mut changes = Vec::new();
    for (kind, object) in changed {
        match (kind, u32::try_from(object), u64::try_from(object)) {
            (Changed::Login, Ok(id), _) => {
                let id = PrincipalId::new(id);
                changes.push(CredentialChange::Principal(id, credentials::principals(tx, Some(id))?.pop()));
            }
            (Changed::Token, _, Ok(id)) => {
                let id = TokenId::new(id);
                changes.push(CredentialChange::Token(id, credentials::token(tx, id)?));
            }
            _ => {}
        }
    }
    Ok(CredentialChanges { version, changes })
}

/// What changed after a version, if that can be told one by one: not if it is too much, and not if records are gone.
fn told(tx: &mut dyn Tx, after: PolicyVersion) -> Result<Option<Vec<(Changed, i64)>>, Error> {
    let next = PolicyVersion::new(after.get().saturating_add(1));
    // The first version, 1, is that of the migrations and has no records.
    let known = records::oldest_change(tx)?.is_some_and(|oldest| oldest <= next.max(PolicyVersion::new(2)));
    if !known || after.get() == 0 {
        return Ok(None);
    }
    let changed = records::changes_after(tx, after, CHANGES_MAX)?;
    Ok(if changed.len() as u64 >= u64::from(CHANGES_MAX) { None } else { Some(changed) })
}

fn unread(error: Error) -> SourceError {
    SourceError(Box::new(error))
}
