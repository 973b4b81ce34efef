//! Deploys and what is resolved afterwards.

use bytes::Bytes;

use crate::support::http::Version;
use crate::support::maven::{Built, texts};
use crate::support::{Ask, Http, Server, on_both_databases};

on_both_databases!(
    in crate::maven::team;
    a_release_is_deployed_and_resolved_with_each_kind_of_credential,
    builds_of_a_snapshot_are_counted_and_the_newest_is_resolved,
    a_publish_only_token_deploys_and_resolves_nothing,
    gradle_publishes_with_all_hashes_and_a_module,
    bazel_publishes_under_the_literal_version,
    a_late_back_port_is_not_the_latest,
    a_plugin_is_found_by_its_prefix,
    a_parent_and_its_modules_are_deployed_one_after_the_other,
    retries_are_no_conflict,
    http_2_and_an_offer_of_it_change_nothing,
    space_s_hosts_lead_here,
);

async fn a_release_is_deployed_and_resolved_with_each_kind_of_credential(hub: Server) {
    let robot = hub.actor("robot");
    for (who, number) in [("alice", 1), ("pat/password", 2), ("robot", 3)] {
        let built = Built::new(&format!("org.example:lib:{number}"), who).with("-sources.jar", "sources");
        let actor = hub.actor(who);
        assert_eq!(actor.jars("team/jars").mvn_deploy(&built).await.expect(who), 0);
        let expected: Vec<Bytes> = built.files.iter().map(|(_, bytes)| bytes.clone()).collect();
        assert_eq!(robot.jars("team/jars").mvn_resolve(&built).await.expect(who), expected, "{who}");
        // What is public is resolved without a word.
        actor.jars("team/open-jars").mvn_deploy(&built).await.expect(who);
        let stranger = hub.stranger();
        assert_eq!(stranger.jars("team/open-jars").mvn_resolve(&built).await.expect(who), expected, "{who}");
        let refused = stranger.jars("team/jars").mvn_resolve(&built).await.expect_err("private");
        assert_eq!(refused.status, 401, "{refused}");
    }
    assert_eq!(robot.jars("team/jars").versions("org/example/lib").await, ["1", "2", "3"]);
}

async fn builds_of_a_snapshot_are_counted_and_the_newest_is_resolved(hub: Server) {
    let (alice, rita) = (hub.actor("alice"), hub.actor("rita"));
    let jars = alice.jars("team/jars");
    for build in 1..=3 {
        let built = Built::new("org.example:lib:1.0-SNAPSHOT", &format!("build {build}"));
        let built = if build == 2 { built.with("-sources.jar", "sources of 2") } else { built };
        assert_eq!(jars.mvn_deploy(&built).await.expect("a deploy"), build);
        let found = rita.jars("team/jars").mvn_resolve(&built).await.expect("resolved");
        assert_eq!(found[0], built.files[0].1, "build {build}");
    }
    // The sources of an older build are still the newest there are.
    let wanted = Built::new("org.example:lib:1.0-SNAPSHOT", "build 3").with("-sources.jar", "sources of 2");
    let found = rita.jars("team/jars").mvn_resolve(&wanted).await.expect("resolved");
    assert_eq!(found, wanted.files.iter().map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>());
    let document = jars.get("org/example/lib/1.0-SNAPSHOT/maven-metadata.xml").await.is(200);
    let document = std::str::from_utf8(&document.body).expect("UTF-8").to_owned();
    assert_eq!(texts(&document, "buildNumber"), ["3"]);
    assert_eq!(jars.versions("org/example/lib").await, ["1.0-SNAPSHOT"]);
    // The release that comes of it is another version.
    jars.mvn_deploy(&Built::new("org.example:lib:1.0", "done")).await.expect("a deploy");
    assert_eq!(jars.versions("org/example/lib").await, ["1.0-SNAPSHOT", "1.0"]);
}

