//! Two at the same time: what is decided is decided where it is written.

use bytes::Bytes;
use futures_util::future::join_all;
use serde_json::json;

use super::uploads::{begin, upload};
use crate::support::image::{DOCKER_MANIFEST, Image, OCI_INDEX, OCI_MANIFEST, sha256};
use crate::support::{Actor, Ask, Server, image, on_both_databases};

on_both_databases!(
    of_many_who_may_not_overwrite_one_makes_the_tag,
    of_many_one_makes_an_immutable_tag,
    the_last_of_many_who_may_overwrite_stays,
    two_chunks_at_once_are_one_chunk,
    a_manifest_and_its_layers_are_never_apart,
    a_digest_has_one_type,
);

const CROWD: usize = 8;

fn put(repository: &str, tag: &str, image: &Image) -> Ask {
    Ask::put(format!("/v2/p/{repository}/web/manifests/{tag}"))
        .header("content-type", OCI_MANIFEST)
        .body(image.manifest.clone())
}

/// Images whose bytes are there, but no tag of them.
async fn prepared(who: &Actor, repository: &str) -> Vec<Image> {
    let images: Vec<Image> = (0..CROWD).map(|number| image(&format!("candidate {number}"))).collect();
    for image in &images {
        for blob in image.blobs() {
            upload(who, &format!("p/{repository}/web"), blob).await;
        }
    }
    images
}

async fn race(hub: &Server, who: &str, repository: &str, images: &[Image]) -> Vec<u16> {
    let pushes = images.iter().map(|image| {
        let actor = hub.actor(who);
        async move { actor.send(put(repository, "v1", image)).await.status.as_u16() }
    });
    join_all(pushes).await
}

/// Who pushed successfully is what the tag points at.
async fn winner(hub: &Server, repository: &str, images: &[Image], statuses: &[u16]) {
    let won: Vec<&Image> =
        images.iter().zip(statuses).filter(|(_, status)| **status == 201).map(|(image, _)| image).collect();
    assert_eq!(won.len(), 1, "{statuses:?}");
    hub.actor("alice").docker().pull(&format!("{repository}/web:v1")).await.gives(won[0]);
}

/// CVE-2026-31801: whether a tag is made or replaced is decided inside the transaction.
async fn of_many_who_may_not_overwrite_one_makes_the_tag(hub: Server) {
    let images = prepared(&hub.actor("alice"), "team/app").await;
    let statuses = race(&hub, "pat", "team/app", &images).await;
    assert!(statuses.iter().all(|status| matches!(status, 201 | 403)), "{statuses:?}");
    winner(&hub, "team/app", &images, &statuses).await;
}

async fn of_many_one_makes_an_immutable_tag(hub: Server) {
    let images = prepared(&hub.actor("alice"), "team/frozen").await;
    let statuses = race(&hub, "alice", "team/frozen", &images).await;
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    winner(&hub, "team/frozen", &images, &statuses).await;
}

async fn the_last_of_many_who_may_overwrite_stays(hub: Server) {
    let alice = hub.actor("alice");
    let images = prepared(&alice, "team/app").await;
    let statuses = race(&hub, "alice", "team/app", &images).await;
    assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
    let tag = alice.send(Ask::get("/v2/p/team/app/web/manifests/v1")).await.is(200);
    assert!(images.iter().any(|image| image.manifest == tag.body));
    for image in &images {
        alice.docker().pull(&format!("team/app/web@{}", image.digest())).await.gives(image);
    }
}

async fn two_chunks_at_once_are_one_chunk(hub: Server) {
    let alice = hub.actor("alice");
    let location = begin(&alice, "p/team/app/web").await;
    let chunk = Bytes::from(vec![7; 256 << 10]);
    let patches = (0..CROWD).map(|_| {
        let (actor, location) = (hub.actor("alice"), location.clone());
        let last = chunk.len() - 1;
        let patch = Ask::patch(location).header("content-range", &format!("0-{last}")).body(chunk.clone());
        async move { actor.send(patch).await.status.as_u16() }
    });
    let statuses = join_all(patches).await;
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 202 | 409 | 416)), "{statuses:?}");
    let status = alice.send(Ask::get(&location)).await.is(204);
    assert_eq!(status.must_have("range"), format!("0-{}", chunk.len() - 1));
    let put = Ask::put(format!("{}?digest={}", status.must_have("location"), sha256(&chunk)));
    alice.send(put).await.is(201);
}

/// A layer that is deleted while its image is pushed: either the push is refused, or the deletion; a tag never points at a
/// manifest that is not there.
async fn a_manifest_and_its_layers_are_never_apart(hub: Server) {
    let alice = hub.actor("alice");
    for round in 0..CROWD {
        let image = image(&format!("round {round}"));
        for blob in image.blobs() {
            upload(&alice, "p/team/app/web", blob).await;
        }
        let layer = Ask::delete(format!("/v2/p/team/app/web/blobs/{}", sha256(&image.layers[0])));
        let (pusher, deleter) = (hub.actor("alice"), hub.actor("alice"));
        let tag = format!("r{round}");
        let (pushed, deleted) = tokio::join!(pusher.send(put("team/app", &tag, &image)), deleter.send(layer));
        let found = alice.send(Ask::get(format!("/v2/p/team/app/web/manifests/{tag}"))).await;
        match (pushed.status.as_u16(), deleted.status.as_u16()) {
            (201, 405) => assert_eq!(found.is(200).body, image.manifest),
            (400, 202) => drop(found.is(404)),
            _ => panic!("{pushed}\n{deleted}"),
        }
    }
}

/// CVE-2021-41190: the same bytes are not an image to one and an index to another.
async fn a_digest_has_one_type(hub: Server) {
    let alice = hub.actor("alice");
    let config = upload(&alice, "p/team/app/web", b"{}").await;
    let described =
        json!({ "mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 2 });
    let put = |tag: &str, media_type: &str, body: String| {
        Ask::put(format!("/v2/p/team/app/web/manifests/{tag}")).header("content-type", media_type).body(body)
    };
    // Without `mediaType` the bytes fit two types of image; the first one counts.
    let bare = json!({ "schemaVersion": 2, "config": described, "layers": [] }).to_string();
    alice.send(put("first", OCI_MANIFEST, bare.clone())).await.is(201);
    let second = alice.send(put("second", DOCKER_MANIFEST, bare.clone())).await;
    let by_digest =
        alice.send(Ask::get(format!("/v2/p/team/app/web/manifests/{}", sha256(bare.as_bytes())))).await;
    let of_digest = by_digest.is(200).must_have("content-type").to_owned();
    for tag in ["first", "second"] {
        let got = alice.send(Ask::get(format!("/v2/p/team/app/web/manifests/{tag}"))).await;
        assert!(got.status == 404 || got.header("content-type") == Some(&of_digest), "{second}\n{got}");
    }
    // And never an image and an index at once.
    let both = json!({ "schemaVersion": 2, "config": described, "layers": [], "manifests": [] }).to_string();
    for media_type in [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST] {
        alice.send(put("both", media_type, both.clone())).await.is(400);
    }
    alice.send(put("image", OCI_INDEX, bare)).await.is(400);
}
