use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{AuditView, Granted, Limit, Organisation, PolicyPoint, PolicyVersion, System, Timestamp};
use tokio::time::{Instant, sleep};

use super::Directory;
use crate::error::{DirectoryError, Error};
use crate::sql::gateways::{self, GatewayAt};
use crate::sql::{Tx, records};

/// How long a gateway counts as alive without a sign of it, in seconds (docs/access.md 5).
const LEASE_SECS: i64 = 5;
/// How long one that gave no sign is shown, in seconds.
const KEPT_SECS: i64 = 3600;
/// Between two looks at whether all have confirmed a change.
const CONFIRM_LOOK: Duration = Duration::from_millis(100);
/// How long a change waits for all: a lease, and a second in which a living gateway follows.
const CONFIRM_MAX: Duration = Duration::from_secs(6);
/// How long a request waits until what it was told of elsewhere is in force here, and between two looks.
const REACH_MAX: Duration = Duration::from_secs(1);
const REACH_LOOK: Duration = Duration::from_millis(20);
/// Most often that those who wait have the rows asked, all of them together.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// A gateway that says of itself that it lives.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// A random number of its process.
    pub id: i64,
    /// Its release.
    pub release: Box<str>,
    /// When it started, by its own clock.
    pub started_at: Timestamp,
}

/// A gateway of those that share the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayRow {
    /// A random number of its process.
    pub id: i64,
    /// Its release.
    pub release: Box<str>,
    /// When it started, by its own clock.
    pub started_at: Timestamp,
    /// The version of all access changes that it said it has in force.
    pub version: PolicyVersion,
    /// Until when it counts as alive.
    pub lease_until: Timestamp,
    /// Whether it is the one that answers.
    pub here: bool,
}

/// This gateway, and when the rows were last asked for those who wait.
#[derive(Default)]
pub(super) struct Presence {
    own: Mutex<Option<Gateway>>,
    /// Held while its row is written, so that nothing makes that anew once it was taken away.
    writing: tokio::sync::Mutex<()>,
    asked: tokio::sync::Mutex<Option<Instant>>,
}

impl Presence {
    fn own(&self) -> MutexGuard<'_, Option<Gateway>> {
        // Nothing that panics happens under the lock.
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory {
    /// What everything that follows access changes has in force here: the least of them; `None` while nothing follows.
    #[must_use]
    pub fn in_force(&self) -> Option<PolicyPoint> {
        self.feeds().iter().map(|feed| feed.point()).min_by_key(|point| point.version)
    }

    /// Whether other gateways may share the rows.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        !self.database.is_alone()
    }

