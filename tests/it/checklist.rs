//! The security checklist of docs/api.md 10, each line with the tests that show it. What no other file tells is told here.
//!
//! - 1, mass assignment: `no_document_sets_what_is_not_its_own`; `management::what_is_shown_can_be_put`;
//!   `limits::bodies::odd_documents_are_refused_by_the_management`
//! - 2, foreign ids: `an_id_is_good_under_its_owner_only`
//! - 3, last administrator: `the_last_administrator_stays_whatever_is_tried`; `first_run::mistakes` for the file; `histories`
//! - 4, grant what you hold: `escalation::grants_give_what_the_giver_holds`, `nobody_gives_longer_than_they_hold`;
//!   `resources::rights::roles_are_edited_within_what_one_holds`, `an_application_gets_what_it_requests_where_that_is_authorised`;
//!   `identities::rules::nobody_lets_a_machine_do_what_they_may_not`; `first_run::applied::a_plan_takes_the_right_of_each_line`;
//!   `histories`
//! - 5, what is overtaken: `revocation::in_flight`; `resources::a_change_is_conditional_on_what_was_seen`;
//!   `people::invitations::one_of_many_at_once_wins`; `first_run::applied` for the digest; the behaviour suites of storage for proofs
//!   that are old
//! - 6, enumeration: `access_matrix::an_absent_repository_answers_as_an_unreadable_one`;
//!   `escalation::tokens_are_no_wider_than_what_made_them`; `explain::nothing_is_told_that_one_may_not_know`;
//!   `first_run::applied::a_plan_takes_the_right_of_each_line`; `people::invitations::codes_that_are_not_good_all_look_the_same`;
//!   `credentials::bad_credentials_look_the_same`
//! - 7, tricks of HTTP: `no_trick_of_http_changes_anything`; `escalation::a_form_of_another_page_changes_nothing`; `browsers`;
//!   `limits::noise`; `attacks`
//! - 8, confused deputies: `escalation::an_application_makes_no_token_for_itself`, `tokens_are_no_wider_than_what_made_them`;
//!   `tokens::somebody_else_rotates_and_no_application_for_itself`; `webhooks::a_receiver_is_told_what_was_pushed_and_by_whom`
//! - 9, bounds and secrets: `limits`; `attacks`; `secrets`
//! - 10, outgoing requests: `webhooks::messages_go_nowhere_that_is_not_public`; `identities`; the crate `outbound`
//!
//! What is deleted and made anew under its name: `nobody_comes_back_under_a_name`, `nothing_comes_back_under_a_name`,
//! `resources::what_is_made_anew_under_a_name_gets_nothing_back`,
//! `histories`. Rows behind the gateway's back: `ceilings`. The table of Space: `access_matrix::space`.

use api::{BASE, Mounted};
use serde_json::{Value, json};

use crate::support::{Actor, Ask, Organisation, Server, on_both_databases, token};

on_both_databases!(
    in super::organisation;
    an_id_is_good_under_its_owner_only,
    the_last_administrator_stays_whatever_is_tried,
    nobody_comes_back_under_a_name,
    nothing_comes_back_under_a_name,
);

fn organisation() -> Organisation {
    Organisation::team()
        .external("collaborators", "carol")
        .external("guests", "gus")
        .team_of("crew", "member:bob")
}

