//! What versions tell of themselves over the API: read out of content that anybody may have written.

use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::image::{OCI_INDEX, OCI_MANIFEST, sha256};
use crate::support::maven::Built;
use crate::support::nuget::Packed;
use crate::support::{Ask, Server, image, on_both_databases};

on_both_databases!(
    in crate::support::Organisation::team_of_every_format;
    an_image_tells_its_layers_and_an_index_its_platforms,
    manifests_without_a_tag_are_listed,
    a_jar_tells_its_pom,
    a_package_of_nuget_tells_its_readme,
    what_is_hostile_fails_nothing,
    folders_are_listed,
    the_newest_come_first,
    who_may_not_read_learns_nothing,
);

async fn of(who: &Actor, rest: &str) -> Value {
    who.send(Ask::get(format!("/api/v1/repositories/team/{rest}"))).await.is(200).json()
}

fn texts<'v>(list: &'v Value, member: &str) -> Vec<&'v str> {
    let items = list.as_array().expect("a list").iter();
    items.map(|item| item[member].as_str().unwrap_or("-")).collect()
}

async fn put(who: &Actor, reference: &str, media_type: &str, body: &Value) -> String {
    let (target, body) = (format!("/v2/p/team/app/web/manifests/{reference}"), body.to_string());
    who.send(Ask::put(target).header("content-type", media_type).body(body.clone())).await.is(201);
    sha256(body.as_bytes())
}

/// An index of an image for amd64, one that is not here, and an attestation.
fn index(member: &str, size: usize) -> Value {
    let on = |digest: &str, size: usize, os: &str, on: &str| {
        json!({ "mediaType": OCI_MANIFEST, "digest": digest, "size": size,
                "platform": { "os": os, "architecture": on } })
    };
    let (absent, attested) = (sha256(b"arm64"), sha256(b"attested"));
    json!({
        "schemaVersion": 2, "mediaType": OCI_INDEX,
        "annotations": { "org.opencontainers.image.source": "https://example.org/git", "x": "<b>\u{202e}" },
        "manifests": [
            on(member, size, "linux", "amd64"),
            on(&absent, 9, "linux", "arm64"),
            on(&attested, 9, "unknown", "unknown"),
        ],
    })
}

async fn an_image_tells_its_layers_and_an_index_its_platforms(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    alice.docker().push("team/app/web:same", &hello).await.done();
    let details = of(&alice, "app/packages/web/versions/1.0/details").await;
    assert_eq!(details["kind"], "image");
    assert_eq!(texts(&details["parts"], "role"), ["layer", "configuration"]);
    assert_eq!(details["parts"][0]["bytes"], 5);
    assert_eq!(details["pull_bytes"], json!(5 + hello.config.len()));
    assert_eq!(details["same_as"], json!(["same"]));
    assert_eq!(details["document"], String::from_utf8_lossy(&hello.manifest).as_ref());

    let digest = put(&alice, "all", OCI_INDEX, &index(&hello.digest(), hello.manifest.len())).await;
    let details = of(&alice, "app/packages/web/versions/all/details").await;
    assert_eq!(details["kind"], "index");
    assert_eq!(texts(&details["parts"], "role"), ["platform", "platform", "attached"]);
    assert_eq!(texts(&details["parts"], "name"), ["linux/amd64", "linux/arm64", "attestation"]);
    let here: Vec<_> = details["parts"].as_array().expect("parts").iter().map(|part| &part["here"]).collect();
    assert_eq!(here, [true, false, false]);
    assert_eq!(details["links"][0]["url"], "https://example.org/git");
    assert_eq!(details["labels"]["x"], "<b>");
    let member = of(&alice, &format!("app/packages/web/versions/{}/details", hello.digest())).await;
    assert_eq!(member["part_of"], json!([digest]));

    let about = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(&hello.config), "size": hello.config.len() },
        "layers": [], "subject": { "mediaType": OCI_INDEX, "digest": digest, "size": 1 },
    });
    put(&alice, &sha256(about.to_string().as_bytes()), OCI_MANIFEST, &about).await;
    let details = of(&alice, "app/packages/web/versions/all/details").await;
    assert_eq!(texts(&details["parts"], "name")[3], "signature");

    let list = of(&alice, "app/packages/web/versions?outlines=true").await;
    let shown = |at: usize| &list["items"][at]["outline"];
    assert_eq!((&shown(0)["platforms"], &shown(0)["kind"]), (&json!(["linux/amd64"]), &json!("image")));
    assert_eq!(shown(1)["platforms"], json!(["linux/amd64", "linux/arm64"]));
}

async fn manifests_without_a_tag_are_listed(hub: Server) {
    let alice = hub.actor("alice");
    let (old, new) = (image("old"), image("new"));
    alice.docker().push("team/app/web:1.0", &old).await.done();
    alice.docker().push("team/app/web:1.0", &new).await.done();
    let list = of(&alice, "app/packages/web/versions?untagged=true").await;
    assert_eq!(texts(&list["items"], "version"), [old.digest()]);
    let none = of(&alice, "jars/packages").await;
    assert_eq!(none["items"], json!([]));
}

