//! From the configuration to a running gateway: the only place that constructs two things and connects them, the only
//! `Gate::new` and `System::mint` outside tests.

use std::net::SocketAddr;
use std::sync::Arc;

use api::{Hooks, Identities};
use auth::{Authenticator, KeyRing};
use domain::{Clock, Gate, PolicyFeed, System};
use edge::ServeError;
use frontend::{Frontend, Metrics, Parts, Setup};
use permission_cache::PermissionCache;
use storage::{Gateway, Opened, Storage};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::bootstrap;
use crate::clock::SystemClock;
use crate::config::{Config, DataMode};
use crate::error::{StartError, with_causes};

pub(crate) mod carrying;
pub(crate) mod data;
mod descriptors;
mod first_run;
mod issuer_keys;
mod names;
mod outgoing;
mod tls;
mod upkeep;

use data::DataDir;
use first_run::FirstRun;
use issuer_keys::{Codes, FetchedKeys, Guarded};
use names::NamesFollower;
use tls::Followed;
use upkeep::{Cluster, Node, Runner};

/// A gateway that serves. [`Running::stop`] ends it in good order; dropping it ends it too, but waits for nothing.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Where metrics are, if they have a listener of their own.
    pub metrics_addr: Option<SocketAddr>,
    /// The one-time code, as long as there is no administrator.
    pub setup_code: Option<String>,
    halted: CancellationToken,
    stop: DropGuard,
    ended: JoinHandle<Result<(), ServeError>>,
}

/// Starts a gateway and returns once it serves.
///
/// # Errors
/// `StartError` if the configuration is not safe or contradicts itself, the data cannot be opened, the bootstrap file cannot
/// be applied, or the address is taken. Nothing is left running then.
pub async fn start(mut config: Config) -> Result<Running, StartError> {
    config.check().map_err(StartError::Config)?;
    descriptors::fit(&mut config);
    warn_of_plain_http(&config);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tls = tls::load(&config.tls)?;
    carrying::stays(&config)?;
    let data = match config.server.mode {
        DataMode::Disk => Some(DataDir::open(&config.server.data)?),
        DataMode::Memory => None,
    };
    // An address that is taken is found out before anything is written.
    let listener = listen(config.server.listen)?;
    let metrics_listener = match config.metrics.listen {
        Some(address) => Some(listen(address)?),
        None => None,
    };
    let keys = Arc::new(keys(&config, data.as_ref())?);
    let parts = open(&config, keys, Arc::clone(&clock)).await?;
    apply_bootstrap(&config, &parts).await?;
    let first_run = first_run::open(&parts.opened.directory, data.as_ref(), &clock).await?;
    join(&parts).await?;
    serve(config, parts, first_run, tls, listener, metrics_listener, data)
}

