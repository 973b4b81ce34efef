//! Rows that somebody wrote into the database behind the gateway's back give nothing beyond the ceiling of whoever they name
//! (docs/access.md 2.4): what the API refuses to store is cut off where it stands all the same.

use serde_json::{Value, json};

use crate::support::{Actor, Ask, Folder, Organisation, Server};

/// Everything everywhere to externals and an application with requested rights; roles of externals that hold everything; roles that
/// are not theirs; a place among the administrators.
const PLANTED: &str = "
INSERT INTO \"grant\" (subject, node, role, permissions, expires_at, created_by, created_at)
  SELECT p.subject, n.id, NULL, 16383, NULL, p.subject, 0 FROM principal p, node n
  WHERE p.name IN ('gus', 'cora', 'robot');
UPDATE role SET permissions = 16383 WHERE name IN ('guest', 'collaborator');
INSERT INTO \"grant\" (subject, node, role, permissions, expires_at, created_by, created_at)
  SELECT p.subject, o.node, r.id, NULL, NULL, p.subject, 0 FROM principal p, organisation o, role r
  WHERE p.name IN ('gus', 'cora', 'robot') AND r.project IS NULL AND r.name = 'organisation-admin';
INSERT INTO \"grant\" (subject, node, role, permissions, expires_at, created_by, created_at)
  SELECT p.subject, r.project, r.id, NULL, NULL, p.subject, 0 FROM principal p, role r
  WHERE p.name IN ('gus', 'cora', 'robot') AND r.project IS NOT NULL AND r.name IN ('project-admin', 'project-member');
INSERT INTO membership (team, member, created_at)
  SELECT t.subject, p.subject, 0 FROM team t, principal p
  WHERE t.name = 'org-admins' AND p.name IN ('gus', 'cora', 'robot');
";
/// Everything everywhere to everybody, logged in or not.
const TO_ANYBODY: &str = "
INSERT INTO \"grant\" (subject, node, role, permissions, expires_at, created_by, created_at)
  SELECT t.subject, o.node, NULL, 16383, NULL, t.subject, 0 FROM team t, organisation o WHERE t.name = 'anyone';
";

fn organisation() -> Organisation {
    Organisation::team()
        .external("guests", "gus")
        .external("collaborators", "cora")
        .role("guest:gus", "guest", "team")
        .role("collaborator:cora", "collaborator", "team")
}

/// A gateway that finds these rows when it starts: on SQLite, and on PostgreSQL where there is one.
async fn with_rows(rows: &str, story: impl AsyncFn(&dyn Fn(&str) -> Actor)) {
    let hub = Server::on_disk(organisation(), Folder::new("ceilings")).await;
    let (organisation, folder) = hub.stop().await;
    let database = rusqlite::Connection::open(folder.path("data/wharfinger.db")).expect("the database");
    database.execute_batch(rows).expect("rows");
    drop(database);
    let hub = Server::on_disk(organisation, folder).await;
    story(&|who| if who.is_empty() { hub.stranger() } else { hub.actor(who) }).await;
    let Some(hub) = Server::on_postgres(self::organisation()).await else { return };
    hub.database().expect("a database of its own").change(rows);
    let beside = hub.beside().await;
    story(&|who| Actor::new(beside.addr, (!who.is_empty()).then(|| hub.login(who)))).await;
    beside.stop().await;
}

/// What somebody may, by place.
async fn rights(actor: &Actor) -> Vec<(String, Vec<String>)> {
    let told = actor.send(Ask::get("/api/v1/me/rights?limit=1000")).await.is(200).json();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let items = told["items"].as_array().expect("items").iter();
    let words = |item: &Value| item["permissions"].as_array().expect("words").iter().map(text).collect();
    items.map(|item| (text(&item["on"]), words(item))).collect()
}

