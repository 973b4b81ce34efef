//! SQLite: one writer thread with group commit, and a small pool of readers (docs/design.md 7).

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tokio::sync::{Semaphore, oneshot};

use super::lane::Commit;
use super::queue::{Queue, Queued};
use super::workers::{Urgency, Workers};
use super::{Dialect, Lane, SEARCHERS, Tx, blocking, migrate};
use crate::error::Error;
use crate::halt::Halt;

mod aside;
mod checkpoints;
pub(super) mod filling;
mod parameters;
mod transaction;
mod values;

pub(super) use transaction::SqliteTx;
use transaction::unavailable;

/// Connections for point reads in place, and for long reads off the runtime.
const POINT_READERS: usize = 4;
const LONG_READERS: usize = 4;
/// The same for administration, each on a thread of its own.
const LIST_READERS: usize = 2;
/// Steps of SQLite's machine between two looks at whether a search is over: some tens of microseconds.
const SEARCH_STEPS: i32 = 1000;
/// Statements each connection keeps prepared; above the number of texts in this crate.
const STATEMENTS_MAX: usize = 256;

pub(super) struct Sqlite {
    queue: Arc<Queue<Job>>,
    administration: AdministrationReaders,
    points: Readers,
    longs: Arc<Readers>,
    reading: Arc<Semaphore>,
    searchers: Workers<Connection>,
}

/// What administration reads by, and nobody else.
struct AdministrationReaders {
    points: Readers,
    lists: Workers<Connection>,
    following: Workers<Connection>,
}

struct Job {
    run: Run,
    commit: Commit,
}

/// Runs inside the group's transaction; what it returns is called once the group is durable, or with why it is not.
type Run = Box<dyn FnOnce(&mut dyn Tx) -> Answer + Send>;

type Answer = Box<dyn FnOnce(Result<(), Error>) + Send>;

struct Readers {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Sqlite {
    /// A database of this process alone: every connection names the same memory.
    pub(super) fn open_in_memory(halt: &Arc<Halt>) -> Result<Self, Error> {
        static OPENED: AtomicUsize = AtomicUsize::new(0);
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        Self::open(Path::new(&format!("file:/wharfinger-{number}?vfs=memdb")), halt)
    }

    /// A file that only its owner can read: it holds hashes of passwords. SQLite gives the files beside it the same mode.
    pub(super) fn open_private(path: &Path, halt: &Arc<Halt>) -> Result<Self, Error> {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(|error| Error::unavailable("opening the database", error))?;
        Self::open(path, halt)
    }