/// Applies the bootstrap file and returns, without listening anywhere.
///
/// # Errors
/// As [`start`].
pub async fn bootstrap_only(config: Config) -> Result<(), StartError> {
    config.check().map_err(StartError::Config)?;
    carrying::stays(&config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let data = match config.server.mode {
        DataMode::Disk => Some(DataDir::open(&config.server.data)?),
        DataMode::Memory => None,
    };
    let keys = Arc::new(keys(&config, data.as_ref())?);
    let parts = open(&config, keys, Arc::clone(&clock)).await?;
    apply_bootstrap(&config, &parts).await
}

/// From now on the other nodes wait for this one, before it answers anybody.
async fn join(parts: &Inside) -> Result<(), StartError> {
    let release = env!("CARGO_PKG_VERSION").into();
    let gateway = Gateway { id: parts.node, release, started_at: parts.clock.now() };
    let joined = parts.opened.directory.join(&System::mint("presence"), gateway).await;
    joined.map_err(|error| StartError::Access(domain::SourceError(error.into())))
}

async fn apply_bootstrap(config: &Config, parts: &Inside) -> Result<(), StartError> {
    let Some(file) = &config.server.bootstrap else { return Ok(()) };
    let (system, permissions) = (System::mint("bootstrap"), &*parts.permissions);
    let now = parts.clock.now();
    let (environment, hooks) = (&config.environment, parts.hooks());
    bootstrap::apply(file, environment, &parts.opened, &system, permissions, hooks, now).await.map(drop)
}

fn warn_of_plain_http(config: &Config) {
    let server = &config.server;
    let plain = config.tls.certificate_file.is_none() && server.trusted_proxies.is_empty();
    if plain && !server.listen.ip().is_loopback() {
        tracing::warn!(
            listen = %server.listen,
            "plain HTTP beyond loopback: tokens cross the network in clear unless TLS ends before; see [tls] and server.trusted_proxies"
        );
    }
}

/// What was opened, before anything listens.
struct Inside {
    opened: Opened,
    authenticator: Arc<Authenticator>,
    permissions: Arc<PermissionCache>,
    clock: Arc<dyn Clock>,
    keys: Arc<KeyRing>,
    /// The one way out.
    outbound: Arc<outbound::Client>,
    /// Those who vouch for machines.
    issuers: Arc<FetchedKeys>,
    /// A random number of this process, by which rows say who does some work.
    node: i64,
    /// What the organisation is called.
    names: Arc<NamesFollower>,
}

impl Inside {
    /// What webhooks need besides storage.
    fn hooks(&self) -> Hooks {
        let targets = Arc::new(outgoing::Reachable(Arc::clone(&self.outbound)));
        Hooks { keys: Arc::clone(&self.keys), targets }
    }
}

async fn open(config: &Config, keys: Arc<KeyRing>, clock: Arc<dyn Clock>) -> Result<Inside, StartError> {
    let outbound = outgoing::client(config)?;
    let opened = Storage::open(config.storage(), frontend::formats(), Arc::clone(&clock))
        .await
        .map_err(|source| StartError::Storage { path: config.server.data.clone(), source: source.into() })?;
    let permissions = PermissionCache::open(Arc::clone(&opened.grants), Arc::clone(&clock));
    let permissions = permissions.await.map_err(StartError::Access)?;
    let credentials = Arc::clone(&opened.credentials);
    let authenticator =
        Authenticator::open(credentials, Arc::clone(&keys), Arc::clone(&clock), config.auth_limits());
    let authenticator = authenticator.await.map_err(StartError::Auth)?;
    let names = NamesFollower::open(Arc::clone(&opened.names)).await.map_err(StartError::Access)?;
    // A change returns when all have it: what one may do, who one is, and what the organisation is called.
    opened.directory.follow(Arc::<PermissionCache>::clone(&permissions) as Arc<dyn PolicyFeed>);
    opened.directory.follow(Arc::<Authenticator>::clone(&authenticator) as Arc<dyn PolicyFeed>);
    opened.directory.follow(Arc::<NamesFollower>::clone(&names) as Arc<dyn PolicyFeed>);
    let node = getrandom::u64().map_err(|error| StartError::Random(error.to_string()))?.cast_signed();
    let issuers = Arc::new(FetchedKeys::new(Guarded(Arc::clone(&outbound))));
    Ok(Inside { opened, authenticator, permissions, names, clock, keys, outbound, issuers, node })
}

fn keys(config: &Config, data: Option<&DataDir>) -> Result<KeyRing, StartError> {
    match (&config.auth.keys_file, data) {
        (Some(shared), _) => data::read_keys(shared),
        (None, Some(data)) => data.keys(),
        (None, None) => Ok(KeyRing::generate()),
    }
}

/// As many connections may wait to be accepted as Linux allows by default: one that finds no place is tried again by its client
/// after a second.
const BACKLOG: u32 = 4096;

fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
    let listening = socket.and_then(|socket| {
        // A port whose last connections are still closing is free.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    });
    listening.map_err(|source| StartError::Listen { address, source })
}

fn serve(
    config: Config,
    inside: Inside,
    first_run: Option<FirstRun>,
    followed: Option<Followed>,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    data: Option<DataDir>,
) -> Result<Running, StartError> {
    let address = |listener: &TcpListener| {
        listener.local_addr().map_err(|source| StartError::Listen { address: config.server.listen, source })
    };
    let addr = address(&listener)?;
    let metrics_addr = metrics_listener.as_ref().map(address).transpose()?;
    let (setup_code, setup) = first_run.map(|first| (first.code, first.room)).unzip();
    let metrics = Metrics::new();
    let frontend = frontend(&config, &inside, setup, &metrics);
    let stop = CancellationToken::new();
    let tracker = TaskTracker::new();
    let tls = followed.as_ref().map(Followed::tls);
    if let Some(listener) = metrics_listener {
        let serving = Arc::clone(&frontend).serve_metrics(listener, stop.clone());
        tracker.spawn(async move { log_end("the listener of the metrics", serving.await) });
    }
    let runner = Runner { tracker: &tracker, metrics: &metrics, clock: &inside.clock, stop: &stop };
    start_workers(&runner, &config, &inside, followed);
    let halted = CancellationToken::new();
    let (storage, told, over) = (inside.opened.storage.clone(), halted.clone(), stop.clone());
    tracker.spawn(async move { over.run_until_cancelled(storage.halted()).await.map(|()| told.cancel()) });
    tracker.close();
    let listening = frontend.serve(listener, tls, stop.clone());
    let (over, storage) = (stop.clone(), inside.opened.storage.clone());
    let ended = tokio::spawn(async move {
        let outcome = listening.await;
        over.cancel();
        tracker.wait().await;
        upkeep::write_the_rest(&storage, &System::mint("what ended last")).await;
        // Not before: the tasks write until their end.
        drop(data);
        outcome
    });
    Ok(Running { addr, metrics_addr, setup_code, halted, stop: stop.drop_guard(), ended })
}

fn frontend(config: &Config, inside: &Inside, setup: Option<Setup>, metrics: &Arc<Metrics>) -> Arc<Frontend> {
    let policy = Arc::<PermissionCache>::clone(&inside.permissions);
    let credentials = Arc::<Authenticator>::clone(&inside.authenticator);
    Frontend::new(Parts {
        storage: inside.opened.storage.clone(),
        directory: inside.opened.directory.clone(),
        gate: Gate::new(policy, credentials, Arc::<Metrics>::clone(metrics)),
        authenticator: Arc::clone(&inside.authenticator),
        metrics: Arc::clone(metrics),
        config: config.frontend(),
        setup,
        organisation: inside.names.names(),
        hooks: inside.hooks(),
        identities: Identities {
            keys: Arc::<FetchedKeys>::clone(&inside.issuers),
            codes: Arc::new(Codes::new(Guarded(Arc::clone(&inside.outbound)))),
            clock: Arc::clone(&inside.clock),
            audience: config.server.public_url.as_ref().map(ToString::to_string),
        },
    })
}

/// Everything that goes on beside the requests.
fn start_workers(runner: &Runner<'_>, config: &Config, inside: &Inside, certificate: Option<Followed>) {
    let (storage, directory) = (&inside.opened.storage, &inside.opened.directory);
    let (authenticator, permissions) = (&inside.authenticator, &inside.permissions);
    runner.start(Node, upkeep::LogInFollower(Arc::clone(authenticator)));
    runner.start(Node, upkeep::AccessFollower(Arc::clone(permissions)));
    runner.start(Node, upkeep::Names(Arc::clone(&inside.names)));
    runner.start(Node, upkeep::Presence::new(directory, System::mint("presence")));
    let system = System::mint("jobs");
    runner.start(Node, upkeep::Jobs { directory: directory.clone(), system, holder: inside.node });
    runner.start(Node, upkeep::GrantEnds(Arc::clone(permissions)));
    runner.start(Node, upkeep::Comparison::new(permissions, runner.clock));
    runner.start(
        Node,
        upkeep::LastUsed {
            authenticator: Arc::clone(authenticator),
            directory: directory.clone(),
            system: System::mint("last use of tokens"),
        },
    );
    let system = System::mint("what was taken away without room for it");
    runner.start(Node, upkeep::Unstored { directory: directory.clone(), system });
    let system = System::mint("audit");
    runner.start(Node, upkeep::AuditWriter { storage: storage.clone(), system });
    let system = System::mint("where the chain of the audit stands");
    runner.start(Node, upkeep::AuditHeads { directory: directory.clone(), system });
    let system = System::mint("what was found damaged");
    runner.start(Node, upkeep::Damaged { storage: storage.clone(), system });
    let system = System::mint("usage");
    runner.start(Node, upkeep::UsageWriter { storage: storage.clone(), system });
    runner.start(
        Node,
        upkeep::Webhooks::new(upkeep::Sender {
            storage: storage.clone(),
            client: Arc::clone(&inside.outbound),
            keys: Arc::clone(&inside.keys),
            clock: Arc::clone(&inside.clock),
            metrics: runner.metrics.webhooks(),
            system: System::mint("webhooks"),
        }),
    );
    runner.start(Node, upkeep::RefreshedKeys(Arc::clone(&inside.issuers)));
    runner.start(Node, upkeep::Memory);
    if let Some(followed) = certificate {
        runner.start(Node, followed);
    }
    let cluster = |why| Cluster::new(storage, System::mint(why), inside.node);
    runner.start(cluster("abandoned uploads"), upkeep::Uploads::new(storage, runner.clock, config));
    runner.start(cluster("rows that no name leads to"), upkeep::LeftOverRows::new(storage, runner.clock));
    runner.start(cluster("links that no name needs"), upkeep::Links::new(storage));
    runner.start(cluster("content that no repository has"), upkeep::Blobs::new(storage));
    runner.start(cluster("bytes that nobody needs"), upkeep::Purge::new(storage));
    runner.start(cluster("what is kept no longer"), upkeep::Trim(storage.clone()));
    let system = System::mint("short-lived tokens that are over");
    let over = upkeep::ShortLived { directory: directory.clone(), system };
    runner.start(cluster("short-lived tokens that are over"), over);
    let system = System::mint("sessions that are over");
    let over = upkeep::OverSessions { directory: directory.clone(), system };
    runner.start(cluster("sessions that are over"), over);
    runner.start(cluster("what versions need"), upkeep::ReadNeeds::new(storage));
    let expiry = upkeep::AuditExpiry::new(storage, System::mint("expiry of the audit"));
    runner.start(cluster("events that are kept no longer"), expiry);
}

/// A failure of what listens is logged.
fn log_end<T, E: std::error::Error + 'static>(doing: &'static str, outcome: Result<T, E>) {
    if let Err(error) = outcome {
        tracing::error!(doing, error = with_causes(&error), "failed");
    }
}

impl Running {
    /// Ends it: no new connections, requests in flight go on as long as the configuration allows, then everything is over.
    pub async fn stop(self) {
        self.stopper().cancel();
        self.ended().await;
    }

    /// Waits until it ends by itself, which only a broken listener causes.
    pub async fn ended(self) {
        log_end("the listener", self.ended.await.unwrap_or(Ok(())));
    }

    /// Waits until it writes nothing any more, because a disk refused what was to be durable: then it is to be ended, and started anew.
    pub fn halted(&self) -> impl Future<Output = ()> + Send + use<> {
        self.halted.clone().cancelled_owned()
    }

    /// What ends it, for signal handlers.
    pub(crate) fn stopper(&self) -> CancellationToken {
        self.stop.token().clone()
    }
}

#[cfg(test)]
mod tests;