/// Whether somebody reads there, whatever there is.
async fn is_let_in(actor: &Actor, ask: Ask) -> bool {
    let status = actor.send(ask).await.status.as_u16();
    assert!(matches!(status, 200 | 403 | 404), "{status}");
    status != 403
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn planted_rows_give_nothing_beyond_the_ceiling() {
    with_rows(PLANTED, async |actor| {
        let settings =
            || Ask::put("/api/v1/repositories/team/app/visibility").json(&json!({ "visibility": "public" }));
        let give = |on: &str| {
            let body = json!({ "to": "member:bob", "permissions": ["read"] });
            Ask::put(format!("/api/v1/{on}/grants")).json(&body)
        };
        let pull = |repository: &str| Ask::get(format!("/v2/p/{repository}/web/manifests/1.0"));
        let push = |repository: &str| Ask::post(format!("/v2/p/{repository}/web/blobs/uploads/"));
        for who in ["gus", "cora", "robot"] {
            let actor = actor(who);
            for ask in [
                settings(),
                Ask::delete("/api/v1/repositories/team/app?confirm=team/app"),
                give("repositories/team/app"),
                give("projects/team"),
                give("organisation"),
                Ask::put("/api/v1/projects/mine").json(&json!({})),
                Ask::get("/api/v1/people"),
                Ask::put("/api/v1/people/member:another").json(&json!({})),
                Ask::put("/api/v1/teams/org-admins").json(&json!({ "members": ["member:bob"] })),
                Ask::get("/api/v1/organisation/audit"),
                Ask::get("/api/v1/health"),
            ] {
                let what = format!("{} {} as {who}", ask.method, ask.target);
                assert_eq!(actor.send(ask).await.status.as_u16(), 403, "{what}");
            }
        }
        // A guest looks at what is public, whatever somebody wrote down.
        let guest = actor("gus");
        assert_eq!(rights(&guest).await, [("team/open".to_owned(), vec!["read".to_owned()])]);
        guest.send(pull("team/app")).await.is(403);
        guest.send(push("team/open")).await.is(403);
        // A collaborator works with packages, and administers nothing.
        let ceiling = ["read", "publish", "overwrite", "delete-package", "repository-create"];
        let held = rights(&actor("cora")).await;
        assert!(held.iter().any(|(on, _)| on == "/"), "{held:?}");
        for (on, words) in held {
            assert!(words.iter().all(|word| ceiling.contains(&&**word)), "{on}: {words:?}");
        }
        assert!(is_let_in(&actor("cora"), pull("team/app")).await);
        // An application has what it requests, where that was authorised.
        for (on, words) in rights(&actor("robot")).await {
            let requested: &[&str] =
                if on == "team" || on.starts_with("team/") { &["read", "publish", "overwrite"] } else { &[] };
            assert!(words.iter().all(|word| requested.contains(&&**word)), "{on}: {words:?}");
        }
        actor("robot").send(pull("other/app")).await.is(403);
        actor("robot").send(push("team/app")).await.is(202);
        actor("robot").send(Ask::delete("/v2/p/team/app/web/manifests/1.0")).await.is(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_in_particular_reads_at_most() {
    with_rows(TO_ANYBODY, async |actor| {
        let stranger = actor("");
        stranger.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(401);
        stranger.send(Ask::put("/maven/p/team/jars/a/b/1/b-1.jar").body("x")).await.is(401);
        stranger.send(Ask::delete("/v2/p/team/app/web/manifests/1.0")).await.is(401);
        stranger.send(Ask::get("/maven/p/team/jars/a/b/1/b-1.jar")).await.is(404);
        // Guests are among everybody, and gain no more by it than everybody has.
        let guest = actor("gus");
        assert!(is_let_in(&guest, Ask::get("/v2/p/team/app/web/manifests/1.0")).await);
        guest.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(403);
        guest.send(Ask::get("/api/v1/people")).await.is(403);
        for (on, words) in rights(&guest).await {
            assert_eq!(words, ["read"], "{on}");
        }
    })
    .await;
}
