//! The protocol over storage in memory: what clients send, one request after the other, and what they get.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    AccessObserver, Caller, Clock, Decided, Decision, Gate, NodeName, Origin, Outcome as Answered, Pattern,
    Permission, Permissions, Policy, PolicyFacts, PolicyVersion, PrincipalId, PrincipalKind, ProjectKey,
    Repository, RepositoryId, RepositoryName, RepositoryPolicy, RequestId, ResolvedNode, Right, RightKind,
    System, Timestamp, TokenLimits, Visibility,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body_util::BodyExt as _;
use storage::{Plan, ProjectSpec, RepositorySpec, Storage, StorageConfig};

use super::*;
use crate::config::Limits;
use crate::protocol::At;
use crate::public_url::PublicUrl;

mod access;
mod bad_input;
mod blobs;
mod clients;
mod manifests;
mod tags;
mod uploads;

/// A registry with `alpha/images`, `alpha/other`, `alpha/public`, `alpha/fixed` (tags `v*` never change), `alpha/strict`
/// (no sparse indexes) and `alpha/jars` (Maven).
struct Hub {
    storage: Storage,
    gate: Gate,
    limits: Limits,
}

/// Somebody who sends requests.
#[derive(Clone)]
struct Client<'a> {
    hub: &'a Hub,
    caller: Caller,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

/// Who may do what: alice everything, bob reads images, carol publishes there without overwriting, pat publishes there and
/// reads nothing, eve everything in other, anonymous reads public.
struct Table(PolicyFacts);

const PEOPLE: [(&str, u32); 5] = [("alice", 16), ("bob", 17), ("carol", 18), ("pat", 19), ("eve", 20)];

impl Table {
    fn held(caller: &Caller, path: &str) -> Permissions {
        use Permission::{Publish, Read};
        let who = PEOPLE.into_iter().find(|(_, id)| PrincipalId::new(*id) == caller.principal());
        let public = if path == "alpha/public" { Permissions::of(&[Read]) } else { Permissions::NONE };
        let own = match (who.map_or("nobody", |(name, _)| name), path) {
            ("alice", _) | ("eve", "alpha/other") => Permissions::ALL,
            ("bob", "alpha/images") => Permissions::of(&[Read]),
            ("carol", "alpha/images" | "alpha/fixed") => Permissions::of(&[Read, Publish]),
            ("pat", "alpha/images") => Permissions::of(&[Publish]),
            _ => Permissions::NONE,
        };
        own.union(public)
    }
}

impl Policy for Table {
    fn decide(&self, caller: &Caller, node: NodeName<'_>, right: RightKind) -> Decision {
        let version = PolicyVersion::new(1);
        let refused = |may_know| Decision { outcome: Answered::Refused { may_know }, version };
        let NodeName::Repository(path) = node else { return refused(false) };
        let Some(fact) = self.0.repositories.iter().find(|fact| fact.path == *path) else {
            return refused(false);
        };
        let held = Self::held(caller, &path.to_string());
        if !held.intersects(right.any_of()) {
            return refused(held.intersects(RightKind::Probe.any_of()));
        }
        let node = Repository::new(fact.id, fact.project, fact.format, Arc::new(path.clone()));
        Decision { outcome: Answered::Allowed { node: ResolvedNode::Repository(node), held }, version }
    }

    fn readable(&self, caller: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        let readable = |path: &str| Self::held(caller, path).contains(Permission::Read);
        let facts = self.0.repositories.iter().filter(|fact| readable(&fact.path.to_string()));
        let mut ids: Vec<RepositoryId> = facts.map(|fact| fact.id).collect();
        ids.sort_unstable();
        (ids, PolicyVersion::new(1))
    }
}

struct Unobserved;

impl AccessObserver for Unobserved {
    fn decided(&self, _: &Decided<'_>) {}
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }
}

