//! Administration: who there is and what they may do. Each verb is one transaction that draws a policy version, writes what
//! changed and the audit, and returns once the change is in force (docs/design.md 5, rule 4).

use std::sync::{Arc, PoisonError, RwLock};

use budget::{Bounds, Budget};
use domain::{Clock, PasswordUse, PolicyFeed, PolicyPoint, PolicyVersion, RepositoryId, System, TokenUse};

#[cfg(any(test, feature = "testing"))]
use crate::audit::AuditEvent;
use crate::error::{DirectoryError, Error, Fault};
use crate::name_cache::NamesChanged;
use crate::policy_cache::PolicyCache;
use crate::space::Space;
#[cfg(any(test, feature = "testing"))]
use crate::sql::audit;
use crate::sql::{Administration, Tx, credentials, directory as rows, records};

mod applications;
mod apply;
mod audits;
mod candidates;
mod change;
mod declared;
mod event;
mod exchanges;
mod export;
mod first;
mod garbage;
mod gateways;
mod giving;
mod grants;
mod held;
mod inquiries;
mod invitations;
mod issuers;
mod jobs;
mod leaks;
mod lines;
mod listing;
mod log_ins;
mod login_providers;
mod merge;
mod names;
mod nodes;
mod object;
mod objects;
mod once;
mod organisation;
mod package_removal;
mod participants;
mod passwords;
mod people;
mod pins;
mod places;
mod plan;
mod plans;
mod principals;
mod projects;
mod publishers;
mod remarks;
mod removal;
mod repositories;
mod roles;
mod rule;
mod sessions;
mod sources;
mod teams;
mod token_by_name;
mod token_rotation;
mod tokens;
mod tombstones;
mod version;
mod versions;
mod webhooks;
mod widening;
mod workers;

pub use applications::{ApplicationRow, ApplicationWanted};
pub use apply::Remembered;
pub use candidates::CandidateRow;
use change::{Author, Change};
pub use exchanges::{Exchange, Exchanged, RefusedExchange};
pub use first::{FirstAdministrator, FirstRepository};
use gateways::Presence;
pub use gateways::{Gateway, GatewayRow};
pub use grants::{GrantRow, GrantedSpec};
use held::{Held, Repeatable};
pub use inquiries::{Named, Names, ToName};
pub use invitations::{InvitationRow, Invited, NewInvitation, Purpose};
pub use issuers::IssuerWanted;
use jobs::JobsWanted;
pub use jobs::{JobKind, JobRow, JobState, JobStep};
pub use leaks::Leaked;
pub use lines::{LastChange, PlanLine, PlanSign, PlanWhy};
pub use log_ins::{LoggedIn, Vouched, VouchedSession};
pub use login_providers::LoginProviderWanted;
pub use merge::{Section, Truth};
pub use nodes::{NewProject, NewRepository};
pub use once::Once;
pub use organisation::OrganisationRow;
pub use package_removal::PackageGone;
pub use participants::{OwnPermissions, ParticipantFilter, ParticipantRow, RoleCounts};
pub use passwords::PasswordRules;
pub use people::{PersonFilter, PersonRow, PersonWanted};
pub use places::PlaceFilter;
pub use plan::{
    ApplicationSpec, Applied, GrantSpec, IssuerSpec, OrganisationSpec, PersonSpec, Plan, ProjectSpec,
    PublisherSpec, RepositorySpec, RoleSpec, TeamSpec, TestSpec, TokenSpec, WebhookSpec,
};
pub use plans::{EffectLine, FailedTest, Obstacle, PlanAsked, PlanDigest, Planned, judge};
pub use projects::{
    ProjectFilter, ProjectPlace, ProjectRow, ProjectSort, ProjectWanted, Removed as ProjectRemoved,
};
pub use repositories::{RepositoryFilter, RepositoryRow, RepositoryWanted};
pub use roles::{HasRoles, RoleRow};
pub use rule::{DirectWanted, PublisherWanted};
pub use sessions::{Ending, NewSession, SessionRow};
pub(crate) use sources::Facts;
pub use teams::{TeamRow, TeamWanted};
pub use token_by_name::TokenPut;
pub use token_rotation::Rotation;
pub use tokens::{NewToken, TokenFilter, TokenRow, TokenUsed};
pub use tombstones::TombstoneRow;
pub use versions::VersionGone;
pub use webhooks::WebhookWanted;
pub use workers::WorkerRow;