async fn code(actor: &Actor, ask: Ask) -> (u16, String) {
    let answer = actor.send(ask).await;
    let status = answer.status.as_u16();
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Where an operation is, with names that are there as far as that is easy.
fn target(mounted: &Mounted) -> String {
    let named = |name: &str| match name {
        "project" => "team",
        "repository" => "app",
        "principal" | "participant" | "person" | "member" => "member:bob",
        "application" => "robot",
        "role" => "viewer",
        "token" | "invitation" => "00000000",
        "delivery" => "1",
        _ => "some",
    };
    let parameters = mounted.parameters.iter();
    let path = parameters.fold(format!("{BASE}{}", mounted.meta.path), |path, parameter| {
        path.replace(&format!("{{{}}}", parameter.name), named(parameter.name))
    });
    format!("{path}?dry_run=true")
}

/// Who owns, who made, what is built in: no document says that of anything, whoever sends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_document_sets_what_is_not_its_own() {
    let hub = Server::with(organisation()).await;
    let admin = hub.admin();
    let mut looked_at = 0;
    for mounted in api::all() {
        let method = mounted.meta.method;
        // A document of OSV is kept as it is.
        if !method.has_body() || mounted.meta.id == "advisory_put" {
            continue;
        }
        for field in ["owner", "author", "builtin", "created_by", "principal_id", "generation"] {
            let ask = Ask::new(method.as_str().parse().expect("a method"), target(&mounted));
            // Which format says which document it is.
            let body = match mounted.meta.id {
                "repository_put" => json!({ "format": "oci", (field): 1 }),
                _ => json!({ (field): 1 }),
            };
            let ask = ask.header("content-type", method.media_type()).body(body.to_string());
            let answer = admin.send(ask).await;
            assert_eq!(answer.status, 400, "{field} to {}: {answer}", mounted.meta.id);
            assert!(
                answer.bytes_but(&[]).contains("unknown-field"),
                "{field} to {}: {answer}",
                mounted.meta.id
            );
        }
        looked_at += 1;
    }
    assert!(looked_at > 40, "{looked_at}");
}

/// What hangs on somebody or something is not found by way of another.
async fn an_id_is_good_under_its_owner_only(hub: Server) {
    let admin = hub.admin();
    let of_alice = token::id(&hub.login("alice/spare").secret).to_owned();
    let state = |of: &str| {
        let put = Ask::put(format!("/api/v1/principals/{of}/tokens/{of_alice}/state"));
        put.json(&json!({ "state": "revoked" }))
    };
    let rotate =
        |of: &str| Ask::post(format!("/api/v1/principals/{of}/tokens/{of_alice}/rotate")).json(&json!({}));
    let show = |of: &str| Ask::get(format!("/api/v1/principals/{of}/tokens/{of_alice}"));
    for other in ["member:bob", "application:robot", "collaborator:carol"] {
        for ask in [show(other), state(other), rotate(other)] {
            assert_eq!(code(&admin, ask).await, is(404, "absent"), "of alice under {other}");
        }
    }
    let bob = hub.actor("bob");
    let own = format!("/api/v1/tokens/{of_alice}");
    for ask in [
        Ask::get(own.clone()),
        Ask::put(format!("{own}/state")).json(&json!({ "state": "revoked" })),
        Ask::post(format!("{own}/rotate")).json(&json!({})),
    ] {
        assert_eq!(code(&bob, ask).await, is(404, "absent"));
    }
    admin.send(show("member:alice")).await.is(200);
    hub.actor("alice/spare").send(Ask::get("/api/v1/me")).await.is(200);
    // An invitation of one under another.
    let invite = Ask::post("/api/v1/people/member:bob/invitations").json(&json!({ "purpose": "invite" }));
    let made = admin.send(invite).await.is(201).json();
    let id = made["id"].as_str().expect("an id");
    let withdraw = |of: &str| Ask::delete(format!("/api/v1/people/{of}/invitations/{id}"));
    assert_eq!(code(&admin, withdraw("member:sue")).await, is(404, "absent"));
    admin.send(withdraw("member:bob")).await.is(200);
    // A role, and what was authorised, of one project under another.
    let role = json!({ "permissions": ["read"] });
    admin.send(Ask::put("/api/v1/projects/team/roles/own").json(&role)).await.is(201);
    assert_eq!(code(&admin, Ask::get("/api/v1/projects/other/roles/own")).await, is(404, "absent"));
    assert_eq!(code(&admin, Ask::delete("/api/v1/projects/other/roles/own")).await, is(404, "absent"));
    let withdraw = Ask::delete("/api/v1/projects/other/applications/robot");
    assert_eq!(code(&admin, withdraw).await, is(404, "absent"));
    // A limit within a project is not one within another.
    let grants = json!({ "grants": [{ "on": "other/app", "permissions": ["read"] }] });
    let put = Ask::put("/api/v1/projects/team/participants/application:robot/permissions").json(&grants);
    assert_eq!(code(&admin, put).await, is(409, "unknown-name"));
}

