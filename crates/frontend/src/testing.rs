//! A whole frontend in memory for tests: three callers, a few repositories, one small protocol, connections over pipes.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::{Hooks, Identities, Targets};
use auth::testing::{ManualClock, MemoryCredentials, NoKeys, principal, token};
use auth::{AuthLimits, Authenticator, KeyRing, TokenKind, generate};
use domain::{
    BoxFuture, Caller, Clock, Decision, Format, Gate, Holding, Holdings, Mode, NodeId, NodeName,
    Organisation, Outcome, Permission, Permissions, Policy, PolicyVersion, PrincipalId, PrincipalKind,
    Project, ProjectId, Repository, RepositoryId, RepositoryPath, ResolvedNode, RightKind, Timestamp,
};
use edge::EdgeConfig;
use edge::testing::Pipes;
use storage::{Storage, StorageConfig};

use crate::config::FrontendConfig;
use crate::frontend::{Frontend, Parts};
use crate::metrics::Metrics;
use crate::names::OurNames;
use crate::protocols::{formats, mount};
use crate::served::{Purpose, Served};

pub(crate) mod hub;
pub(crate) mod parcel;

pub(crate) use edge::testing::Answer;

use parcel::Parcel;

/// The frontend and what tests need to know of it.
pub(crate) struct House {
    pipes: Pipes<Served>,
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

    fn known_projects(&self, _: &Caller) -> (Vec<(Project, Permissions)>, PolicyVersion) {
        (Vec::new(), PolicyVersion::new(1))
    }

    fn readable(&self, _: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        (vec![RepositoryId::new(101)], PolicyVersion::new(1))
    }
}

impl Holdings for Table {
    fn somewhere(&self, _: PrincipalId, _: NodeName<'_>) -> Holding {
        Holding { permissions: Permissions::ALL, version: PolicyVersion::new(1) }
    }

    fn lasting<'a>(&'a self, _: &'a Caller, _: NodeId, _: Option<Timestamp>) -> BoxFuture<'a, Holding> {
        Box::pin(std::future::ready(Holding {
            permissions: Permissions::ALL,
            version: PolicyVersion::new(1),
        }))
    }

    fn preview(&self, _: domain::PolicyFacts) -> Box<dyn domain::Preview> {
        Box::new(())
    }
}

fn resolve(path: &RepositoryPath) -> Option<ResolvedNode> {
    let (id, format) = match path.repository.as_str() {
        "public" => (101, Format::new("nuget")),
        "readable" => (102, Format::new("nuget")),
        "private" => (103, Format::new("nuget")),
        "oci" => (104, Format::new("oci")),
        _ => return None,
    };
    let (id, path) = (RepositoryId::new(id), Arc::new(path.clone()));
    let node = Repository::new(id, ProjectId::new(100), format, Mode::Hosted, path);
    Some(ResolvedNode::Repository(node))
}

/// Where messages may go: to whatever address.
struct Anywhere;

impl Targets for Anywhere {
    fn refusal(&self, _url: &str) -> Option<String> {
        None
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(EdgeConfig::default()).await
    }

    pub(crate) async fn with(edge: EdgeConfig) -> Self {
        let (clock, credentials): (Arc<dyn Clock>, _) = (ManualClock::new(), MemoryCredentials::new());
        let [alice, bob] = [(ALICE, "alice"), (BOB, "bob")].map(|(id, login)| {
            credentials.put_principal(principal(id, PrincipalKind::Member, &[login]));
            let made = generate(TokenKind::Person);
            credentials.put_token(token(&made, id));
            made.text.expose().clone()
        });
        let keys = Arc::new(KeyRing::generate());
        let limits = AuthLimits::default();
        let authenticator =
            Authenticator::open(credentials, Arc::clone(&keys), Arc::clone(&clock), limits).await.unwrap();
        let opened = Storage::open(StorageConfig::in_memory(), formats(), Arc::clone(&clock)).await.unwrap();
        let metrics = Metrics::new();
        let credentials = Arc::<Authenticator>::clone(&authenticator);
        let policy = Arc::new(Table(AtomicU64::new(0)));
        let parts = Parts {
            storage: opened.storage,
            directory: opened.directory,
            gate: Gate::new(policy, credentials, Arc::<Metrics>::clone(&metrics)),
            authenticator,
            metrics,
            config: FrontendConfig { edge, ..FrontendConfig::default() },
            setup: None,
            organisation: Arc::new(OurNames::new(domain::OrganisationNames {
                names: vec!["acme".into(), "acme-corp".into()],
                public_landing: true,
            })),
            hooks: Hooks { keys: Arc::clone(&keys), targets: Arc::new(Anywhere) },
            identities: Identities { keys: Arc::new(NoKeys), codes: Arc::new(NoKeys), clock, audience: None },
        };
        let mut protocols = crate::protocols::all();
        protocols.push(mount("/parcel", Parcel));
        let frontend = Frontend::with(parts, protocols);
        Self {
            pipes: Pipes::new(Arc::clone(&frontend.edge), Served { frontend, purpose: Purpose::Everything }),
            alice,
            bob,
        }
    }
}

impl Deref for House {
    type Target = Pipes<Served>;

    fn deref(&self) -> &Pipes<Served> {
        &self.pipes
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
