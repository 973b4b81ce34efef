//! Bytes that are lost or altered on the disk: the client is told that they are not here, and pushes them again.

use std::fs;
use std::path::PathBuf;

use bytes::Bytes;

use crate::support::disk::stored_file;
use crate::support::image::{Image, OCI_MANIFEST, sha256};
use crate::support::{Ask, Folder, Organisation, Server, until};

fn file_of(hub: &Server, bytes: &[u8]) -> PathBuf {
    stored_file(&hub.folder().path("data"), bytes)
}

fn layer(byte: u8) -> Bytes {
    vec![byte; 400_000].into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_layers_are_unknown_until_they_are_pushed_again() {
    let hub = Server::on_disk(Organisation::team(), Folder::new("damaged")).await;
    let alice = hub.actor("alice");
    let layers = [layer(1), layer(2), layer(3), Bytes::from_static(b"a small one")];
    let of: Vec<&[u8]> = layers.iter().map(AsRef::as_ref).collect();
    let image = Image::of(OCI_MANIFEST, &of);
    alice.docker().push("team/app/web:1", &image).await.done();
    let [lost, short, altered, small] = layers;
    fs::remove_file(file_of(&hub, &lost)).expect("is there");
    fs::write(file_of(&hub, &short), &short[..1000]).expect("is cut");
    let mut other = altered.to_vec();
    other[200_000] ^= 1;
    fs::write(file_of(&hub, &altered), other).expect("is altered");
    fs::write(file_of(&hub, &small), "another one").expect("is altered");
    // The small ones were read when they were pushed, and are in memory still.
    let (organisation, folder) = hub.stop().await;
    let hub = Server::on_disk(organisation, folder).await;
    let alice = hub.actor("alice");
    for bytes in [&lost, &short, &altered, &small] {
        let blob = format!("/v2/p/team/app/web/blobs/{}", sha256(bytes));
        match alice.try_send(Ask::get(&blob)).await {
            Ok(answer) => assert!(answer.is(404).to_string().contains("BLOB_UNKNOWN")),
            // Broken off: it was found out at the last byte.
            Err(_) => assert_eq!(bytes, &altered),
        }
        alice.send(Ask::get(&blob)).await.is(404);
        alice.send(Ask::head(&blob)).await.is(404);
        let mount =
            format!("/v2/p/team/app/other/blobs/uploads/?mount={}&from=p/team/app/web", sha256(bytes));
        alice.send(Ask::post(mount)).await.is(202);
    }
    // Who may push asks for the manifest and sends none of its layers if it is there.
    let reader = hub.actor("alice/reader");
    for manifest in ["1".to_owned(), sha256(&image.manifest)] {
        let manifest = format!("/v2/p/team/app/web/manifests/{manifest}");
        alice.send(Ask::head(&manifest)).await.is(404);
        reader.send(Ask::head(&manifest)).await.is(200);
        alice.send(Ask::get(&manifest)).await.is(200);
    }
    // Without its layers it is no image.
    let put = Ask::put("/v2/p/team/app/web/manifests/2").header("content-type", OCI_MANIFEST);
    alice.send(put.body(image.manifest.clone())).await.is(400);
    alice.docker().push("team/app/web:2", &image).await.done();
    for tag in ["1", "2"] {
        alice.docker().pull(&format!("team/app/web:{tag}")).await.gives(&image);
    }
    let metrics = hub.admin().send(Ask::get("/metrics")).await.is(200).to_string();
    for counted in ["wharfinger_damaged_contents_total 4", "wharfinger_healed_contents_total 4"] {
        assert!(metrics.contains(counted), "{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_manifest_is_unknown_until_it_is_pushed_again() {
    let hub = Server::on_disk(Organisation::team(), Folder::new("damaged-manifest")).await;
    let alice = hub.actor("alice");
    let image = Image::of(OCI_MANIFEST, &[b"layer"]);
    alice.docker().push("team/app/web:1", &image).await.done();
    fs::remove_file(file_of(&hub, &image.manifest)).expect("is there");
    let (organisation, folder) = hub.stop().await;
    let hub = Server::on_disk(organisation, folder).await;
    let alice = hub.actor("alice");
    let manifest = "/v2/p/team/app/web/manifests/1";
    let answer = alice.send(Ask::get(manifest)).await.is(404);
    assert!(answer.to_string().contains("MANIFEST_UNKNOWN"), "{answer}");
    until("the row says so", async || alice.send(Ask::head(manifest)).await.status == 404).await;
    alice.docker().push("team/app/web:1", &image).await.done();
    alice.docker().pull("team/app/web:1").await.gives(&image);
}