impl Hub {
    async fn new() -> Self {
        let opened = Storage::open(StorageConfig::in_memory(), Arc::new(Noon)).await.unwrap();
        opened.directory.apply(&System::mint("tests"), plan()).await.unwrap();
        let facts = opened.grants.load().await.unwrap();
        let gate = Gate::new(Arc::new(Table(facts)), Arc::new(Unobserved));
        Self { storage: opened.storage, gate, limits: Limits::default() }
    }

    fn person(&self, name: &str) -> Client<'_> {
        let (_, id) = PEOPLE.into_iter().find(|(known, _)| *known == name).unwrap();
        let caller = Caller::assertion(PrincipalId::new(id), PrincipalKind::Member, None, TokenLimits::Full);
        Client { hub: self, caller }
    }

    fn anonymous(&self) -> Client<'_> {
        Client { hub: self, caller: Caller::anonymous() }
    }
}

fn plan() -> Plan {
    let repository = |name, format, policy| RepositorySpec {
        name: RepositoryName::parse(name).unwrap(),
        format,
        visibility: Visibility::Private,
        policy,
    };
    let fixed = RepositoryPolicy {
        immutable_tags: vec![Pattern::parse("v*").unwrap()],
        ..RepositoryPolicy::default()
    };
    let strict = RepositoryPolicy { sparse_indexes: false, ..RepositoryPolicy::default() };
    let repositories = vec![
        repository("images", Format::Oci, None),
        repository("other", Format::Oci, None),
        repository("public", Format::Oci, None),
        repository("fixed", Format::Oci, Some(fixed)),
        repository("strict", Format::Oci, Some(strict)),
        repository("jars", Format::Maven, None),
    ];
    let key = ProjectKey::parse("alpha").unwrap();
    let project = ProjectSpec { key, title: None, access: None, roles: Vec::new(), repositories };
    Plan { projects: vec![project], ..Plan::default() }
}

impl Client<'_> {
    /// Sends a request as the pipeline would after it knows who calls, and renders what comes of it.
    async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let target = target.strip_prefix("/v2").unwrap_or_else(|| panic!("not below /v2: {target}"));
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        let headers: HeaderMap = headers.iter().map(pair).collect();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let public_url = PublicUrl::Fixed("https://hub.example");
        let head = Head {
            method: &method,
            mount: MOUNT,
            foreign: false,
            path,
            query,
            headers: &headers,
            public_url,
        };
        let mut body = Body::from(body.into());
        let origin = Arc::new(Origin { request: RequestId(1), address: None, agent: None });
        let gate = self.hub.gate.for_caller(self.caller.clone(), origin);
        let cx = Cx { storage: &self.hub.storage, gate, limits: &self.hub.limits };
        let presented =
            if self.caller.is_authenticated() { auth::Presented::Token } else { auth::Presented::Nothing };
        let asked = Asked { head, id: RequestId(1), presented: Some(presented) };
        let response = match run(Oci.route(&head), &mut body, &cx).await {
            Ok(reply) => Response::from(reply),
            Err(error) => Oci.render(&error, &asked),
        };
        let (parts, content) = response.into_parts();
        let bytes = content.collect().await.unwrap().to_bytes();
        let bytes = if head.is_head() { Bytes::new() } else { bytes };
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: bytes }
    }

    async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], "").await
    }

    async fn head(&self, target: &str) -> Answer {
        self.send("HEAD", target, &[], "").await
    }

    async fn delete(&self, target: &str) -> Answer {
        self.send("DELETE", target, &[], "").await
    }

    /// Pushes a blob in one request.
    async fn push_blob(&self, name: &str, bytes: &[u8]) -> String {
        let digest = sha256(bytes);
        let target = format!("/v2/{name}/blobs/uploads/?digest={digest}");
        self.send("POST", &target, &[], bytes.to_vec()).await.is(201);
        digest
    }

    /// Pushes an image with one layer and gives back its digest.
    async fn push_image(&self, name: &str, reference: &str, layer: &str) -> String {
        let config = self.push_blob(name, b"{}").await;
        let layer_digest = self.push_blob(name, layer.as_bytes()).await;
        let manifest = manifest(&(config, 2), &[(layer_digest, layer.len())]);
        let target = format!("/v2/{name}/manifests/{reference}");
        let answer =
            self.send("PUT", &target, &[("content-type", wire::OCI_MANIFEST)], manifest.clone()).await;
        answer.is(201).header("docker-content-digest").to_owned()
    }
}

