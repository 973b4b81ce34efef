//! What is fetched by the routes of every format is counted, shown to who may see it, and lost by nothing that ends as it should.

use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::http::encode;
use crate::support::maven::Built;
use crate::support::nuget::Packed;
use crate::support::process::{Launch, run};
use crate::support::{Ask, Folder, Organisation, Server, image, on_both_databases, until};

on_both_databases!(
    in crate::usage::team;
    pulls_of_images_are_counted_by_tag_and_by_digest,
    files_of_a_version_are_counted_for_it,
    packages_of_nuget_say_in_searches_how_often_they_were_fetched,
    files_are_counted_from_their_first_byte_to_their_last,
    what_is_gone_is_not_counted_for_what_comes_after_it,
    usage_adds_up_to_the_project_and_the_organisation,
    packages_are_found_by_how_often_they_were_fetched,
    usage_is_shown_to_who_may_see_it,
    days_have_bounds_and_a_table_is_had_by_asking_for_it,
);

fn team() -> Organisation {
    let team = Organisation::team().repository("team/files", "files", "private", "");
    team.repository("team/feed", "nuget", "private", "")
}

async fn shown(who: &Actor, path: &str) -> Value {
    who.send(Ask::get(format!("/api/v1{path}"))).await.is(200).json()
}

/// How often a package or a version was fetched, ever and lately, once it is so.
async fn counts(who: &Actor, path: &str, downloads: u64) {
    let at = format!("/repositories/{path}");
    until(&format!("{path} was fetched {downloads} times"), async || {
        shown(who, &at).await["downloads"] == downloads
    })
    .await;
    assert_eq!(shown(who, &at).await["downloads_30_days"], downloads, "{path}");
}

async fn pulls_of_images_are_counted_by_tag_and_by_digest(hub: Server) {
    let (alice, web) = (hub.actor("alice"), image("hello"));
    alice.docker().push("team/app/tools/web:v1", &web).await.done();
    alice.docker().push("team/app/tools/web:v2", &image("two")).await.done();
    let manifest = |reference: &str| format!("/v2/p/team/app/tools/web/manifests/{reference}");
    for _ in 0..3 {
        alice.send(Ask::get(manifest("v1"))).await.is(200);
    }
    alice.send(Ask::get(manifest(&web.digest()))).await.is(200);
    // None of these hands a manifest out.
    alice.send(Ask::head(manifest("v1"))).await.is(200);
    let known = format!("\"{}\"", web.digest());
    alice.send(Ask::get(manifest("v1")).header("if-none-match", &known)).await.is(304);
    alice.send(Ask::get(manifest("v3"))).await.is(404);
    alice.send(Ask::get("/v2/p/team/app/tools/web/tags/list")).await.is(200);
    hub.actor("bob").send(Ask::get(manifest("v1"))).await.is(403);
    counts(&alice, "team/app/packages/tools%2Fweb", 4).await;
    counts(&alice, "team/app/packages/tools%2Fweb/versions/v1", 4).await;
    counts(&alice, "team/app/packages/tools%2Fweb/versions/v2", 0).await;
    let by_digest = web.digest().replace(':', "%3A");
    counts(&alice, &format!("team/app/packages/tools%2Fweb/versions/{by_digest}"), 1).await;
    let versions = shown(&alice, "/repositories/team/app/packages/tools%2Fweb/versions").await;
    let downloads: Vec<_> = versions["items"].as_array().expect("items").iter().collect();
    assert_eq!((&downloads[0]["downloads"], &downloads[1]["downloads"]), (&json!(4), &json!(0)));
    assert_eq!(shown(&alice, "/repositories/team/app/packages").await["items"][0]["downloads"], 4);
    assert_eq!(shown(&alice, "/packages?query=web").await["items"][0]["downloads"], 4);
}

async fn files_of_a_version_are_counted_for_it(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    let built = Built::new("org.example:lib:1.0", "text");
    jars.mvn_deploy(&built).await.expect("a deploy");
    // Client and server look at hashes and metadata besides.
    jars.mvn_resolve(&built).await.expect("it resolves");
    counts(&alice, "team/jars/packages/org.example:lib", built.files.len() as u64).await;
    let snapshot = Built::new("org.example:lib:2.0-SNAPSHOT", "text");
    jars.mvn_deploy(&snapshot).await.expect("a deploy");
    jars.mvn_resolve(&snapshot).await.expect("it resolves");
    let literal = "org/example/lib/2.0-SNAPSHOT/lib-2.0-SNAPSHOT.jar";
    jars.get(literal).await.is(200);
    let files = snapshot.files.len() as u64;
    counts(&alice, "team/jars/packages/org.example:lib/versions/2.0-SNAPSHOT", files + 1).await;
    counts(&alice, "team/jars/packages/org.example:lib", built.files.len() as u64 + files + 1).await;
}

