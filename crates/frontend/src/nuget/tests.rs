//! The protocol over storage in memory: what clients send, one request after the other, and what they get.

use std::io::{Cursor, Read as _, Write as _};

use bytes::Bytes;
use domain::{
    AccessObserver, Caller, Clock, Decided, Decision, Duplicates, Gate, NodeName, NuGetDelete, Origin,
    Outcome as Answered, Permission, Permissions, Policy, PolicyFacts, PolicyVersion, PrincipalId,
    PrincipalKind, ProjectKey, Repository, RepositoryId, RepositoryName, RepositoryPolicy, RequestId,
    ResolvedNode, Right, RightKind, System, Timestamp, TokenLimits, Visibility,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body_util::BodyExt as _;
use hyper::ext::ReasonPhrase;
use serde_json::Value;
use storage::{Plan, ProjectSpec, RepositorySpec, Storage, StorageConfig};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::config::Limits;
use crate::protocol::At;
use crate::public_url::PublicUrl;

mod access;
mod clients;
mod feeds;
mod files;
mod lists;
mod pushes;
mod registrations;

/// A registry with `alpha/packages`, `alpha/other`, `alpha/public`, `alpha/hard` (a delete removes), `alpha/free` (versions
/// may be replaced), `alpha/pre` (prereleases may) and `alpha/images` (OCI).
struct Hub {
    storage: Storage,
    gate: Gate,
    limits: Limits,
    protocol: NuGet,
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
    reason: String,
    headers: HeaderMap,
    body: Bytes,
}

/// Who may do what: alice everything, bob reads packages, carol publishes there without overwriting, pat publishes there and
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
            ("bob", "alpha/packages") => Permissions::of(&[Read]),
            ("carol", "alpha/packages" | "alpha/free") => Permissions::of(&[Read, Publish]),
            ("pat", "alpha/packages") => Permissions::of(&[Publish]),
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

    fn readable(&self, _: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        (Vec::new(), PolicyVersion::new(1))
    }
}

struct Unobserved;

impl AccessObserver for Unobserved {
    fn decided(&self, _: &Decided<'_>) {}
}

/// 2027-01-15T08:00:00Z.
struct Morning;

impl Clock for Morning {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }
}

impl Hub {
    async fn new() -> Self {
        let opened = Storage::open(StorageConfig::in_memory(), Arc::new(Morning)).await.unwrap();
        opened.directory.apply(&System::mint("tests"), plan()).await.unwrap();
        let facts = opened.grants.load().await.unwrap();
        let gate = Gate::new(Arc::new(Table(facts)), Arc::new(Unobserved));
        Self { storage: opened.storage, gate, limits: Limits::default(), protocol: NuGet::new() }
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
    let duplicates = |duplicates| Some(RepositoryPolicy { duplicates, ..RepositoryPolicy::default() });
    let hard = RepositoryPolicy { delete: NuGetDelete::Hard, ..RepositoryPolicy::default() };
    let repositories = vec![
        repository("packages", Format::NuGet, None),
        repository("other", Format::NuGet, None),
        repository("public", Format::NuGet, None),
        repository("hard", Format::NuGet, Some(hard)),
        repository("free", Format::NuGet, duplicates(Duplicates::Always)),
        repository("pre", Format::NuGet, duplicates(Duplicates::PrereleaseOnly)),
        repository("images", Format::Oci, None),
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
        self.send_below("/nuget", method, target, headers, body).await
    }

    async fn send_below(
        &self,
        mount: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
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
        let origin = Arc::new(Origin { request: RequestId(1), address: None, agent: None });
        let gate = self.hub.gate.for_caller(self.caller.clone(), origin);
        let cx = Cx { storage: &self.hub.storage, gate, limits: &self.hub.limits };
        let asked = Asked { head, id: RequestId(1), presented: None };
        let protocol = &self.hub.protocol;
        let response = match run(protocol, protocol.route(&head), &mut body, &cx).await {
            Ok(reply) => Response::from(reply),
            Err(error) => protocol.render(&error, &asked),
        };
        let (parts, content) = response.into_parts();
        let bytes = content.collect().await.unwrap().to_bytes();
        let bytes = if head.is_head() { Bytes::new() } else { bytes };
        let reason = parts.extensions.get::<ReasonPhrase>().map(|reason| reason.as_bytes().to_vec());
        let reason = String::from_utf8(reason.unwrap_or_default()).unwrap();
        Answer { status: parts.status.as_u16(), reason, headers: parts.headers, body: bytes }
    }

    async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], "").await
    }

    async fn delete(&self, id: &str, version: &str) -> Answer {
        self.send("DELETE", &at(&format!("package/{id}/{version}")), &[], "").await
    }

    /// Pushes to `alpha/packages` as a raw body.
    async fn push(&self, package: &[u8]) -> Answer {
        self.push_to("packages", package).await
    }

    async fn push_to(&self, repository: &str, package: &[u8]) -> Answer {
        let target = format!("/nuget/p/alpha/{repository}/v3/package");
        self.send("PUT", &target, &[("content-type", "application/octet-stream")], package.to_vec()).await
    }
}