/// Administration. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    /// The way of administration, and no other.
    database: Administration,
    policies: Arc<PolicyCache>,
    clock: Arc<dyn Clock>,
    space: Arc<Space>,
    feeds: Arc<RwLock<Vec<Arc<dyn PolicyFeed>>>>,
    /// Changes under way: who makes many waits for those of others.
    turns: Arc<Budget>,
    held: Arc<Held>,
    /// Whether every change is run to its end and taken back.
    rehearsing: bool,
    /// Told of names that changed, once they did: what is kept of them counts no more.
    names: NamesMoved,
    /// What is asked at most once, if it is.
    once: Option<Arc<Once>>,
    /// The operation of the management API that asks, for the audit.
    operation: Option<&'static str>,
    /// This gateway, as the others see it.
    presence: Arc<Presence>,
    /// Told when somebody asks for long work here.
    jobs: JobsWanted,
}

/// What is done once names of a repository changed.
pub(crate) type NamesMoved = Arc<dyn Fn(RepositoryId, NamesChanged) + Send + Sync>;

/// Most changes under way at one time, and those of one client; others wait for a turn.
const CHANGES_MAX: u64 = 64;
const CHANGES_PER_CLIENT_MAX: u64 = 16;
const CHANGES_WAITING_MAX: usize = 4096;
const CHANGES_WAITING_PER_CLIENT_MAX: usize = 256;
/// Tokens whose last use one write notes, so that no change waits long for it.
const TOUCHED_MAX: usize = 256;

/// A change that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InForce {
    /// The version it is part of, or the present one if nothing changed.
    pub version: PolicyVersion,
    /// Whether anything changed.
    pub changed: bool,
    /// Whether it outlives this process. `false` only for what takes something away while the disk is full: it is written as soon
    /// as there is room.
    pub stored: bool,
    /// Whether it was only tried: nothing of it is in force or stored.
    pub rehearsed: bool,
}

/// What must be so of a thing, as it is or is not there, for it to be changed; asked inside the transaction.
pub type OnlyIf<R> = Box<dyn Fn(Option<&R>) -> bool + Send + Sync>;

impl Directory {
    pub(crate) fn new(
        database: Administration,
        policies: Arc<PolicyCache>,
        clock: Arc<dyn Clock>,
        space: Arc<Space>,
        names: NamesMoved,
    ) -> Self {
        let turns = Bounds::new(CHANGES_MAX, CHANGES_PER_CLIENT_MAX, CHANGES_PER_CLIENT_MAX)
            .waiting(CHANGES_WAITING_MAX, CHANGES_WAITING_PER_CLIENT_MAX);
        Self {
            database,
            policies,
            clock,
            space,
            feeds: Arc::default(),
            turns: Budget::new(turns),
            held: Arc::default(),
            rehearsing: false,
            names,
            once: None,
            operation: None,
            presence: Arc::default(),
            jobs: Arc::default(),
        }
    }

    /// The same, in which every change is run to its end and taken back: it says what would be.
    #[must_use]
    pub fn rehearsing(&self) -> Self {
        Self { rehearsing: true, ..self.clone() }
    }

    /// The same, in which a change is made at most once.
    #[must_use]
    pub fn once(&self, once: Once) -> Self {
        Self { once: Some(Arc::new(once)), ..self.clone() }
    }

    /// The same, whose changes the audit says were asked for by this operation of the management API.
    #[must_use]
    pub fn asked_by(&self, operation: &'static str) -> Self {
        Self { operation: Some(operation), ..self.clone() }
    }

    /// Turns at changes.
    #[must_use]
    pub const fn budget(&self) -> &Arc<Budget> {
        &self.turns
    }

    /// What is followed: by `auth`, and by the permission cache. `forget` is called when the rows turn out to be those of another
    /// history: whatever is kept of them may be of ids that were handed out a second time.
    pub(crate) fn facts(&self, forget: Arc<dyn Fn() + Send + Sync>) -> Facts {
        Facts { database: self.database.clone(), held: Arc::clone(&self.held), forget }
    }

    /// From now on every change waits until this feed has it. Called by the wiring, once for each feed.
    pub fn follow(&self, feed: Arc<dyn PolicyFeed>) {
        self.feeds.write().unwrap_or_else(PoisonError::into_inner).push(feed);
    }