/// Every way to be without an administrator: by whom, by team, by team in a team, by role, by grant, by a file.
async fn the_last_administrator_stays_whatever_is_tried(hub: Server) {
    let admin = hub.admin();
    let suspended = json!({ "suspended": true });
    let members = |who: &[&str]| json!({ "members": who });
    // The one administrator is one through a team in the team.
    let inner = Ask::put("/api/v1/teams/inner").json(&members(&["member:root"]));
    admin.send(inner).await.is(201);
    admin.send(Ask::put("/api/v1/teams/org-admins").json(&members(&["team:inner"]))).await.is(200);
    // Who cannot log in is none: another one who is suspended does not count.
    admin.send(Ask::put("/api/v1/principals/application:robot/suspended").json(&suspended)).await.is(200);
    admin.send(Ask::put("/api/v1/teams/org-admins/members/application:robot").json(&json!({}))).await.is(200);
    let file = |document: Value| json!({ "plan": { "source": "file", "document": document, "adopt": true, "force": true } });
    let ways = || {
        [
            Ask::put("/api/v1/principals/member:root/suspended").json(&suspended),
            Ask::put("/api/v1/people/member:root").json(&suspended),
            Ask::patch("/api/v1/people/member:root").merge(&suspended),
            Ask::delete("/api/v1/people/member:root?confirm=member:root"),
            Ask::put("/api/v1/teams/org-admins").json(&members(&[])),
            Ask::put("/api/v1/teams/org-admins").json(&members(&["application:robot"])),
            Ask::patch("/api/v1/teams/org-admins").merge(&members(&[])),
            Ask::delete("/api/v1/teams/org-admins/members/team:inner"),
            Ask::put("/api/v1/teams/inner").json(&members(&["application:robot"])),
            Ask::patch("/api/v1/teams/inner").merge(&members(&[])),
            Ask::delete("/api/v1/teams/inner/members/member:root"),
            Ask::delete("/api/v1/teams/inner?confirm=inner"),
        ]
    };
    for ask in ways() {
        let what = format!("{} {}", ask.method, ask.target);
        assert_eq!(code(&admin, ask).await, is(409, "last-admin"), "{what}");
    }
    for ask in [
        Ask::delete("/api/v1/teams/org-admins?confirm=org-admins"),
        Ask::delete("/api/v1/organisation/grants?to=team:org-admins&role=organisation-admin"),
        Ask::put("/api/v1/organisation/roles/organisation-admin").json(&json!({ "permissions": ["read"] })),
        Ask::delete("/api/v1/organisation/roles/organisation-admin?with_grants=true"),
        Ask::post("/api/v1/organisation/roles/organisation-admin/reset").json(&json!({})),
    ] {
        let what = format!("{} {}", ask.method, ask.target);
        assert_eq!(code(&admin, ask).await, is(409, "builtin"), "{what}");
    }
    // Nor does the grant end by itself.
    let ends =
        json!({ "to": "team:org-admins", "role": "organisation-admin", "expires": "2090-01-01T00:00:00Z" });
    let ends = Ask::put("/api/v1/organisation/grants").json(&ends);
    assert_eq!(code(&admin, ends).await, is(409, "builtin"));
    for document in [
        json!({ "members": [{ "username": "root", "suspended": true }] }),
        json!({ "teams": [{ "name": "org-admins", "members": ["application:robot"] }] }),
    ] {
        let body = file(document.clone());
        let (status, said) = code(&admin, Ask::post("/api/v1/plans/apply").json(&body)).await;
        assert!(status == 200 || status == 409, "{document}: {status} {said}");
        admin.send(Ask::get("/api/v1/people")).await.is(200);
    }
    // All at once, each of which alone would do.
    let second = Ask::put("/api/v1/teams/org-admins/members/member:bob").json(&json!({}));
    admin.send(second).await.is(200);
    let (one, other) = (hub.admin(), hub.actor("bob"));
    let (first, second) = tokio::join!(
        one.send(Ask::put("/api/v1/principals/member:bob/suspended").json(&suspended)),
        other.send(Ask::put("/api/v1/principals/member:root/suspended").json(&suspended)),
    );
    let both = [first.status.as_u16(), second.status.as_u16()];
    assert!(both.contains(&200) && both != [200, 200], "{both:?}");
}

fn repository() -> Ask {
    Ask::get("/api/v1/repositories/other/app")
}

