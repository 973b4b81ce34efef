//! Following the order of access changes (docs/design.md 5, rule 4): who logs in and what one may do are copies in memory, and each
//! copy is kept by one of these.
//!
//! One caller at a time asks the source and brings the answer into force, so that no answer overtakes a later one. A version
//! number is never trusted: a database set back to a backup hands it out again, so who waits for a change asks the source unless
//! exactly that point is in force, and the source tells whether the history followed so far is its own.
#![warn(missing_docs)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Changes, FactSource, Followed, PolicyPoint, PolicyVersion, SourceError};
use tokio::sync::OwnedMutexGuard;

mod own_thread;

pub use own_thread::on_own_thread;

/// A copy of facts that readers look at without waiting while one writer brings changes into force.
pub trait Target: Send + Sync + 'static {
    /// What it is a copy of.
    type Facts: Followed;

    /// What it is called in logs, and its threads.
    const NAME: &'static str;

    /// Whether so many changes are brought into force at once, without holding up a thread that serves requests; if not, it is done
    /// on a thread of its own, where waiting for a lock does no harm.
    fn is_quick(changes: usize) -> bool;

    /// Brings changes into force, which carry the present state: known ones do no harm.
    fn apply(&self, changes: Vec<<Self::Facts as Followed>::Change>, version: PolicyVersion);

    /// Makes the copy what these facts say; what they do not name is gone.
    fn replace(&self, facts: Self::Facts, version: PolicyVersion);

    /// Whether it can be followed: not if a change broke off in the middle of it, which only [`Target::replace`] mends.
    fn is_sound(&self) -> bool {
        true
    }
}

/// Keeps a copy in step with its source.
pub struct Follower<S: ?Sized, T> {
    source: Arc<S>,
    copy: Arc<Copy<T>>,
    /// Whether the last poll found no answer.
    failing: AtomicBool,
}

struct Copy<T> {
    target: Arc<T>,
    /// What is in force.
    point: Mutex<PolicyPoint>,
    /// Held by the one that asks and writes. Owned guards, so that work on another thread keeps it when its caller goes away.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// Asks and writes: nobody else does, until it is dropped.
type Turn = OwnedMutexGuard<()>;

impl<T> Copy<T> {
    fn point(&self) -> MutexGuard<'_, PolicyPoint> {
        // Nothing that panics happens under the lock.
        self.point.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S, T> Follower<S, T>
where
    T: Target,
    S: FactSource<T::Facts> + ?Sized,
{
    /// Loads everything and makes the copy of it, on a thread of its own.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub async fn open(
        source: Arc<S>,
        make: impl FnOnce(T::Facts) -> T + Send + 'static,
    ) -> Result<Self, SourceError> {
        let (point, facts) = source.load().await?;
        let target = Arc::new(on_own_thread::<T, _>(move || make(facts)).await?);
        let copy = Arc::new(Copy { target, point: Mutex::new(point), turn: Arc::default() });
        Ok(Self { source, copy, failing: AtomicBool::new(false) })
    }

    /// The copy.
    #[must_use]
    pub fn target(&self) -> &Arc<T> {
        &self.copy.target
    }

    /// Where it gets the facts.
    #[must_use]
    pub fn source(&self) -> &S {
        &self.source
    }

    /// What is in force.
    #[must_use]
    pub fn point(&self) -> PolicyPoint {
        *self.copy.point()
    }

    /// Brings at least this point into force.
    ///
    /// # Errors
    /// If the source does not answer or does not have it; what was in force stays so.
    pub async fn refresh_to(&self, point: PolicyPoint) -> Result<(), SourceError> {
        if self.point() == point {
            return Ok(());
        }
        let reached = self.refresh().await?.version;
        if reached < point.version {
            return Err(SourceError(Box::new(Behind { wanted: point.version, reached })));
        }
        Ok(())
    }

    /// Brings whatever the source has into force, and tells how far that is.
    ///
    /// # Errors
    /// If the source does not answer; what was in force stays so.
    pub async fn refresh(&self) -> Result<PolicyPoint, SourceError> {
        let turn = Arc::clone(&self.copy.turn).lock_owned().await;
        self.advance(turn).await
    }

