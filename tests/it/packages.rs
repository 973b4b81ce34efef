//! Packages, versions and files of every format, as those see them who look at all formats alike.

use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::maven::Built;
use crate::support::nuget::Packed;
use crate::support::{Ask, Server, image, on_both_databases};

on_both_databases!(
    in crate::support::Organisation::team_of_every_format;
    images_have_tags_and_digests,
    jars_have_versions_made_of_files,
    packages_of_nuget_have_versions,
    files_are_versions_of_one_package,
    lists_go_on_where_they_ended,
    nobody_looks_who_may_not_read,
    packages_are_found_in_everything_one_may_read,
    packages_are_found_in_the_order_that_is_asked_for,
    a_repository_says_what_is_in_it_and_how_to_get_there,
);

async fn shown(who: &Actor, repository: &str, rest: &str) -> Value {
    let at = format!("/api/v1/repositories/{repository}/packages{rest}");
    who.send(Ask::get(at)).await.is(200).json()
}

async fn absent(who: &Actor, repository: &str, rest: &str) {
    let at = format!("/api/v1/repositories/{repository}/packages{rest}");
    assert_eq!(who.send(Ask::get(at)).await.is(404).json()["code"], "absent", "{rest}");
}

fn texts(list: &Value, field: &str) -> Vec<String> {
    let items = list["items"].as_array().expect("items").iter();
    items.map(|item| item[field].as_str().unwrap_or("-").to_owned()).collect()
}

async fn images_have_tags_and_digests(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/tools/web:v1", &hello).await.done();
    alice.docker().push("team/app/tools/web:v2", &image("two")).await.done();
    let list = shown(&alice, "team/app", "").await;
    assert_eq!(texts(&list, "name"), ["tools/web"]);
    let package = shown(&alice, "team/app", "/tools%2Fweb").await;
    assert_eq!((&package["versions"], &package["latest"]), (&json!(2), &Value::Null));
    assert_eq!((&package["on"], &package["format"]), (&json!("team/app"), &json!("oci")));
    let versions = shown(&alice, "team/app", "/tools%2Fweb/versions").await;
    assert_eq!(texts(&versions, "version"), ["v1", "v2"]);
    let tag = shown(&alice, "team/app", "/tools%2Fweb/versions/v1").await;
    assert_eq!((&tag["digest"], &tag["state"]), (&json!(hello.digest()), &json!("listed")));
    let by_digest = format!("/tools%2Fweb/versions/{}", hello.digest().replace(':', "%3A"));
    assert_eq!(shown(&alice, "team/app", &by_digest).await["digest"], hello.digest());
    let files = shown(&alice, "team/app", "/tools%2Fweb/versions/v1/files").await;
    let url = files["items"][0]["url"].as_str().expect("a url").to_owned();
    assert_eq!(url, "/v2/p/team/app/tools/web/manifests/v1");
    assert_eq!(alice.send(Ask::get(url)).await.is(200).body, hello.manifest);
    // A slash that is not encoded splits the path.
    let split = "/api/v1/repositories/team/app/packages/tools/web";
    assert_eq!(alice.send(Ask::get(split)).await.is(404).json()["code"], "no-route");
    for rest in ["/web", "/tools%2Fweb/versions/v3", "/tools%2Fweb/versions/sha256%3A00", "/web/versions"] {
        absent(&alice, "team/app", rest).await;
    }
}

async fn jars_have_versions_made_of_files(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    for version in ["1.9", "1.10"] {
        jars.mvn_deploy(&Built::new(&format!("org.example:lib:{version}"), "text")).await.expect("a deploy");
    }
    let list = shown(&alice, "team/jars", "").await;
    assert_eq!(
        (texts(&list, "name"), texts(&list, "latest")),
        (vec!["org.example:lib".into()], vec!["1.10".into()])
    );
    let versions = shown(&alice, "team/jars", "/org.example:lib/versions").await;
    assert_eq!(texts(&versions, "version"), ["1.9", "1.10"]);
    assert_eq!(versions["items"][0]["bytes"], Value::Null);
    let files = shown(&alice, "team/jars", "/org.example:lib/versions/1.9/files").await;
    assert_eq!(texts(&files, "path"), ["org/example/lib/1.9/lib-1.9.jar", "org/example/lib/1.9/lib-1.9.pom"]);
    for file in files["items"].as_array().expect("items") {
        let url = file["url"].as_str().expect("a url");
        let sha1 = alice.send(Ask::get(format!("{url}.sha1"))).await.is(200).body;
        assert_eq!(file["digests"]["sha1"], String::from_utf8_lossy(&sha1).as_ref());
    }
    for rest in ["/org.example:other", "/org.example:lib/versions/2", "/org.example:lib/versions/2/files"] {
        absent(&alice, "team/jars", rest).await;
    }
}