    fn open(path: &Path, halt: &Arc<Halt>) -> Result<Self, Error> {
        let mut writer = connect(path)?;
        // As a writer from the start: who only becomes one is told at once that another is, and does not wait.
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| unavailable("opening the database", error))?;
        let tx = &mut SqliteTx::new(&transaction);
        if let Some(schema) = migrate::outdated(tx, Dialect::Sqlite)? {
            aside::copy(path, schema)?;
        }
        migrate::migrate(tx, Dialect::Sqlite)?;
        transaction.commit().map_err(|error| unavailable("migrating the database", error))?;
        let this = Self {
            queue: Arc::new(Queue::new()),
            administration: AdministrationReaders::open(path)?,
            points: Readers::open(path, POINT_READERS)?,
            longs: Arc::new(Readers::open(path, LONG_READERS)?),
            reading: Arc::new(Semaphore::new(LONG_READERS)),
            searchers: Workers::start(
                "sqlite-searches",
                Urgency::GivesWay,
                (0..SEARCHERS).map(|_| reader(path)).collect::<Result<Vec<_>, Error>>()?,
            )?,
        };
        checkpoints::beside(&mut writer, path, halt)?;
        give_back(&writer)?;
        let (queue, halt) = (Arc::clone(&this.queue), Arc::clone(halt));
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_groups(&writer, &queue, &halt))
            .map_err(|error| Error::unavailable("starting the writer thread", error))?;
        Ok(this)
    }

    pub(super) async fn write<T, F, A>(
        &self,
        lane: Lane,
        (rows, commit): (u64, Commit),
        job: F,
        after: A,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
        A: FnOnce() + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let run: Run = Box::new(move |tx| {
            let done = in_savepoint(tx, job);
            // The caller may have gone; the change stands all the same.
            Box::new(move |durable| {
                after();
                // Its own reason says more than that of the group it took along.
                drop(answer.send(done.and_then(|done| durable.map(|()| done))));
            })
        });
        self.queue.push(lane, Queued { job: Job { run, commit }, rows, attended: true });
        answered.await.map_err(|gone| Error::unavailable("waiting for the writer thread", gone))?
    }

    /// What it would do, told by the writer; then it is taken back.
    pub(super) async fn rehearse<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let run: Run = Box::new(move |tx| {
            let mut outcome = None;
            let undone = in_savepoint(tx, |tx| {
                outcome = Some(job(tx));
                Err::<(), _>(Error::Stale)
            });
            // Nothing of it is kept, so it does not matter what becomes of the group.
            let done =
                outcome.unwrap_or_else(|| undone.and(Err(Error::corrupt("a rehearsal had no outcome"))));
            Box::new(move |_| drop(answer.send(done)))
        });
        let job = Job { run, commit: Commit::Piece };
        self.queue.push(Lane::Administration, Queued { job, rows: 1, attended: true });
        answered.await.map_err(|gone| Error::unavailable("waiting for the writer thread", gone))?
    }

    pub(super) fn write_unattended<F>(&self, rows: u64, job: F)
    where
        F: FnOnce(&mut dyn Tx) -> Result<(), Error> + Send + 'static,
    {
        let run: Run = Box::new(move |tx| {
            let done = in_savepoint(tx, job);
            Box::new(move |durable| {
                if let Err(error) = durable.and(done) {
                    tracing::warn!(%error, "an unattended write failed");
                }
            })
        });
        let job = Job { run, commit: Commit::Durable };
        self.queue.push(Lane::Content, Queued { job, rows, attended: false });
    }

    pub(super) fn point<T>(
        &self,
        lane: Lane,
        job: impl FnOnce(&mut dyn Tx) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let points = match lane {
            Lane::Administration => &self.administration.points,
            Lane::Content => &self.points,
        };
        job(&mut SqliteTx::new(&points.take()))
    }

    pub(super) async fn read<T, F>(&self, lane: Lane, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        if lane == Lane::Administration {
            return self.administration.lists.run(move |connection| in_snapshot(connection, job)).await;
        }
        // Who waits for a connection does so here, not on a thread that uploads need too.
        let place = Arc::clone(&self.reading).acquire_owned().await;
        let longs = Arc::clone(&self.longs);
        blocking(move || {
            let _place = place;
            in_snapshot(&longs.take(), job)
        })
        .await
    }

    pub(super) async fn follow<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        self.administration.following.run(move |connection| in_snapshot(connection, job)).await
    }

    /// Whoever comes while all connections search waits for one.
    pub(super) async fn search<T, F>(&self, job: F, limit: Duration) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        let over = Over::default();
        let seen = Arc::clone(&over.0);
        let mut work = std::pin::pin!(self.searchers.run(move |connection| {
            let doing = |error| unavailable("watching a search", error);
            let watch = move || seen.load(Ordering::Relaxed);
            connection.progress_handler(SEARCH_STEPS, Some(watch)).map_err(doing)?;
            let done = in_snapshot(connection, job);
            connection.progress_handler(0, None::<fn() -> bool>).map_err(doing)?;
            done
        }));
        if let Ok(done) = tokio::time::timeout(limit, &mut work).await {
            return done;
        }
        over.0.store(true, Ordering::Relaxed);
        work.await.map_err(|_| Error::TooSlow)
    }
}

/// Ends a search when nobody waits for it any more.
#[derive(Default)]
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl AdministrationReaders {
    fn open(path: &Path) -> Result<Self, Error> {
        let connections = |count: usize| (0..count).map(|_| reader(path)).collect::<Result<Vec<_>, Error>>();
        Ok(Self {
            points: Readers::open(path, 1)?,
            lists: Workers::start("sqlite-lists", Urgency::Usual, connections(LIST_READERS)?)?,
            following: Workers::start("sqlite-access", Urgency::Usual, connections(1)?)?,
        })
    }
}

/// Runs a job on one consistent snapshot.
fn in_snapshot<T>(
    connection: &Connection,
    job: impl FnOnce(&mut dyn Tx) -> Result<T, Error>,
) -> Result<T, Error> {
    let tx: &mut dyn Tx = &mut SqliteTx::new(connection);
    tx.execute("BEGIN", &[])?;
    // A panic must not leave the snapshot open, whoever catches it.
    let done = catch_unwind(AssertUnwindSafe(|| job(tx)))
        .unwrap_or_else(|_| Err(Error::unavailable("running a read", "the job panicked")));
    // Something that was ended takes its transaction along.
    let ended = if connection.is_autocommit() { Ok(0) } else { tx.execute("ROLLBACK", &[]) };
    done.and_then(|done| ended.map(|_| done))
}

fn reader(path: &Path) -> Result<Connection, Error> {
    let connection = connect(path)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(|error| unavailable("opening the database", error))?;
    give_back(&connection)?;
    Ok(connection)
}

/// A connection keeps the pages and statements with which it was opened and, the writer, migrated: all of them together a megabyte of
/// a gateway at rest, which nothing asks for again.
fn give_back(connection: &Connection) -> Result<(), Error> {
    connection.flush_prepared_statement_cache();
    connection
        .execute_batch("PRAGMA shrink_memory;")
        .map_err(|error| unavailable("opening the database", error))
}

