//! One protocol over storage in memory: what clients send, one request after the other, and what they get.

use std::io::Read as _;
use std::sync::{Arc, Mutex};

use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use auth::testing::ManualClock;
use bytes::Bytes;
use domain::{
    AccessObserver, BoxFuture, Caller, CallerGate, CredentialCheck, Decided, Decision, Gate, Holding,
    Holdings, NodeId, NodeName, Origin, Outcome as Answered, Permission, Permissions, Policy, PolicyFacts,
    PolicyVersion, PrincipalId, PrincipalKind, Project, ProjectKey, Repository, RepositoryId, RepositoryName,
    RequestId, ResolvedNode, RightKind, System, Timestamp, TokenLimits, Visibility,
};
use edge::{Body, PublicUrl};
use http_body_util::BodyExt as _;
use shelf::House;
use storage::{Plan, ProjectSpec, RepositorySpec, Storage, StorageConfig, StorageLimits};

use crate::config::{AuditSettings, Limits};
use crate::head::{Asked, Head};
use crate::pipeline::{Call, run};
use crate::protocol::Protocol;
use crate::protocols::formats;
use crate::record::Record;
use crate::reply::Response;

/// A registry with repositories of the project `alpha`.
pub(crate) struct Hub<P> {
    pub(crate) storage: Storage,
    house: House,
    /// Stands still until a test moves it.
    pub(crate) clock: Arc<ManualClock>,
    gate: Gate,
    rationed: Arc<Rationed>,
    pub(crate) limits: Limits,
    protocol: P,
    mount: &'static str,
}

/// Somebody who sends requests.
#[derive(Clone)]
pub(crate) struct Client<'a, P> {
    hub: &'a Hub<P>,
    caller: Caller,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What somebody of this name holds on `PROJECT/REPOSITORY`; strangers and anonymous callers are `nobody`.
pub(crate) type Held = fn(&str, &str) -> Permissions;

const PEOPLE: [(&str, u32); 5] = [("alice", 16), ("bob", 17), ("carol", 18), ("pat", 19), ("eve", 20)];

/// What is asked for when nothing but the usual is needed: alice may everything, bob reads `main`, carol publishes there
/// and in `alpha/fixed` without overwriting, pat publishes in `main` and reads nothing, eve may everything in `alpha/other`,
/// everybody reads `alpha/public`.
pub(crate) fn usual(main: &str, who: &str, path: &str) -> Permissions {
    use Permission::{Publish, Read};
    let public = if path == "alpha/public" { Permissions::of(&[Read]) } else { Permissions::NONE };
    let own = match (who, path) {
        ("alice", _) | ("eve", "alpha/other") => Permissions::ALL,
        ("bob", path) if path == main => Permissions::of(&[Read]),
        ("carol", "alpha/fixed") => Permissions::of(&[Read, Publish]),
        ("carol", path) if path == main => Permissions::of(&[Read, Publish]),
        ("pat", path) if path == main => Permissions::of(&[Publish]),
        _ => Permissions::NONE,
    };
    own.union(public)
}

/// How often a right is still granted.
type Rationed = Mutex<Option<(RightKind, u32)>>;

struct Table {
    facts: PolicyFacts,
    held: Held,
    rationed: Arc<Rationed>,
}

impl Table {
    fn held(&self, caller: &Caller, path: &str) -> Permissions {
        let who = PEOPLE.into_iter().find(|(_, id)| PrincipalId::new(*id) == caller.principal());
        (self.held)(who.map_or("nobody", |(name, _)| name), path)
    }
}

impl Policy for Table {
    fn decide(&self, caller: &Caller, node: NodeName<'_>, right: RightKind) -> Decision {
        let version = PolicyVersion::new(1);
        let refused = |may_know| Decision { outcome: Answered::Refused { may_know }, version };
        let NodeName::Repository(path) = node else { return refused(false) };
        let Some(fact) = self.facts.repositories.iter().find(|fact| fact.path == *path) else {
            return refused(false);
        };
        let held = self.held(caller, &path.to_string());
        if !held.intersects(right.any_of()) {
            return refused(held.intersects(RightKind::Probe.any_of()));
        }
        if let Some((rationed, left)) = &mut *self.rationed.lock().unwrap()
            && *rationed == right
        {
            let Some(less) = left.checked_sub(1) else { return refused(true) };
            *left = less;
        }
        let node = Repository::new(fact.id, fact.project, fact.format, fact.mode, Arc::new(path.clone()));
        Decision { outcome: Answered::Allowed { node: ResolvedNode::Repository(node), held }, version }
    }

    fn known_projects(&self, _: &Caller) -> (Vec<(Project, Permissions)>, PolicyVersion) {
        (Vec::new(), PolicyVersion::new(1))
    }

