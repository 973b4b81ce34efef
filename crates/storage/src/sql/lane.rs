//! The two ways into the database. They share nothing that one could fill for the other: administration has readers and a place
//! at the writer of its own, so that no traffic delays a revoke. Who has one of these types cannot use the other way.

use std::sync::Arc;
use std::time::Duration;

use budget::{Bounds, Budget, Share};
use domain::Client;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::hidden::PIECE_ROWS;
use super::{DatabaseConfig, Engine, Tx};
use crate::error::Error;
use crate::halt::Halt;

/// Rows that one durable commit, and one client's jobs at the writer, may touch: some milliseconds of work. What comes beyond
/// waits in the line of its client.
pub(super) const GROUP_ROWS_MAX: u64 = 2048;
/// Jobs up to so many rows never wait for larger ones but for the one under way.
pub(super) const SMALL_ROWS_MAX: u64 = 64;
/// Larger ones that may be on their way to the writer: one piece, or one that cannot be cut.
const LARGE_ROWS_MAX: u64 = PIECE_ROWS as u64;
/// A large one is followed by as long a time without any, but not by more than this: whoever writes thousands of rows takes no more
/// than half of the writer, and of the processor that it runs on.
const REST_MAX: Duration = Duration::from_millis(50);
/// Writes that may wait, from everywhere and of one client; beyond that the client is told to come back.
const WAITING_MAX: usize = 8192;
const WAITING_PER_CLIENT_MAX: usize = 2048;

/// Which way a job takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Who there is and what they may do.
    Administration,
    /// Bytes and names.
    Content,
}

/// What a commit stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commit {
    /// Whoever waited for it relies on it.
    Durable,
    /// What comes after it is relied on.
    Piece,
}

/// Both ways, opened.
pub(crate) struct Database {
    /// For `directory` and health only.
    pub(crate) administration: Administration,
    /// For everything else.
    pub(crate) content: Content,
}

/// The way of administration. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Administration {
    engine: Arc<Engine>,
    halt: Arc<Halt>,
}

/// The way of traffic: what waits for the writer is shared out among clients, by rows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Content {
    engine: Arc<Engine>,
    halt: Arc<Halt>,
    small: Arc<Budget>,
    /// For jobs of more than a few rows, about one at a time.
    large: Arc<Budget>,
}

/// Who is charged for a write, and how many rows it touches, about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    client: Client,
    rows: u64,
}

impl Load {
    pub(crate) const fn of(client: Client, rows: u64) -> Self {
        Self { client, rows }
    }

    /// Work nobody asked for.
    pub(crate) fn upkeep(rows: u64) -> Self {
        Self { client: Client::at(None), rows }
    }
}

impl Database {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// `Error::Schema` if the schema is newer than this binary or was altered, `Fault::Unavailable` if it cannot be opened.
    pub(crate) async fn open(config: DatabaseConfig, halt: &Arc<Halt>) -> Result<Self, Error> {
        let engine = Arc::new(Engine::open(config, halt).await?);
        let shared_out = |total, per_client| {
            let bounds = Bounds::new(total, per_client, per_client);
            Budget::new(bounds.waiting(WAITING_MAX, WAITING_PER_CLIENT_MAX))
        };
        Ok(Self {
            administration: Administration { engine: Arc::clone(&engine), halt: Arc::clone(halt) },
            content: Content {
                engine,
                halt: Arc::clone(halt),
                small: shared_out(GROUP_ROWS_MAX, GROUP_ROWS_MAX / 2),
                large: shared_out(LARGE_ROWS_MAX, LARGE_ROWS_MAX),
            },
        })
    }
}

impl Content {
    /// Rows of small and of large writes that are under way.
    pub(crate) const fn budgets(&self) -> [&Arc<Budget>; 2] {
        [&self.small, &self.large]
    }
}

impl Administration {
    /// Whether nobody but this process writes the database.
    pub(crate) fn is_alone(&self) -> bool {
        matches!(&*self.engine, Engine::Sqlite(_))
    }

    /// Runs a change and returns once it is durable; nothing of it stays if it fails.
    pub(crate) async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        self.halt.require()?;
        match &*self.engine {
            Engine::Sqlite(sqlite) => {
                sqlite.write(Lane::Administration, (1, Commit::Durable), job, || {}).await
            }
            Engine::Postgres(postgres) => postgres.write(Lane::Administration, job, || {}).await,
        }
    }

    /// Runs a change and takes it back, even if it succeeds: what it would have done is told without room on a disk.
    pub(crate) async fn rehearse<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.rehearse(job).await,
            Engine::Postgres(postgres) => postgres.rehearse(job).await,
        }
    }

    /// One statement that reads a few rows by key: some microseconds, in place on SQLite.
    pub(crate) async fn point<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        self.engine.point(Lane::Administration, job).await
    }

    /// What lists show: several statements, or many rows, of one consistent snapshot.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        self.engine.read(Lane::Administration, job).await
    }

    /// What has to be in force: as [`Self::read`], and not behind anybody's list.
    pub(crate) async fn follow<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.follow(job).await,
            Engine::Postgres(postgres) => postgres.follow(job).await,
        }
    }
}