async fn a_publish_only_token_deploys_and_resolves_nothing(hub: Server) {
    let deployer = hub.actor("alice/deployer");
    let jars = deployer.jars("team/jars");
    for version in ["1.0-SNAPSHOT", "1.0"] {
        let built = Built::new(&format!("org.example:lib:{version}"), "text");
        jars.mvn_deploy(&built).await.expect("a deploy");
        let refused = jars.mvn_resolve(&built).await.expect_err("no content");
        assert_eq!(refused.status, 403, "{refused}");
        let path = built.path(if version == "1.0" { "1.0" } else { "1.0-20260102.030401-1" }, ".jar");
        deployer.send(Ask::head(jars.at(&path))).await.is(200);
        jars.get(&format!("{path}.sha1")).await.is(403);
    }
    deployer.send(Ask::delete(jars.at("org/example/lib"))).await.is(403);
}

async fn gradle_publishes_with_all_hashes_and_a_module(hub: Server) {
    let alice = hub.actor("alice");
    let built = Built::new("org.example:lib:1.0", "gradle").with(".module", "{\"formatVersion\":\"1.1\"}");
    let built = built.with("-sources.jar", "sources").with(".jar.asc", "a signature");
    let jars = alice.jars("team/jars");
    jars.gradle_publish(&built).await.expect("a publication");
    jars.gradle_publish(&built).await.expect("the same again");
    let module = jars.get(&built.path("1.0", ".module")).await.is(200);
    assert_eq!(module.must_have("content-type"), "application/json");
    // A module that is not there must be 404: Gradle takes anything else for a failure.
    let absent = jars.get("org/example/other/1.0/other-1.0.module").await.is(404);
    // Maven 3.9.11 and 4.0.0-rc-4 take a 404 with a problem document for a failure, not for "none yet".
    assert_eq!(absent.must_have("content-type"), "text/plain", "{absent}");
    assert_eq!(jars.versions("org/example/lib").await, ["1.0"]);
}

async fn bazel_publishes_under_the_literal_version(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    for text in ["first", "second"] {
        let built = Built::new("org.example:lib:1.0-SNAPSHOT", text);
        jars.bazel_publish(&built).await.expect("a publication");
        let found = jars.mvn_resolve(&built).await.expect("resolved");
        assert_eq!(found[0], built.files[0].1, "{text}");
    }
    let document = jars.get("org/example/lib/1.0-SNAPSHOT/maven-metadata.xml").await.is(200);
    let document = std::str::from_utf8(&document.body).expect("UTF-8").to_owned();
    assert_eq!(texts(&document, "value"), ["1.0-SNAPSHOT", "1.0-SNAPSHOT"]);
    assert_eq!(texts(&document, "localCopy"), ["true"]);
}

async fn a_late_back_port_is_not_the_latest(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    for version in ["2.0", "1.10", "2.1-SNAPSHOT", "1.9"] {
        let built = Built::new(&format!("org.example:lib:{version}"), "text");
        jars.mvn_deploy(&built).await.expect("a deploy");
    }
    assert_eq!(jars.versions("org/example/lib").await, ["1.9", "1.10", "2.0", "2.1-SNAPSHOT"]);
    let document = jars.get("org/example/lib/maven-metadata.xml").await.is(200);
    let document = std::str::from_utf8(&document.body).expect("UTF-8").to_owned();
    assert_eq!(
        (texts(&document, "latest"), texts(&document, "release")),
        (vec!["2.1-SNAPSHOT".into()], vec!["2.0".into()])
    );
}

async fn a_plugin_is_found_by_its_prefix(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    let built = Built::new("org.example.tools:hello-maven-plugin:1.0", "plug-in");
    jars.mvn_deploy(&built).await.expect("a deploy");
    let group = "org/example/tools/maven-metadata.xml";
    assert_eq!(jars.mvn_metadata(group).await.expect("an answer"), None);
    let said = "<metadata><plugins><plugin><name>Hello</name><prefix>hello</prefix>\
                <artifactId>hello-maven-plugin</artifactId></plugin></plugins></metadata>";
    jars.put(group, said).await.is(201);
    jars.put(&format!("{group}.sha1"), "the hash of what the client wrote").await.is(201);
    let document = jars.mvn_metadata(group).await.expect("an answer").expect("a document");
    assert_eq!(texts(&document, "prefix"), ["hello"]);
    alice.send(Ask::delete(jars.at("org/example/tools/hello-maven-plugin/1.0/"))).await.is(204);
    assert_eq!(jars.mvn_metadata(group).await.expect("an answer"), None);
}