/// Lets somebody read there.
fn gives(to: &str) -> Ask {
    put("repositories/other/app/grants", json!({ "to": to, "permissions": ["read"] }))
}

fn put(path: &str, body: Value) -> Ask {
    Ask::put(format!("/api/v1/{path}")).json(&body)
}

fn delete(path: &str) -> Ask {
    Ask::delete(format!("/api/v1/{path}"))
}

/// People of each kind, and an application: what was theirs is not their successor's, and their tokens are over.
async fn nobody_comes_back_under_a_name(hub: Server) {
    let admin = hub.admin();
    let token_of = async |who: &str| {
        let post = Ask::post(format!("/api/v1/principals/{who}/tokens")).json(&json!({ "name": "new" }));
        hub.admin().send(post).await.is(201).json()["secret"].as_str().expect("a secret").to_owned()
    };
    for (who, login) in [
        ("member:bob", "bob"),
        ("collaborator:carol", "carol"),
        ("guest:gus", "gus"),
        ("application:robot", "robot"),
    ] {
        let kind = who.split(':').next().unwrap_or_default();
        if kind == "collaborator" || kind == "guest" {
            admin.send(put(&format!("projects/other/participants/{who}"), json!({}))).await.is(200);
        }
        if kind != "guest" {
            admin.send(gives(who)).await.is(200);
        }
        if kind == "application" {
            admin.send(put("applications/robot", json!({}))).await.is(200);
        }
        let before = hub.actor(login);
        before.send(repository()).await.is(if kind == "guest" { 403 } else { 200 });
        let path =
            if kind == "application" { "applications/robot".to_owned() } else { format!("people/{who}") };
        let confirm = if kind == "application" { "robot" } else { who };
        admin.send(delete(&format!("{path}?confirm={confirm}"))).await.is(200);
        admin.send(put(&path, json!({}))).await.is(201);
        before.send(Ask::get("/api/v1/me")).await.is(401);
        let shown = admin.send(Ask::get(format!("/api/v1/{path}"))).await.is(200).json();
        assert_eq!(
            (&shown["about"]["tokens"], &shown["about"]["teams"]),
            (&json!(0), &if kind == "application" { Value::Null } else { json!([]) })
        );
        let secret = token_of(who).await;
        let name = shown["client_id"].as_str().unwrap_or(login).to_owned();
        let after = hub.claiming(&name, &secret);
        after.send(Ask::get("/api/v1/me")).await.is(200);
        after.send(repository()).await.is(403);
        let rights = after.send(Ask::get("/api/v1/me/rights")).await.is(200).json();
        for item in rights["items"].as_array().expect("items") {
            assert_eq!(item["on"], "team/open", "{who}: {rights}");
        }
    }
}

/// Everything else that is deleted and made anew under its name: whoever had something by it has nothing by the new one.
async fn nothing_comes_back_under_a_name(hub: Server) {
    let admin = hub.admin();
    // A team, and a role of a project.
    let sue = hub.actor("sue");
    let joins = || put("teams/crew/members/member:sue", json!({}));
    admin.send(joins()).await.is(200);
    admin.send(gives("team:crew")).await.is(200);
    sue.send(repository()).await.is(200);
    admin.send(delete("teams/crew?confirm=crew")).await.is(200);
    sue.send(repository()).await.is(403);
    admin.send(put("teams/crew", json!({ "members": ["member:sue"] }))).await.is(201);
    sue.send(repository()).await.is(403);
    let role = || put("projects/other/roles/own", json!({ "permissions": ["read"] }));
    admin.send(role()).await.is(201);
    admin.send(put("projects/other/grants", json!({ "to": "member:sue", "role": "own" }))).await.is(200);
    sue.send(repository()).await.is(200);
    admin.send(delete("projects/other/roles/own?with_grants=true")).await.is(200);
    admin.send(role()).await.is(201);
    sue.send(repository()).await.is(403);
    // A token by its name: the old secret stays what it is, over.
    let alice = hub.actor("alice/spare");
    let id = token::id(&hub.login("alice/spare").secret).to_owned();
    hub.actor("alice").send(put(&format!("tokens/{id}/state"), json!({ "state": "revoked" }))).await.is(200);
    hub.actor("alice").send(Ask::post("/api/v1/tokens").json(&json!({ "name": "spare" }))).await.is(201);
    alice.send(Ask::get("/api/v1/me")).await.is(401);
    // A repository, and a project with its team, roles and limits of tokens.
    admin.send(gives("member:sue")).await.is(200);
    admin.send(delete("repositories/other/app?confirm=other/app")).await.is(200);
    admin.send(put("repositories/other/app", json!({ "format": "oci" }))).await.is(201);
    sue.send(repository()).await.is(403);
    admin
        .send(put("projects/other/grants", json!({ "to": "member:sue", "role": "project-member" })))
        .await
        .is(200);
    admin
        .send(put(
            "repositories/team/jars/grants",
            json!({ "to": "team:project-team:other", "permissions": ["read"] }),
        ))
        .await
        .is(200);
    sue.send(repository()).await.is(200);
    admin.send(delete("projects/other?confirm=other&with_repositories=true")).await.is(200);
    admin.send(put("projects/other", json!({}))).await.is(201);
    admin.send(put("repositories/other/app", json!({ "format": "oci" }))).await.is(201);
    sue.send(repository()).await.is(403);
    hub.actor("alice").send(repository()).await.is(403);
    let grants = admin.send(Ask::get("/api/v1/repositories/team/jars/grants")).await.is(200).json();
    assert_eq!(grants["items"], json!([]), "{grants}");
}

