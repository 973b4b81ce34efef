//! Other servers: another gateway for every format, and servers of plain files.

use serde_json::json;

use super::folders::layout;
use super::shelf::{Page, Shelf};
use super::{Porter, lines, team, write};
use crate::support::image::sha256;
use crate::support::maven::{Built, hash};
use crate::support::nuget::Packed;
use crate::support::{Ask, Folder, Server, docker_image, image};

/// How one says who one is at the source.
fn known_there(hub: &Server) -> Vec<(&'static str, String)> {
    vec![("WHARFINGER_SOURCE_SECRET", hub.login("alice").secret)]
}

fn import(
    porter: &Porter<'_>,
    line: &str,
    secret: &[(&'static str, String)],
) -> crate::support::process::Said {
    let variables: Vec<(&str, &str)> = secret.iter().map(|(name, value)| (*name, value.as_str())).collect();
    porter.run_with(line, &variables)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_gateway_gives_all_formats() {
    let (there, here) = (Server::with(team()).await, Server::with(team()).await);
    let folder = Folder::new("import-gateway");
    let source = Porter { hub: &there, folder: &folder, who: "alice" };
    let alice = Porter { hub: &here, folder: &folder, who: "alice" };
    let secret = known_there(&there);
    let server = format!("http://{}", there.address());

    write(&folder, "m2/org/acme/rope/1.0/rope-1.0.jar", "a jar");
    write(
        &folder,
        "m2/org/acme/rope/1.0/rope-1.0.pom",
        crate::support::maven::pom("org.acme", "rope", "1.0"),
    );
    source.run("import maven m2 --to from/jars").succeeds();
    write(&folder, "dist/a b/c.txt", "text");
    source.run("import files dist --to from/files").succeeds();
    let packed = Packed::new("Acme.Rope", "1.0.0");
    write(&folder, "feed/Acme.Rope.1.0.0.nupkg", &packed.bytes);
    source.run("import nuget feed --to from/feed").succeeds();
    let (one, two) = (image("one"), docker_image("two"));
    layout(&folder, "layouts/tools/web", &[("1.0", &one), ("2.0", &two)]);
    source.run("import oci layouts --to from/images").succeeds();

    for (line, taken) in [
        (format!("import maven {server}/maven/p/from/jars --to to/jars"), 2),
        (format!("import files {server}/files/p/from/files/ --to to/files"), 1),
        (format!("import nuget {server}/nuget/p/from/feed/v3/index.json --to to/feed"), 1),
        (format!("import oci {server}/v2/p/from/images --to to/images"), 2),
    ] {
        import(&alice, &line, &[]).fails_with(4);
        let said = import(&alice, &line, &secret).succeeds();
        assert!(
            said.out.lines().last().is_some_and(|last| last.starts_with(&format!("{taken} taken"))),
            "{}",
            said.out
        );
        let said = import(&alice, &line, &secret).succeeds();
        assert!(
            said.out.lines().last().is_some_and(|last| last.starts_with("0 taken (0 B)")),
            "{line}\n{}",
            said.out
        );
    }
    let reader = here.actor("alice");
    let jar = "/maven/p/to/jars/org/acme/rope/1.0/rope-1.0.jar";
    assert_eq!(reader.send(Ask::get(jar)).await.is(200).body, "a jar");
    assert_eq!(reader.files("to/files").get("a%20b/c.txt").await.is(200).body, "text");
    assert_eq!(reader.feed("to/feed").get(&packed.content()).await.is(200).body, packed.bytes);
    reader.docker().pull("to/images/tools/web:1.0").await.gives(&one);
    reader.docker().pull("to/images/tools/web:2.0").await.gives(&two);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_about_an_image_comes_with_it() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-referrers");
    let alice = hub.actor("alice");
    let signed = image("signed");
    alice.docker().push("from/images/web:1", &signed).await.done();
    let config = json!({ "mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
        "digest": sha256(b"{}") });
    let uploads = format!("/v2/p/from/images/web/blobs/uploads/?digest={}", sha256(b"{}"));
    alice.send(Ask::post(uploads).body("{}")).await.is(201);
    let signature = json!({ "schemaVersion": 2, "mediaType": signed.media_type, "artifactType": "application/x.signature",
        "config": config, "layers": [config], "subject": { "mediaType": signed.media_type, "digest": signed.digest(),
        "size": signed.manifest.len() } })
    .to_string();
    let path = format!("/v2/p/from/images/web/manifests/{}", sha256(signature.as_bytes()));
    alice.send(Ask::put(&*path).header("content-type", signed.media_type).body(signature)).await.is(201);
    let porter = Porter { hub: &hub, folder: &folder, who: "alice" };
    let line = format!("import oci http://{}/v2/p/from/images --only web --to to/images", hub.address());
    import(&porter, &line, &known_there(&hub)).succeeds();
    let referrers = format!("/v2/p/to/images/web/referrers/{}", signed.digest());
    let listed = alice.send(Ask::get(&*referrers)).await.is(200).json();
    assert_eq!(listed["manifests"][0]["artifactType"], "application/x.signature");
    let said = import(&porter, &line, &known_there(&hub)).succeeds();
    assert_eq!(said.out, "same  web:1\n0 taken (0 B), 1 the same, 0 refused\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_of_files_is_walked_and_its_hashes_count() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-listing");
    let shelf = Shelf::start().await;
    let built = Built::new("org.acme:rope:1.0", "listed");
    shelf.lists("m2/", &["org/"]);
    shelf.lists("m2/org/", &["acme/"]);
    shelf.lists("m2/org/acme/", &["rope/"]);
    shelf.lists("m2/org/acme/rope/", &["1.0/", "maven-metadata.xml"]);
    shelf.is("m2/org/acme/rope/maven-metadata.xml", "<metadata/>");
    let at = "m2/org/acme/rope/1.0/";
    let names = ["rope-1.0.jar", "rope-1.0.jar.sha1", "rope-1.0.pom", "rope-1.0.pom.md5"];
    shelf.lists(at, &names);
    let (jar, pom) = (&built.files[0].1, &built.files[1].1);
    shelf.is(&format!("{at}rope-1.0.jar"), jar.clone());
    shelf.is(&format!("{at}rope-1.0.jar.sha1"), hash("sha1", b"something else"));
    shelf.is(&format!("{at}rope-1.0.pom"), pom.clone());
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let line = format!("import maven {} --to to/jars", shelf.url("m2"));
    let said = alice.run(&line).fails_with(1);
    let refused = lines(&said).into_iter().find(|line| line.starts_with("refused")).expect("a refusal");
    assert!(refused.starts_with("refused  org/acme/rope/1.0/rope-1.0.jar: "), "{refused}");
    assert!(refused.contains("SHA1") && refused.ends_with("was promised"), "{refused}");
    let path = "/maven/p/to/jars/org/acme/rope/1.0/rope-1.0.jar";
    hub.actor("alice").send(Ask::get(path)).await.is(404);
    shelf.is(&format!("{at}rope-1.0.jar.sha1"), format!("{} *rope-1.0.jar", hash("sha1", jar)));
    let said = alice.run(&line).succeeds();
    assert!(said.out.contains("taken  org/acme/rope/1.0/rope-1.0.jar\n"), "{}", said.out);
    assert_eq!(hub.actor("alice").send(Ask::get(path)).await.is(200).body, *jar);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_of_files_are_read_by_search_and_by_catalogue() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-feed");
    let shelf = Shelf::start().await;
    let (rope, net) = (Packed::new("Acme.Rope", "1.0.0"), Packed::new("Acme.Net", "2.0.0"));
    for packed in [&rope, &net] {
        shelf.is(&format!("v3/{}", packed.content()), packed.bytes.clone());
        let id = packed.id.to_lowercase();
        shelf.is(&format!("v3/flat/{id}/index.json"), json!({ "versions": [packed.version] }).to_string());
    }
    let found = json!({ "totalHits": 2, "data": [{ "id": "Acme.Rope" }, { "id": "Acme.Net" }] });
    shelf.is("v3/query", found.to_string());
    let resource = |path: &str, kind: &str| json!({ "@id": shelf.url(path), "@type": kind });
    let (flat, query) =
        (resource("v3/flat", "PackageBaseAddress/3.0.0"), resource("v3/query", "SearchQueryService/3.5.0"));
    shelf.is("v3/index.json", json!({ "version": "3.0.0", "resources": [flat, query] }).to_string());
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let line = format!("import nuget {} --to to/feed", shelf.url("v3/index.json"));
    alice.run(&format!("{line} --only acme.rope")).succeeds();
    let said = alice.run(&line).succeeds();
    assert_eq!(lines(&said)[1..], ["same  Acme.Rope 1.0.0", "taken  Acme.Net 2.0.0"]);

    // With a catalogue, which tells hashes: one of them wrong, and one of a version that was taken away.
    let catalogue = resource("v3/catalog/index.json", "Catalog/3.0.0");
    shelf.is("v3/index.json", json!({ "version": "3.0.0", "resources": [flat, catalogue] }).to_string());
    let page = shelf.url("v3/catalog/page0.json");
    shelf.is(
        "v3/catalog/index.json",
        json!({ "items": [{ "@id": page, "commitTimeStamp": "1" }] }).to_string(),
    );
    let change = |at: &str, kind: &str, id: &str, leaf: &str| json!({ "@id": shelf.url(leaf), "@type": kind, "commitTimeStamp": at, "nuget:id": id, "nuget:version": "1.0.0" });
    let changes = json!({ "items": [
        change("3", "nuget:PackageDelete", "Acme.Gone", "v3/leaf-gone"),
        change("2", "nuget:PackageDetails", "Acme.Gone", "v3/leaf-gone"),
        change("1", "nuget:PackageDetails", "Acme.Wire", "v3/leaf-wire"),
    ] });
    shelf.is("v3/catalog/page0.json", changes.to_string());
    let wire = Packed::new("Acme.Wire", "1.0.0");
    shelf.is(&format!("v3/{}", wire.content()), wire.bytes.clone());
    let leaf = |hash: String| json!({ "packageHash": hash, "packageHashAlgorithm": "SHA512" }).to_string();
    shelf.is("v3/leaf-wire", leaf("AAAA".repeat(21) + "AA=="));
    let said = alice.run(&line).fails_with(1);
    assert!(said.out.contains("SHA512") && said.out.contains("was promised"), "{}", said.out);
    hub.actor("alice").feed("to/feed").get(&wire.content()).await.is(404);
    shelf.is("v3/leaf-wire", leaf(base64(&wire.bytes)));
    assert_eq!(alice.run(&line).succeeds().out.lines().next(), Some("taken  Acme.Wire 1.0.0"));
}

/// A registry that wants a bearer of its token endpoint, and keeps its blobs elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_is_asked_as_it_wants_and_nobody_else_is_told_who_one_is() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-registry");
    let (registry, elsewhere) = (Shelf::start().await, Shelf::start().await);
    let hello = image("hello");
    let told = format!("Bearer realm=\"{}\",service=\"test\"", registry.url("token"));
    let guarded = |content: bytes::Bytes| Page::Guarded {
        says: "Bearer of-the-day".to_owned(),
        told: told.clone(),
        content,
    };
    let basic = crate::support::client::basic(&crate::support::organisation::Login {
        name: "me".to_owned(),
        secret: "a secret".to_owned(),
    });
    let token = json!({ "token": "of-the-day" }).to_string();
    registry
        .put("token", Page::Guarded { says: basic.clone(), told: "Basic".to_owned(), content: token.into() });
    let names = json!({ "repositories": ["acme/web", "other/web"] }).to_string();
    registry.put("v2/_catalog", guarded(names.into()));
    registry.put("v2/acme/web/tags/list", guarded(json!({ "tags": ["1.0"] }).to_string().into()));
    registry.put("v2/acme/web/manifests/1.0", guarded(hello.manifest.clone()));
    for blob in hello.blobs() {
        let path = format!("v2/acme/web/blobs/{}", sha256(blob));
        registry.put(&path, Page::Moved(elsewhere.url(&sha256(blob))));
        elsewhere.is(&sha256(blob), blob.clone());
    }
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let line = format!("import oci {} --source-user me --to to/images", registry.url("v2/acme"));
    let said = alice.run_with(&line, &[("WHARFINGER_SOURCE_SECRET", "a secret")]).succeeds();
    assert_eq!(said.out.lines().next(), Some("taken  web:1.0"));
    hub.actor("alice").docker().pull("to/images/web:1.0").await.gives(&hello);
    assert_eq!(elsewhere.heard(), Vec::<String>::new());
    let mut heard = registry.heard();
    heard.sort();
    heard.dedup();
    assert_eq!(heard, [basic, "Bearer of-the-day".to_owned()]);

    // Bytes that have another digest never arrive.
    let wrong = image("wrong");
    registry.put("v2/acme/web/manifests/1.0", guarded(wrong.manifest.clone()));
    for blob in wrong.blobs() {
        registry.is(&format!("v2/acme/web/blobs/{}", sha256(blob)), "others");
    }
    let line = format!("{line} --replace");
    let said = alice.run_with(&line, &[("WHARFINGER_SOURCE_SECRET", "a secret")]).fails_with(1);
    assert!(said.out.contains("SHA256") && said.out.contains("was promised"), "{}", said.out);
    hub.actor("alice").docker().pull("to/images/web:1.0").await.gives(&hello);
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::prelude::BASE64_STANDARD.encode(sha2::Sha512::digest(bytes))
}
