//! PostgreSQL: a few threads, each with one blocking connection, take jobs from bounded queues (docs/design.md 7).

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls, Row, Statement};

use super::workers::{Urgency, Workers};
use super::{Columns, Dialect, Lane, SEARCHERS, Tx, Value, blocking, migrate};
use crate::error::{BoxError, Error, Fault};

/// Longest wait for a row that another transaction holds, in milliseconds; then the request may be tried again.
const LOCK_MILLIS_MAX: u32 = 10_000;
/// How a consistent snapshot is read.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Serialises the migrations of several nodes; any number that nobody else uses in this database.
const MIGRATION_LOCK: i64 = 0x7768_6172_6669_6e67;

/// Connections of administration: one that writes, one for lists, one for what has to be in force.
pub(super) const ADMINISTRATION: u32 = 3;

pub(super) struct Postgres {
    administration: Ways,
    following: Workers<Session>,
    content: Ways,
    searches: Workers<Session>,
}

/// Writers wait for each other's rows, so they have connections of their own: reads go on meanwhile.
struct Ways {
    writes: Workers<Session>,
    reads: Workers<Session>,
}

/// One connection with its prepared statements; opened again when it broke.
pub(super) struct Session {
    url: Arc<str>,
    open: Option<Open>,
}

pub(super) struct Open {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Postgres {
    pub(super) async fn open(url: &str, connections_max: u32) -> Result<Self, Error> {
        let url: Arc<str> = url.into();
        let first = Arc::clone(&url);
        blocking(move || {
            let mut session = Session::new(first);
            let open = session.connection()?;
            let lock =
                format!("BEGIN; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATION_LOCK});");
            open.script(&lock)?;
            migrate::migrate(open, Dialect::Postgres)?;
            open.script("COMMIT")
        })
        .await?;
        let workers = |count| {
            Workers::start("postgres", Urgency::Usual, (0..count).map(|_| Session::new(Arc::clone(&url))))
        };
        let content = connections_max.saturating_sub(ADMINISTRATION.saturating_add(SEARCHERS)).max(2);
        let writers = content / 2;
        Ok(Self {
            administration: Ways { writes: workers(1)?, reads: workers(1)? },
            following: workers(1)?,
            content: Ways { writes: workers(writers)?, reads: workers(content.saturating_sub(writers))? },
            searches: workers(SEARCHERS)?,
        })
    }

    /// Runs a job in a database in which no migration has run, while nobody else migrates it.
    ///
    /// # Errors
    /// `Exists` if one has. Those of the job; failures of the database.
    pub(super) fn fill<T>(url: &str, job: impl FnOnce(&mut dyn Tx) -> Result<T, Error>) -> Result<T, Error> {
        let mut session = Session::new(url.into());
        let begin =
            format!("BEGIN; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATION_LOCK});");
        session.connection()?.transaction(&begin, "COMMIT", |tx| {
            if migrate::has_begun(tx, Dialect::Postgres)? { Err(Error::Exists) } else { job(tx) }
        })
    }

    pub(super) async fn write<T, F, A>(&self, lane: Lane, job: F, after: A) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
        A: FnOnce() + Send + 'static,
    {
        run(&self.ways(lane).writes, |open| {
            let done = open.transaction("BEGIN", "COMMIT", job);
            after();
            done
        })
        .await
    }

    /// As [`Self::write`]; what raced with another change is done once more.
    pub(super) async fn write_again<T, F, A>(&self, lane: Lane, job: F, after: A) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
        A: FnOnce() + Send + 'static,
    {
        run(&self.ways(lane).writes, move |open| {
            let mut done = open.transaction("BEGIN", "COMMIT", &job);
            if let Err(Error::Raced(why)) = &done {
                tracing::debug!(%why, "a change is made once more");
                done = open.transaction("BEGIN", "COMMIT", &job);
            }
            after();
            done
        })
        .await
    }

    pub(super) async fn rehearse<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        run(&self.administration.writes, |open| open.transaction("BEGIN", "ROLLBACK", job)).await
    }

    pub(super) async fn search<T, F>(&self, job: F, limit: Duration) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        let begin = format!("{SNAPSHOT}; SET LOCAL statement_timeout = {}", limit.as_millis().max(1));
        run(&self.searches, move |open| open.transaction(&begin, "ROLLBACK", job)).await
    }

    pub(super) async fn read<T, F>(&self, lane: Lane, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        run(&self.ways(lane).reads, |open| open.transaction(SNAPSHOT, "ROLLBACK", job)).await
    }

    pub(super) async fn follow<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        run(&self.following, |open| open.transaction(SNAPSHOT, "ROLLBACK", job)).await
    }

    pub(super) async fn point<T, F>(&self, lane: Lane, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        let reads = match lane {
            Lane::Administration => &self.following,
            Lane::Content => &self.content.reads,
        };
        run(reads, |open| job(open)).await
    }

    const fn ways(&self, lane: Lane) -> &Ways {
        match lane {
            Lane::Administration => &self.administration,
            Lane::Content => &self.content,
        }
    }
}

/// Hands a job to one of the connections and waits for what became of it.
async fn run<T, F>(workers: &Workers<Session>, job: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(&mut Open) -> Result<T, Error> + Send + 'static,
{
    workers
        .run(|session| {
            let done = session.connection().and_then(|open| {
                catch_unwind(AssertUnwindSafe(|| job(open)))
                    .unwrap_or_else(|_| Err(Error::unavailable("running a write", "the job panicked")))
            });
            if let Err(Error::Fault(Fault::Unavailable { .. })) = &done {
                // Whatever state the connection is in, a new one is in none.
                session.open = None;
            }
            done
        })
        .await
}

impl Session {
    /// A connection that is opened when it is used.
    pub(super) const fn new(url: Arc<str>) -> Self {
        Self { url, open: None }
    }

    pub(super) fn connection(&mut self) -> Result<&mut Open, Error> {
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
        self.client.batch_execute(sql).map_err(|error| failed("running a script", error))
    }

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
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

/// What is no fault of the database or the connection: waiting too long for a row, and changes that came in each other's way. A row that
/// is named and gone is one of these, because whoever names a row has seen it.
fn failed(doing: &'static str, error: postgres::Error) -> Error {
    const RACED: [SqlState; 3] = [
        SqlState::FOREIGN_KEY_VIOLATION,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ];
    if error.code().is_some_and(|code| RACED.contains(code)) {
        return Error::Raced(error.to_string().into());
    }
    if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
        return Fault::Full.into();
    }
    // Only searches have a limit.
    if error.code() == Some(&SqlState::QUERY_CANCELED) {
        return Error::TooSlow;
    }
    Error::unavailable(doing, error)
}

fn mistyped(error: impl std::fmt::Display) -> Error {
    Error::corrupt(format!("a column has another type: {error}"))
}
