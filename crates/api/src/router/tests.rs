use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use auth::testing::NoKeys;
use auth::{AuthLimits, Authenticator, Presented};
use domain::{
    AccessObserver, BoxFuture, Caller, Clock, CredentialCheck, Decided, Decision, Formats, Gate, Holding,
    Holdings, NodeId, NodeName, Origin, Outcome, Permissions, Policy, PolicyVersion, PrincipalId,
    PrincipalKind, Project, RepositoryId, RequestId, RightKind, Timestamp, TokenLimits,
};
use shelf::House;
use storage::{Storage, StorageConfig};
use tokio::sync::OnceCell;

use super::{Api, Mounted};
use crate::all::all;
use crate::conditions::OnlyIf;
use crate::endpoint::{Cx, Need, On};
use crate::hooks::{Hooks, Targets};
use crate::identities::Identities;
use crate::problem::{Code, Fault};
use crate::rates::{RateLimits, Rates};

/// A path of an endpoint, with names that could be.
fn path(mounted: &Mounted) -> String {
    mounted.parameters.iter().fold(format!("/v1{}", mounted.meta.path), |path, parameter| {
        let name = match parameter.name {
            "principal" | "person" | "member" => "member:alice",
            "token" => "0000002Z",
            "delivery" => "7",
            name => name,
        };
        path.replace(&format!("{{{}}}", parameter.name), name)
    })
}

/// A policy that allows nothing and remembers what it was asked.
#[derive(Default)]
struct Refusing(Mutex<Vec<(On, RightKind)>>);

impl Holdings for Refusing {
    fn somewhere(&self, _: PrincipalId, _: NodeName<'_>) -> Holding {
        Holding { permissions: Permissions::NONE, version: PolicyVersion::new(1) }
    }

    fn lasting<'a>(&'a self, _: &'a Caller, _: NodeId, _: Option<Timestamp>) -> BoxFuture<'a, Holding> {
        Box::pin(std::future::ready(Holding {
            permissions: Permissions::NONE,
            version: PolicyVersion::new(1),
        }))
    }

    fn preview(&self, _: domain::PolicyFacts) -> Box<dyn domain::Preview> {
        Box::new(())
    }
}

impl Policy for Refusing {
    fn decide(&self, _caller: &Caller, node: NodeName<'_>, right: RightKind) -> Decision {
        let on = match node {
            NodeName::Organisation => On::Organisation,
            NodeName::Project(_) => On::Project,
            NodeName::Repository(_) => On::Repository,
        };
        self.0.lock().expect("the list").push((on, right));
        Decision { outcome: Outcome::Refused { may_know: false }, version: PolicyVersion::new(1) }
    }

    fn known_projects(&self, _: &Caller) -> (Vec<(Project, Permissions)>, PolicyVersion) {
        (Vec::new(), PolicyVersion::new(1))
    }

    fn readable(&self, _caller: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        (Vec::new(), PolicyVersion::new(1))
    }
}

impl CredentialCheck for Refusing {
    fn again(&self, _caller: &Caller) -> Option<Caller> {
        None
    }
}

impl AccessObserver for Refusing {
    fn decided(&self, _decided: &Decided<'_>) {}
}

struct Anywhere;

impl Targets for Anywhere {
    fn refusal(&self, _url: &str) -> Option<String> {
        None
    }
}

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000)
    }
}

/// One for all: opening it takes as long as hashing a password.
static AUTHENTICATOR: OnceCell<Arc<Authenticator>> = OnceCell::const_new();