async fn packages_of_nuget_have_versions(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    for version in ["1.0.0", "2.0.0", "10.0.0"] {
        feed.push(&Packed::new("Lib.Core", version)).await.is(201);
    }
    feed.delete("Lib.Core", "10.0.0").await.is(204);
    let list = shown(&alice, "team/feed", "").await;
    assert_eq!(
        (texts(&list, "name"), texts(&list, "latest")),
        (vec!["Lib.Core".into()], vec!["2.0.0".into()])
    );
    assert_eq!(shown(&alice, "team/feed", "/lib.core").await["versions"], 3);
    let versions = shown(&alice, "team/feed", "/LIB.CORE/versions").await;
    assert_eq!(texts(&versions, "version"), ["1.0.0", "2.0.0", "10.0.0"]);
    assert_eq!(texts(&versions, "state"), ["listed", "listed", "unlisted"]);
    let files = shown(&alice, "team/feed", "/Lib.Core/versions/2.0/files").await;
    let file = &files["items"][0];
    let nupkg = alice.send(Ask::get(file["url"].as_str().expect("a url"))).await.is(200).body;
    assert_eq!(file["bytes"], nupkg.len());
    absent(&alice, "team/feed", "/a..b").await;
    absent(&alice, "team/feed", "/Lib.Core/versions/not-one").await;
}

async fn files_are_versions_of_one_package(hub: Server) {
    let alice = hub.actor("alice");
    assert_eq!(shown(&alice, "team/files", "").await, json!({ "items": [], "next": null }));
    absent(&alice, "team/files", "/%2F").await;
    alice.files("team/files").put("build/a%20b.txt", "bytes").await.is(201);
    assert_eq!(texts(&shown(&alice, "team/files", "").await, "name"), ["/"]);
    let versions = shown(&alice, "team/files", "/%2F/versions").await;
    assert_eq!(texts(&versions, "version"), ["build/a b.txt"]);
    let file = shown(&alice, "team/files", "/%2F/versions/build%2Fa%20b.txt").await;
    assert_eq!(file["bytes"], 5);
    let files = shown(&alice, "team/files", "/%2F/versions/build%2Fa%20b.txt/files").await;
    assert_eq!(
        alice.send(Ask::get(files["items"][0]["url"].as_str().expect("a url"))).await.is(200).body,
        "bytes"
    );
    for rest in ["/build", "/%2F/versions/build", "/%2F/versions/..%2Fa"] {
        absent(&alice, "team/files", rest).await;
    }
}

async fn lists_go_on_where_they_ended(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    let names = ["a:b", "a:c", "b:a", "b:b", "c:a"];
    for name in names {
        jars.mvn_deploy(&Built::new(&format!("{name}:1-SNAPSHOT"), "text")).await.expect("a deploy");
        jars.mvn_deploy(&Built::new(&format!("{name}:1"), "text")).await.expect("a deploy");
    }
    for (rest, field) in [
        ("", "name"),
        ("/a:b/versions", "version"),
        ("/a:b/versions/1/files", "path"),
        ("/a:b/versions/1-SNAPSHOT/files", "path"),
    ] {
        let whole = texts(&shown(&alice, "team/jars", rest).await, field);
        let (mut walked, mut after) = (Vec::new(), String::new());
        loop {
            let page = shown(&alice, "team/jars", &format!("{rest}?limit=1{after}")).await;
            walked.extend(texts(&page, field));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={}", next.replace('\n', "%0A").replace('/', "%2F"));
        }
        assert!(whole.len() > 1, "{rest}: {whole:?}");
        assert_eq!(walked, whole, "{rest}");
    }
    let odd = "/api/v1/repositories/team/jars/packages/a:b/versions?after=%20";
    assert_eq!(alice.send(Ask::get(odd)).await.is(409).json()["code"], "bad-cursor");
}

