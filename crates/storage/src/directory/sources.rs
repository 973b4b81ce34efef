use std::sync::Arc;

use domain::{
    BoxFuture, Changes, CredentialChange, CredentialFacts, FactSource, OrganisationNames, PolicyChange,
    PolicyFacts, PolicyPoint, SourceError,
};

use super::Directory;
use super::held::{Held, Narrowing};
use super::{objects, organisation};
use crate::error::Error;
use crate::sql::facts::{self, Which};
use crate::sql::records::{self, ChangedKind};
use crate::sql::{Administration, Tx, credentials, sessions};

/// Changes told one by one; beyond that a rebuild is cheaper.
const CHANGES_MAX: u32 = 4096;

/// What the permission cache and `auth` follow: the rows as facts, and what was taken away though its rows wait.
pub(crate) struct Facts {
    pub(super) database: Administration,
    pub(super) held: Arc<Held>,
    pub(super) forget: Arc<dyn Fn() + Send + Sync>,
}

impl Directory {
    /// The facts of the matrix as they would be loaded now, and their point.
    pub(super) async fn policy_facts(&self) -> Result<(PolicyPoint, PolicyFacts), Error> {
        let narrowings = self.held.narrowings();
        let (point, mut facts) = self.database.follow(policy).await?;
        narrowings.iter().chain(&self.held.narrowings()).for_each(|one| one.narrow_policy(&mut facts));
        Ok((point, facts))
    }
}

impl FactSource<PolicyFacts> for Facts {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, PolicyFacts), SourceError>> {
        Box::pin(async {
            let ((point, mut facts), narrowings) = self.read(policy).await?;
            narrowings.iter().for_each(|narrowing| narrowing.narrow_policy(&mut facts));
            Ok((point, facts))
        })
    }

    fn changes_since(&self, point: PolicyPoint) -> BoxFuture<'_, Result<Changes<PolicyChange>, SourceError>> {
        Box::pin(self.since(point, objects::policy_change, |narrowing| &narrowing.policy))
    }
}

impl FactSource<CredentialFacts> for Facts {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, CredentialFacts), SourceError>> {
        Box::pin(async {
            let ((point, mut facts), narrowings) = self.read(all_credentials).await?;
            narrowings.iter().for_each(|narrowing| narrowing.narrow_credentials(&mut facts));
            Ok((point, facts))
        })
    }

    fn changes_since(
        &self,
        point: PolicyPoint,
    ) -> BoxFuture<'_, Result<Changes<CredentialChange>, SourceError>> {
        Box::pin(self.since(point, objects::credential_change, |narrowing| &narrowing.credentials))
    }
}

impl FactSource<OrganisationNames> for Facts {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, OrganisationNames), SourceError>> {
        Box::pin(async {
            let load = |tx: &mut dyn Tx| Ok((records::point(tx)?, organisation::names(tx)?));
            Ok(self.read(load).await?.0)
        })
    }

    fn changes_since(
        &self,
        point: PolicyPoint,
    ) -> BoxFuture<'_, Result<Changes<OrganisationNames>, SourceError>> {
        Box::pin(self.since(point, objects::names_change, |_| &[]))
    }
}

/// How one object that changed is now, if whoever asks follows such objects.
type Present<C> = fn(&mut dyn Tx, ChangedKind, i64) -> Result<Option<C>, Error>;

impl Facts {
    async fn since<C: Clone + Send + 'static>(
        &self,
        point: PolicyPoint,
        present: Present<C>,
        narrowed: fn(&Narrowing) -> &[C],
    ) -> Result<Changes<C>, SourceError> {
        // The usual answer to the poll of every second, as cheap as it can be.
        let reached = self.database.point(records::point).await.map_err(unread)?;
        if reached == point && self.held.is_empty() {
            return Ok(Changes::Each { reached, changes: Vec::new() });
        }
        let (since, narrowings) = self.read(move |tx| since(tx, point, present)).await?;
        let Some(mut since) = since else {
            self.note_another_history(point).await;
            return Ok(Changes::Rebuild);
        };
        if let Changes::Each { changes, .. } = &mut since {
            changes.extend(narrowings.iter().flat_map(|narrowing| narrowed(narrowing).iter().cloned()));
        }
        Ok(since)
    }

    /// Nothing that is kept of the rows counts any more, and other nodes are told by another epoch.
    async fn note_another_history(&self, followed: PolicyPoint) {
        tracing::warn!(
            version = followed.version.get(),
            "the database was set back, or its history changed: nothing kept of it counts any more"
        );
        (self.forget)();
        let draw = move |tx: &mut dyn Tx| records::draw_epoch(tx, followed.epoch);
        if let Err(error) = self.database.write(draw).await {
            // Each node finds out by itself too, but for the one that has followed no further than the backup.
            tracing::warn!(%error, "other nodes could not be told that the history of access changes is another one");
        }
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

fn policy(tx: &mut dyn Tx) -> Result<(PolicyPoint, PolicyFacts), Error> {
    let point = records::point(tx)?;
    let facts = PolicyFacts {
        version: point.version,
        principals: facts::principals(tx, Which::All)?,
        teams: facts::teams(tx, Which::All)?,
        roles: facts::roles(tx, Which::All)?,
        projects: facts::projects(tx, Which::All)?,
        repositories: facts::repositories(tx, Which::All)?,
        grants: facts::grants(tx, Which::All)?,
    };
    Ok((point, facts))
}

fn all_credentials(tx: &mut dyn Tx) -> Result<(PolicyPoint, CredentialFacts), Error> {
    let point = records::point(tx)?;
    let facts = CredentialFacts {
        principals: credentials::principals(tx, None)?,
        tokens: credentials::tokens(tx)?,
        sessions: sessions::all(tx)?,
        rules: organisation::log_in_rules(tx)?,
    };
    Ok((point, facts))
}

/// What changed after a point: one by one, if that can be told; not if it is too much, or if records are gone. `None` if the rows
/// do not know that point: the database was set back.
fn since<C>(
    tx: &mut dyn Tx,
    followed: PolicyPoint,
    present: Present<C>,
) -> Result<Option<Changes<C>>, Error> {
    let reached = records::point(tx)?;
    if followed.epoch != reached.epoch || followed.version > reached.version {
        return Ok(None);
    }
    let stamp = if followed.version == reached.version {
        Some(reached.stamp)
    } else {
        records::stamp_of(tx, followed.version)?
    };
    match stamp {
        Some(stamp) if stamp == followed.stamp => {}
        Some(_) => return Ok(None),
        None => return Ok(Some(Changes::Rebuild)),
    }
    let changed = records::changes_after(tx, followed.version, CHANGES_MAX)?;
    if changed.len() as u64 >= u64::from(CHANGES_MAX) {
        return Ok(Some(Changes::Rebuild));
    }
    let mut changes = Vec::with_capacity(changed.len());
    for (kind, object) in changed {
        changes.extend(present(tx, kind, object)?);
    }
    Ok(Some(Changes::Each { reached, changes }))
}

fn unread(error: Error) -> SourceError {
    SourceError(Box::new(error))
}
