//! A database of an older program, opened by this one.

use crate::support::image::{OCI_INDEX, OCI_MANIFEST, index};
use crate::support::maven::Built;
use crate::support::nuget::Packed;
use crate::support::{Ask, Folder, Organisation, Server, image};

/// Repositories with policies other than those of new ones, or the same without a word about policies.
fn organisation(with_policies: bool) -> Organisation {
    let policies = [
        ("team/frozen", "oci", "immutable_tags = [\"v*\", \"?\"]\ndelete_by_digest = \"only-if-one-tag\""),
        ("team/dense", "oci", "sparse_indexes = false"),
        ("team/closed", "maven", "releases = \"read-only\""),
        ("team/snapshots", "maven", "accept = \"snapshot\"\nlayout = \"permissive\""),
        ("team/hard", "nuget", "duplicates = \"always\"\ndelete = \"hard\""),
    ];
    let organisation = policies.into_iter().fold(Organisation::empty(), |all, (path, format, policy)| {
        all.repository(path, format, "private", if with_policies { policy } else { "" })
    });
    organisation.member("alice").role("member:alice", "project-member", "team")
}

/// Takes policies and what files said back to what the program before the seventeenth migration left: it kept policies in columns. What
/// other migrations made since stays, neither of the two touches it.
fn set_back(folder: &Folder) {
    let rows = rusqlite::Connection::open(folder.path("data/wharfinger.db")).expect("the database");
    let older = "ALTER TABLE repository DROP COLUMN policy; DROP TABLE declared; DROP INDEX audit_object;
                 DELETE FROM migration WHERE number IN (17, 19);";
    rows.execute_batch(older).expect("the rows of an older program");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_of_an_older_database_hold() {
    let hub = Server::on_disk(organisation(true), Folder::new("older")).await;
    let alice = hub.login("alice");
    let (_, folder) = hub.stop().await;
    set_back(&folder);
    // A bootstrap file without policies leaves those that are there, and one with another token the one that is known.
    let hub = Server::on_disk(organisation(false), folder).await;
    let alice = hub.claiming(&alice.name, &alice.secret);

    let (one, other) = (image("one"), image("other"));
    alice.docker().push("team/frozen/web:v1", &one).await.done();
    alice.docker().push("team/frozen/web:latest", &other).await.done();
    let put = |repository: &str, tag: &str, kind: &str| {
        Ask::put(format!("/v2/p/team/{repository}/web/manifests/{tag}")).header("content-type", kind)
    };
    alice.send(put("frozen", "v1", OCI_MANIFEST).body(other.manifest.clone())).await.is(409);
    alice.send(put("frozen", "latest", OCI_MANIFEST).body(one.manifest.clone())).await.is(201);
    let absent = index(OCI_INDEX, &[&image("not here")]);
    alice.send(put("frozen", "all", OCI_INDEX).body(absent.clone())).await.is(201);
    alice.send(put("dense", "all", OCI_INDEX).body(absent)).await.is(400);

    let release = Built::new("org.example:lib:1.0", "a library");
    let jar = release.path("1.0", ".jar");
    alice.jars("team/closed").put(&jar, "a jar").await.is(409);
    alice.jars("team/snapshots").put(&jar, "a jar").await.is(409);
    alice.jars("team/snapshots").put("anything/goes.txt", "a file").await.is(201);

    let feed = alice.feed("team/hard");
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
    feed.push(&Packed::unlike("Lib", "1.0.0", "again")).await.is(201);
    feed.delete("Lib", "1.0.0").await.is(204);
    feed.get("flat/lib/1.0.0/lib.1.0.0.nupkg").await.is(404);
}
