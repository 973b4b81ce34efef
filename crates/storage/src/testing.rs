//! What the suites stand on: a place to store in, a clock moved by hand, a gate that allows everything.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use domain::{
    AccessObserver, BoxFuture, Caller, CallerGate, Changes, Clock, CredentialChange, CredentialCheck,
    CredentialFacts, Decided, Gate, Granted, Node, Organisation, Origin, Own, Permissions, PolicyFacts,
    PolicyFeed, PolicyPoint, PolicyVersion, PrincipalId, PrincipalKind, Project, ProjectKey, RepositoryPath,
    RequestId, Right, SourceError, Standing, System, Timestamp, TokenId, TokenLimits, Visible,
};

use crate::{
    BlobsConfig, ContentError, DatabaseConfig, Lease, Opened, Plan, Storage, StorageConfig, StorageLimits,
    Taken, UploadError,
};

mod formats;
mod policy;

pub use formats::{BROWSING, MAVEN, NUGET, OCI, formats, policy_of};
use policy::{AllowAll, Allowed};

/// Where a suite stores: kept, if it can be, when storage is closed and opened again.
pub struct Place {
    config: StorageConfig,
    directory: Option<PathBuf>,
    postgres: Option<(String, String)>,
}

/// A clock that moves when told to.
pub struct ManualClock(AtomicI64);

/// Storage in a place, with everything a story needs around it.
pub struct Bench {
    /// The place.
    pub place: Place,
    /// Storage, open.
    pub opened: Opened,
    /// The clock everything reads.
    pub clock: Arc<ManualClock>,
    /// Versions that were put into force, in order.
    pub forced: Arc<Forced>,
    gate: Gate,
    policy: Arc<AllowAll>,
}

/// A follower that only takes notes.
#[derive(Default)]
pub struct Forced(Mutex<Vec<PolicyPoint>>);

impl Place {
    /// Rows and bytes in memory, in parts of 1 MiB.
    #[must_use]
    pub fn memory() -> Self {
        Self { config: StorageConfig::in_memory(), directory: None, postgres: None }
    }

    /// A SQLite file and files in a fresh temporary directory.
    #[must_use]
    pub fn disk() -> Self {
        let directory = fresh_directory();
        Self {
            config: StorageConfig::in_directory(directory.clone()),
            directory: Some(directory),
            postgres: None,
        }
    }

    /// A SQLite file, and a store in memory that takes parts of 7 bytes: every boundary is met.
    #[must_use]
    pub fn small_parts() -> Self {
        let memory = Arc::new(object_store::memory::InMemory::new());
        let (store, parts) = (memory.clone(), memory);
        let mut place = Self::disk();
        place.config.blobs = BlobsConfig::Multipart { store, parts, part_bytes: 7, parts_bytes_max: 70_000 };
        place
    }

    /// A SQLite file, and a store in memory that takes whole objects only.
    #[must_use]
    pub fn whole_objects() -> Self {
        let store = Arc::new(object_store::memory::InMemory::new());
        let mut place = Self::disk();
        place.config.blobs =
            BlobsConfig::Whole { store, object_bytes_max: 64 << 20, objects_bytes_max: 256 << 20 };
        place
    }

    /// A fresh schema on the PostgreSQL server of `WHARFINGER_TEST_POSTGRES`, and files. `None`, and a line on standard
    /// error, without that variable; on a build machine (`CI=true`) its absence is a failure.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        let Some(server) = variable("WHARFINGER_TEST_POSTGRES") else {
            assert!(
                variable("CI").as_deref() != Some("true"),
                "WHARFINGER_TEST_POSTGRES must name a server here"
            );
            eprintln!("not run on PostgreSQL: WHARFINGER_TEST_POSTGRES names no server");
            return None;
        };
        let name = format!("wharfinger_{:x}", random());
        administer(&server, &format!("CREATE SCHEMA {name}"));
        let mut place = Self::disk();
        let url = schema_url(&server, &name);
        place.config.database = DatabaseConfig::Postgres { url: url.into(), connections_max: 12 };
        place.postgres = Some((server, name));
        Some(place)
    }

    /// Whether rows and bytes are there again after storage was closed.
    #[must_use]
    pub fn survives(&self) -> bool {
        !matches!(self.config.database, DatabaseConfig::Memory)
    }

    /// The directory, if there is one.
    #[must_use]
    pub fn directory(&self) -> Option<&PathBuf> {
        self.directory.as_ref()
    }

    /// Other bounds.
    #[must_use]
    pub fn limited(mut self, limits: StorageLimits) -> Self {
        self.config.limits = limits;
        self
    }

    /// What storage is opened with.
    #[must_use]
    pub fn config(&self) -> StorageConfig {
        self.config.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            let _ = std::fs::remove_dir_all(directory);
        }
        if let Some((server, name)) = &self.postgres {
            administer(server, &format!("DROP SCHEMA {name} CASCADE"));
        }
    }
}