/// Somebody without any right, and what the policy was asked.
async fn without_rights(kind: Option<PrincipalKind>) -> (Cx, Arc<Refusing>) {
    let policy = Arc::new(Refusing::default());
    let gate = Gate::new(Arc::clone(&policy) as _, Arc::clone(&policy) as _, Arc::clone(&policy) as _);
    let caller = match kind {
        Some(kind) => Caller::assertion(PrincipalId::new(1_000), kind, None, TokenLimits::Full),
        None => Caller::anonymous(),
    };
    let origin = Origin { request: RequestId(1), address: None, agent: None };
    let opened = Storage::open(StorageConfig::in_memory(), Formats::default(), Arc::new(Standing))
        .await
        .expect("storage");
    let gate = gate.for_caller(caller, Arc::new(origin));
    let keys = Arc::new(auth::KeyRing::generate());
    let authenticator = AUTHENTICATOR.get_or_init(async || {
        let opening = Authenticator::open(
            opened.credentials,
            Arc::clone(&keys),
            Arc::new(Standing),
            AuthLimits::default(),
        );
        opening.await.expect("an authenticator")
    });
    let cx = Cx {
        gate,
        presented: Presented::Token,
        directory: opened.directory,
        authenticator: Arc::clone(authenticator.await),
        house: House::new(opened.storage),
        formats: Formats::default(),
        readers: crate::details::FormatReaders::default(),
        hooks: Hooks { keys, targets: Arc::new(Anywhere) },
        identities: Identities {
            keys: Arc::new(NoKeys),
            codes: Arc::new(NoKeys),
            clock: Arc::new(Standing),
            audience: None,
        },
        rates: Rates::new(&RateLimits::default(), Arc::new(Standing)),
    };
    (cx, policy)
}

#[test]
fn every_endpoint_is_found_at_its_address() {
    let api = Api::new();
    let ids: BTreeSet<&str> = all().iter().map(|mounted| mounted.meta.id).collect();
    assert_eq!(ids.len(), all().len(), "ids are unique");
    for mounted in all() {
        let (method, path) = (mounted.meta.method.as_str(), path(&mounted));
        let found = api.find(method, &path).unwrap_or_else(|fault| panic!("{method} {path}: {fault:?}"));
        assert_eq!(found.meta().id, mounted.meta.id);
        assert_eq!(found.names.len(), mounted.parameters.len());
    }
    assert_eq!(api.find("HEAD", "/v1/me").expect("as GET").meta().id, "me_show");
}

#[test]
fn anything_else_is_no_route() {
    let api = Api::new();
    for path in [
        "",
        "/",
        "/v2/me",
        "/v1/me/",
        "/v1//me",
        "/v1/ME",
        "/v1/%6de",
        "/v1/projects/../me",
        "/v1/projects//grants",
        "/v1/projects/a/b/c/grants",
        "/v1/setup",
        "/v1/projects/%00/grants",
        "/v1/projects/%zz/grants",
        "/v1/projects/%c0%af/grants",
        "/v1/projects/%/grants",
        "/v1/projects/a%0ab/grants",
    ] {
        match api.find("GET", path) {
            Err(fault) => assert_eq!(fault.code(), Code::NoRoute, "{path}"),
            Ok(found) => panic!("{path}: {found:?}"),
        }
    }
}

#[test]
fn a_path_is_split_before_its_names_are_decoded() {
    let api = Api::new();
    let found = api.find("GET", "/v1/principals/application%3Aa%2Fb/tokens").expect("a route");
    assert_eq!(found.names, ["application:a/b"]);
}

#[test]
fn other_methods_are_named() {
    for method in ["POST", "PATCH", "OPTIONS", "get", "BREW"] {
        let fault = Api::new().find(method, "/v1/organisation/grants").expect_err("no such method");
        assert_eq!(fault.problem().allowed.as_deref(), Some("GET, PUT, DELETE"), "{method}");
        assert!(
            matches!(fault, Fault::Method { is_open: false, .. }),
            "who is nobody is told of no such path"
        );
    }
    let fault = Api::new().find("TRACE", "/v1/leaks").expect_err("no such method");
    assert!(matches!(fault, Fault::Method { is_open: true, .. }), "nobody has to log in for what it has");
}