/// Methods, types, headers and paths that mean one thing to one reader and another to the next: each is refused, and changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_trick_of_http_changes_anything() {
    let hub = Server::with(organisation()).await;
    let admin = hub.admin();
    let body = r#"{"suspended":true}"#;
    let at = "/api/v1/principals/member:bob/suspended";
    let put = || Ask::put(at).body(body);
    let typed = |name: &str| put().header("content-type", name);
    let post =
        |name: &str| Ask::post(at).header("content-type", "application/json").header(name, "PUT").body(body);
    let mut asks = vec![
        put(),
        typed("text/plain"),
        typed("application/x-www-form-urlencoded"),
        typed("multipart/form-data; boundary=x"),
        typed("text/plain; application/json"),
        typed("application/jsonp"),
        typed("application/json, text/plain"),
        typed("application/json; charset=utf-16"),
        typed("application/merge-patch+json"),
        typed("text/plain").header("content-type", "application/json"),
        post("x-http-method-override"),
        post("x-http-method"),
        post("x-method-override"),
        Ask::get(format!("{at}?_method=PUT")).header("x-http-method-override", "PUT"),
        Ask::post(format!("{at}?_method=PUT")).header("content-type", "application/json").body(body),
        typed("application/json").header("if-match", "\"another\""),
    ];
    let path = |path: &str| Ask::put(path).header("content-type", "application/json").body(body);
    let paths = [
        "/api/v1/principals/member:bob/suspended/",
        "/api/v1/principals//member:bob/suspended",
        "//api/v1/principals/member:bob/suspended",
        "/api/v1/principals/member:bob/Suspended",
        "/API/v1/principals/member:bob/suspended",
        "/api/v1/./principals/member:bob/suspended",
        "/api/v1/people/../principals/member:bob/suspended",
        "/api/v1/people/%2e%2e/principals/member:bob/suspended",
        "/api/v1/principals%2Fmember:bob%2Fsuspended",
        "/api/v1/principals/member:bob%2Fsuspended",
        "/api/v1/principals/member:bob%00/suspended",
        "/api/v1/principals/member:b%c0%afob/suspended",
        "/api/v1/principals/member:bob/suspended%20",
        "/api/v1/principals/member:bob/suspended;x=1",
        "/api/v1/principals/MEMBER:bob/suspended",
    ];
    asks.extend(paths.map(path));
    for ask in asks {
        let what = format!("{} {} {:?}", ask.method, ask.target, ask.headers);
        let answer = admin.send(ask).await;
        assert!(answer.status.is_client_error(), "{what}: {answer}");
        hub.actor("bob").send(Ask::get("/api/v1/me")).await.is(200);
    }
    // Two credentials are none.
    let (root, bob) = (admin.signed(Ask::get("/api/v1/people")), hub.actor("bob"));
    let answer = hub.stranger().send(bob.signed(root)).await;
    assert!(matches!(answer.status.as_u16(), 400 | 401), "{answer}");
}