async fn nobody_looks_who_may_not_read(hub: Server) {
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:v1", &image("hello")).await.done();
    for rest in ["", "/web", "/web/versions", "/web/versions/v1", "/web/versions/v1/files"] {
        let there = format!("/api/v1/repositories/team/app/packages{rest}");
        let nowhere = format!("/api/v1/repositories/team/none/packages{rest}");
        for who in ["bob", "alice/pusher"] {
            let actor = hub.actor(who);
            let (refused, absent) =
                (actor.send(Ask::get(&there)).await.is(403), actor.send(Ask::get(&nowhere)).await.is(403));
            let (mut refused, mut absent) = (refused.json(), absent.json());
            for problem in [&mut refused, &mut absent] {
                problem["request_id"] = Value::Null;
                problem.as_object_mut().map(|fields| fields.remove("missing"));
            }
            assert_eq!(refused, absent, "{who} {rest}");
        }
        hub.stranger().send(Ask::get(&there)).await.is(401);
    }
}

const EVERYWHERE: [&str; 5] =
    ["other/app web", "team/app tools/web", "team/feed Web.Core", "team/jars org.Web:lib", "team/open web"];

async fn fill_everything(hub: &Server) {
    let alice = hub.actor("alice");
    for name in ["team/app/tools/web", "team/app/zebra", "team/open/web", "other/app/web"] {
        alice.docker().push(&format!("{name}:v1"), &image("hello")).await.done();
    }
    alice.jars("team/jars").mvn_deploy(&Built::new("org.Web:lib:1.0", "text")).await.expect("a deploy");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    feed.push(&Packed::new("Web.Core", "1.0.0")).await.is(201);
}

/// What is found, a line each, and where the list goes on, as an address has it.
async fn found(hub: &Server, who: &str, asked: &str) -> (Vec<String>, Option<String>) {
    let list = hub.actor(who).send(Ask::get(format!("/api/v1/packages{asked}"))).await.is(200).json();
    let items = list["items"].as_array().expect("items").iter();
    let line = |item: &Value| {
        format!("{} {}", item["on"].as_str().unwrap_or("-"), item["name"].as_str().unwrap_or("-"))
    };
    let next = list["next"].as_str().map(|next| next.replace('\n', "%0A").replace('/', "%2F"));
    (items.map(line).collect(), next)
}

/// The same page by page, each of one.
async fn walked(hub: &Server, asked: &str) -> Vec<String> {
    let (mut walked, mut after) = (Vec::new(), String::new());
    loop {
        let (page, next) = found(hub, "alice", &format!("{asked}&limit=1{after}")).await;
        assert!(page.len() <= 1);
        walked.extend(page);
        let Some(next) = next else { return walked };
        after = format!("&after={next}");
    }
}

