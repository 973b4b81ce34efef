//! PostgreSQL: a few threads, each with one blocking connection, take jobs from one bounded queue (design §7).

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls, Row, Statement};
use tokio::sync::{mpsc, oneshot};

use super::{Columns, Dialect, Tx, Value, blocking, migrate};
use crate::error::{BoxError, Error};

/// Jobs that may wait for a connection before callers wait too.
const QUEUE_JOBS_MAX: usize = 1024;
/// Longest wait for a row that another transaction holds, in milliseconds; then the request may be tried again.
const LOCK_MILLIS_MAX: u32 = 10_000;
/// Serialises the migrations of several nodes; any number that nobody else uses in this database.
const MIGRATION_LOCK: i64 = 0x7768_6172_6669_6e67;

pub(super) struct Postgres {
    /// Writers wait for each other's rows, so they have connections of their own: reads go on meanwhile.
    writes: mpsc::Sender<Job>,
    reads: mpsc::Sender<Job>,
}

type Job = Box<dyn FnOnce(&mut Session) + Send>;

/// One connection with its prepared statements; opened again when it broke.
struct Session {
    url: Arc<str>,
    open: Option<Open>,
}

struct Open {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Postgres {
    pub(super) async fn open(url: &str, connections_max: u32) -> Result<Self, Error> {
        let url: Arc<str> = url.into();
        let first = Arc::clone(&url);
        blocking(move || {
            let mut session = Session { url: first, open: None };
            let open = session.connection()?;
            let lock =
                format!("BEGIN; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATION_LOCK});");
            open.script(&lock)?;
            migrate::migrate(open, Dialect::Postgres)?;
            open.script("COMMIT")
        })
        .await?;
        let writers = (connections_max / 2).max(1);
        let writes = threads(&url, writers)?;
        let reads = match connections_max.saturating_sub(writers) {
            0 => writes.clone(),
            readers => threads(&url, readers)?,
        };
        Ok(Self { writes, reads })
    }

    pub(super) async fn write<T, F, A>(&self, job: F, after: A) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
        A: FnOnce() + Send + 'static,
    {
        run(&self.writes, |open| {
            let done = open.transaction("BEGIN", "COMMIT", job);
            after();
            done
        })
        .await
    }

    pub(super) async fn read<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        run(&self.reads, |open| open.transaction(BEGIN, "ROLLBACK", job)).await
    }

    pub(super) async fn point<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        run(&self.reads, |open| job(open)).await
    }
}

/// Hands a job to the threads of a queue and waits for what became of it.
async fn run<T, F>(jobs: &mpsc::Sender<Job>, job: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(&mut Open) -> Result<T, Error> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let job: Job = Box::new(move |session| {
        let done = session.connection().and_then(|open| {
            catch_unwind(AssertUnwindSafe(|| job(open)))
                .unwrap_or_else(|_| Err(Error::unavailable("running a write", "the job panicked")))
        });
        if let Err(Error::Unavailable { .. }) = &done {
            // Whatever state the connection is in, a new one is in none.
            session.open = None;
        }
        drop(answer.send(done));
    });
    let gone = |_| Error::unavailable("queueing a job", "the database threads have ended");
    jobs.send(job).await.map_err(gone)?;
    answered.await.map_err(|gone| Error::unavailable("waiting for the database", gone))?
}

/// Starts threads with a connection each, and gives the queue that they serve.
fn threads(url: &Arc<str>, count: u32) -> Result<mpsc::Sender<Job>, Error> {
    let (jobs, queue) = mpsc::channel(QUEUE_JOBS_MAX);
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..count {
        let session = Session { url: Arc::clone(url), open: None };
        let queue = Arc::clone(&queue);
        std::thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || serve(session, &queue))
            .map_err(|error| Error::unavailable("starting a database thread", error))?;
    }
    Ok(jobs)
}

/// A database thread; ends when the last handle is gone. Its connection is dropped here, outside any runtime.
fn serve(mut session: Session, queue: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        // Whoever holds the lock waits for a job; the others wait for the lock.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match job {
            Some(job) => job(&mut session),
            None => return,
        }
    }
}

impl Session {
    fn connection(&mut self) -> Result<&mut Open, Error> {
        if self.open.as_ref().is_some_and(|open| open.client.is_closed()) {
            self.open = None;
        }
        match &mut self.open {
            Some(open) => Ok(open),
            closed @ None => {
                let doing = |error| Error::unavailable("connecting to the database", error);
                let mut client = Client::connect(&self.url, NoTls).map_err(doing)?;
                client.batch_execute(&format!("SET lock_timeout = {LOCK_MILLIS_MAX}")).map_err(doing)?;
                Ok(closed.insert(Open { client, statements: HashMap::new() }))
            }
        }
    }
}

impl Open {
    fn transaction<T>(
        &mut self,
        begin: &str,
        end: &str,
        job: impl FnOnce(&mut dyn Tx) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.script(begin)?;
        match catch_unwind(AssertUnwindSafe(|| job(self))) {
            Ok(Ok(done)) => self.script(end).map(|()| done),
            Ok(Err(refused)) => self.script("ROLLBACK").and(Err(refused)),
            Err(_) => {
                self.script("ROLLBACK").and(Err(Error::unavailable("running a write", "the job panicked")))
            }
        }
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement =
            self.client.prepare(sql).map_err(|error| Error::unavailable("preparing a statement", error))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

impl Tx for Open {
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, Error> {
        let statement = self.prepared(sql)?;
        let values: Vec<&(dyn ToSql + Sync)> =
            values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.client.execute(&statement, &values).map_err(|error| failed("running a statement", error))
    }

    fn each(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Columns) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let doing = |error| failed("running a query", error);
        let statement = self.prepared(sql)?;
        let values = values.iter().map(|value| value as &dyn ToSql);
        let mut rows = self.client.query_raw(&statement, values).map_err(doing)?;
        while let Some(found) = rows.next().map_err(doing)? {
            row(&found)?;
        }
        Ok(())
    }

    fn script(&mut self, sql: &str) -> Result<(), Error> {
        self.client.batch_execute(sql).map_err(|error| Error::unavailable("running a script", error))
    }
}

impl Columns for Row {
    fn opt_int(&self, column: usize) -> Result<Option<i64>, Error> {
        self.try_get(column).map_err(mistyped)
    }

    fn opt_text(&self, column: usize) -> Result<Option<&str>, Error> {
        self.try_get(column).map_err(mistyped)
    }

    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, Error> {
        self.try_get(column).map_err(mistyped)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut postgres::types::private::BytesMut) -> Result<IsNull, BoxError> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql(kind, out),
            Self::Text(value) => value.to_sql(kind, out),
            Self::Bytes(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// Waiting too long for a row is no fault of the database or the connection.
fn failed(doing: &'static str, error: postgres::Error) -> Error {
    if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
        return Error::Full;
    }
    Error::unavailable(doing, error)
}

fn mistyped(error: impl std::fmt::Display) -> Error {
    Error::Corrupt(format!("a column has another type: {error}").into())
}
