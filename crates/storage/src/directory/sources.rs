use std::sync::Arc;

use domain::{
    BoxFuture, CredentialChange, CredentialChanges, CredentialFacts, CredentialSource, GrantSource,
    PolicyChange, PolicyChanges, PolicyFacts, PolicyVersion, SourceError,
};

use super::held::{Held, Narrowing};
use super::objects;
use crate::error::Error;
use crate::sql::facts::{self, Which};
use crate::sql::records::{self, ChangedKind};
use crate::sql::{Administration, Tx, credentials};

/// Changes told one by one; beyond that a rebuild is cheaper.
const CHANGES_MAX: u32 = 4096;

/// What the permission cache and `auth` follow: the rows as facts, and what was taken away though its rows wait.
pub(crate) struct Facts {
    pub(super) database: Administration,
    pub(super) held: Arc<Held>,
}

impl GrantSource for Facts {
    fn load(&self) -> BoxFuture<'_, Result<PolicyFacts, SourceError>> {
        Box::pin(async {
            let (mut facts, narrowings) = self.read(policy).await?;
            narrowings.iter().for_each(|narrowing| narrowing.narrow_policy(&mut facts));
            Ok(facts)
        })
    }

    fn changes_since(&self, version: PolicyVersion) -> BoxFuture<'_, Result<PolicyChanges, SourceError>> {
        Box::pin(async move {
            if let Some(reached) = self.nothing_after(version).await? {
                return Ok(PolicyChanges { version: reached, changes: Vec::new() });
            }
            let (mut changes, narrowings) = self.read(move |tx| policy_changes(tx, version)).await?;
            changes.changes.extend(narrowings.iter().flat_map(|narrowing| narrowing.policy.iter().cloned()));
            Ok(changes)
        })
    }
}

impl CredentialSource for Facts {
    fn load(&self) -> BoxFuture<'_, Result<CredentialFacts, SourceError>> {
        Box::pin(async {
            let (mut facts, narrowings) = self.read(all_credentials).await?;
            narrowings.iter().for_each(|narrowing| narrowing.narrow_credentials(&mut facts));
            Ok(facts)
        })
    }

    fn changes_since(&self, version: PolicyVersion) -> BoxFuture<'_, Result<CredentialChanges, SourceError>> {
        Box::pin(async move {
            if let Some(reached) = self.nothing_after(version).await? {
                return Ok(CredentialChanges { version: reached, changes: Vec::new() });
            }
            let (mut changes, narrowings) = self.read(move |tx| credential_changes(tx, version)).await?;
            changes
                .changes
                .extend(narrowings.iter().flat_map(|narrowing| narrowing.credentials.iter().cloned()));
            Ok(changes)
        })
    }
}

impl Facts {
    /// The usual answer to the poll of every second, as cheap as it can be.
    async fn nothing_after(&self, version: PolicyVersion) -> Result<Option<PolicyVersion>, SourceError> {
        let reached = self.database.point(records::version).await.map_err(unread)?;
        Ok((reached == version && self.held.is_empty()).then_some(reached))
    }

    /// Rows, and the narrowings that hold over them: those before the reading, one of which may be stored by its end, and those
    /// after it.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<(T, Vec<Arc<Narrowing>>), SourceError> {
        let mut narrowings = self.held.narrowings();
        let facts = self.database.follow(read).await.map_err(unread)?;
        narrowings.extend(self.held.narrowings());
        Ok((facts, narrowings))
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
    let Some(changed) = listed_after(tx, after)? else {
        return Ok(PolicyChanges { version, changes: vec![PolicyChange::Rebuild] });
    };
    let mut changes = Vec::with_capacity(changed.len());
    for (kind, object) in changed {
        changes.extend(objects::policy_change(tx, kind, object)?);
    }
    Ok(PolicyChanges { version, changes })
}

fn credential_changes(tx: &mut dyn Tx, after: PolicyVersion) -> Result<CredentialChanges, Error> {
    let version = records::version(tx)?;
    let Some(changed) = listed_after(tx, after)? else {
        return Ok(CredentialChanges { version, changes: vec![CredentialChange::Rebuild] });
    };
    let mut changes = Vec::new();
    for (kind, object) in changed {
        changes.extend(objects::credential_change(tx, kind, object)?);
    }
    Ok(CredentialChanges { version, changes })
}

/// What changed after a version, if that can be told one by one: not if it is too much, and not if records are gone.
fn listed_after(tx: &mut dyn Tx, after: PolicyVersion) -> Result<Option<Vec<(ChangedKind, i64)>>, Error> {
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
