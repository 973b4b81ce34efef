//! What is said of versions of NuGet besides giving them, and their symbols.

use serde_json::{Value, json};

use super::shelf::{Page, Shelf};
use super::{Porter, lines, team, tree, write};
use crate::support::nuget::{Packed, Seen, portable_pdb};
use crate::support::{Ask, Folder, Server};

/// What is said of `Acme.Rope 3.0.0`, as the API has it and as feeds write it.
fn deprecation() -> (Value, Value) {
    let api = json!({ "reasons": ["legacy", "critical-bugs"], "message": "Use the net.",
        "alternate": { "id": "Acme.Net", "range": "[2.0.0, )" } });
    let feed = json!({ "reasons": ["Legacy", "CriticalBugs"], "message": "Use the net.",
        "alternatePackage": { "id": "Acme.Net", "range": "[2.0.0, )" } });
    (api, feed)
}

fn version(feed: &str, version: &str) -> String {
    format!("/api/v1/repositories/{feed}/packages/Acme.Rope/versions/{version}")
}

fn symbols() -> Packed {
    Packed::symbols("Acme.Rope", "1.0.0", &[("lib/net10.0/rope.pdb", &portable_pdb([0x33; 16]))])
}

/// Three versions: the second unlisted, the third deprecated; the first has symbols.
async fn filled(hub: &Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("from/feed");
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        feed.push(&Packed::new("Acme.Rope", version)).await.is(201);
    }
    feed.push_symbols(&symbols()).await.is(201);
    feed.delete("Acme.Rope", "2.0.0").await.is(204);
    let place = format!("{}/deprecation", version("from/feed", "3.0.0"));
    alice.send(Ask::put(&*place).json(&deprecation().0)).await.is(200);
}