    fn readable(&self, caller: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        let readable = |path: &str| self.held(caller, path).contains(Permission::Read);
        let facts = self.facts.repositories.iter().filter(|fact| readable(&fact.path.to_string()));
        let mut ids: Vec<RepositoryId> = facts.map(|fact| fact.id).collect();
        ids.sort_unstable();
        (ids, PolicyVersion::new(1))
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

    fn preview(&self, _: PolicyFacts) -> Box<dyn domain::Preview> {
        Box::new(())
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

/// Noon of one day, when every hub starts.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

impl<P: Protocol> Hub<P> {
    /// The protocol at its mount, with these repositories: name, format and policy.
    pub(crate) async fn of(
        protocol: (P, &'static str),
        held: Held,
        repositories: &[(&str, &str, &str)],
    ) -> Self {
        Self::within(StorageLimits::default(), protocol, held, repositories).await
    }

    /// The same within these bounds of storage.
    pub(crate) async fn within(
        limits: StorageLimits,
        (protocol, mount): (P, &'static str),
        held: Held,
        repositories: &[(&str, &str, &str)],
    ) -> Self {
        let config = StorageConfig { limits, ..StorageConfig::in_memory() };
        let clock = ManualClock::at(NOW);
        let opened = Storage::open(config, formats(), Arc::clone(&clock) as _).await.unwrap();
        let repositories = repositories.iter().map(|(name, format, policy)| {
            let known = formats().find(format).unwrap();
            RepositorySpec {
                webhooks: Vec::new(),
                description: None,
                name: RepositoryName::parse(name).unwrap(),
                format: known.format,
                visibility: Visibility::Private,
                policy: Some((known.read_policy)(policy).unwrap().into()),
            }
        });
        let project = ProjectSpec {
            webhooks: Vec::new(),
            description: None,
            publishers: Vec::new(),
            key: ProjectKey::parse("alpha").unwrap(),
            title: None,
            access: None,
            roles: Vec::new(),
            repositories: repositories.collect(),
        };
        let plan = Plan { projects: vec![project], ..Plan::default() };
        opened.directory.apply(&System::mint("tests"), plan).await.unwrap();
        let (_, facts) = opened.grants.load().await.unwrap();
        let rationed = Arc::<Rationed>::default();
        let table = Table { facts, held, rationed: Arc::clone(&rationed) };
        let gate = Gate::new(Arc::new(table), Arc::new(Trusting), Arc::new(Trusting));
        let (storage, limits) = (opened.storage, Limits::default());
        let house = House::new(storage.clone());
        Self { storage, house, clock, gate, rationed, limits, protocol, mount }
    }

    /// From now on this right is granted so many times more: it is withdrawn while a request is under way. `None` gives it back.
    pub(crate) fn ration(&self, right: Option<(Permission, u32)>) {
        *self.rationed.lock().unwrap() =
            right.map(|(permission, times)| (RightKind::Permission(permission), times));
    }

    pub(crate) fn person(&self, name: &str) -> Client<'_, P> {
        let (_, id) = PEOPLE.into_iter().find(|(known, _)| *known == name).unwrap();
        let caller = Caller::assertion(PrincipalId::new(id), PrincipalKind::Member, None, TokenLimits::Full);
        Client { hub: self, caller }
    }

    pub(crate) fn anonymous(&self) -> Client<'_, P> {
        Client { hub: self, caller: Caller::anonymous() }
    }
}

impl<P: Protocol> Client<'_, P> {
    /// Sends a request to the protocol in its usual place.
    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        self.send_below(self.hub.mount, method, target, headers, body).await
    }

    /// Sends a request as the pipeline would after it knows who calls, and renders what comes of it.
    pub(crate) async fn send_below(
        &self,
        mount: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let protocol = &self.hub.protocol;
        let target = target.strip_prefix(mount).unwrap_or_else(|| panic!("not below {mount}: {target}"));
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        let headers: HeaderMap = headers.iter().map(pair).collect();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let public_url = PublicUrl::Fixed("https://hub.example");
        let head =
            Head { method: &method, mount, foreign: false, path, query, headers: &headers, public_url };
        let mut body = Body::from(body.into());
        let Hub { house, storage, limits, .. } = self.hub;
        let call = Call { house, storage, gate: self.gate(), limits };
        let presented =
            if self.caller.is_authenticated() { auth::Presented::Token } else { auth::Presented::Nothing };
        let asked = Asked { head, id: RequestId(1), presented: Some(presented) };
        let origin = Arc::new(Origin { request: RequestId(1), address: None, agent: None });
        let mut record = Record::new(origin, AuditSettings::default());
        let response = match run(protocol, protocol.route(&head), &mut body, &call, &mut record).await {
            Ok(reply) => Response::from(reply),
            Err(error) => protocol.render(&error, &asked),
        };
        let (parts, content) = response.into_parts();
        let reason = parts.extensions.get::<hyper::ext::ReasonPhrase>();
        let reason = reason.map(|phrase| String::from_utf8(phrase.as_bytes().to_vec()).unwrap());
        let bytes = content.collect().await.unwrap().to_bytes();
        let body = if head.is_head() { Bytes::new() } else { bytes };
        Answer { status: parts.status.as_u16(), reason, headers: parts.headers, body }
    }

    /// The caller's way to the gate.
    pub(crate) fn gate(&self) -> CallerGate {
        let origin = Arc::new(Origin { request: RequestId(1), address: None, agent: None });
        self.hub.gate.for_caller(self.caller.clone(), origin)
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], "").await
    }

    pub(crate) async fn head(&self, target: &str) -> Answer {
        self.send("HEAD", target, &[], "").await
    }

    pub(crate) async fn delete(&self, target: &str) -> Answer {
        self.send("DELETE", target, &[], "").await
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{:?}\n{:?}", self.headers, self.body);
        self
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next().unwrap_or_else(|| panic!("no {name} in {:?}", self.headers));
        assert_eq!(values.next(), None, "{name} twice");
        first.to_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn has(&self, name: &str, value: &str) -> &Self {
        assert_eq!(self.header(name), value);
        self
    }

    #[track_caller]
    pub(crate) fn lacks(&self, name: &str) -> &Self {
        assert_eq!(self.headers.get(name), None);
        self
    }

    /// The document, decompressed if it says so.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        let mut text = self.body.to_vec();
        if self.headers.get("content-encoding").is_some() {
            self.has("content-encoding", "gzip");
            text.clear();
            flate2::read::GzDecoder::new(&*self.body).read_to_end(&mut text).unwrap();
        }
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
    }
}