/// As `pipeline::run`: the proof first, then the format, then the syntax.
async fn run(protocol: &NuGet, routed: Routed<NuGet>, body: &mut Body, cx: &Cx<'_>) -> Outcome<NuGet> {
    fn admit<O, R: Right>(at: At<O, Bad>, cx: &Cx<'_>) -> Result<(O, Granted<R>), Error<Bad>> {
        let may: Granted<R> = cx.gate.check(&at.repository.unwrap())?;
        if may.node().format() != Format::NuGet {
            return Err(Error::OtherFormat);
        }
        Ok((at.op.map_err(Error::Bad)?, may))
    }
    match routed {
        Routed::Open(op) => protocol.open(op.map_err(Error::Bad)?, cx).await,
        Routed::Browse(op) => protocol.browse(op.map_err(Error::Bad)?, cx.gate.readable(), cx).await,
        Routed::Probe(at) => {
            let (op, may) = admit(at, cx)?;
            protocol.probe(op, may, cx).await
        }
        Routed::Read(at) => {
            let (op, may) = admit(at, cx)?;
            protocol.read(op, may, cx).await
        }
        Routed::Publish(at) => {
            let (op, may) = admit(at, cx)?;
            protocol.publish(op, may, body, cx).await
        }
        Routed::Delete(at) => {
            let (op, may) = admit(at, cx)?;
            protocol.delete(op, may, cx).await
        }
    }
}

impl Answer {
    #[track_caller]
    fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{:?}\n{:?}\n{:?}", self.reason, self.headers, self.body);
        self
    }

    /// A failure that says `words` where the client prints it and in the body.
    #[track_caller]
    fn refused(&self, status: u16, words: &str) -> &Self {
        self.is(status);
        assert!(self.reason.contains(words), "{:?} lacks {words:?}", self.reason);
        assert_eq!(self.json()["detail"], self.reason.as_str());
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

    /// The document, decompressed if it says so.
    #[track_caller]
    fn json(&self) -> Value {
        let mut text = self.body.to_vec();
        if self.headers.get("content-encoding").is_some() {
            self.has("content-encoding", "gzip");
            text.clear();
            flate2::read::GzDecoder::new(&*self.body).read_to_end(&mut text).unwrap();
        }
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
    }
}

/// An address below the index of `alpha/packages`.
fn at(path: &str) -> String {
    format!("/nuget/p/alpha/packages/v3/{path}")
}

/// A package with `extra` in its metadata, and files.
fn packed(id: &str, version: &str, extra: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let nuspec = format!(
        "<package><metadata><id>{id}</id><version>{version}</version><authors>An Author</authors>{extra}</metadata></package>"
    );
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let files = [&[("it.nuspec", nuspec.as_bytes())], files].concat();
    for (name, content) in files {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn package(id: &str, version: &str) -> Vec<u8> {
    packed(id, version, "<description>Some words.</description>", &[])
}

/// The texts at a member of every item.
fn texts(list: &Value, member: &str) -> Vec<String> {
    let text = |item: &Value| {
        let value = if member.is_empty() { item } else { &item[member] };
        value.as_str().unwrap_or_else(|| panic!("{item}")).to_owned()
    };
    list.as_array().unwrap_or_else(|| panic!("{list}")).iter().map(text).collect()
}