impl Content {
    /// Runs a change and returns once it is durable; nothing of it stays if it fails. It may run twice: a change that another one came
    /// in the way of, as of two that are under way one always can, is repeated once before anybody is told.
    ///
    /// # Errors
    /// `Full` if as many writes wait as may, besides those of the job and the database.
    pub(crate) async fn write<T, F>(&self, load: Load, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        self.write_then(load, job, || {}).await
    }

    /// As [`Self::write`]; `after` runs once the change is durable, before anybody is told, and even if the caller has gone.
    pub(crate) async fn write_then<T, F, A>(&self, load: Load, job: F, after: A) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
        A: FnOnce() + Send + 'static,
    {
        self.write_as(Commit::Durable, load, job, after).await
    }

    /// As [`Self::write`] for a piece of something that is of no use before all of it is there: it becomes durable with whatever is
    /// durable after it, and may be lost in a crash before that.
    pub(crate) async fn write_piece<T, F>(&self, load: Load, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        self.write_as(Commit::Piece, load, job, || {}).await
    }

    async fn write_as<T, F, A>(&self, commit: Commit, load: Load, job: F, after: A) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
        A: FnOnce() + Send + 'static,
    {
        self.halt.require()?;
        let place = Rested::new(load, self.place(load).await?);
        let after = move || {
            after();
            drop(place);
        };
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(Lane::Content, (load.rows, commit), job, after).await,
            Engine::Postgres(postgres) => postgres.write_again(Lane::Content, job, after).await,
        }
    }

    /// As [`Self::read`], for what belongs to a large write: one at a time, in the client's turn among these.
    ///
    /// # Errors
    /// `Full` as for [`Self::write`], besides those of the job and the database.
    pub(crate) async fn look<T, F>(&self, load: Load, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        let place = Rested::new(load, self.place(load).await?);
        let job = move |tx: &mut dyn Tx| {
            let _place = place;
            job(tx)
        };
        self.read(job).await
    }

    /// Whether nobody but this process writes the database.
    pub(crate) fn is_alone(&self) -> bool {
        matches!(&*self.engine, Engine::Sqlite(_))
    }

    /// Queues a change in front of every later one of the content and does not wait for it: it becomes durable with the next
    /// one that somebody waits for. For rows that only clean-up needs.
    pub(crate) async fn write_unattended<F>(&self, load: Load, job: F) -> Result<(), Error>
    where
        F: Fn(&mut dyn Tx) -> Result<(), Error> + Send + 'static,
    {
        match &*self.engine {
            // Not charged: nobody would give a place back before somebody else comes to write.
            Engine::Sqlite(sqlite) => {
                sqlite.write_unattended(load.rows, job);
                Ok(())
            }
            // Connections are several, so only waiting keeps the order.
            Engine::Postgres(_) => self.write(load, job).await,
        }
    }

    /// One statement that reads a few rows by key: some microseconds, in place on SQLite.
    pub(crate) async fn point<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        // In a box, as what is long anyway: most is found in memory, and those who ask are to be no larger than that needs.
        Box::pin(self.engine.point(Lane::Content, job)).await
    }

    /// Several statements, or many rows, of one consistent snapshot; off the runtime's threads.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        Box::pin(self.engine.read(Lane::Content, job)).await
    }

    /// As [`Self::read`], on connections that nothing else reads with, and ended after `limit`: as a whole on SQLite, each
    /// statement on PostgreSQL. A caller that goes away ends it on SQLite.
    ///
    /// # Errors
    /// `TooSlow` if the limit strikes.
    pub(crate) async fn search<T, F>(&self, job: F, limit: Duration) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.search(job, limit).await,
            Engine::Postgres(postgres) => postgres.search(job, limit).await,
        }
    }

    /// A place at the writer, in the client's turn.
    async fn place(&self, load: Load) -> Result<Share, Error> {
        let (budget, most) = if load.rows <= SMALL_ROWS_MAX {
            (&self.small, SMALL_ROWS_MAX)
        } else {
            (&self.large, LARGE_ROWS_MAX)
        };
        Ok(budget.wait(load.client, load.rows.clamp(1, most)).await?)
    }
}

/// A place, which is kept for as long again if what it was for is large: as long as that was under way, its time in the writer's queue
/// included. Where many wait, large ones rest longer.
struct Rested {
    place: Option<Share>,
    large: bool,
    begun: Instant,
    runtime: Handle,
}

impl Rested {
    fn new(load: Load, place: Share) -> Self {
        let large = load.rows > SMALL_ROWS_MAX;
        Self { place: Some(place), large, begun: Instant::now(), runtime: Handle::current() }
    }
}

impl Drop for Rested {
    fn drop(&mut self) {
        if !self.large {
            return;
        }
        let (place, rest) = (self.place.take(), self.begun.elapsed().min(REST_MAX));
        // Whoever it was done for may have gone, or is told of it meanwhile.
        self.runtime.spawn(async move {
            tokio::time::sleep(rest).await;
            drop(place);
        });
    }
}
