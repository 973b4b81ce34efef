//! A whole frontend in memory for tests: three callers, a few repositories, one small protocol, connections over pipes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auth::testing::{ManualClock, MemoryCredentials, principal, token};
use auth::{AuthLimits, Authenticator, KeyRing, TokenKind, generate};
use domain::{
    Caller, Clock, Decision, Format, Gate, Mode, NodeName, Organisation, Outcome, Permission, Permissions,
    Policy, PolicyVersion, PrincipalId, PrincipalKind, ProjectId, Repository, RepositoryId, RepositoryPath,
    ResolvedNode, RightKind,
};
use storage::{Storage, StorageConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio_util::sync::CancellationToken;

use crate::config::FrontendConfig;
use crate::frontend::{Frontend, Parts};
use crate::metrics::Metrics;
use crate::protocols::mount;
use crate::server::room::{Purpose, Room};
use crate::server::speak::speak;

pub(crate) mod hub;
pub(crate) mod parcel;

use parcel::Parcel;

/// Most that the state of one connection takes, besides what it boxes when it is needed.
const CONNECTION_BYTES_MAX: usize = 4096;

/// The frontend and what tests need to know of it.
pub(crate) struct House {
    pub(crate) frontend: Arc<Frontend>,
    pub(crate) stop: CancellationToken,
    /// May do everything.
    pub(crate) alice: String,
    /// May read `alpha/readable`, which is all that somebody who logged in may.
    pub(crate) bob: String,
}

const ALICE: u32 = 20;
const BOB: u32 = 21;

/// `alpha/public` and `alpha/oci` are public, `alpha/readable` is for everybody with credentials, `alpha/private` for alice.
struct Table(AtomicU64);

impl Policy for Table {
    fn decide(&self, caller: &Caller, node: NodeName<'_>, right: RightKind) -> Decision {
        self.0.fetch_add(1, Ordering::Relaxed);
        let who = caller.principal();
        let read = Permissions::of(&[Permission::Read]);
        let (held, node) = match node {
            NodeName::Organisation => (Permissions::NONE, Some(ResolvedNode::Organisation(Organisation))),
            NodeName::Project(_) => (Permissions::NONE, None),
            NodeName::Repository(path) => {
                let public = matches!(path.repository.as_str(), "public" | "oci");
                let open = public || path.repository.as_str() == "readable" && who != PrincipalId::ANONYMOUS;
                (if open { read } else { Permissions::NONE }, resolve(path))
            }
        };
        let held = if who == PrincipalId::new(ALICE) { Permissions::ALL } else { held };
        let outcome = match node {
            Some(node) if held.intersects(right.any_of()) => Outcome::Allowed { node, held },
            node => {
                Outcome::Refused { may_know: node.is_some() && held.intersects(RightKind::Probe.any_of()) }
            }
        };
        Decision { outcome, version: PolicyVersion::new(1) }
    }

    fn readable(&self, _: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        (vec![RepositoryId::new(101)], PolicyVersion::new(1))
    }
}

fn resolve(path: &RepositoryPath) -> Option<ResolvedNode> {
    let (id, format) = match path.repository.as_str() {
        "public" => (101, Format::NuGet),
        "readable" => (102, Format::NuGet),
        "private" => (103, Format::NuGet),
        "oci" => (104, Format::Oci),
        _ => return None,
    };
    let (id, path) = (RepositoryId::new(id), Arc::new(path.clone()));
    let node = Repository::new(id, ProjectId::new(100), format, Mode::Hosted, path);
    Some(ResolvedNode::Repository(node))
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(FrontendConfig::default()).await
    }

    pub(crate) async fn with(config: FrontendConfig) -> Self {
        let (clock, credentials): (Arc<dyn Clock>, _) = (ManualClock::new(), MemoryCredentials::new());
        let [alice, bob] = [(ALICE, "alice"), (BOB, "bob")].map(|(id, login)| {
            credentials.put_principal(principal(id, PrincipalKind::Member, &[login]));
            let made = generate(TokenKind::Person);
            credentials.put_token(token(&made, id));
            made.text.expose().clone()
        });
        let keys = Arc::new(KeyRing::generate());
        let limits = AuthLimits::default();
        let authenticator = Authenticator::open(credentials, keys, Arc::clone(&clock), limits).await.unwrap();
        let opened = Storage::open(StorageConfig::in_memory(), clock).await.unwrap();
        let metrics = Metrics::new();
        let credentials = Arc::<Authenticator>::clone(&authenticator);
        let policy = Arc::new(Table(AtomicU64::new(0)));
        let parts = Parts {
            storage: opened.storage,
            directory: opened.directory,
            gate: Gate::new(policy, credentials, Arc::<Metrics>::clone(&metrics)),
            authenticator,
            metrics,
            config,
            setup: None,
            organisation: vec!["acme".into(), "acme-corp".into()],
        };
        let mut protocols = crate::protocols::all();
        protocols.push(mount("/parcel", Parcel));
        let frontend = Frontend::with(parts, protocols);
        Self { frontend, stop: CancellationToken::new(), alice, bob }
    }

    /// A connection to a plain loopback listener; the pipe holds so many bytes each way.
    pub(crate) fn connect_through(&self, pipe_bytes: usize) -> DuplexStream {
        let (ours, theirs) = duplex(pipe_bytes);
        let local = "127.0.0.1:8080".parse().unwrap();
        let room = Arc::new(Room::new(Arc::clone(&self.frontend), local, false, Purpose::Everything));
        let (peer, stop) = ("127.0.0.1".parse().unwrap(), self.stop.child_token());
        let connections = Arc::clone(&self.frontend.connections);
        tokio::spawn(async move {
            let seat = connections.enter(peer, &stop).await.unwrap();
            let spoken = speak(room, theirs, Some(peer), None, seat.line(), stop);
            // An idle connection has all of it.
            assert!(size_of_val(&spoken) <= CONNECTION_BYTES_MAX, "{} bytes", size_of_val(&spoken));
            spoken.await;
        });
        ours
    }

    pub(crate) fn connect(&self) -> DuplexStream {
        self.connect_through(64 << 10)
    }

    /// Sends bytes on a connection of their own and reads to its end.
    pub(crate) async fn talk(&self, request: &[u8]) -> String {
        let mut connection = self.connect();
        connection.write_all(request).await.unwrap();
        rest(&mut connection).await
    }

    /// A request without body that ends its connection.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: hub.localhost\r\n{headers}Connection: close\r\n\r\n");
        Answer::read(&self.talk(request.as_bytes()).await)
    }

    pub(crate) async fn get(&self, path: &str, headers: &str) -> Answer {
        self.ask("GET", path, headers).await
    }
}

/// `Authorization: Basic …`, with the end of the line.
pub(crate) fn basic(name: &str, secret: &str) -> String {
    format!("Authorization: Basic {}\r\n", base64(format!("{name}:{secret}").as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|three| {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        (0..4).map(move |place| match place <= three.len() {
            true => char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize]),
            false => '=',
        })
    });
    digits.collect()
}

/// Everything that still comes on a connection.
pub(crate) async fn rest(connection: &mut DuplexStream) -> String {
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// An answer of HTTP/1, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
        let mut lines = head.split("\r\n");
        let mut status_line = lines.next().unwrap().splitn(3, ' ');
        assert_eq!(status_line.next(), Some("HTTP/1.1"), "{text}");
        let status = status_line.next().unwrap().parse().unwrap();
        let reason = status_line.next().unwrap_or_default().to_owned();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        });
        Self { status, reason, headers: headers.collect(), body: body.to_owned() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values =
            self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let first = values.next();
        assert_eq!(values.next(), None, "{name} twice");
        first
    }

    /// What must be alike for an absent and an unreadable repository: all but date and id.
    pub(crate) fn comparable(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "date" && name != "x-request-id");
        self
    }
}