/// As `pipeline::run`: the proof first, then the format, then the syntax.
async fn run(routed: Routed<Oci>, body: &mut Body, cx: &Cx<'_>) -> Outcome<Oci> {
    fn admit<O, R: Right>(at: At<O, Bad>, cx: &Cx<'_>) -> Result<(O, Granted<R>), Error<Bad>> {
        let may: Granted<R> = cx.gate.check(&at.repository.unwrap())?;
        if may.node().format() != Format::Oci {
            return Err(Error::OtherFormat);
        }
        Ok((at.op.map_err(Error::Bad)?, may))
    }
    match routed {
        Routed::Open(op) => Oci.open(op.map_err(Error::Bad)?, cx).await,
        Routed::Browse(op) => Oci.browse(op.map_err(Error::Bad)?, cx.gate.readable(), cx).await,
        Routed::Probe(at) => {
            let (op, may) = admit(at, cx)?;
            Oci.probe(op, may, cx).await
        }
        Routed::Read(at) => {
            let (op, may) = admit(at, cx)?;
            Oci.read(op, may, cx).await
        }
        Routed::Publish(at) => {
            let (op, may) = admit(at, cx)?;
            Oci.publish(op, may, body, cx).await
        }
        Routed::Delete(at) => {
            let (op, may) = admit(at, cx)?;
            Oci.delete(op, may, cx).await
        }
    }
}

impl Answer {
    #[track_caller]
    fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{:?}\n{:?}", self.headers, self.body);
        self
    }

    #[track_caller]
    fn refused(&self, status: u16, code: &str) -> &Self {
        self.is(status);
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(body["errors"][0]["code"], code, "{body}");
        self
    }

    #[track_caller]
    fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next().unwrap_or_else(|| panic!("no {name} in {:?}", self.headers));
        assert_eq!(values.next(), None, "{name} twice");
        first.to_str().unwrap()
    }

    #[track_caller]
    fn has(&self, name: &str, value: &str) -> &Self {
        assert_eq!(self.header(name), value);
        self
    }

    #[track_caller]
    fn lacks(&self, name: &str) -> &Self {
        assert_eq!(self.headers.get(name), None);
        self
    }

    /// `Location`, which must be path-absolute below the name as it was spelt.
    #[track_caller]
    fn location(&self, name: &str) -> String {
        let location = self.header("location");
        assert!(location.starts_with(&format!("/v2/{name}/")), "{location}");
        location.to_owned()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex("sha256", &sha2::Sha256::digest(bytes))
}

fn sha512(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex("sha512", &sha2::Sha512::digest(bytes))
}

fn hex(algorithm: &str, hash: &[u8]) -> String {
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{algorithm}:{digits}")
}

/// An OCI image manifest over these (digest, size) pairs.
fn manifest(config: &(String, usize), layers: &[(String, usize)]) -> String {
    let descriptor = |kind: &str, (digest, size): &(String, usize)| {
        format!(r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{size}}}"#)
    };
    let layers: Vec<String> = layers.iter().map(|layer| descriptor("layer.v1.tar+gzip", layer)).collect();
    let config = descriptor("config.v1+json", config);
    let kind = wire::OCI_MANIFEST;
    format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{config},"layers":[{}]}}"#, layers.join(","))
}

/// An OCI index over these manifests.
fn index(members: &[&str]) -> String {
    let member =
        |digest: &&str| format!(r#"{{"mediaType":"{}","digest":"{digest}","size":3}}"#, wire::OCI_MANIFEST);
    let members: Vec<String> = members.iter().map(member).collect();
    format!(r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}}"#, wire::OCI_INDEX, members.join(","))
}
