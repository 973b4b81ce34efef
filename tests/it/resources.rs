//! What is administered one thing at a time: the laws that hold for each, over the API.

use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::{Ask, Organisation, Server, on_both_databases};

mod rights;

on_both_databases!(
    each_is_made_shown_listed_changed_and_deleted,
    a_change_is_conditional_on_what_was_seen,
    what_is_only_tried_changes_nothing,
    what_is_made_anew_under_a_name_gets_nothing_back,
);

/// One kind of thing, and how to tell it apart.
struct Kind {
    path: &'static str,
    list: &'static str,
    /// What `about` calls its name, and the name.
    named: (&'static str, &'static str),
    body: Value,
    /// A field, and what becomes of it.
    patch: (&'static str, Value),
    delete: &'static str,
}

fn kinds() -> [Kind; 9] {
    [
        Kind {
            path: "/api/v1/projects/fresh",
            list: "/api/v1/projects",
            named: ("key", "fresh"),
            body: json!({ "title": "Fresh", "access": "internal" }),
            patch: ("description", json!("what it is for\nin two lines")),
            delete: "?confirm=fresh",
        },
        Kind {
            path: "/api/v1/repositories/team/fresh",
            list: "/api/v1/repositories",
            named: ("path", "team/fresh"),
            body: json!({
                "format": "maven",
                "description": "jars",
                "policy": { "accept": "release", "releases": "replace", "layout": "strict", "snapshots": {} },
            }),
            patch: ("visibility", json!("public")),
            delete: "?confirm=team/fresh",
        },
        Kind {
            path: "/api/v1/people/collaborator:carol",
            list: "/api/v1/people",
            named: ("ref", "collaborator:carol"),
            body: json!({ "title": "Carol", "emails": ["carol@elsewhere.example", "c@elsewhere.example"] }),
            patch: ("suspended", json!(true)),
            delete: "?confirm=collaborator:carol",
        },
        Kind {
            path: "/api/v1/teams/fresh%20ones",
            list: "/api/v1/teams",
            named: ("name", "fresh ones"),
            body: json!({ "members": ["application:robot", "member:alice"] }),
            patch: ("title", json!("The fresh ones")),
            delete: "?confirm=fresh%20ones",
        },
        Kind {
            path: "/api/v1/applications/fresh",
            list: "/api/v1/applications",
            named: ("name", "fresh"),
            body: json!({ "requested": ["publish", "read"], "authorised": ["other", "team"] }),
            patch: ("authorised", json!(["team"])),
            delete: "?confirm=fresh",
        },
        Kind {
            path: "/api/v1/projects/team/roles/fresh",
            list: "/api/v1/projects/team/roles",
            named: ("name", "fresh"),
            body: json!({ "permissions": ["read"] }),
            patch: ("permissions", json!(["read", "publish"])),
            delete: "",
        },
        Kind {
            path: "/api/v1/repositories/team/app/webhooks/fresh",
            list: "/api/v1/repositories/team/app/webhooks",
            named: ("name", "fresh"),
            body: json!({
                "url": "https://ci.example.org/hooks",
                "events": ["package.removed", "package.published"],
                "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            }),
            patch: ("active", json!(false)),
            delete: "",
        },
        issuer(),
        login_provider(),
    ]
}

fn issuer() -> Kind {
    Kind {
        path: "/api/v1/organisation/issuers/fresh",
        list: "/api/v1/organisation/issuers",
        named: ("name", "fresh"),
        body: json!({ "url": "https://issuer.example/fresh", "kind": "any", "audiences": ["b", "a"] }),
        patch: ("private", json!(true)),
        delete: "",
    }
}

fn login_provider() -> Kind {
    Kind {
        path: "/api/v1/organisation/login-providers/fresh",
        list: "/api/v1/organisation/login-providers",
        named: ("name", "fresh"),
        body: json!({
            "issuer": "https://login.example/fresh",
            "client_id": "hub",
            "client_secret": "a secret of the client",
            "claims": { "name": "upn", "groups": "groups" },
            "groups": [{ "value": "a", "team": "org-admins" }, { "value": "b", "team": "org-admins" }],
        }),
        patch: ("title", json!("The fresh one")),
        delete: "",
    }
}

impl Kind {
    /// What its list has of it.
    async fn listed(&self, admin: &Actor) -> Option<Value> {
        let answer = admin.send(Ask::get(format!("{}?limit=1000", self.list))).await.is(200).json();
        let items = answer["items"].as_array().expect("items").clone();
        items.into_iter().find(|item| item["about"][self.named.0] == self.named.1)
    }

    /// The change as a PATCH, or as a PUT of everything where there is no PATCH.
    fn change(&self, shown: &Value) -> Ask {
        let (field, value) = (self.patch.0, self.patch.1.clone());
        if self.path.contains("/roles/")
            || self.path.contains("/issuers/")
            || self.path.contains("/login-providers/")
        {
            let mut whole = shown.clone();
            whole[field] = value;
            return Ask::put(self.path).json(&whole);
        }
        let body = json!({ field: value }).to_string();
        Ask::patch(self.path).header("content-type", "application/merge-patch+json").body(body)
    }
}

async fn each_is_made_shown_listed_changed_and_deleted(hub: Server) {
    let admin = hub.admin();
    for kind in kinds() {
        let (path, what) = (kind.path, kind.named.1);
        assert!(kind.listed(&admin).await.is_none(), "{what}");
        // Nothing unknown is taken in silence.
        let mut odd = kind.body.clone();
        odd["colour"] = json!("green");
        let refused = admin.send(Ask::put(path).json(&odd)).await.is(400).json();
        assert_eq!(refused["code"], "unknown-field", "{what}");
        let made = admin.send(Ask::put(path).json(&kind.body)).await.is(201);
        assert_eq!(made.must_have("location"), path, "{what}");
        let answer = admin.send(Ask::get(path)).await.is(200);
        let (shown, tag) = (answer.json(), answer.must_have("etag").to_owned());
        assert_eq!(made.must_have("etag"), tag, "{what}");
        assert_eq!(made.json(), shown, "{what}");
        for (field, value) in kind.body.as_object().expect("fields") {
            // What is only written is not shown.
            if !value.is_array() && !field.ends_with("secret") {
                assert_eq!(&shown[field], value, "{what}: {field}");
            }
        }
        // What is shown can be put, and changes nothing.
        let same = admin.send(Ask::put(path).json(&shown)).await.is(200);
        assert_eq!((same.must_have("wharfinger-changed"), same.json()), ("false", shown.clone()), "{what}");
        let listed = kind.listed(&admin).await.expect("it is listed");
        assert_eq!(listed["about"]["id"], shown["about"]["id"], "{what}");
        for changed in ["true", "false"] {
            let answer = admin.send(kind.change(&shown)).await.is(200);
            assert_eq!(answer.must_have("wharfinger-changed"), changed, "{what}: {answer}");
            assert_eq!(answer.json()[kind.patch.0], kind.patch.1, "{what}");
            assert_ne!(answer.must_have("etag"), tag, "{what}");
        }
        // The rest stayed as it was.
        let now = admin.send(Ask::get(path)).await.is(200).json();
        for (field, value) in shown.as_object().expect("fields") {
            if field != kind.patch.0 && field != "about" {
                assert_eq!(&now[field], value, "{what}: {field}");
            }
        }
        if !kind.delete.is_empty() {
            let refused = admin.send(Ask::delete(path)).await.is(409).json();
            assert_eq!(refused["code"], "confirm", "{what}");
        }
        let delete = format!("{path}{}", kind.delete);
        admin.send(Ask::delete(&delete)).await.is(200);
        assert!(kind.listed(&admin).await.is_none(), "{what}");
        let gone = admin.send(Ask::get(path)).await;
        assert!(matches!(gone.status.as_u16(), 403 | 404), "{what}: {gone}");
        let again = admin.send(Ask::delete(&delete)).await;
        assert!(matches!(again.status.as_u16(), 403 | 404), "{what}: {again}");
    }
}

async fn a_change_is_conditional_on_what_was_seen(hub: Server) {
    let admin = hub.admin();
    for kind in kinds() {
        let (path, what) = (kind.path, kind.named.1);
        let failed = async |ask: Ask| {
            let problem = admin.send(ask).await.is(412).json();
            assert_eq!(problem["code"], "precondition-failed", "{what}");
        };
        failed(Ask::put(path).header("if-match", "*").json(&kind.body)).await;
        let new = || Ask::put(path).header("if-none-match", "*").json(&kind.body);
        let made = admin.send(new()).await.is(201);
        let old = made.must_have("etag").to_owned();
        failed(new()).await;
        let changed = admin.send(kind.change(&made.json()).header("if-match", &old)).await.is(200);
        let tag = changed.must_have("etag").to_owned();
        failed(kind.change(&made.json()).header("if-match", &old)).await;
        failed(Ask::put(path).header("if-match", &old).json(&kind.body)).await;
        let delete = format!("{path}{}", kind.delete);
        failed(Ask::delete(&delete).header("if-match", &old)).await;
        admin.send(Ask::delete(&delete).header("if-match", &tag)).await.is(200);
        // The same again is something else: a late write to the old one fails.
        let anew = admin.send(new()).await.is(201);
        assert_ne!(anew.must_have("etag"), old, "{what}");
        failed(Ask::delete(&delete).header("if-match", &old)).await;
        admin.send(Ask::delete(&delete)).await.is(200);
    }
    // What has no ETag cannot be conditional on one.
    let grant = json!({ "to": "member:bob", "permissions": ["read"] });
    let put = Ask::put("/api/v1/projects/team/grants").header("if-match", "\"x\"").json(&grant);
    assert_eq!(admin.send(put).await.is(412).json()["code"], "precondition-failed");
}

async fn what_is_only_tried_changes_nothing(hub: Server) {
    let admin = hub.admin();
    for kind in kinds() {
        let (path, what) = (kind.path, kind.named.1);
        let tried = |mut ask: Ask| {
            let mark = if ask.target.contains('?') { '&' } else { '?' };
            ask.target = format!("{}{mark}dry_run=true", ask.target);
            ask
        };
        let answer = admin.send(tried(Ask::put(path).json(&kind.body))).await.is(200);
        assert_eq!(answer.must_have("wharfinger-changed"), "true", "{what}");
        assert!(answer.header("location").is_none(), "{what}");
        assert!(kind.listed(&admin).await.is_none(), "{what}");
        let made = admin.send(Ask::put(path).json(&kind.body)).await.is(201);
        let changed = admin.send(tried(kind.change(&made.json()))).await.is(200);
        assert_eq!(changed.json()[kind.patch.0], kind.patch.1, "{what}");
        admin.send(tried(Ask::delete(format!("{path}{}", kind.delete)))).await.is(200);
        let now = admin.send(Ask::get(path)).await.is(200);
        assert_eq!(now.must_have("etag"), made.must_have("etag"), "{what}");
        // What would be refused is refused.
        let odd = json!({ "colour": "green" });
        admin.send(tried(Ask::put(path).json(&odd))).await.is(400);
    }
    let tokens = "/api/v1/tokens?dry_run=true";
    let answer = admin.send(Ask::post(tokens).json(&json!({ "name": "x" }))).await.is(200).json();
    assert_eq!(answer.get("secret"), None, "there is nothing to tell");
    let listed = admin.send(Ask::get("/api/v1/tokens")).await.is(200).json();
    assert!(listed["items"].as_array().expect("items").iter().all(|token| token["name"] != "x"));
}

async fn what_is_made_anew_under_a_name_gets_nothing_back(hub: Server) {
    let admin = hub.admin();
    let grant = |to: &str| json!({ "to": to, "permissions": ["read", "publish"] });
    let repository = "/api/v1/repositories/team/jars";
    admin.send(Ask::put(format!("{repository}/grants")).json(&grant("member:bob"))).await.is(200);
    let bob = hub.actor("bob");
    bob.send(Ask::get(repository)).await.is(200);
    admin.send(Ask::delete(format!("{repository}?confirm=team/jars"))).await.is(200);
    bob.send(Ask::get(repository)).await.is(403);
    bob.send(Ask::get("/maven/p/team/jars/a/b/c")).await.is(403);
    admin.send(Ask::put(repository).json(&json!({ "format": "maven" }))).await.is(201);
    bob.send(Ask::get(repository)).await.is(403);
    // A whole project: its members, its grants, limits of tokens, what applications were authorised for.
    let (alice, robot) = (hub.actor("alice"), hub.actor("robot"));
    alice.send(Ask::get("/api/v1/repositories/team/app")).await.is(200);
    robot.send(Ask::get("/api/v1/repositories/team/app")).await.is(200);
    let refused = admin.send(Ask::delete("/api/v1/projects/team?confirm=team")).await.is(409).json();
    assert_eq!(refused["code"], "not-empty");
    let gone =
        admin.send(Ask::delete("/api/v1/projects/team?confirm=team&with_repositories=true")).await.is(200);
    assert_eq!(gone.json()["repositories"], 5);
    admin.send(Ask::put("/api/v1/projects/team").json(&json!({}))).await.is(201);
    let app = json!({ "format": "oci" });
    admin.send(Ask::put("/api/v1/repositories/team/app").json(&app)).await.is(201);
    for who in ["alice", "alice/reader", "pat", "rita", "sue", "robot"] {
        hub.actor(who).send(Ask::get("/api/v1/repositories/team/app")).await.is(403);
        hub.actor(who).send(Ask::get("/v2/p/team/app/web/tags/list")).await.is(403);
    }
    // Somebody who is gone is gone at once, and who comes after them is somebody else.
    admin.send(Ask::put("/api/v1/projects/team/grants").json(&grant("member:rita"))).await.is(200);
    let rita = hub.actor("rita");
    rita.send(Ask::get("/api/v1/repositories/team/app")).await.is(200);
    admin.send(Ask::delete("/api/v1/people/member:rita?confirm=member:rita")).await.is(200);
    rita.send(Ask::get("/api/v1/me")).await.is(401);
    admin.send(Ask::put("/api/v1/people/member:rita").json(&json!({}))).await.is(201);
    rita.send(Ask::get("/api/v1/me")).await.is(401);
    let listed = admin.send(Ask::get("/api/v1/projects/team/grants")).await.is(200).json();
    assert!(listed["items"].as_array().expect("items").iter().all(|grant| grant["to"] != "member:rita"));
}

/// An organisation of its own, because it is bent.
async fn team() -> Server {
    Server::with(Organisation::team()).await
}
