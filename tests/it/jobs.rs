//! Long work: asked for, done, found again by another node, taken back.

use serde_json::{Value, json};

use crate::support::process::run;
use crate::support::{Actor, Ask, Folder, Organisation, Server, on_both_databases, until};

on_both_databases!(the_chain_is_computed_anew, what_is_asked_twice_is_done_once);

const JOBS: &str = "/api/v1/jobs";

fn verify() -> Ask {
    Ask::post(JOBS).json(&json!({ "kind": "audit-verify" }))
}

async fn jobs(admin: &Actor) -> Vec<Value> {
    let page = admin.send(Ask::get(JOBS)).await.is(200).json();
    page["items"].as_array().expect("items").clone()
}

/// As it is once it has ended.
async fn ended(admin: &Actor, at: &str) -> Value {
    let mut shown = Value::Null;
    until("the job has ended", async || {
        shown = admin.send(Ask::get(at)).await.is(200).json();
        !shown["finished_at"].is_null()
    })
    .await;
    shown
}

async fn the_chain_is_computed_anew(hub: Server) {
    let admin = hub.admin();
    let begun = admin.send(verify()).await.is(202);
    let at = begun.must_have("location").to_owned();
    assert_eq!(begun.json()["about"]["created_by"], "member:root");
    let shown = ended(&admin, &at).await;
    assert_eq!(
        (&shown["state"], &shown["unit"], &shown["problem"]),
        (&json!("done"), &json!("events"), &Value::Null)
    );
    let head = admin.send(Ask::get("/api/v1/organisation/audit/head")).await.is(200).json();
    let result = &shown["result"];
    assert_eq!((&result["intact"], &result["chain"]), (&json!(true), &head["chain"]), "{shown}");
    assert_eq!((&shown["done"], &shown["total"]), (&head["sequence"], &head["sequence"]), "{shown}");
    assert_eq!(jobs(&admin).await, [shown]);
    let events = admin.send(Ask::get("/api/v1/organisation/audit?action=job.start")).await.is(200).json();
    assert_eq!(events["items"][0]["object"]["of"], "audit-verify", "{events}");
    // What has ended stays as it is.
    let late = admin.send(Ask::delete(&at)).await.is(200);
    assert_eq!((late.must_have("wharfinger-changed"), &late.json()["state"]), ("false", &json!("done")));
    for nobody in ["999", "x", "-1"] {
        admin.send(Ask::get(format!("{JOBS}/{nobody}"))).await.is(404);
    }
    let bob = hub.actor("bob");
    for ask in [Ask::get(JOBS), Ask::get(&at), verify(), Ask::delete(&at)] {
        bob.send(ask).await.is(403);
    }
    admin.send(Ask::post(JOBS).json(&json!({ "kind": "gc" }))).await.is(400);
}

async fn what_is_asked_twice_is_done_once(hub: Server) {
    let admin = hub.admin();
    admin
        .send(Ask::post(format!("{JOBS}?dry_run=true")).json(&json!({ "kind": "audit-verify" })))
        .await
        .is(200);
    assert_eq!(jobs(&admin).await, Vec::<Value>::new());
    let keyed = || verify().header("idempotency-key", "nightly");
    admin.send(keyed()).await.is(202);
    let again = admin.send(keyed()).await.is(409).json();
    assert_eq!(again["code"], "already-made");
    assert_eq!(jobs(&admin).await.len(), 1);
}

/// A job that some other process has begun, or not.
fn planted(hub: &Server, columns: &str, values: &str) {
    hub.database().expect("a database").change(&format!(
        "INSERT INTO job (kind, done, chain, holder, fence, created_by, created_at, started_at, {columns}) \
         SELECT 'audit-verify', 2, chain, 1, 7, 'member:root', 0, 0, {values} FROM audit WHERE sequence = 2"
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_goes_on_where_another_node_left_it() {
    let Some(hub) = Server::on_postgres(Organisation::team()).await else { return };
    planted(&hub, "state, sequence, lease_until", "'running', 2, 0");
    let shown = ended(&hub.admin(), "/api/v1/jobs/1").await;
    let head = hub.admin().send(Ask::get("/api/v1/organisation/audit/head")).await.is(200).json();
    assert_eq!((&shown["done"], &shown["result"]["intact"]), (&head["sequence"], &json!(true)), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_waits_for_its_turn_and_is_taken_back() {
    let Some(hub) = Server::on_postgres(Organisation::team()).await else { return };
    let admin = hub.admin();
    planted(&hub, "state, sequence, lease_until", "'running', 2, 9000000000000");
    let mut last = String::new();
    for _ in 0..15 {
        last = admin.send(verify()).await.is(202).must_have("location").to_owned();
    }
    let more = admin.send(verify()).await.is(409).json();
    assert_eq!(more["code"], "rule");
    assert_eq!(admin.send(Ask::get(&last)).await.is(200).json()["state"], "queued");
    let tried = admin.send(Ask::delete(format!("{last}?dry_run=true"))).await.is(200).json();
    assert_eq!(tried["state"], "cancelled");
    assert_eq!(admin.send(Ask::get(&last)).await.is(200).json()["state"], "queued");
    let gone = admin.send(Ask::delete(&last)).await.is(200);
    assert_eq!((gone.must_have("wharfinger-changed"), &gone.json()["state"]), ("true", &json!("cancelled")));
    // The one in front of all goes, whoever is at it: the others have their turn.
    admin.send(Ask::delete("/api/v1/jobs/1")).await.is(200);
    until("all have ended", async || jobs(&admin).await.iter().all(|job| !job["finished_at"].is_null()))
        .await;
    let events = admin.send(Ask::get("/api/v1/organisation/audit?action=job.cancel")).await.is(200).json();
    assert_eq!(events["items"].as_array().expect("items").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_is_found() {
    let Some(hub) = Server::on_postgres(Organisation::team()).await else { return };
    let folder = Folder::new("jobs");
    let (server, token) = (format!("http://{}", hub.address()), hub.login("root").secret);
    let variables = [("WHARFINGER_SERVER", &*server), ("WHARFINGER_TOKEN", &*token)];
    let job = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        run(folder.root(), &words, &variables)
    };
    assert!(job("job start audit-verify").succeeds().out.starts_with("job 1 waits"));
    let shown = job("job show 1 --follow").succeeds();
    assert!(shown.out.contains("done"), "{}", shown.out);
    hub.database().expect("a database").change("UPDATE audit SET object_name = 'x' WHERE sequence = 2");
    let found = job("job start audit-verify --follow").fails_with(10);
    assert!(found.err.contains("number 2 of the chain, or one before it was changed"), "{}", found.err);
    hub.database().expect("a database").change("DELETE FROM audit WHERE sequence = 2");
    let found = job("job start audit-verify --follow -o json").fails_with(10);
    assert!(found.out.contains("event 2 of the chain is missing: 3 follows"), "{}", found.out);
    assert_eq!(job("job list -q").succeeds().out, "3\n2\n1\n");
    assert_eq!(job("job cancel 3").succeeds().out, "job 3 had ended before\n");
    job("job cancel 4").fails_with(6);
}
