//! Administration: who there is and what they may do. Each verb is one transaction that draws a policy version, writes what
//! changed and the audit, and returns once the change is in force (design §5, rule 4).

use std::sync::{Arc, PoisonError, RwLock};

use domain::{Own, PolicyFeed, PolicyVersion, System, TokenId};
use tokio::sync::Semaphore;

use crate::error::Error;
use crate::sql::{Tx, credentials, directory as rows, records};
use crate::store::Shared;

mod apply;
mod change;
mod first;
mod grants;
mod names;
mod nodes;
mod plan;
mod principals;
mod sources;
mod tokens;

use change::{Author, Change};
pub use first::{FirstAdministrator, FirstRepository};
pub use grants::{GrantRow, GrantedSpec};
pub use nodes::{NewProject, NewRepository};
pub use plan::{
    ApplicationSpec, Applied, GrantSpec, OrganisationSpec, PersonSpec, Plan, ProjectSpec, RepositorySpec,
    RoleSpec, TeamSpec, TokenSpec,
};
use sources::Facts;
pub use tokens::{NewToken, TokenRow};

/// Administration. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    shared: Arc<Shared>,
    feeds: Arc<RwLock<Vec<Arc<dyn PolicyFeed>>>>,
    /// Changes that may be under way at one time.
    turns: Arc<Semaphore>,
}

/// Most changes under way at one time; others wait for a turn.
const CHANGES_MAX: usize = 64;

/// A change that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InForce {
    /// The version it is part of, or the present one if nothing changed.
    pub version: PolicyVersion,
    /// Whether anything changed.
    pub changed: bool,
}

/// The organisation as requests need to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRow {
    /// Its name.
    pub name: Box<str>,
    /// Its title, for people.
    pub title: Box<str>,
    /// Other names that may stand for it in Space's host forms.
    pub aliases: Vec<Box<str>>,
}

impl Directory {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, feeds: Arc::default(), turns: Arc::new(Semaphore::new(CHANGES_MAX)) }
    }

    pub(crate) fn credential_source(&self) -> Facts {
        Facts { shared: Arc::clone(&self.shared) }
    }

    pub(crate) fn grant_source(&self) -> Facts {
        Facts { shared: Arc::clone(&self.shared) }
    }

    /// From now on every change waits until this feed has it. Called by the wiring, once for each feed.
    pub fn follow(&self, feed: Arc<dyn PolicyFeed>) {
        self.feeds.write().unwrap_or_else(PoisonError::into_inner).push(feed);
    }

    /// Name, title and aliases of the organisation.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn organisation(&self, _system: &System) -> Result<OrganisationRow, Error> {
        let read = |tx: &mut dyn Tx| {
            let row = rows::organisation(tx)?;
            Ok(OrganisationRow { name: row.name, title: row.title, aliases: rows::aliases(tx)? })
        };
        self.shared.database.read(read).await
    }

    /// Whether `org-admins` has an active member.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn has_administrator(&self, _system: &System) -> Result<bool, Error> {
        Ok(self.shared.database.point(rows::active_administrators).await? > 0)
    }

    /// What one is called: `member:alice`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn own_name(&self, own: &Own) -> Result<String, Error> {
        let principal = own.principal();
        self.shared.database.read(move |tx| names::subject_text(tx, principal.into())).await
    }

    /// Notes when tokens were last used, in minutes since 1970; batched by the wiring, never on the way of a request.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn touch_tokens(&self, _system: &System, used: &[(TokenId, u32)]) -> Result<(), Error> {
        if used.is_empty() {
            return Ok(());
        }
        let used = used.to_vec();
        self.shared
            .database
            .write(move |tx| {
                used.iter().try_for_each(|(id, minute)| {
                    let at = domain::Timestamp::from_millis(i64::from(*minute).saturating_mul(60_000));
                    credentials::touch_token(tx, *id, at)
                })
            })
            .await
    }

    /// The audit, one event a line, for suites: action, kind and name of the actor, request, agent, object, version.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn audit_rows(&self) -> Vec<String> {
        self.shared.database.read(records::audit_lines).await.unwrap_or_default()
    }

    /// Runs one change and brings it into force. Both happen on a task of their own: a caller that goes away in between must
    /// not leave a stored revoke out of force.
    async fn change<T, F>(&self, author: Author, change: F) -> Result<(T, InForce), Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Change<'_>) -> Result<T, Error> + Send + 'static,
    {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|closed| Error::unavailable("waiting to change the directory", closed))?;
        let this = self.clone();
        let whole = tokio::spawn(async move {
            let done = this.store_and_enforce(author, change).await;
            drop(turn);
            done
        });
        whole.await.map_err(|stopped| Error::unavailable("changing the directory", stopped))?
    }

    async fn store_and_enforce<T, F>(&self, author: Author, change: F) -> Result<(T, InForce), Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Change<'_>) -> Result<T, Error> + Send + 'static,
    {
        let now = self.shared.clock.now();
        let store = move |tx: &mut dyn Tx| {
            let present = records::lock_version(tx)?;
            author.is_entitled(tx, now)?;
            let mut running = Change::new(tx, author, now);
            let done = change(&mut running)?;
            let force = match running.version() {
                Some(version) => InForce { version, changed: true },
                None => InForce { version: present, changed: false },
            };
            Ok((done, force))
        };
        let (done, force) = match self.shared.database.write(store).await {
            Err(Error::Stale) => {
                // Whoever repeats it is then decided about at the version that made this one stale.
                let present = self.shared.database.point(records::version).await?;
                self.put_into_force(present).await?;
                return Err(Error::Stale);
            }
            stored => stored?,
        };
        if force.changed {
            self.put_into_force(force.version).await?;
        }
        Ok((done, force))
    }

    /// Every follower is told, even if one before it fails.
    async fn put_into_force(&self, version: PolicyVersion) -> Result<(), Error> {
        let feeds = self.feeds.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut failed = None;
        for feed in feeds {
            if let Err(error) = feed.refresh_to(version).await {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), |error| Err(Error::NotYetInForce(Box::new(error))))
    }
}