async fn packages_of_nuget_say_in_searches_how_often_they_were_fetched(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    for version in ["1.0.0", "2.0.0-Beta"] {
        feed.push(&Packed::new("Lib.Core", version)).await.is(201);
    }
    let found = async || {
        let document = feed.document("query?q=lib&prerelease=true").await;
        let item = &document["data"][0];
        let of = |at: usize| item["versions"][at]["downloads"].as_u64().expect("a number");
        (item["totalDownloads"].as_u64().expect("a number"), of(0), of(1))
    };
    assert_eq!(found().await, (0, 0, 0));
    for _ in 0..2 {
        feed.restore("Lib.Core", "2.0.0-beta").await.is(200);
    }
    feed.restore("Lib.Core", "1.0.0").await.is(200);
    counts(&alice, "team/feed/packages/lib.core", 3).await;
    // The document that is kept of the package has the numbers of now.
    assert_eq!(found().await, (3, 1, 2));
    counts(&alice, "team/feed/packages/lib.core/versions/2.0.0-beta", 2).await;
    feed.delete("Lib.Core", "1.0.0").await.is(204);
    assert_eq!(feed.document("query?q=lib&prerelease=true").await["data"][0]["totalDownloads"], 3);
}

async fn files_are_counted_from_their_first_byte_to_their_last(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    let path = "build/a.bin";
    files.put(path, vec![7_u8; 300_000]).await.is(201);
    let part = |range: &str| Ask::get(files.at(path)).header("range", range);
    alice.send(part("bytes=0-9")).await.is(206);
    // What goes on where another download ended is none of its own, and its bytes are.
    alice.send(part("bytes=10-")).await.is(206);
    alice.send(part("bytes=-10")).await.is(206);
    files.get(path).await.is(200);
    files.get("build/a.bin.sha256").await.is(200);
    files.head(path).await.is(200);
    counts(&alice, "team/files/packages/%2F/versions/build%2Fa.bin", 2).await;
    let sum = &shown(&alice, "/repositories/team/files/usage").await["sum"];
    assert_eq!((&sum["downloads"], &sum["downloaded_bytes"]), (&json!(2), &json!(600_010)));
}

async fn what_is_gone_is_not_counted_for_what_comes_after_it(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    for path in ["a", "b"] {
        files.put(path, "text").await.is(201);
        files.get(path).await.is(200);
    }
    counts(&alice, "team/files/packages/%2F", 2).await;
    files.delete("a").await.is(204);
    files.put("a", "text").await.is(201);
    counts(&alice, "team/files/packages/%2F/versions/a", 0).await;
    counts(&alice, "team/files/packages/%2F", 2).await;
    for path in ["a", "b"] {
        files.delete(path).await.is(204);
    }
    files.put("b", "text").await.is(201);
    counts(&alice, "team/files/packages/%2F", 0).await;
    until("all four are counted that were made", async || {
        shown(&alice, "/repositories/team/files/usage").await["sum"]["published"] == 4
    })
    .await;
    let usage = shown(&alice, "/repositories/team/files/usage").await;
    assert_eq!(usage["sum"]["downloads"], 2);
    assert_eq!((&usage["totals"]["packages"], &usage["totals"]["versions"]), (&json!(1), &json!(1)));
    let admin = hub.admin();
    admin.send(Ask::delete("/api/v1/repositories/team/files?confirm=team/files")).await.is(200);
    let put = Ask::put("/api/v1/repositories/team/files").json(&json!({ "format": "files" }));
    admin.send(put).await.is(201);
    assert_eq!(shown(&admin, "/repositories/team/files/usage").await["sum"]["downloads"], 0);
}

async fn usage_adds_up_to_the_project_and_the_organisation(hub: Server) {
    let (alice, admin) = (hub.actor("alice"), hub.admin());
    for repository in ["team/app", "team/open", "other/app"] {
        alice.docker().push(&format!("{repository}/web:1"), &image("same")).await.done();
        hub.admin().send(Ask::get(format!("/v2/p/{repository}/web/manifests/1"))).await.is(200);
    }
    // Whoever is nobody counts as well.
    hub.stranger().docker().pull("team/open/web:1").await.gives(&image("same"));
    until("all of it is counted", async || {
        shown(&admin, "/organisation/usage").await["sum"]["downloads"] == 4
    })
    .await;
    let of = async |path: &str| {
        let usage = shown(&admin, path).await;
        let today = usage["items"].as_array().expect("items").last().expect("a day").clone();
        assert_eq!(
            (&today["at"], &today["downloads"]),
            (&usage["to"], &usage["sum"]["downloads"]),
            "{usage}"
        );
        assert_eq!(usage["items"].as_array().map(Vec::len), Some(30));
        let number = |pointer: &str| usage.pointer(pointer).and_then(Value::as_u64).expect("a number");
        let (bytes, stored) = (number("/totals/bytes"), number("/totals/bytes_stored"));
        (number("/sum/downloads"), number("/sum/published"), number("/totals/versions"), bytes / stored)
    };
    assert_eq!(of("/repositories/team/app/usage").await, (1, 1, 1, 1));
    assert_eq!(of("/projects/team/usage").await, (3, 2, 2, 2));
    assert_eq!(of("/projects/other/usage").await, (1, 1, 1, 1));
    assert_eq!(of("/organisation/usage").await, (4, 3, 3, 3));
}

