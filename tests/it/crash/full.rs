//! A disk that is full: said so in each client's language, nothing kept of what did not fit, everything else as before.

use std::fs;

use bytes::Bytes;
use serde_json::json;

use crate::support::disk::{DISK_MIB, Disk};
use crate::support::image::{OCI_MANIFEST, sha256};
use crate::support::nuget::Packed;
use crate::support::organisation::Login;
use crate::support::process::Launch;
use crate::support::{Ask, Folder, Organisation, image, token, until};

const SAYS: &str = "there is no space left to store it";

/// A gateway that leaves a sixth of the small disk free; the usual floor is larger than the disk.
fn launch(folder: &Folder, organisation: &Organisation) -> Launch {
    Launch::new(folder.root())
        .organisation(folder.root(), organisation)
        .set("STORAGE__FREE_BYTES_MIN", "4194304")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_refused_and_nothing_else_suffers() {
    let folder = Folder::new("full");
    let Some(disk) = Disk::mount(&folder.path("data")) else { return };
    let organisation = Organisation::team().repository("team/feed", "nuget", "private", "").repository(
        "team/files",
        "files",
        "private",
        "",
    );
    let process = launch(&folder, &organisation).start().await;
    let alice = process.actor(organisation.login("alice"));
    let before = image("before");
    alice.docker().push("team/app/web:1", &before).await.done();

    let large = Bytes::from(vec![7; (DISK_MIB + 8) << 20]);
    let asked = [
        Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={}", sha256(&large))),
        Ask::put("/maven/p/team/jars/org/acme/app/1/app-1.jar"),
        Ask::put("/nuget/p/team/feed/v3/package").header("content-type", "application/octet-stream"),
        Ask::put("/files/p/team/files/app.bin"),
    ];
    for ask in asked {
        let answer = alice.send(ask.body(large.clone())).await.is(507);
        assert!(answer.to_string().contains(SAYS), "{answer}");
    }
    // What had been written of it is given back.
    alice.docker().push("team/app/web:2", &image("after")).await.done();

    let filler = disk.fill("filler");
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

/// Others may fill the disk to the last byte, and then what the reserve gave back: what is taken away is gone all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoke_is_in_force_whether_or_not_it_can_be_stored() {
    const MANIFEST: &str = "/v2/p/team/app/web/manifests/1";
    let folder = Folder::new("full-revoke");
    let Some(disk) = Disk::mount(&folder.path("data")) else { return };
    let organisation = Organisation::team();
    let process = launch(&folder, &organisation).start().await;
    let (root, pat) = (process.actor(organisation.login("root")), process.actor(organisation.login("pat")));
    let spare = process.actor(organisation.login("alice/spare"));
    process.actor(organisation.login("alice")).docker().push("team/app/web:1", &image("hello")).await.done();
    let mut tokens = Vec::new();
    for number in 0..40 {
        let post = Ask::post("/api/v1/tokens").json(&json!({ "name": format!("token {number}") }));
        let made = pat.send(post).await.is(201).json();
        tokens.push((
            made["id"].as_str().expect("an id").to_owned(),
            made["secret"].as_str().expect("a secret").to_owned(),
        ));
    }

    let first = disk.fill("first");
    until("it says that nothing can be stored", async || {
        let answer = process.stranger().send(Ask::get("/readyz")).await;
        answer.status == 503 && &answer.body[..] == b"unready\n"
    })
    .await;
    let metrics = root.send(Ask::get("/metrics")).await.is(200).to_string();
    assert!(metrics.contains("wharfinger_unready{reason=\"no_space\"} 1"), "{metrics}");
    let id = token::id(&organisation.login("alice/spare").secret).to_owned();
    let put = Ask::put(format!("/api/v1/tokens/{id}/state")).json(&json!({ "state": "revoked" }));
    process.actor(organisation.login("alice")).send(put).await.is(200);
    spare.send(Ask::get(MANIFEST)).await.is(401);

    // One token after the other, until the reserve is used up too.
    let second = disk.fill("second");
    let mut unstored = None;
    for (id, secret) in &tokens {
        let ask = |state| Ask::put(format!("/api/v1/tokens/{id}/state")).json(&json!({ "state": state }));
        for state in ["disabled", "revoked"] {
            let answer = pat.send(ask(state)).await;
            let login = Login { name: "pat".to_owned(), secret: secret.clone() };
            process.actor(login).send(Ask::get(MANIFEST)).await.is(401);
            if answer.status == 202 {
                unstored = Some(answer.json());
                break;
            }
            answer.is(200);
        }
        if unstored.is_some() {
            break;
        }
    }
    let unstored = unstored.expect("no room for so many changes");
    assert_eq!((&unstored["in_force"], &unstored["stored"]), (&json!(true), &json!(false)), "{unstored}");
    let put = Ask::put("/api/v1/principals/member:pat/suspended").json(&json!({ "suspended": true }));
    root.send(put).await.is(202);
    pat.send(Ask::get(MANIFEST)).await.is(401);
    let put = Ask::put("/api/v1/principals/member:pat/suspended").json(&json!({ "suspended": false }));
    root.send(put).await.is(507);
    pat.send(Ask::get(MANIFEST)).await.is(401);

    fs::remove_file(first).expect("room again");
    fs::remove_file(second).expect("room again");
    process.log_with("everything that was taken away is stored").await;
    process.kill();
    let process = launch(&folder, &organisation).start().await;
    process.actor(organisation.login("pat")).send(Ask::get(MANIFEST)).await.is(401);
    process.actor(organisation.login("alice/spare")).send(Ask::get(MANIFEST)).await.is(401);
    process.actor(organisation.login("alice")).docker().push("team/app/web:2", &image("again")).await.done();
}