impl Bench {
    /// Opens storage there.
    pub async fn open(place: Place) -> Self {
        let clock = Arc::new(ManualClock::default());
        Self::with_clock(place, clock).await
    }

    async fn with_clock(place: Place, clock: Arc<ManualClock>) -> Self {
        let opened = Storage::open(place.config(), formats(), clock.clone()).await.expect("storage opens");
        let policy =
            Arc::new(AllowAll(RwLock::new(Allowed::everything(PolicyFacts::default(), Permissions::ALL))));
        let gate = Gate::new(policy.clone(), Arc::new(Trusting), Arc::new(Trusting));
        let forced = Arc::new(Forced::default());
        opened.directory.follow(forced.clone());
        let bench = Self { place, opened, clock, forced, gate, policy };
        bench.refresh().await;
        bench
    }

    /// Closes storage and opens it again in the same place, as after a restart.
    pub async fn reopened(self) -> Self {
        let Self { place, opened, clock, .. } = self;
        drop(opened);
        Self::with_clock(place, clock).await
    }

    /// Opens storage and applies a plan.
    pub async fn with(place: Place, plan: Plan) -> Self {
        let bench = Self::open(place).await;
        bench.opened.directory.apply(&system(), plan).await.expect("the plan of a suite");
        bench.refresh().await;
        bench
    }

    /// Lets the gate know the nodes that exist by now.
    pub async fn refresh(&self) {
        let mut facts = self.facts().await;
        facts.version = Allowed::NEVER_BEHIND;
        self.policy.0.write().unwrap_or_else(PoisonError::into_inner).facts = facts;
    }

    /// From now on everybody holds this everywhere, each until then or for ever, when something is given away; proofs are given as
    /// before.
    pub fn holds(&self, lasting: Vec<(Permissions, Option<Timestamp>)>) {
        self.policy.0.write().unwrap_or_else(PoisonError::into_inner).lasting = lasting;
    }

    /// From now on the matrix that says what is held is that of this version.
    pub fn holds_at(&self, version: PolicyVersion) {
        self.policy.0.write().unwrap_or_else(PoisonError::into_inner).lasting_version = version;
    }

    /// Lets the gate know of no node any more, until [`Self::refresh`]: every right is withdrawn.
    pub fn withdraw(&self) {
        self.policy.0.write().unwrap_or_else(PoisonError::into_inner).facts.repositories.clear();
    }

    /// Everything that decides, as stored.
    pub async fn facts(&self) -> PolicyFacts {
        self.opened.grants.load().await.expect("facts").1
    }

    /// Some work, taken as if its node had just started.
    pub async fn working(&self, name: &'static str) -> Lease {
        loop {
            match self.opened.storage.take_work(&system(), name, 1, true).await.expect("asks") {
                Taken::Here(lease) => return lease,
                Taken::Elsewhere(rest) => assert_eq!(rest, std::time::Duration::ZERO, "nobody else has it"),
            }
        }
    }

    /// Everything credentials are checked against, as stored.
    pub async fn credentials(&self) -> CredentialFacts {
        self.opened.credentials.load().await.expect("facts").1
    }

    /// The point of the history of access changes that is reached.
    pub async fn point(&self) -> PolicyPoint {
        self.opened.grants.load().await.expect("facts").0
    }

    /// What credentials changed after a point.
    pub async fn credentials_since(&self, point: PolicyPoint) -> Vec<CredentialChange> {
        match self.opened.credentials.changes_since(point).await.expect("reads") {
            Changes::Each { changes, .. } => changes,
            Changes::Rebuild => panic!("so few changes are told one by one"),
        }
    }