    /// As [`Self::refresh`], for whoever asks again and again: an outage is said in the log once, and once that it is over.
    ///
    /// # Errors
    /// As [`Self::refresh`].
    pub async fn poll(&self) -> Result<PolicyPoint, SourceError> {
        let polled = self.refresh().await;
        let failed = self.failing.swap(polled.is_err(), Ordering::Relaxed);
        match &polled {
            Err(error) if !failed => {
                let cause = &*error.0;
                tracing::error!(
                    of = T::NAME,
                    cause,
                    "access changes cannot be followed; what is in force stays so"
                );
            }
            Ok(point) if failed => {
                tracing::info!(
                    of = T::NAME,
                    version = point.version.get(),
                    "access changes are followed again"
                );
            }
            Ok(_) | Err(_) => {}
        }
        polled
    }

    /// Hands `compare` what changed since the older one of `loaded` and what is in force, for it to bring into force both here and
    /// in what it compares with. `None` if that cannot be told one by one; then everything is up to date instead.
    ///
    /// # Errors
    /// If the source does not answer.
    pub async fn compare<R: Send + 'static>(
        &self,
        loaded: PolicyPoint,
        compare: impl FnOnce(&T, Vec<<T::Facts as Followed>::Change>, PolicyVersion) -> R + Send + 'static,
    ) -> Result<Option<R>, SourceError> {
        let turn = Arc::clone(&self.copy.turn).lock_owned().await;
        let point = self.point();
        let base = if loaded.version < point.version { loaded } else { point };
        match self.source.changes_since(base).await? {
            Changes::Each { reached, changes }
                if self.copy.target.is_sound() && loaded.epoch == point.epoch =>
            {
                let version = reached.version;
                let write = move |target: &T| compare(target, changes, version);
                self.write_on_own_thread(reached, turn, write).await.map(Some)
            }
            Changes::Each { .. } | Changes::Rebuild => self.advance(turn).await.map(|_| None),
        }
    }

    async fn advance(&self, turn: Turn) -> Result<PolicyPoint, SourceError> {
        let before = self.point();
        let (reached, changes) = match self.source.changes_since(before).await? {
            Changes::Each { reached, changes } if self.copy.target.is_sound() => (reached, changes),
            Changes::Each { .. } | Changes::Rebuild => return self.rebuild(before, turn).await,
        };
        if changes.is_empty() && reached == before {
            return Ok(before);
        }
        let version = reached.version;
        if T::is_quick(changes.len()) {
            self.copy.target.apply(changes, version);
            *self.copy.point() = reached;
            drop(turn);
        } else {
            self.write_on_own_thread(reached, turn, move |target| target.apply(changes, version)).await?;
        }
        Ok(reached)
    }

    async fn rebuild(&self, before: PolicyPoint, turn: Turn) -> Result<PolicyPoint, SourceError> {
        let (reached, facts) = self.source.load().await?;
        let version = reached.version;
        self.write_on_own_thread(reached, turn, move |target| target.replace(facts, version)).await?;
        let set_back = reached.epoch != before.epoch || version < before.version;
        tracing::info!(of = T::NAME, version = version.get(), set_back, "all access data was loaded again");
        Ok(reached)
    }

    /// The turn goes along: nobody else asks or writes until this is done, even if our caller stops waiting.
    async fn write_on_own_thread<R: Send + 'static>(
        &self,
        reached: PolicyPoint,
        turn: Turn,
        write: impl FnOnce(&T) -> R + Send + 'static,
    ) -> Result<R, SourceError> {
        let copy = Arc::clone(&self.copy);
        on_own_thread::<T, _>(move || {
            let done = write(&copy.target);
            *copy.point() = reached;
            drop(turn);
            done
        })
        .await
    }
}

/// The source answered with less than was already committed.
#[derive(Debug, thiserror::Error)]
#[error("version {} was asked for, the source has only {}", .wanted.get(), .reached.get())]
struct Behind {
    wanted: PolicyVersion,
    reached: PolicyVersion,
}

#[cfg(test)]
mod tests;