    /// Whether `org-admins` has an active member.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn has_administrator(&self, _system: &System) -> Result<bool, DirectoryError> {
        Ok(self.database.point(rows::active_administrators).await? > 0)
    }

    /// Notes when tokens were last used, from where and with what; batched by the wiring, never on the way of a request.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn touch_tokens(&self, _system: &System, used: &[TokenUse]) -> Result<(), DirectoryError> {
        for used in used.chunks(TOUCHED_MAX) {
            let used = used.to_vec();
            let touch =
                move |tx: &mut dyn Tx| used.iter().try_for_each(|used| credentials::touch_token(tx, used));
            self.database.write(touch).await?;
        }
        Ok(())
    }

    /// Notes when people were last let in by their passwords; batched likewise.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn touch_passwords(
        &self,
        _system: &System,
        used: &[PasswordUse],
    ) -> Result<(), DirectoryError> {
        for used in used.chunks(TOUCHED_MAX) {
            let used = used.to_vec();
            let touch =
                move |tx: &mut dyn Tx| used.iter().try_for_each(|used| credentials::touch_password(tx, used));
            self.database.write(touch).await?;
        }
        Ok(())
    }

    /// All of the audit, for suites.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn audit_events(&self) -> Vec<AuditEvent> {
        self.database.read(audit::all).await.unwrap_or_default()
    }

    /// The audit, one event a line, for suites: action, kind and name of the actor, request, agent, object, version.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn audit_rows(&self) -> Vec<String> {
        self.database.read(audit::audit_lines).await.unwrap_or_default()
    }

    /// Runs one change and brings it into force.
    async fn change<T, F>(&self, author: Author, change: F) -> Result<(T, InForce), Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Change<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.in_turn(author, async move |this, author| this.store_and_enforce(author, change).await).await
    }

    /// As [`Self::change`], for one that changes names of a repository.
    async fn change_names<T, F>(
        &self,
        author: Author,
        (repository, names): (RepositoryId, NamesChanged),
        change: F,
    ) -> Result<(T, InForce), Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Change<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.in_turn(author, async move |this: Self, author: Author| {
            let done = this.store_and_enforce(author, change).await;
            // Whatever it says: what failed may be stored all the same.
            (this.names)(repository, names);
            done
        })
        .await
    }

    /// As [`Self::change`], for one that only takes something away: it is in force even if the disk has no room for it.
    async fn narrow<F>(&self, author: Author, change: F) -> Result<InForce, Error>
    where
        F: Fn(&mut Change<'_>) -> Result<(), Error> + Send + Sync + 'static,
    {
        let change: Repeatable = Arc::new(change);
        self.in_turn(author, async move |this: Self, author: Author| {
            let again = Arc::clone(&change);
            match this.store_and_enforce(author.clone(), move |running| again(running)).await {
                Err(Error::Fault(Fault::NoSpace { .. })) => this.hold(author, change).await,
                stored => Ok(stored?.1),
            }
        })
        .await
    }

    /// Waits for a turn. The rest happens on a task of its own: a caller that goes away in between must not leave a stored revoke
    /// out of force.
    async fn in_turn<T, F, W>(&self, author: Author, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(Self, Author) -> W,
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let turn = self.turns.wait(author.client(), 1).await?;
        let work = work(self.clone(), author.asking(self.operation));
        let whole = tokio::spawn(async move {
            let done = work.await;
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
        if self.rehearsing {
            return self.rehearse(author, change).await;
        }
        // What took something away without room for it comes first, or it would undo what comes after it.
        if !self.held.is_empty() {
            self.store_held().await?;
        }
        self.space.give_way();
        let now = self.clock.now();
        let once = self.once.clone().zip(author.principal());
        let store = move |tx: &mut dyn Tx| {
            let present = records::lock_version(tx)?;
            author.is_entitled(tx, now)?;
            if let Some((once, caller)) = &once {
                once.is_new(tx, *caller)?;
            }
            let mut running = Change::new(tx, author, now);
            let done = change(&mut running)?;
            if let Some((once, caller)) = &once {
                once.made(&mut running, *caller)?;
            }
            Ok((done, running.point(), (present, running.changed > 0)))
        };
        let (done, drawn, (present, changed)) = self.caught_up(self.database.write(store).await).await?;
        if let Some(point) = drawn {
            self.put_into_force(point).await?;
        }
        let version = drawn.unwrap_or(present).version;
        Ok((done, InForce { version, changed, stored: true, rehearsed: false }))
    }

    async fn rehearse<T, F>(&self, author: Author, change: F) -> Result<(T, InForce), Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Change<'_>) -> Result<T, Error> + Send + 'static,
    {
        let now = self.clock.now();
        let rehearse = move |tx: &mut dyn Tx| {
            let version = records::point(tx)?.version;
            author.is_entitled(tx, now)?;
            let mut running = Change::rehearsal(tx, author, now);
            let done = change(&mut running)?;
            let changed = running.changed > 0;
            Ok((done, InForce { version, changed, stored: false, rehearsed: true }))
        };
        self.caught_up(self.database.rehearse(rehearse).await).await
    }

    /// Whoever repeats what was overtaken is then decided about at the version that did so.
    async fn caught_up<T>(&self, done: Result<T, Error>) -> Result<T, Error> {
        if let Err(Error::Stale) = done {
            let present = self.database.point(records::point).await?;
            self.put_into_force(present).await?;
        }
        done
    }

    /// Every follower is told, even if one before it fails.
    async fn put_into_force(&self, point: PolicyPoint) -> Result<(), Error> {
        let mut failed = None;
        for feed in self.feeds() {
            if let Err(error) = feed.refresh_to(point).await {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), |error| Err(Error::NotYetInForce(Box::new(error))))
    }

    fn feeds(&self) -> Vec<Arc<dyn PolicyFeed>> {
        self.feeds.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