    /// A proof about a repository, for the first principal there is.
    pub fn on<R: Right>(&self, repository: &str) -> Granted<R> {
        self.by(self.actor(), repository)
    }

    /// The first principal there is, or a made-up one, which is as good for everything but administration.
    pub fn actor(&self) -> u32 {
        let Allowed { facts, .. } = &*self.policy.0.read().unwrap_or_else(PoisonError::into_inner);
        facts.principals.first().map_or(16, |principal| principal.id.get())
    }

    /// A proof the gate gave at an earlier version.
    pub fn stale<R: Right>(&self, repository: &str) -> Granted<R> {
        let mut facts = self.policy.0.read().unwrap_or_else(PoisonError::into_inner).facts.clone();
        facts.version = PolicyVersion::new(1);
        let gate = allowing(facts, Permissions::ALL);
        let path = RepositoryPath::parse(repository).expect("a path of a suite");
        gate.check(&caller(self.actor()), &origin(), &path).expect("the suite's gate allows what exists")
    }

    /// A proof about a repository, for any principal.
    pub fn by<R: Right>(&self, principal: u32, repository: &str) -> Granted<R> {
        let path = RepositoryPath::parse(repository).expect("a path of a suite");
        self.granted(principal, &path)
    }

    /// The first principal's way to the gate.
    pub fn gate(&self) -> CallerGate {
        self.gate.for_caller(caller(self.actor()), origin())
    }

    /// What is shown through the repository of a proof.
    pub fn stand<R: Right>(&self, own: Granted<R>) -> Standing<R> {
        self.gate.for_caller(caller(own.principal().get()), origin()).stand(own)
    }

    /// A proof about a project.
    pub fn on_project<R: Right>(&self, principal: u32, key: &str) -> Granted<R, Project> {
        let key = ProjectKey::parse(key).expect("a key of a suite");
        self.granted(principal, &key)
    }

    /// A proof about the organisation.
    pub fn on_organisation<R: Right>(&self, principal: u32) -> Granted<R, Organisation> {
        self.granted(principal, Organisation)
    }

    /// A proof for the first principal, who holds only these permissions there.
    pub fn holding<R: Right, N: Node>(&self, name: N::Name<'_>, held: Permissions) -> Granted<R, N> {
        let facts = self.policy.0.read().unwrap_or_else(PoisonError::into_inner).facts.clone();
        let gate = allowing(facts, held);
        gate.check(&caller(self.actor()), &origin(), name).expect("the suite's gate allows what exists")
    }

    /// What is somebody's own, through a token of these limits.
    pub fn own(&self, principal: u32, limits: TokenLimits) -> Own {
        let caller = Caller::assertion(PrincipalId::new(principal), PrincipalKind::Member, None, limits);
        self.gate.own(&caller, &origin()).expect("a principal owns something")
    }

    /// What is somebody's own, through a full token.
    pub fn own_through(&self, principal: u32, token: TokenId) -> Own {
        let (principal, kind) = (PrincipalId::new(principal), PrincipalKind::Member);
        let caller = Caller::assertion(principal, kind, Some(token), TokenLimits::Full);
        self.gate.own(&caller, &origin()).expect("a person owns something")
    }

    /// A proof somebody gets through a token of these limits.
    pub fn through<R: Right, N: Node>(
        &self,
        principal: u32,
        token: TokenId,
        limits: TokenLimits,
        name: N::Name<'_>,
    ) -> Granted<R, N> {
        let (principal, kind) = (PrincipalId::new(principal), PrincipalKind::Member);
        let caller = Caller::assertion(principal, kind, Some(token), limits);
        self.gate.check(&caller, &origin(), name).expect("the suite's gate allows what exists")
    }

    /// All repositories.
    pub fn visible(&self) -> Visible {
        self.gate.readable(&caller(self.actor()), &origin())
    }

    fn granted<'n, R: Right, N: Node>(&self, principal: u32, name: N::Name<'n>) -> Granted<R, N> {
        self.gate.check(&caller(principal), &origin(), name).expect("the suite's gate allows what exists")
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_800_000_000_000))
    }
}

