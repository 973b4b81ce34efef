//! A PostgreSQL database for one test, at the server that `WHARFINGER_TEST_POSTGRES` names.

use std::env;
use std::io::{Write as _, stderr};
use std::sync::atomic::{AtomicU32, Ordering};

use wharfinger::config::{Config, DatabaseUrl};

/// Connections per gateway: many run side by side.
const CONNECTIONS_MAX: u32 = 9;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database, dropped with this value.
#[derive(Debug)]
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// An empty database; `None` and a line on standard error where there is no server.
    pub(crate) fn create() -> Option<Self> {
        let Some(server) = env::var_os("WHARFINGER_TEST_POSTGRES") else {
            let here = std::thread::current();
            let story = here.name().unwrap_or("a story");
            let _ = writeln!(stderr(), "NOT RUN {story}: WHARFINGER_TEST_POSTGRES is not set");
            return None;
        };
        let server = server.into_string().expect("an address in UTF-8");
        let name = format!("it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let database = Self { server, name };
        execute(&database.server, &format!("CREATE DATABASE {}", database.name));
        Some(database)
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        // `postgres://USER@HOST:PORT/DATABASE`: another database of the same server.
        let (server, _) = self.server.rsplit_once('/').expect("an address with a database");
        format!("{server}/{}", self.name)
    }

    /// Keeps the rows in it.
    pub(crate) fn configure(&self, config: &mut Config) {
        config.storage.database_url = DatabaseUrl::parse(&self.url());
        config.storage.database_connections_max = CONNECTIONS_MAX;
        assert!(config.storage.database_url.is_some(), "WHARFINGER_TEST_POSTGRES must be postgres://…");
    }

    /// Changes its rows.
    pub(crate) fn change(&self, statements: &str) {
        execute(&self.url(), statements);
    }
}

/// On a thread of its own, because the blocking client starts a runtime.
fn execute(server: &str, statements: &str) {
    std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            let mut client = postgres::Client::connect(server, postgres::NoTls).expect("PostgreSQL answers");
            client.batch_execute(statements).expect("a statement");
        });
        run.join().expect("PostgreSQL does as it is told");
    });
}

impl Database {
    /// Ends it under whoever is connected.
    pub(crate) fn lose(&self) {
        execute(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.lose();
    }
}