async fn packages_are_found_by_how_often_they_were_fetched(hub: Server) {
    let alice = hub.actor("alice");
    let repositories = ["team/app", "team/open", "other/app"];
    // How often each is fetched in each of these; two numbers are the same, and some were never fetched.
    let wanted = [("a", [2, 0, 1]), ("b", [0, 2, 0]), ("c", [3, 0, 2])];
    for (image_name, downloads) in wanted {
        for (repository, downloads) in repositories.iter().zip(downloads) {
            alice.docker().push(&format!("{repository}/{image_name}:1"), &image("same")).await.done();
            for _ in 0..downloads {
                alice.send(Ask::get(format!("/v2/p/{repository}/{image_name}/manifests/1"))).await.is(200);
            }
        }
    }
    let found = async |sort: &str, limit: u32| {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let at = format!("/packages?sort={sort}&limit={limit}{after}");
            let page = shown(&alice, &at).await;
            all.extend(page["items"].as_array().expect("items").iter().map(|item| {
                let text = |field: &str| item[field].as_str().expect("a text").to_owned();
                (item["downloads"].as_u64().expect("a number"), text("name"), text("on"))
            }));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={}", encode(next)),
                None => return all,
            }
        }
    };
    until("all of it is counted", async || {
        found("name", 100).await.iter().map(|(downloads, ..)| downloads).sum::<u64>() == 10
    })
    .await;
    let mut expected: Vec<(u64, String, String)> = Vec::new();
    for (image_name, downloads) in wanted {
        let of = repositories.iter().zip(downloads);
        expected.extend(of.map(|(on, downloads)| (downloads, image_name.to_owned(), (*on).to_owned())));
    }
    expected.sort();
    // Of what has the same name and was fetched as often repositories keep their order.
    let mut down = expected.clone();
    down.sort_by(|one, other| (other.0, &other.1).cmp(&(one.0, &one.1)).then_with(|| one.2.cmp(&other.2)));
    for limit in [1, 2, 4, 100] {
        assert_eq!(found("downloads", limit).await, expected, "{limit}");
        assert_eq!(found("-downloads", limit).await, down, "{limit}");
    }
    let at = "/api/v1/packages?sort=-downloads&limit=1";
    let next = alice.send(Ask::get(at)).await.is(200).json()["next"].as_str().expect("a next").to_owned();
    let other = format!("/api/v1/packages?sort=downloads&limit=1&after={}", encode(&next));
    assert_eq!(alice.send(Ask::get(other)).await.is(409).json()["code"], "bad-cursor");
}

async fn usage_is_shown_to_who_may_see_it(hub: Server) {
    let repository = "/api/v1/repositories/team/app/usage";
    for (who, node, status) in [
        ("rita", repository, 200),
        ("bob", repository, 403),
        ("rita", "/api/v1/projects/team/usage", 403),
        ("alice", "/api/v1/projects/team/usage", 403),
        ("alice", "/api/v1/organisation/usage", 403),
        ("root", "/api/v1/organisation/usage", 200),
    ] {
        hub.actor(who).send(Ask::get(node)).await.is(status);
    }
    hub.stranger().send(Ask::get(repository)).await.is(401);
    // What nobody may know of is as absent as what is not there.
    let masked = |answer: &Value| (answer["code"].clone(), answer["detail"].clone());
    let bob = hub.actor("bob");
    let hidden = bob.send(Ask::get(repository)).await.is(403).json();
    let absent = bob.send(Ask::get("/api/v1/repositories/team/nothing/usage")).await.is(403).json();
    assert_eq!(masked(&hidden), masked(&absent));
    let seen = shown(&hub.actor("rita"), "/repositories/team/app/usage").await;
    assert_eq!((&seen["totals"]["bytes_stored"], &seen["totals"]["bytes"]), (&Value::Null, &json!(0)));
    assert_eq!(shown(&hub.admin(), "/repositories/team/app/usage").await["totals"]["bytes_stored"], 0);
}

