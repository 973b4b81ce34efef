//! Uploads that are begun and never ended take nothing from anybody.

use crate::support::image::sha256;
use crate::support::raw::admitted;
use crate::support::{Ask, Folder, Organisation, Server, image, until};

/// Half of a body.
const HALF_BYTES: usize = 100;
/// Uploads that one principal begins.
const SILENT: usize = 4;
const FORGOTTEN: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_uploads_hold_no_place_and_go_on() {
    let folder = Folder::new("silent");
    let hub =
        Server::on_disk_tuned(Organisation::team(), folder, |config| config.storage.uploads_max = 4).await;
    let (pat, alice) = (hub.actor("pat"), hub.actor("alice"));
    let body: Vec<u8> = (0..2 * HALF_BYTES).map(|n| u8::try_from(n).expect("below 256")).collect();
    let digest = sha256(&body);
    let mut crowd = Vec::new();
    for _ in 0..SILENT {
        // One of the four places is for pat, and each of these waits until the one before is silent.
        let begun = pat.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
        let location = begun.must_have("location").to_owned();
        let mut raw = admitted(&pat, &format!("PATCH {location}"), "", body.len()).await;
        assert!(raw.write(&body[..HALF_BYTES]).await);
        alice.docker().push("team/app/others:1.0", &image("others")).await.done();
        crowd.push((location, raw));
    }
    for (location, _) in &crowd {
        until("what came is saved", async || {
            let status = pat.send(Ask::get(location)).await.is(204);
            status.must_have("range") == format!("0-{}", HALF_BYTES - 1)
        })
        .await;
    }
    // All go on where they were: by the same request, or by another one.
    let (mut same, mut other) = (crowd.split_off(SILENT / 2), crowd);
    for (location, raw) in &mut same {
        assert!(raw.write(&body[HALF_BYTES..]).await);
        let (status, head) = raw.head().await;
        assert_eq!(status, 202, "{head}");
        pat.send(Ask::put(format!("{location}?digest={digest}"))).await.is(201);
    }
    for (location, raw) in &mut other {
        let rest = Ask::put(format!("{location}?digest={digest}")).body(body[HALF_BYTES..].to_vec());
        pat.send(rest).await.is(201);
        // The silent one comes too late, and changes nothing.
        raw.write(&body[HALF_BYTES..]).await;
        let (status, head) = raw.head().await;
        assert_eq!(status, 404, "{head}");
    }
    let blob = pat.send(Ask::get(format!("/v2/p/team/app/web/blobs/{digest}"))).await.is(200);
    assert_eq!(blob.body, body);
}

/// With more than may be kept, the oldest go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgotten_uploads_are_bounded() {
    let hub = Server::tuned(Organisation::team(), |config| config.storage.uploads_saved_max = 4).await;
    let (pat, alice) = (hub.actor("pat"), hub.actor("alice"));
    let begin = async |who: &crate::support::Actor| {
        let begun = who.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
        begun.must_have("location").to_owned()
    };
    let kept = begin(&alice).await;
    let mut all = Vec::new();
    for _ in 0..FORGOTTEN {
        all.push(begin(&pat).await);
    }
    let mut alive = 0;
    for location in &all {
        alive += usize::from(pat.send(Ask::get(location)).await.status == 204);
    }
    assert_eq!(alive, 4);
    alice.send(Ask::patch(kept).body("mine")).await.is(202);
}