/// What the gate is asked in turn, if it always refuses and says nothing of the place.
fn asked_when_refused(need: Need) -> Vec<(On, RightKind)> {
    match need {
        Need::Right(right, on) => vec![(on, right)],
        Need::Either(make, change) => [asked_when_refused(*change), asked_when_refused(*make)].concat(),
        Need::OrOneself(need) | Need::OrOfItsProject(need) => asked_when_refused(*need),
        Need::Both(one, _) => asked_when_refused(*one),
        Need::Open | Need::Own | Need::LogIn | Need::Reader | Need::KnownProject | Need::AboutOthers => {
            Vec::new()
        }
    }
}

/// The law of the list: what is declared is what is asked, and nothing happens without it.
#[tokio::test]
async fn the_declared_right_is_what_the_gate_is_asked() {
    let api = Api::new();
    for mounted in all() {
        let path = path(&mounted);
        let id = mounted.meta.id;
        let admitted =
            |cx: Cx| api.find(mounted.meta.method.as_str(), &path).expect("a route").admit(cx).map(drop);
        let (nobody, _) = without_rights(None).await;
        if mounted.need == Need::Open {
            assert!(admitted(nobody).is_ok(), "{id}");
            continue;
        }
        if mounted.need == Need::Reader {
            assert!(admitted(nobody).is_ok(), "{id}: the answer has what anybody may read");
        } else {
            assert_eq!(admitted(nobody).expect_err("nobody").code(), Code::NotAuthenticated, "{id}");
        }
        let (member, asked) = without_rights(Some(PrincipalKind::Member)).await;
        let refused = admitted(member);
        let asked = asked.0.lock().expect("the list").clone();
        if matches!(mounted.need, Need::Own | Need::LogIn | Need::Reader | Need::AboutOthers) {
            assert!(refused.is_ok() && asked.is_empty(), "{id}");
        } else if matches!(mounted.need, Need::OrOneself(_)) {
            assert_eq!(asked, asked_when_refused(mounted.need), "{id}");
            assert!(refused.is_ok(), "{id}: it may be about themselves");
        } else {
            assert_eq!(asked, asked_when_refused(mounted.need), "{id}");
            assert_eq!(refused.expect_err("no right").code(), Code::Denied, "{id}");
        }
        let (application, _) = without_rights(Some(PrincipalKind::Application)).await;
        let is_let_in = admitted(application).is_ok();
        let may_ask = matches!(mounted.need, Need::LogIn | Need::Reader | Need::AboutOthers);
        assert_eq!(is_let_in, may_ask, "{id}: an application has nothing of its own");
    }
}

/// Whoever lacks the right learns nothing of bodies, and a name that nothing can have is a node that is not there.
#[tokio::test]
async fn names_that_cannot_be_are_not_there() {
    let api = Api::new();
    let refused = async |path: &str| {
        let (member, _) = without_rights(Some(PrincipalKind::Member)).await;
        match api.find("PUT", path).expect("a route").admit(member) {
            Err(fault @ Fault::Denied(_)) => serde_json::to_string(&fault.problem().document(RequestId(1))),
            Err(other) => panic!("{path}: {other:?}"),
            Ok(_) => panic!("{path}: let in"),
        }
        .expect("JSON")
    };
    let absent = refused("/v1/repositories/alpha/jars/visibility").await;
    for path in ["a--b/jars", "alpha/j%2Fx", "alpha/..", "%C3%A9/jars", "alpha/%25"] {
        assert_eq!(refused(&format!("/v1/repositories/{path}/visibility")).await, absent, "{path}");
    }
}

/// A right that is there by type, and a request that is not: the body is looked at, and nothing is done.
#[tokio::test]
async fn a_body_is_read_after_the_right() {
    let api = Api::new();
    let (member, _) = without_rights(Some(PrincipalKind::Member)).await;
    let admitted = api.find("POST", "/v1/tokens").expect("a route").admit(member).expect("their own");
    assert_eq!(admitted.body(), Some("application/json"));
    let fault = admitted.answer(None, b"{}", OnlyIf::Whatever, None).await.expect_err("no name");
    assert_eq!(fault.code(), Code::Invalid);
}