impl ManualClock {
    /// Moves it on.
    pub fn advance_secs(&self, secs: i64) {
        self.0.fetch_add(secs * 1000, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

impl Forced {
    /// The versions put into force so far.
    #[must_use]
    pub fn versions(&self) -> Vec<PolicyVersion> {
        self.points().iter().map(|point| point.version).collect()
    }

    fn points(&self) -> MutexGuard<'_, Vec<PolicyPoint>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PolicyFeed for Forced {
    fn point(&self) -> PolicyPoint {
        self.points().last().copied().unwrap_or_default()
    }

    fn refresh_to(&self, point: PolicyPoint) -> BoxFuture<'_, Result<(), SourceError>> {
        self.points().push(point);
        Box::pin(async { Ok(()) })
    }

    fn refresh_now(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(async { Ok(()) })
    }
}

/// Lets everybody in again, and looks away.
struct Trusting;

impl AccessObserver for Trusting {
    fn decided(&self, _: &Decided<'_>) {}
}

impl CredentialCheck for Trusting {
    fn again(&self, caller: &Caller) -> Option<Caller> {
        Some(caller.clone())
    }
}

/// Suites bring bytes and commit them in one go.
impl From<UploadError> for ContentError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::UnknownUpload => Self::UnknownUpload,
            UploadError::TooLarge { bytes_max } => Self::TooLarge { bytes_max },
            UploadError::DigestMismatch => Self::DigestMismatch,
            UploadError::Refused(why) => Self::Refused(why),
            UploadError::Denied(denied) => Self::Denied(denied),
            UploadError::Fault(fault) => Self::Fault(fault),
            UploadError::Busy => panic!("a session of a suite's own is never busy"),
        }
    }
}

/// The proof of the gateway itself.
pub fn system() -> System {
    System::mint("suite")
}

/// One story of a suite.
pub type Story = fn(Place) -> Pin<Box<dyn Future<Output = ()>>>;

/// Tries again until the value comes, for what happens in the background.
///
/// # Panics
/// After a minute, which only a fault takes.
pub async fn eventually<T, E: fmt::Debug, F: Future<Output = Result<T, E>>>(
    mut attempt: impl FnMut() -> F,
) -> T {
    let mut last = None;
    for _ in 0..30_000 {
        match attempt().await {
            Ok(value) => return value,
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    panic!("it never happened: {last:?}");
}

fn caller(principal: u32) -> Caller {
    Caller::assertion(PrincipalId::new(principal), PrincipalKind::Member, None, TokenLimits::Full)
}

fn allowing(facts: PolicyFacts, held: Permissions) -> Gate {
    let policy = AllowAll(RwLock::new(Allowed::everything(facts, held)));
    Gate::new(Arc::new(policy), Arc::new(Trusting), Arc::new(Trusting))
}

pub(crate) fn origin() -> Arc<Origin> {
    Arc::new(Origin { request: RequestId(7), address: None, agent: Some("suite".into()) })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the suites ask where the database server is"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What an order by chance begins with: drawn, or `WHARFINGER_TEST_SEED` to see the same order again.
pub(crate) fn drawn() -> u64 {
    let seed =
        variable("WHARFINGER_TEST_SEED").and_then(|seed| seed.parse().ok()).unwrap_or_else(random).max(1);
    eprintln!("WHARFINGER_TEST_SEED={seed}");
    seed
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("random bits");
    u64::from_be_bytes(bytes)
}

pub(crate) fn fresh_directory() -> PathBuf {
    let directory = std::env::temp_dir().join(format!("wharfinger-{:x}", random()));
    std::fs::create_dir_all(&directory).expect("a temporary directory");
    directory
}

/// Runs one statement on the server's own database, on a thread of its own: the client may not run inside a runtime.
fn administer(server: &str, statement: &str) {
    std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            let mut client =
                postgres::Client::connect(server, postgres::NoTls).expect("the PostgreSQL server answers");
            client.batch_execute(statement).expect("the PostgreSQL server obeys");
        });
        run.join().expect("the statement ran");
    });
}

/// The same server, with the schema in front of all others.
fn schema_url(server: &str, name: &str) -> String {
    if server.contains("://") {
        let mark = if server.contains('?') { '&' } else { '?' };
        return format!("{server}{mark}options=-c%20search_path%3D{name}");
    }
    format!("{server} options='-c search_path={name}'")
}