impl Readers {
    fn open(path: &Path, count: usize) -> Result<Self, Error> {
        let connections = (0..count).map(|_| reader(path).map(Mutex::new)).collect::<Result<_, Error>>()?;
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    /// A free connection, or the next in turn, which is free within microseconds on the pool for points.
    fn take(&self) -> MutexGuard<'_, Connection> {
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        for connection in &self.connections {
            if let Ok(free) = connection.try_lock() {
                return free;
            }
        }
        let turn = start.checked_rem(self.connections.len()).unwrap_or(0);
        #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the length is below it")]
        self.connections[turn].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn connect(path: &Path) -> Result<Connection, Error> {
    // No mutex inside: each connection is used by one thread at a time, which the types here ensure.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| unavailable("opening the database", error))?;
    connection
        .execute_batch(
            "PRAGMA busy_timeout = 5000;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -2048;
             PRAGMA mmap_size = 268435456;
             PRAGMA wal_autocheckpoint = 0;
             PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(|error| unavailable("opening the database", error))?;
    // Plans never depend on bound values. Otherwise SQLite prepares a statement again for each new value that could matter to
    // a partial index, which made a look-up of 5 µs one of 65 µs (measured).
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| unavailable("opening the database", error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// The writer thread: one transaction and one durable commit for a group of jobs. Ends when the last handle is gone.
fn write_groups(connection: &Connection, queue: &Queue<Job>, halt: &Halt) {
    // Also if it ends by a panic: nobody may wait for a writer that is no more.
    let _serving = queue.serving();
    while let Some(group) = queue.next_group() {
        write_all(connection, group, halt);
    }
    if halt.require().is_ok() {
        let _ = connection.execute_batch("PRAGMA optimize;");
    }
}

fn write_all(connection: &Connection, mut group: Vec<Job>, halt: &Halt) {
    while !group.is_empty() {
        group = write_group(connection, group, halt);
    }
}

/// Gives back the jobs that had no part in it.
fn write_group(connection: &Connection, group: Vec<Job>, halt: &Halt) -> Vec<Job> {
    let tx = &mut SqliteTx { halt: Some(halt), ..SqliteTx::new(connection) };
    let mut answers: Vec<Answer> = Vec::with_capacity(group.len());
    let pieces = group.iter().all(|job| job.commit == Commit::Piece);
    let mut jobs = group.into_iter();
    // Without waiting for the disk, which takes longer than the rest of it; the next commit that waits is for this one too.
    let synchronous = if pieces { "PRAGMA synchronous = NORMAL" } else { "PRAGMA synchronous = FULL" };
    let begun = halt.require().and_then(|()| tx.execute(synchronous, &[]));
    let mut durable = begun.and_then(|_| tx.execute("BEGIN IMMEDIATE", &[])).map(drop);
    if durable.is_err() {
        // Whoever waits for them is told that the writer could not.
        jobs = Vec::new().into_iter();
    } else {
        for job in jobs.by_ref() {
            answers.push((job.run)(tx));
            // Nobody else may join a transaction that a failure has ended.
            if connection.is_autocommit() {
                break;
            }
        }
        durable = match tx.ended.take() {
            Some(error) => Err(error),
            None => commit(tx, halt),
        };
    }
    if durable.is_err() && !connection.is_autocommit() {
        // What failed stays failed: nothing of the group is kept, everybody in it is told.
        let _ = tx.execute("ROLLBACK", &[]);
    }
    for answer in answers {
        answer(match &durable {
            Ok(()) => Ok(()),
            Err(error) => Err(error.shared("committing a group of writes")),
        });
    }
    jobs.collect()
}

/// Ends a group; where the disk refuses it, it ends all.
fn commit(tx: &mut SqliteTx<'_>, halt: &Halt) -> Result<(), Error> {
    match halt.reached("group.commit") {
        Ok(()) => tx.execute("COMMIT", &[]).map(drop),
        Err(_) => {
            let refused = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
            Err(tx.failed("committing", rusqlite::Error::SqliteFailure(refused, None)))
        }
    }
}

/// One job: kept whole or not at all, whatever the rest of the group does.
fn in_savepoint<T>(tx: &mut dyn Tx, job: impl FnOnce(&mut dyn Tx) -> Result<T, Error>) -> Result<T, Error> {
    tx.execute("SAVEPOINT job", &[])?;
    // A panic in a job must not take the writer thread with it.
    let done = catch_unwind(AssertUnwindSafe(|| job(tx)))
        .unwrap_or_else(|_| Err(Error::unavailable("running a write", "the job panicked")));
    let undone = if done.is_err() { tx.execute("ROLLBACK TO job", &[]).map(drop) } else { Ok(()) };
    let released = undone.and_then(|()| tx.execute("RELEASE job", &[]));
    if released.is_err() {
        // Gone with the transaction; if that still stands, nothing of it may be kept.
        let _ = tx.execute("ROLLBACK", &[]);
    }
    done.and_then(|done| released.map(|_| done))
}