async fn a_jar_tells_its_pom(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    jars.mvn_deploy(&Built::new("org.example:base:1.0", "text")).await.expect("a deploy");
    let pom = "<project><groupId>org.example</groupId><artifactId>lib</artifactId><version>2.0</version><name>Lib</name>\
               <dependencies><dependency><groupId>org.example</groupId><artifactId>base</artifactId><version>[1,2)</version>\
               </dependency><dependency><groupId>org.other</groupId><artifactId>x</artifactId><scope>test</scope></dependency>\
               </dependencies></project>";
    let mut built = Built::new("org.example:lib:2.0", "text");
    built.files.retain(|(end, _)| end != ".pom");
    jars.mvn_deploy(&built.with(".pom", pom)).await.expect("a deploy");
    let details = of(&alice, "jars/packages/org.example:lib/versions/2.0/details").await;
    assert_eq!((&details["title"], &details["kind"]), (&json!("Lib"), &json!("package")));
    assert_eq!(texts(&details["dependencies"], "package"), ["org.example:base", "org.other:x"]);
    assert_eq!(details["dependencies"][0]["here"], true);
    assert_eq!(details["dependencies"][1]["here"], false);
    assert_eq!(details["document"], pom);
}

async fn a_package_of_nuget_tells_its_readme(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    let extra = "<description>Some words.</description><readme>docs/read.md</readme><tags>one two</tags>\
                 <repository type=\"git\" url=\"https://example.org/x.git\" commit=\"abc\" />\
                 <license type=\"expression\">MIT</license>\
                 <dependencies><group targetFramework=\"net10.0\"><dependency id=\"Other\" version=\"1.0\" /></group></dependencies>";
    let files: [(&str, &[u8]); 1] = [("docs/read.md", b"# Hello\n<script>x</script>")];
    feed.push(&Packed::with("Lib.Core", "1.0.0", extra, &files)).await.is(201);
    let details = of(&alice, "feed/packages/Lib.Core/versions/1.0.0/details").await;
    assert_eq!(details["readme"], json!({ "text": "# Hello\n<script>x</script>", "markdown": true }));
    assert_eq!((&details["tags"], &details["licences"][0]["name"]), (&json!(["one", "two"]), &json!("MIT")));
    assert_eq!(details["links"][0], json!({ "what": "source", "url": "https://example.org/x" }));
    let needed = &details["dependencies"][0];
    assert_eq!(
        (&needed["package"], &needed["group"], &needed["here"]),
        (&json!("Other"), &json!("net10.0"), &json!(false))
    );
    assert!(details["document"].as_str().expect("a nuspec").contains("<id>Lib.Core</id>"));
}

async fn what_is_hostile_fails_nothing(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    // A configuration that is none, and annotations of other types than any tool writes.
    let config = &hello.layers[0];
    let odd = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": sha256(config), "size": config.len() },
        "layers": [{ "mediaType": 1.to_string(), "digest": sha256(config), "size": config.len(), "annotations": { "a": [1] } }],
        "annotations": { "org.opencontainers.image.title": 7, "org.opencontainers.image.url": "javascript:x" },
    });
    put(&alice, "odd", OCI_MANIFEST, &odd).await;
    let details = of(&alice, "app/packages/web/versions/odd/details").await;
    assert_eq!((&details["title"], &details["links"]), (&Value::Null, &json!([])));
    let jars = alice.jars("team/jars");
    let mut built = Built::new("org.example:lib:2.0", "text");
    built.files.retain(|(end, _)| end != ".pom");
    jars.mvn_deploy(&built).await.expect("a deploy");
    assert_eq!(
        of(&alice, "jars/packages/org.example:lib/versions/2.0/details").await["document"],
        Value::Null
    );
}

async fn folders_are_listed(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    for coordinates in ["org.example:lib:1.0", "org.example.more:x:1", "net.other:y:1"] {
        jars.mvn_deploy(&Built::new(coordinates, "text")).await.expect("a deploy");
    }
    let names = async |path: &str| {
        let list = of(&alice, &format!("jars/folders{path}")).await;
        texts(&list["items"], "name").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["net", "org"]);
    assert_eq!(names("?path=org%2Fexample").await, ["lib", "more"]);
    assert_eq!(names("?path=org%2Fexample%2Flib").await, ["1.0", "maven-metadata.xml"]);
    let first = of(&alice, "jars/folders?limit=1").await;
    let after = first["next"].as_str().expect("a cursor");
    assert_eq!(names(&format!("?limit=1&after={after}")).await, ["org"]);
    for path in ["a/b.txt", "a/c/d.txt", "e.txt"] {
        alice.send(Ask::put(format!("/files/p/team/files/{path}")).body("x")).await.is(201);
    }
    let list = of(&alice, "files/folders?path=a").await;
    assert_eq!(list["items"], json!([{ "name": "b.txt", "folder": false }, { "name": "c", "folder": true }]));
    alice.send(Ask::get("/api/v1/repositories/team/files/folders?path=z")).await.is(404);
    alice.send(Ask::get("/api/v1/repositories/team/feed/folders")).await.is(404);
}

async fn the_newest_come_first(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    for version in ["1.9", "1.10", "2.0"] {
        jars.mvn_deploy(&Built::new(&format!("org.example:lib:{version}"), "text")).await.expect("a deploy");
    }
    let first = of(&alice, "jars/packages/org.example:lib/versions?newest_first=true&limit=2").await;
    assert_eq!(texts(&first["items"], "version"), ["2.0", "1.10"]);
    let rest = format!(
        "jars/packages/org.example:lib/versions?newest_first=true&after={}",
        first["next"].as_str().expect("a cursor")
    );
    assert_eq!(texts(&of(&alice, &rest).await["items"], "version"), ["1.9"]);
}

async fn who_may_not_read_learns_nothing(hub: Server) {
    hub.actor("alice").docker().push("team/app/web:1.0", &image("hello")).await.done();
    for rest in ["packages/web/versions/1.0/details", "folders"] {
        let at = format!("/api/v1/repositories/team/app/{rest}");
        hub.actor("bob").send(Ask::get(at.clone())).await.is(403);
        hub.stranger().send(Ask::get(at)).await.is(401);
    }
}
