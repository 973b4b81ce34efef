//! Folders of this machine.

use serde_json::json;

use super::{Porter, lines, team, write};
use crate::support::image::{Image, OCI_INDEX, OCI_MANIFEST, index, sha256};
use crate::support::maven::{hash, pom};
use crate::support::nuget::Packed;
use crate::support::{Ask, Folder, Server, image};

/// A layout of images, as other programs write it.
pub(super) fn layout(folder: &Folder, at: &str, tags: &[(&str, &Image)]) {
    let mut listed = Vec::new();
    for (tag, image) in tags {
        for blob in image.blobs().chain([&image.manifest]) {
            write(folder, &format!("{at}/blobs/{}", sha256(blob).replace(':', "/")), blob);
        }
        listed.push(json!({
            "mediaType": image.media_type, "digest": image.digest(), "size": image.manifest.len(),
            "annotations": { "org.opencontainers.image.ref.name": tag },
        }));
    }
    write(folder, &format!("{at}/oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}");
    let index = json!({ "schemaVersion": 2, "manifests": listed });
    write(folder, &format!("{at}/index.json"), index.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tree_of_maven_is_taken_once() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-maven");
    let at = "m2/org/acme/rope/1.0/rope-1.0";
    write(&folder, &format!("{at}.jar"), "a jar");
    write(&folder, &format!("{at}.jar.sha1"), hash("sha1", b"a jar"));
    write(&folder, &format!("{at}.pom"), pom("org.acme", "rope", "1.0"));
    write(&folder, "m2/org/acme/rope/1.0/_remote.repositories", "#NOTE");
    write(&folder, "m2/org/acme/rope/1.0/rope-1.0.jar.lastUpdated", "#NOTE");
    write(&folder, "m2/org/acme/rope/maven-metadata-central.xml", "<metadata/>");
    write(&folder, "m2/org/acme/rope/maven-metadata.xml", "<metadata/>");
    let metadata = "<metadata><plugins><plugin><name>Rope</name><prefix>rope</prefix>\
                    <artifactId>rope</artifactId></plugin></plugins></metadata>";
    write(&folder, "m2/org/acme/maven-metadata.xml", metadata);
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };

    let line = "import maven m2 --to to/jars";
    let said = alice.run(&format!("{line} --dry-run")).succeeds();
    assert_eq!(said.out.lines().last(), Some("3 would be taken, 1 the same, 0 refused"));
    let jar = format!("/maven/p/to/jars/{}.jar", at.trim_start_matches("m2/"));
    hub.actor("alice").send(Ask::get(&*jar)).await.is(404);

    let said = alice.run(line).succeeds();
    assert_eq!(
        lines(&said)[1..],
        [
            "same  org/acme/rope/maven-metadata.xml",
            "taken  org/acme/maven-metadata.xml",
            "taken  org/acme/rope/1.0/rope-1.0.jar",
            "taken  org/acme/rope/1.0/rope-1.0.pom",
        ]
    );
    assert_eq!(hub.actor("alice").send(Ask::get(&*jar)).await.is(200).body, "a jar");
    let prefixes = hub.actor("alice").send(Ask::get("/maven/p/to/jars/org/acme/maven-metadata.xml")).await;
    assert!(String::from_utf8_lossy(&prefixes.is(200).body).contains("<prefix>rope</prefix>"));

    let said = alice.run(line).succeeds();
    assert_eq!(said.out.lines().last(), Some("0 taken (0 B), 4 the same, 0 refused"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_packages_brings_its_symbols() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-nuget");
    let (rope, other) = (Packed::new("Acme.Rope", "1.0.0"), Packed::new("Acme.Rope.1", "2.0.0-beta"));
    write(&folder, "packages/Acme.Rope.1.0.0.nupkg", &rope.bytes);
    write(&folder, "packages/deep/acme.rope.1.2.0.0-beta.nupkg", &other.bytes);
    write(&folder, "packages/Acme.Rope.1.0.0.symbols.nupkg", "of the old kind");
    write(&folder, "packages/broken.1.0.0.nupkg", "PK no package");
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let line = "import nuget packages --to to/feed";
    let said = alice.run(line).fails_with(1);
    assert!(said.err.ends_with("1 refused\n"), "{}", said.err);
    assert_eq!(
        lines(&said)[2..],
        ["taken  Acme.Rope.1.0.0.nupkg", "taken  deep/acme.rope.1.2.0.0-beta.nupkg"]
    );
    let content = hub.actor("alice").feed("to/feed").get(&other.content()).await.is(200);
    assert_eq!(content.body, other.bytes);
    std::fs::remove_file(folder.path("packages/broken.1.0.0.nupkg")).expect("removed");
    let said = alice.run(line).succeeds();
    assert_eq!(said.out.lines().last(), Some("0 taken (0 B), 2 the same, 0 refused"));

    // The cache of `dotnet` holds hashes, too.
    write(&folder, "cache/acme.net/1.0.0/acme.net.1.0.0.nupkg", &Packed::new("Acme.Net", "1.0.0").bytes);
    write(&folder, "cache/acme.net/1.0.0/acme.net.1.0.0.nupkg.sha512", "AAAA".repeat(21) + "AA==");
    let said = alice.run("import nuget cache --to to/feed").fails_with(1);
    assert!(said.out.contains("was promised"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn layouts_of_images_keep_every_digest() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-oci");
    let (one, two) = (image("one"), image("two"));
    layout(&folder, "layouts/tools/web", &[("1.0", &one), ("docker.io/acme/web:2.0", &two)]);
    let many = index(OCI_INDEX, &[&one, &two]);
    let whole = Image { config: one.config.clone(), layers: vec![], manifest: many, media_type: OCI_INDEX };
    layout(&folder, "layouts/many", &[("latest", &whole), ("one", &one), ("two", &two)]);
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let line = "import oci layouts --to to/images";
    let said = alice.run(line).succeeds();
    assert_eq!(
        lines(&said)[1..],
        [
            "taken  many:latest",
            "taken  many:one",
            "taken  many:two",
            "taken  tools/web:1.0",
            "taken  tools/web:2.0"
        ]
    );
    hub.actor("alice").docker().pull("to/images/tools/web:2.0").await.gives(&two);
    let path = "/v2/p/to/images/many/manifests/latest";
    let pulled = hub.actor("alice").send(Ask::get(path).header("accept", OCI_INDEX)).await.is(200);
    assert_eq!(pulled.header("docker-content-digest"), Some(&*whole.digest()));
    let said = alice.run(line).succeeds();
    assert_eq!(said.out.lines().last(), Some("0 taken (0 B), 5 the same, 0 refused"));

    // The layout of one image is called as its folder is, or as one says.
    alice.run("import oci layouts/tools/web --to to/images --name ropes").succeeds();
    hub.actor("alice").docker().pull("to/images/ropes:1.0").await.gives(&one);

    // A tag that means something else stays, unless it is to move.
    let moved = Image::of(OCI_MANIFEST, &[b"moved"]);
    layout(&folder, "moved/web", &[("1.0", &moved)]);
    alice.run("import oci moved/web --to to/images --name ropes").fails_with(7);
    alice.run("import oci moved/web --to to/images --name ropes --replace").succeeds();
    hub.actor("alice").docker().pull("to/images/ropes:1.0").await.gives(&moved);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_folder_is_taken_as_it_is() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-files");
    let large = vec![7; 3 << 20];
    write(&folder, "dist/large.bin", &large);
    write(&folder, "dist/a b/empty", "");
    write(&folder, "dist/a b/.hidden", "x");
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let said = alice.run("import files dist --to to/files -o jsonl").succeeds();
    let mut taken: Vec<serde_json::Value> =
        said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    taken.sort_by_key(|one| one["name"].to_string());
    assert_eq!(taken[0], json!({ "name": "a b/.hidden", "outcome": "taken", "reason": null }));
    assert_eq!(taken.len(), 3);
    let content = hub.actor("alice").files("to/files").get("large.bin").await.is(200);
    assert_eq!(content.body, large);
    let said = alice.run("import files dist --to to/files -o json").succeeds();
    let all: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert!(all.as_array().expect("a list").iter().all(|one| one["outcome"] == "same"));
    write(&folder, "dist/large.bin", "other");
    let said = alice.run("import files dist --to to/files --only large.bin").fails_with(7);
    assert_eq!(said.out.lines().next(), Some("refused  large.bin: other content is there"));
    alice.run("import files dist --to to/files --only large.bin --replace").succeeds();
    assert_eq!(hub.actor("alice").files("to/files").get("large.bin").await.is(200).body, "other");
}

/// As a build has it that must read nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_only_publishes_is_enough() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-publish");
    write(&folder, "dist/a", "of a");
    layout(&folder, "layouts/web", &[("1.0", &image("one"))]);
    let carrier = Porter { hub: &hub, folder: &folder, who: "alice/carrier" };
    for line in ["import files dist --to to/files", "import oci layouts --to to/images"] {
        carrier.run(line).succeeds();
        let said = carrier.run(line).succeeds();
        assert_eq!(said.out.lines().last(), Some("0 taken (0 B), 1 the same, 0 refused"));
    }
    hub.actor("alice/carrier").files("to/files").get("a").await.is(403);
}