async fn a_parent_and_its_modules_are_deployed_one_after_the_other(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    let parent = "<project><groupId>org.example</groupId><artifactId>parent</artifactId><version>1.0</version>\
                  <packaging>pom</packaging><modules><module>a</module></modules></project>";
    jars.put("org/example/parent/1.0/parent-1.0.pom", parent).await.is(201);
    for module in ["a", "b"] {
        let child = format!(
            "<project><parent><groupId>org.example</groupId><artifactId>parent</artifactId><version>1.0</version>\
             </parent><artifactId>{module}</artifactId></project>"
        );
        let path = format!("org/example/{module}/1.0/{module}-1.0.pom");
        jars.put(&path, child.clone()).await.is(201);
        assert_eq!(jars.get(&path).await.is(200).body, child);
    }
    for directory in ["org/example/parent", "org/example/a", "org/example/b"] {
        assert_eq!(jars.versions(directory).await, ["1.0"]);
    }
}

async fn retries_are_no_conflict(hub: Server) {
    let pat = hub.actor("pat");
    let jars = pat.jars("team/jars");
    for version in ["1.0", "2.0-SNAPSHOT"] {
        let built = Built::new(&format!("org.example:lib:{version}"), "text");
        jars.mvn_deploy(&built).await.expect("a deploy");
        for (end, bytes) in &built.files {
            let shown = if version == "1.0" { version.to_owned() } else { built.expanded(1) };
            jars.put(&built.path(&shown, end), bytes.clone()).await.is(200);
            jars.put(&built.path(&shown, end), "other").await.is(409);
        }
    }
}

/// Maven 4 offers `h2c` on clear text, with a body too, and speaks HTTP/2 where it may.
async fn http_2_and_an_offer_of_it_change_nothing(hub: Server) {
    let alice = hub.actor("alice");
    let offer = Ask::put("/maven/p/team/jars/a/b/1/b-1.jar")
        .header("connection", "Upgrade, HTTP2-Settings")
        .header("upgrade", "h2c")
        .header("http2-settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA");
    alice.send(offer.body("bytes")).await.is(201);
    let http = Http::new(hub.address()).speaking(Version::Http2);
    let put = Ask::put("/maven/p/team/jars/a/b/2/b-2.jar").body("bytes");
    http.send(alice.signed(put)).await.is(201);
    let get = http.send(alice.signed(Ask::get("/maven/p/team/jars/a/b/2/b-2.jar"))).await.is(200);
    assert_eq!(get.body, "bytes");
    let put = Ask::put("/maven/p/team/jars/a/b/2/b-2.jar").body("other");
    let refused = http.send(alice.signed(put)).await.is(409);
    assert!(refused.json()["detail"].is_string(), "{refused}");
    assert_eq!(alice.jars("team/jars").versions("a/b").await, ["1", "2"]);
}

async fn space_s_hosts_lead_here(hub: Server) {
    let alice = hub.actor("alice");
    let path = "/p/team/jars/org/example/lib/1.0/lib-1.0.jar";
    let host = format!("maven.pkg.localhost:{}", hub.address().port());
    alice.send(Ask::put(format!("/acme{path}")).header("host", &host).body("bytes")).await.is(201);
    let found = alice.send(Ask::get(format!("/maven{path}"))).await.is(200);
    assert_eq!(found.body, "bytes");
    alice.send(Ask::get(format!("/acme{path}")).header("host", &host)).await.is(200);
    alice.send(Ask::get(format!("/other{path}")).header("host", &host)).await.is(403);
}
