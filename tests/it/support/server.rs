//! A gateway in this process, through `wharfinger::start`, with an organisation in it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, thread};

use wharfinger::Running;
use wharfinger::config::{Config, Environment};

use super::actor::Actor;
use super::organisation::{Login, Organisation};
use super::postgres::Database;
use super::watch::Watch;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A running gateway. It ends with the runtime of its test, or by [`Server::stop`].
pub(crate) struct Server {
    running: Running,
    organisation: Organisation,
    database: Option<Database>,
    // Last, so that it is removed last.
    folder: Folder,
}

/// A directory of its own, removed with this value.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _watch: Watch,
}

impl Server {
    /// Everything in memory, with the organisation of most stories.
    pub(crate) async fn start() -> Self {
        Self::with(Organisation::team()).await
    }

    /// Everything in memory.
    pub(crate) async fn with(organisation: Organisation) -> Self {
        Self::tuned(organisation, |_| ()).await
    }

    /// In memory, with a changed configuration.
    pub(crate) async fn tuned(organisation: Organisation, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::for_tests();
        change(&mut config);
        Self::launch(organisation, config, Folder::new("hub"), None).await
    }

    /// Bytes in memory, rows in a PostgreSQL database of its own; `None` where there is no PostgreSQL, which is said aloud.
    pub(crate) async fn on_postgres(organisation: Organisation) -> Option<Self> {
        Self::on_postgres_tuned(organisation, |_| ()).await
    }

    /// As [`Self::on_postgres`], with a changed configuration.
    pub(crate) async fn on_postgres_tuned(
        organisation: Organisation,
        change: impl FnOnce(&mut Config),
    ) -> Option<Self> {
        let database = Database::create()?;
        let mut config = Config::for_tests();
        database.configure(&mut config);
        change(&mut config);
        Some(Self::launch(organisation, config, Folder::new("hub"), Some(database)).await)
    }

    /// On disk, in a folder that outlives the gateway.
    pub(crate) async fn on_disk(organisation: Organisation, folder: Folder) -> Self {
        Self::on_disk_tuned(organisation, folder, |_| ()).await
    }

    /// As [`Self::on_disk`], with a changed configuration.
    pub(crate) async fn on_disk_tuned(
        organisation: Organisation,
        folder: Folder,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::for_tests_in(folder.path("data"));
        change(&mut config);
        Self::launch(organisation, config, folder, None).await
    }

    /// Another gateway with the rows of this one.
    pub(crate) async fn beside(&self) -> Running {
        let mut config = Config::for_tests();
        self.database.as_ref().expect("a database of its own").configure(&mut config);
        config.metrics.listen = Some(([127, 0, 0, 1], 0).into());
        wharfinger::start(config).await.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn launch(
        organisation: Organisation,
        mut config: Config,
        folder: Folder,
        database: Option<Database>,
    ) -> Self {
        let file = folder.path("bootstrap.toml");
        fs::write(&file, organisation.to_toml()).expect("a bootstrap file");
        config.server.bootstrap = Some(file);
        config.environment = organisation
            .variables()
            .iter()
            .fold(Environment::default(), |all, (name, value)| all.with(name, value));
        let running = wharfinger::start(config).await.unwrap_or_else(|error| panic!("{error}"));
        Self { running, organisation, database, folder }
    }

    /// Ends it as SIGTERM would; what is left is its folder.
    pub(crate) async fn stop(self) -> (Organisation, Folder) {
        self.running.stop().await;
        drop(self.database);
        (self.organisation, self.folder)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.addr
    }

    pub(crate) fn metrics_address(&self) -> Option<SocketAddr> {
        self.running.metrics_addr
    }

    pub(crate) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Where its rows are, if they are in PostgreSQL.
    pub(crate) const fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// Takes the rows away from under it.
    pub(crate) fn lose_database(&self) {
        self.database.as_ref().expect("a database of its own").lose();
    }

    pub(crate) fn login(&self, who: &str) -> Login {
        self.organisation.login(who)
    }

    /// Somebody of the organisation: `alice`, or `alice/reader` for another of her tokens.
    pub(crate) fn actor(&self, who: &str) -> Actor {
        Actor::new(self.address(), Some(self.login(who)))
    }

    /// Somebody with these credentials.
    pub(crate) fn claiming(&self, name: &str, secret: &str) -> Actor {
        let login = Login { name: name.to_owned(), secret: secret.to_owned() };
        Actor::new(self.address(), Some(login))
    }

    /// Nobody in particular.
    pub(crate) fn stranger(&self) -> Actor {
        Actor::new(self.address(), None)
    }

    /// The administrator.
    pub(crate) fn admin(&self) -> Actor {
        self.actor("root")
    }
}

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("whf-it-{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for a test");
        Self { path, _watch: Watch::start() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The first message of a failing test is the one that matters.
        if let Err(error) = fs::remove_dir_all(&self.path)
            && !thread::panicking()
        {
            panic!("{} cannot be removed: {error}", self.path.display());
        }
    }
}
