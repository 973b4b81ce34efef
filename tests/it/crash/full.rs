//! A disk that is full: said so in each client's language, nothing kept of what did not fit, everything else as before.

use std::fs;

use bytes::Bytes;

use crate::support::disk::{DISK_MIB, Disk};
use crate::support::image::{OCI_MANIFEST, sha256};
use crate::support::nuget::Packed;
use crate::support::process::Launch;
use crate::support::{Ask, Folder, Organisation, image};

const SAYS: &str = "there is no space left to store it";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_refused_and_nothing_else_suffers() {
    let folder = Folder::new("full");
    let Some(disk) = Disk::mount(&folder.path("data")) else { return };
    let organisation = Organisation::team().repository("team/feed", "nuget", "private", "");
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let alice = process.actor(organisation.login("alice"));
    let before = image("before");
    alice.docker().push("team/app/web:1", &before).await.done();

    let large = Bytes::from(vec![7; (DISK_MIB + 8) << 20]);
    let asked = [
        Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={}", sha256(&large))),
        Ask::put("/maven/p/team/jars/org/acme/app/1/app-1.jar"),
        Ask::put("/nuget/p/team/feed/v3/package").header("content-type", "application/octet-stream"),
    ];
    for ask in asked {
        let answer = alice.send(ask.body(large.clone())).await.is(507);
        assert!(answer.to_string().contains(SAYS), "{answer}");
    }
    // What had been written of it is given back.
    alice.docker().push("team/app/web:2", &image("after")).await.done();

    let filler = disk.fill();
    let manifest = || {
        let put = Ask::put("/v2/p/team/app/web/manifests/3").header("content-type", OCI_MANIFEST);
        put.body(before.manifest.clone())
    };
    // Files that are there already may have some room left.
    let mut refused = alice.send(manifest()).await;
    for number in 0..2000 {
        if refused.status == 507 {
            break;
        }
        refused.is(201);
        let packed = Packed::new("Acme.Full", &format!("1.0.{number}"));
        let put =
            Ask::put("/nuget/p/team/feed/v3/package").header("content-type", "application/octet-stream");
        refused = alice.send(put.body(packed.bytes)).await;
    }
    let refused = refused.is(507);
    assert!(refused.to_string().contains(SAYS), "{refused}");
    alice.docker().pull("team/app/web:1").await.gives(&before);
    process.stranger().send(Ask::get("/livez")).await.is(200);
    fs::remove_file(filler).expect("room again");
    alice.send(manifest()).await.is(201);
    alice.docker().pull("team/app/web:3").await.gives(&before);
    let log = process.log();
    assert!(log.contains("storage failed") && !log.contains("panicked"), "{log}");
}
