//! What goes on by itself: things that end at their time, leftovers that are swept, numbers for those who watch.

use serde_json::json;

use crate::support::http::encode;
use crate::support::{Ask, Folder, Http, Organisation, Server, image, on_both_databases, until};

/// Seconds until the end of what ends: on a busy machine the first may be over before anybody has looked.
const SOON_SECS: [u32; 5] = [2, 4, 8, 16, 32];

/// A moment some seconds from now, by the server's own clock, as `2030-01-01T00:00:00Z`.
async fn soon(hub: &Server, secs: u32) -> String {
    let mut moment = None;
    until("a moment that needs no carrying over", async || {
        let answer = hub.stranger().send(Ask::get("/livez")).await;
        moment = from_date(answer.must_have("date"), secs);
        moment.is_some()
    })
    .await;
    moment.expect("a moment")
}

/// `Wed, 25 Nov 2026 21:48:51 GMT` and some seconds, if these end within the same minute.
fn from_date(date: &str, more: u32) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = date.split(' ').collect();
    let month = MONTHS.iter().position(|month| *month == words[2])? + 1;
    let (until_minute, seconds) = words[4].rsplit_once(':')?;
    let seconds = seconds.parse::<u32>().ok()? + more;
    (seconds < 60).then(|| format!("{}-{month:02}-{}T{until_minute}:{seconds:02}Z", words[3], words[1]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_ends_at_its_time() {
    let hub = Server::start().await;
    hub.actor("alice").docker().push("team/app/web:1.0", &image("hello")).await.done();
    let (bob, bearer) = (hub.actor("bob"), hub.actor("bob").bearer().await);
    let get = || Ask::get("/v2/p/team/app/web/manifests/1.0");
    let mut seen = false;
    for secs in SOON_SECS {
        let body = json!({ "to": "member:bob", "permissions": ["read"], "expires": soon(&hub, secs).await });
        let put = Ask::put("/api/v1/repositories/team/app/grants").json(&body);
        seen = hub.admin().send(put).await.status == 200 && bob.send(get()).await.status == 200;
        if seen {
            break;
        }
    }
    assert!(seen, "the grant never held");
    until("the grant ends", async || bob.send(get()).await.status == 403).await;
    let http = Http::new(hub.address());
    http.send(get().authorization(&format!("Bearer {bearer}"))).await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_at_its_time_with_its_bearers() {
    let hub = Server::start().await;
    let http = Http::new(hub.address());
    let behind = |bearer: &str| Ask::get("/v2/").authorization(&format!("Bearer {bearer}"));
    let mut seen = None;
    for secs in SOON_SECS {
        let body = json!({ "name": format!("{secs} s"), "expires": soon(&hub, secs).await });
        let made = hub.actor("alice").send(Ask::post("/api/v1/tokens").json(&body)).await;
        if made.status != 201 {
            continue;
        }
        let short = hub.claiming("alice", made.json()["secret"].as_str().expect("a secret"));
        let bearer = short.asks_for_bearer().await;
        if bearer.status != 200 {
            continue;
        }
        let bearer = bearer.json()["token"].as_str().expect("a token").to_owned();
        if http.send(behind(&bearer)).await.status == 200 {
            seen = Some((short, bearer));
            break;
        }
    }
    let (short, bearer) = seen.expect("a token and its bearer that hold before their end");
    until("the token ends", async || short.send(Ask::get("/v2/")).await.status == 401).await;
    http.send(behind(&bearer)).await.is(401);
    // What has ended already is not made.
    let body = json!({ "name": "over", "expires": "2020-01-01T00:00:00Z" });
    let made = hub.actor("alice").send(Ask::post("/api/v1/tokens").json(&body)).await;
    assert!(made.status.is_client_error(), "{made}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn abandoned_uploads_are_swept_and_others_are_not() {
    let abandoned_at_once = |config: &mut wharfinger::Config| config.timeouts.upload_abandoned_secs = 1;
    let mut hub = Server::on_disk(Organisation::team(), Folder::new("sweep")).await;
    let begun = hub.actor("alice").send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
    let location = begun.must_have("location").to_owned();
    hub.actor("alice").send(Ask::patch(&location).body("some bytes")).await.is(202);
    let blobs = |hub: &Server| files(&hub.folder().path("data/blobs"));
    assert_eq!(blobs(&hub), 1);
    let (organisation, folder) = hub.stop().await;
    hub = Server::on_disk(organisation, folder).await;
    hub.actor("alice").send(Ask::get(&location)).await.is(204);
    // Looked for at the start, and every few minutes after.
    let mut starts = 0;
    loop {
        let (organisation, folder) = hub.stop().await;
        hub = Server::on_disk_tuned(organisation, folder, abandoned_at_once).await;
        have_looked(&hub, &["uploads"]).await;
        if hub.actor("alice").send(Ask::get(&location)).await.status == 404 {
            break;
        }
        starts += 1;
        assert!(starts < 50, "never swept");
    }
    until("the bytes are gone too", async || blobs(&hub) == 0).await;
}

/// A day passes while the gateway is down: what was noted then is a day old.
const A_DAY_LATER: &str = "
    UPDATE link SET touched_at = touched_at - 90000000;
    UPDATE link_review SET due_at = due_at - 90000000;
    UPDATE blob_review SET due_at = due_at - 90000000;
    UPDATE condemned SET condemned_at = condemned_at - 90000000, purge_at = purge_at - 90000000;
";

/// Push, delete, and wait: the bytes go from the disk, what is named beside them stays, and the same content can be pushed again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_is_gone_from_the_disk() {
    let mut hub = Server::on_disk(Organisation::team(), Folder::new("garbage")).await;
    let blobs = |hub: &Server| files(&hub.folder().path("data/blobs"));
    hub.actor("alice").docker().push("team/app/web:kept", &image("kept")).await.done();
    let kept = blobs(&hub);
    hub.actor("alice").docker().push("team/app/web:1.0", &image("deleted")).await.done();
    let all = blobs(&hub);
    assert!(all > kept);
    let found = hub.actor("alice").send(Ask::head("/v2/p/team/app/web/manifests/1.0")).await.is(200);
    let digest = found.must_have("docker-content-digest").to_owned();
    let delete = Ask::delete(format!("/v2/p/team/app/web/manifests/{digest}"));
    hub.actor("alice").send(delete).await.is(202);
    assert_eq!(blobs(&hub), all, "bytes stay for a while");
    // Each worker looks as soon as the gateway has started, and what it leaves is for the next one a while later.
    let mut days = 0;
    while blobs(&hub) > kept {
        days += 1;
        assert!(days < 50, "never freed");
        let (organisation, folder) = hub.stop().await;
        let rows = rusqlite::Connection::open(folder.path("data/wharfinger.db")).expect("the database");
        rows.execute_batch(A_DAY_LATER).expect("a day passes");
        drop(rows);
        hub = Server::on_disk(organisation, folder).await;
        have_looked(&hub, &["links", "blobs", "purge"]).await;
        hub.actor("alice").send(Ask::get("/v2/p/team/app/web/manifests/kept")).await.is(200);
    }
    let told = hub.admin().send(Ask::get("/api/v1/garbage")).await.is(200).json();
    let [together, images] = &told["items"].as_array().expect("a list")[..] else { panic!("{told}") };
    assert_eq!(images["repository"], "team/app");
    for told in [together, images] {
        assert!(told["freed_bytes"].as_u64() > Some(0), "{told}");
        assert_eq!((&told["freed_bytes"], &told["waiting"]), (&told["removed_bytes"], &json!(0)), "{told}");
    }
    let alice = hub.actor("alice");
    alice.docker().pull("team/app/web:kept").await.done();
    alice.docker().push("team/app/web:1.0", &image("deleted")).await.done();
    alice.docker().pull("team/app/web:1.0").await.done();
}

fn files(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_for_who_may_watch() {
    let hub = Server::tuned(Organisation::team(), |config| {
        config.metrics.listen = Some(([127, 0, 0, 1], 0).into());
    })
    .await;
    hub.actor("alice").docker().push("team/app/web:1.0", &image("hello")).await.done();
    let text = |body: &[u8]| String::from_utf8(body.to_vec()).expect("text");
    let through_the_gate = text(&hub.admin().send(Ask::get("/metrics")).await.is(200).body);
    let watch = Http::new(hub.metrics_address().expect("a listener of its own"));
    let aside = text(&watch.send(Ask::get("/metrics")).await.is(200).body);
    for text in [&through_the_gate, &aside] {
        assert!(text.contains("# TYPE "), "{text}");
        assert!(text.trim_end().ends_with("# EOF"), "{text}");
        // Names of people and images are nobody's business here, and would grow without end.
        assert!(!text.contains("alice") && !text.contains("team/app"), "{text}");
    }
    // Nothing else lives there.
    watch.send(Ask::get("/v2/")).await.is(404);
    watch.send(Ask::get("/api/v1/me")).await.is(404);
}

/// What each node does for itself, and what one does for all.
const NODE: [&str; 12] = [
    "log_ins",
    "jobs",
    "presence",
    "access",
    "names",
    "grant_ends",
    "access_comparison",
    "last_used",
    "unstored",
    "damaged",
    "memory",
    "issuer_keys",
];
const CLUSTER: [&str; 8] =
    ["uploads", "rows", "links", "blobs", "purge", "trim", "short_lived_tokens", "dependents"];

/// A number of a worker, as `/metrics` shows it.
fn of_worker(text: &str, metric: &str, name: &str) -> f64 {
    let line = format!("wharfinger_worker_{metric}{{name=\"{name}\"}} ");
    let shown = text.lines().find_map(|text| text.strip_prefix(&line));
    shown.unwrap_or_else(|| panic!("no {line} in\n{text}")).parse().expect("a number")
}

/// Waits until these have done what there was to do when the gateway started.
async fn have_looked(hub: &Server, names: &[&str]) {
    until("they have looked", async || {
        let answer = hub.admin().send(Ask::get("/metrics")).await.is(200);
        let text = String::from_utf8(answer.body.to_vec()).expect("text");
        let rests = |name: &&str| {
            of_worker(&text, "steps_total", name) > 0.0 && of_worker(&text, "state", name) == 0.0
        };
        names.iter().all(rests)
    })
    .await;
}

async fn exposition(http: &Http) -> String {
    String::from_utf8(http.send(Ask::get("/metrics")).await.is(200).body.to_vec()).expect("text")
}

on_both_databases!(every_worker_works_and_is_seen);

async fn every_worker_works_and_is_seen(hub: Server) {
    let watched = async || {
        let answer = hub.admin().send(Ask::get("/metrics")).await.is(200);
        String::from_utf8(answer.body.to_vec()).expect("text")
    };
    until("each has made a step", async || {
        let text = watched().await;
        NODE.iter().chain(&CLUSTER).all(|name| of_worker(&text, "steps_total", name) > 0.0)
    })
    .await;
    let text = watched().await;
    for name in NODE.iter().chain(&CLUSTER) {
        assert!(of_worker(&text, "errors_total", name) == 0.0, "{name}\n{text}");
        assert!(of_worker(&text, "last_success_seconds", name) > 1.7e9, "{name}\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_works_for_all() {
    let Some(hub) = Server::on_postgres(Organisation::team()).await else { return };
    have_looked(&hub, &CLUSTER).await;
    // As while it is at work.
    hub.database().expect("a database").change(
        "UPDATE worker SET lease_until = CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + 29000",
    );
    let second = hub.beside().await;
    let watch = Http::new(second.metrics_addr.expect("a listener of its own"));
    until("the second one has asked", async || {
        let text = exposition(&watch).await;
        CLUSTER.iter().all(|name| of_worker(&text, "state", name) == 4.0)
            && NODE.iter().all(|name| of_worker(&text, "steps_total", name) > 0.0)
    })
    .await;
    let text = exposition(&watch).await;
    for name in CLUSTER {
        assert!(of_worker(&text, "steps_total", name) == 0.0, "{name}\n{text}");
    }
    second.stop().await;
}

/// Nothing is allowed, made up or forgotten while the rows are gone; the process lives, and says that it is not ready.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_fails_closed() {
    let Some(hub) = Server::on_postgres(Organisation::team()).await else { return };
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:1.0", &image("hello")).await.done();
    hub.lose_database();
    let get = || Ask::get("/v2/p/team/app/web/manifests/1.0");
    until("it is not ready", async || hub.stranger().send(Ask::get("/readyz")).await.status == 503).await;
    hub.stranger().send(Ask::get("/livez")).await.is(200);
    hub.stranger().send(get()).await.is(401);
    hub.actor("bob").send(get()).await.is(403);
    let answer = alice.send(Ask::put("/v2/p/team/app/web/manifests/2.0").body(image("hello").manifest)).await;
    assert!(answer.status.is_server_error() || answer.status == 400, "{answer}");
    alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(503);
    // An empty answer would make a client believe that there is nothing.
    let listed = alice.send(Ask::get("/v2/p/team/app/web/tags/list")).await;
    assert_eq!(listed.status, 503, "{listed}");
    let revoke = json!({ "state": "revoked" });
    let id = encode(crate::support::token::id(&hub.login("alice/spare").secret));
    let answer = alice.send(Ask::put(format!("/api/v1/tokens/{id}/state")).json(&revoke)).await;
    assert_eq!(answer.status, 503, "a revoke that was not written down must not look like one: {answer}");
}