    /// This gateway begins: the others wait for it from now on, and it has in force whatever was changed before.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn join(&self, system: &System, gateway: Gateway) -> Result<(), DirectoryError> {
        *self.presence.own() = Some(gateway);
        self.report(system).await?;
        let present = self.database.point(records::point).await?;
        self.put_into_force(present).await?;
        self.report(system).await
    }

    /// Says that this gateway lives, and what it has in force. Nothing is written where no other can share the rows.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn report(&self, _system: &System) -> Result<(), DirectoryError> {
        if !self.is_shared() {
            return Ok(());
        }
        let directory = self.clone();
        // On a task of its own: whoever stops waiting must not leave a write behind that nobody knows the end of.
        let whole = tokio::spawn(async move { directory.put_own_row().await });
        whole.await.map_err(|stopped| Error::unavailable("saying that a gateway lives", stopped))??;
        Ok(())
    }

    async fn put_own_row(&self) -> Result<(), Error> {
        let _writing = self.presence.writing.lock().await;
        let (own, point) = (self.presence.own().clone(), self.in_force());
        let (Some(own), Some(point)) = (own, point) else { return Ok(()) };
        let put = move |tx: &mut dyn Tx| {
            let now = gateways::clock(tx)?;
            gateways::forget_before(tx, now.plus_secs(-KEPT_SECS))?;
            gateways::put(tx, &alive(own, point, now), point)
        };
        self.database.write(put).await
    }

    /// This gateway ends: nobody waits for it.
    ///
    /// # Errors
    /// Failures of the database; others may wait for it for a few seconds then.
    pub async fn leave(&self, _system: &System) -> Result<(), DirectoryError> {
        let _writing = self.presence.writing.lock().await;
        let own = self.presence.own().take().filter(|_| self.is_shared());
        let Some(own) = own else { return Ok(()) };
        Ok(self.database.write(move |tx: &mut dyn Tx| gateways::remove(tx, own.id)).await?)
    }

    /// The gateways that share the rows, by id, behind `after`: those that live, and those that were heard of within the last hour.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn gateways(
        &self,
        _may: &Granted<AuditView, Organisation>,
        after: Option<i64>,
        limit: Limit,
    ) -> Result<Vec<GatewayRow>, DirectoryError> {
        let (own, after) = (self.presence.own().clone(), after.unwrap_or(i64::MIN));
        let own_id = own.as_ref().map(|own| own.id);
        let found = if self.is_shared() {
            self.database.read(move |tx: &mut dyn Tx| gateways::after(tx, after, limit.rows())).await?
        } else {
            let now = self.clock.now();
            let alone = own.zip(self.in_force()).map(|(own, point)| alive(own, point, now));
            alone.into_iter().filter(|row| row.id > after).collect()
        };
        let shown = found.into_iter().map(|row| GatewayRow {
            here: Some(row.id) == own_id,
            id: row.id,
            release: row.release,
            started_at: row.started_at,
            version: row.version,
            lease_until: row.lease_until,
        });
        Ok(shown.collect())
    }

    /// Waits until every gateway that lives has this version in force, for six seconds at most: whether that is so. One that gives no
    /// sign for the time of its lease does not count as alive.
    ///
    /// # Errors
    /// Failures of the database: then nobody knows.
    pub async fn confirmed(&self, version: PolicyVersion) -> Result<bool, DirectoryError> {
        if !self.is_shared() {
            return Ok(true);
        }
        let began = Instant::now();
        loop {
            let behind = move |tx: &mut dyn Tx| {
                let now = gateways::clock(tx)?;
                gateways::behind(tx, version, now)
            };
            if self.database.read(behind).await? == 0 {
                return Ok(true);
            }
            if began.elapsed() >= CONFIRM_MAX {
                return Ok(false);
            }
            sleep(CONFIRM_LOOK).await;
        }
    }

    /// Waits until at least this version is in force here, for a second at most: what somebody was told of by another gateway. Anybody
    /// may ask: those who wait have the rows asked together, a few times a second. Whether it is so by then; never of a version that
    /// nobody drew.
    pub async fn reach(&self, version: PolicyVersion) -> bool {
        let began = Instant::now();
        loop {
            let present = self.in_force().map(|point| point.version);
            if present.is_some_and(|present| present >= version) {
                return true;
            }
            if began.elapsed() >= REACH_MAX {
                return false;
            }
            self.follow_for_those_who_wait().await;
            sleep(REACH_LOOK).await;
        }
    }

    async fn follow_for_those_who_wait(&self) {
        let Ok(mut asked) = self.presence.asked.try_lock() else { return };
        if asked.is_some_and(|asked| asked.elapsed() < ASK_EVERY) {
            return;
        }
        for feed in self.feeds() {
            // Whoever asks the source each second says in the log that it does not answer.
            if let Err(error) = feed.refresh_now().await {
                tracing::debug!(%error, "access changes were not followed for a request that waits for them");
            }
        }
        *asked = Some(Instant::now());
    }
}

fn alive(own: Gateway, point: PolicyPoint, now: Timestamp) -> GatewayAt {
    GatewayAt {
        id: own.id,
        release: own.release,
        started_at: own.started_at,
        version: point.version,
        lease_until: now.plus_secs(LEASE_SECS),
    }
}