/// Whether all of [`filled`] came to `to/feed`.
async fn came(hub: &Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("to/feed");
    assert_eq!(feed.seen("Acme.Rope").await, Seen::of(&["1.0.0", "2.0.0", "3.0.0"], &["2.0.0"]));
    let place = format!("{}/deprecation", version("to/feed", "3.0.0"));
    assert_eq!(alice.send(Ask::get(&*place)).await.is(200).json(), deprecation().0);
    assert_eq!(feed.get("symbolpackage/Acme.Rope/1.0.0").await.is(200).body, symbols().bytes);
    let key = "33".repeat(16) + "ffffffff";
    feed.get(&format!("symbols/rope.pdb/{key}/rope.pdb")).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_gateway_tells_what_it_says_of_versions_and_gives_symbols() {
    let (there, here) = (Server::with(team()).await, Server::with(team()).await);
    filled(&there).await;
    let folder = Folder::new("import-remarks");
    let alice = Porter { hub: &here, folder: &folder, who: "alice" };
    let secret = there.login("alice").secret;
    let line = format!(
        "import nuget http://{}/nuget/p/from/feed/v3/index.json --to to/feed --parallel 1",
        there.address()
    );
    let run = |more: &str| alice.run_with(&format!("{line}{more}"), &[("WHARFINGER_SOURCE_SECRET", &secret)]);

    let said = run(" --dry-run").succeeds();
    assert_eq!(
        said.out.lines().last(),
        Some("4 would be taken, 0 the same, 0 refused, 1 would be unlisted, 1 would be deprecated")
    );
    // Its catalogue names it as whoever unlisted it did.
    assert!(said.out.contains("would be unlisted  acme.rope 2.0.0\n"), "{}", said.out);
    here.actor("alice").feed("to/feed").get("flat/acme.rope/index.json").await.is(404);

    let said = run("").succeeds();
    assert_eq!(
        lines(&said)[1..],
        [
            "deprecated  Acme.Rope 3.0.0",
            "taken  Acme.Rope 1.0.0",
            "taken  Acme.Rope 1.0.0 symbols",
            "taken  Acme.Rope 3.0.0",
            "taken  acme.rope 2.0.0",
            "unlisted  acme.rope 2.0.0",
        ]
    );
    came(&here).await;
    let said = run("").succeeds();
    assert_eq!(said.out.lines().last(), Some("0 taken (0 B), 4 the same, 0 refused"));
    came(&here).await;

    // What is said otherwise here stays, unless it is to be replaced.
    let reader = here.actor("alice");
    let place = format!("{}/deprecation", version("to/feed", "3.0.0"));
    let own = json!({ "reasons": ["other"], "message": "Our own words." });
    reader.send(Ask::put(&*place).json(&own)).await.is(200);
    reader.feed("to/feed").relist("Acme.Rope", "2.0.0").await.is(200);
    let said = run("").succeeds();
    assert_eq!(said.out.lines().last(), Some("0 taken (0 B), 4 the same, 0 refused, 1 unlisted"));
    assert_eq!(reader.send(Ask::get(&*place)).await.is(200).json(), own);
    let said = run(" --replace").succeeds();
    assert_eq!(said.out.lines().last(), Some("0 taken (0 B), 4 the same, 0 refused, 1 deprecated"));
    came(&here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_of_versions_goes_out_to_files_and_back() {
    let hub = Server::with(team()).await;
    filled(&hub).await;
    let folder = Folder::new("export-remarks");
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let line = "export nuget from/feed --to out";
    alice.run(&format!("{line} --dry-run")).succeeds();
    assert!(!folder.path("out").try_exists().expect("a look"));
    let said = alice.run(line).succeeds();
    assert!(said.out.ends_with(", 0 refused, 1 unlisted, 1 deprecated\n"), "{}", said.out);
    let written = [
        "acme.rope.1.0.0.nupkg",
        "acme.rope.1.0.0.snupkg",
        "acme.rope.2.0.0.nupkg",
        "acme.rope.2.0.0.nupkg.json",
        "acme.rope.3.0.0.nupkg",
        "acme.rope.3.0.0.nupkg.json",
    ];
    assert_eq!(tree(&folder.path("out")), written);
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(folder.path(name)).expect("a file")).expect("JSON")
    };
    assert_eq!(read("out/acme.rope.2.0.0.nupkg.json"), json!({ "listed": false }));
    let deprecated = json!({ "listed": true, "deprecation": deprecation().1 });
    assert_eq!(read("out/acme.rope.3.0.0.nupkg.json"), deprecated);
    let said = alice.run(line).succeeds();
    assert_eq!(said.out.lines().last(), Some("0 taken (0 B), 4 the same, 0 refused"));

    let said = alice.run("import nuget out --to to/feed --parallel 1").succeeds();
    assert!(said.out.ends_with(", 0 refused, 1 unlisted, 1 deprecated\n"), "{}", said.out);
    came(&hub).await;
    let said = alice.run("import nuget out --to to/feed").succeeds();
    assert_eq!(said.out.lines().last(), Some("0 taken (0 B), 4 the same, 0 refused"));
    alice.run("import nuget out --to to/feed --only acme.net").succeeds();

    // What is listed again loses its file.
    hub.actor("alice").feed("from/feed").relist("Acme.Rope", "2.0.0").await.is(200);
    alice.run(line).succeeds();
    assert!(!folder.path("out/acme.rope.2.0.0.nupkg.json").try_exists().expect("a look"));
    write(&folder, "out/acme.rope.2.0.0.nupkg.json", "no JSON");
    let said = alice.run("import nuget out --to to/feed").fails_with(1);
    assert!(said.out.contains("acme.rope.2.0.0.nupkg.json: it is no JSON object"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_only_publish_is_told_what_is_not_said_of_versions() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-remarks-refused");
    let pat = Porter { hub: &hub, folder: &folder, who: "pat" };
    write(&folder, "feed/a.nupkg", Packed::new("Acme.Rope", "1.0.0").bytes);
    write(&folder, "feed/a.nupkg.json", json!({ "listed": false }).to_string());
    write(&folder, "feed/b.nupkg", Packed::new("Acme.Rope", "2.0.0").bytes);
    for more in [" --dry-run", "", ""] {
        let said = pat.run(&format!("import nuget feed --to to/feed{more}")).fails_with(5);
        let refused = lines(&said).into_iter().find(|line| line.starts_with("refused")).expect("a refusal");
        assert!(refused.starts_with("refused  a.nupkg: "), "{refused}");
        assert!(
            refused.contains("not what is said of it") && refused.contains("delete-package"),
            "{refused}"
        );
    }
    let seen = hub.actor("pat").feed("to/feed").seen("Acme.Rope").await;
    assert_eq!(seen, Seen::of(&["1.0.0", "2.0.0"], &[]));
}

/// As a feed of files has it: no catalogue, pages of their own, leaves that say it beside their entry or by a year.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registrations_of_other_feeds_are_read_page_by_page() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-registrations");
    let shelf = Shelf::start().await;
    let versions = ["1.0.0", "2.0.0", "3.0.0"];
    for version in versions {
        let packed = Packed::new("Acme.Rope", version);
        shelf.is(&format!("v3/{}", packed.content()), packed.bytes);
    }
    shelf.is("v3/flat/acme.rope/index.json", json!({ "versions": versions }).to_string());
    let entry = |version: &str, published: &str| json!({ "id": "Acme.Rope", "version": version, "published": published });
    let first =
        json!({ "@id": shelf.url("v3/reg/acme.rope/first.json"), "lower": "1.0.0", "upper": "1.0.0" });
    let second = json!({ "items": [
        { "listed": false, "catalogEntry": entry("2.0", "2024-05-01T00:00:00Z") },
        { "listed": true, "catalogEntry": entry("3.0.0", "2024-05-01T00:00:00Z") },
    ] });
    let page = json!({ "items": [{ "catalogEntry": entry("1.0.0", "1900-01-01T00:00:00+00:00") }] });
    shelf.is("v3/reg/acme.rope/index.json", json!({ "count": 2, "items": [first, second] }).to_string());
    shelf.is("v3/reg/acme.rope/first.json", page.to_string());
    let resource = |path: &str, kind: &str| json!({ "@id": shelf.url(path), "@type": kind });
    let index = |resources: &[Value]| json!({ "version": "3.0.0", "resources": resources }).to_string();
    let mut resources = vec![
        resource("v3/flat/", "PackageBaseAddress/3.0.0"),
        resource("v3/reg", "RegistrationsBaseUrl/3.6.0"),
    ];
    shelf.is("v3/index.json", index(&resources));
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let line = format!("import nuget {} --to to/feed --only Acme.Rope", shelf.url("v3/index.json"));
    let said = alice.run(&line).succeeds();
    let end = "0 the same, 0 refused, 2 unlisted; the source offers no symbols\n";
    assert!(said.out.ends_with(end), "{}", said.out);
    let seen = hub.actor("alice").feed("to/feed").seen("Acme.Rope").await;
    assert_eq!(seen, Seen::of(&versions, &["1.0.0", "2.0.0"]));

    // Where symbols are pushed they may be given out again, and need not.
    resources.push(resource("api/v2/symbol", "SymbolPackagePublish/4.9.0"));
    shelf.is("v3/index.json", index(&resources));
    shelf.put("api/v2/symbol/Acme.Rope/2.0.0", Page::Fails(405));
    let said = alice.run(&line).succeeds();
    assert!(said.out.ends_with("0 refused; the source offers no symbols\n"), "{}", said.out);
    shelf.is("api/v2/symbol/Acme.Rope/1.0.0", symbols().bytes);
    let said = alice.run(&line).succeeds();
    assert!(said.out.contains("taken  Acme.Rope 1.0.0 symbols\n"), "{}", said.out);
    assert!(said.out.ends_with("3 the same, 0 refused\n"), "{}", said.out);
    let given = hub.actor("alice").feed("to/feed").get("symbolpackage/acme.rope/1.0.0").await;
    assert_eq!(given.is(200).body, symbols().bytes);

    // Other symbols stay, unless they are to be replaced.
    let other = Packed::symbols("Acme.Rope", "1.0.0", &[("lib/rope.pdb", &portable_pdb([0x44; 16]))]);
    shelf.is("api/v2/symbol/Acme.Rope/1.0.0", other.bytes.clone());
    let said = alice.run(&line).fails_with(7);
    assert!(said.out.contains("refused  Acme.Rope 1.0.0 symbols: other content is there"), "{}", said.out);
    alice.run(&format!("{line} --replace")).succeeds();
    let given = hub.actor("alice").feed("to/feed").get("symbolpackage/acme.rope/1.0.0").await;
    assert_eq!(given.is(200).body, other.bytes);
}