async fn packages_are_found_in_everything_one_may_read(hub: Server) {
    fill_everything(&hub).await;
    let lines = async |who: &str, asked: &str| found(&hub, who, asked).await.0;
    assert_eq!(found(&hub, "alice", "?query=WEB").await, (EVERYWHERE.map(str::to_owned).to_vec(), None));
    assert_eq!(lines("alice", "?query=web&project=other").await, ["other/app web"]);
    assert_eq!(lines("alice", "?query=web&format=nuget").await, ["team/feed Web.Core"]);
    assert_eq!(
        lines("alice", "?query=web&format=oci&project=team").await,
        ["team/app tools/web", "team/open web"]
    );
    assert_eq!(lines("rita", "").await, ["team/app tools/web", "team/app zebra", "team/open web"]);
    assert_eq!(lines("bob", "?query=web").await, ["team/open web"]);
    assert!(lines("alice", "?query=absent").await.is_empty());
    assert_eq!(walked(&hub, "?query=web").await, EVERYWHERE);
    for (asked, code) in [("?format=cargo", "unknown-name"), ("?after=odd", "bad-cursor")] {
        let asked = Ask::get(format!("/api/v1/packages{asked}"));
        assert_eq!(hub.actor("alice").send(asked).await.is(409).json()["code"], code);
    }
    let feed = hub.actor("alice");
    let feed = feed.feed("team/feed").keyed(&hub.login("alice").secret);
    for (id, version) in [("Web.Next", "2.0.0-rc.1"), ("Web.Gone", "1.0.0")] {
        feed.push(&Packed::new(id, version)).await.is(201);
    }
    let state = "/api/v1/repositories/team/feed/packages/Web.Gone/versions/1.0.0/state";
    hub.actor("alice").send(Ask::put(state).json(&json!({ "state": "unlisted" }))).await.is(200);
    assert_eq!(lines("alice", "?query=web&prerelease=true").await, ["team/feed Web.Next"]);
    assert_eq!(lines("alice", "?query=web&unlisted=true").await, ["team/feed Web.Gone"]);
    assert_eq!(lines("alice", "?query=web&prerelease=false&unlisted=false").await, EVERYWHERE);
    hub.stranger().send(Ask::get("/api/v1/packages")).await.is(401);
}

/// By name, either way, and then by repository; a place in one order is none in another.
async fn packages_are_found_in_the_order_that_is_asked_for(hub: Server) {
    fill_everything(&hub).await;
    let (by_name, _) = found(&hub, "alice", "?query=web&sort=name").await;
    let name = |line: &String| line.split_once(' ').expect("a name").1.to_owned();
    let mut sorted = EVERYWHERE;
    sorted.sort_by_key(|line| line.split_once(' ').map(|(on, name)| (name.to_lowercase(), on.to_owned())));
    assert_eq!(by_name, sorted);
    let turned: Vec<String> = by_name.iter().rev().map(name).collect();
    let (found_turned, _) = found(&hub, "alice", "?query=web&sort=-name").await;
    assert_eq!(found_turned.iter().map(name).collect::<Vec<_>>(), turned);
    assert_eq!(walked(&hub, "?query=web&sort=name").await, by_name);
    assert_eq!(walked(&hub, "?query=web&sort=-name").await, found_turned);
    let next = found(&hub, "alice", "?query=web&sort=name&limit=1").await.1.expect("more");
    let alice = hub.actor("alice");
    for other in ["?query=web", "?query=web&sort=-name", "?sort=name"] {
        let asked = Ask::get(format!("/api/v1/packages{other}&limit=1&after={next}"));
        assert_eq!(alice.send(asked).await.is(409).json()["code"], "bad-cursor", "{other}");
    }
    alice.send(Ask::get("/api/v1/packages?sort=size")).await.is(400);
}

async fn a_repository_says_what_is_in_it_and_how_to_get_there(hub: Server) {
    let (alice, root) = (hub.actor("alice"), hub.actor("root"));
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    let about = async |who: &Actor, path: &str| {
        who.send(Ask::get(format!("/api/v1/repositories/{path}"))).await.is(200).json()["about"].clone()
    };
    let empty = about(&alice, "team/feed").await;
    assert_eq!((&empty["versions"], &empty["bytes"]), (&json!(0), &json!(0)));
    for version in ["1.0.0", "2.0.0"] {
        feed.push(&Packed::new("Lib", version)).await.is(201);
    }
    let filled = about(&root, "team/feed").await;
    assert_eq!(filled["versions"], 2);
    assert!(filled["bytes"].as_u64() > Some(0));
    assert_eq!(filled["url"], "/nuget/p/team/feed/v3/index.json");
    alice.send(Ask::get(filled["url"].as_str().expect("a url"))).await.is(200);
    assert_eq!(filled["connect"]["dotnet"], "wharfinger connect dotnet --repository team/feed");
    alice.docker().push("team/app/web:v1", &image("hello")).await.done();
    let images = about(&alice, "team/app").await;
    assert_eq!((&images["url"], &images["versions"]), (&json!("/v2/p/team/app"), &json!(1)));
    let listed = root.send(Ask::get("/api/v1/repositories?project=team&limit=1")).await.is(200).json();
    assert_eq!(listed["items"][0]["about"]["versions"], Value::Null);
}