async fn days_have_bounds_and_a_table_is_had_by_asking_for_it(hub: Server) {
    let rita = hub.actor("rita");
    let at = |query: &str| Ask::get(format!("/api/v1/repositories/team/app/usage?{query}"));
    let usage = rita.send(at("from=2026-01-01&to=2027-02-04&step=month")).await.is(200).json();
    let months: Vec<&str> =
        usage["items"].as_array().expect("items").iter().filter_map(|item| item["at"].as_str()).collect();
    assert_eq!((months.len(), months[0], months[13]), (14, "2026-01-01", "2027-02-01"));
    // Each of the two is as described: that they do not go together is a rule.
    for query in ["from=2026-01-01&to=2027-02-05", "from=2026-02-01&to=2026-01-31"] {
        assert_eq!(rita.send(at(query)).await.is(409).json()["code"], "rule", "{query}");
    }
    for (query, parameter) in [("from=2026-02-30", "from"), ("to=yesterday", "to"), ("step=hour", "step")] {
        let refused = rita.send(at(query)).await.is(400).json();
        assert_eq!(
            (&refused["code"], &refused["errors"][0]["parameter"]),
            (&json!("invalid"), &json!(parameter))
        );
    }
    assert_eq!(rita.send(at("until=2026-01-01")).await.is(400).json()["code"], "unknown-parameter");
    let asked = at("from=2026-01-01&to=2026-01-03&step=week").header("accept", "text/csv");
    let table = rita.send(asked).await.is(200);
    assert_eq!(table.must_have("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(table.must_have("vary"), "accept");
    assert_eq!(table.body, "at,downloads,downloaded_bytes,published\r\n2026-01-01,0,0,0\r\n");
    // A refusal is a problem, whatever was asked for; and what is no table is JSON.
    let refused = rita.send(at("step=hour").header("accept", "text/csv")).await.is(400);
    assert_eq!(refused.must_have("content-type"), "application/problem+json");
    let me = rita.send(Ask::get("/api/v1/me").header("accept", "text/csv")).await.is(200);
    assert_eq!(me.must_have("content-type"), "application/json");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_nodes_hand_out_adds_up() {
    let Some(hub) = Server::on_postgres(team()).await else { return };
    let second = hub.beside().await;
    let alice = hub.actor("alice");
    let there = Actor::new(second.addr, Some(hub.login("alice")));
    // The rows are the same, the bytes are each one's own.
    for (who, tag) in [(&alice, "1"), (&there, "2")] {
        who.docker().push(&format!("team/app/web:{tag}"), &image(tag)).await.done();
        for _ in 0..5 {
            who.send(Ask::get(format!("/v2/p/team/app/web/manifests/{tag}"))).await.is(200);
        }
    }
    counts(&alice, "team/app/packages/web", 10).await;
    counts(&alice, "team/app/packages/web/versions/2", 5).await;
    counts(&there, "team/app/packages/web", 10).await;
    assert_eq!(shown(&there, "/repositories/team/app/usage").await["sum"]["published"], 2);
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_fetched_before_the_end_is_counted_after_it() {
    let (organisation, folder) = (team(), Folder::new("usage"));
    let launch = || Launch::new(folder.root()).organisation(folder.root(), &organisation);
    let mut process = launch().start().await;
    let alice = process.actor(organisation.login("alice"));
    alice.files("team/files").put("a", "text").await.is(201);
    for _ in 0..7 {
        alice.files("team/files").get("a").await.is(200);
    }
    process.signal("TERM");
    assert!(process.ended().await.success());
    let process = launch().start().await;
    let alice = process.actor(organisation.login("alice"));
    let usage = shown(&alice, "/repositories/team/files/usage").await;
    assert_eq!((&usage["sum"]["downloads"], &usage["sum"]["published"]), (&json!(7), &json!(1)));
    let server = format!("http://{}", process.address);
    let token = organisation.login("alice").secret;
    let said = |more: &[&str]| {
        let line = [&["usage", "team/files", "--server", &server], more].concat();
        run(folder.root(), &line, &[("WHARFINGER_TOKEN", &token)]).succeeds().out
    };
    let table = said(&["--step", "month"]);
    assert!(table.starts_with("AT  "), "{table}");
    assert!(table.contains("downloaded_bytes") && table.contains("packages"), "{table}");
    let csv = said(&["--csv"]);
    assert_eq!(csv.lines().next(), Some("at,downloads,downloaded_bytes,published"), "{csv}");
    assert!(csv.trim_end().ends_with(",7,28,1"), "{csv}");
    let document: Value = serde_json::from_str(&said(&["-o", "json"])).expect("JSON");
    assert_eq!(document["sum"]["downloads"], 7);
}
