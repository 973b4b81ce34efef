//! `kill -9` in the middle of a push: afterwards the old state or the new, and the push goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::Notify;

use crate::support::image::{OCI_MANIFEST, sha256};
use crate::support::process::serve;
use crate::support::{Actor, Ask, Folder, Organisation, image, until};

/// The requests of a push, one after the other; the tag comes last.
async fn push_until(alice: &Actor, version: usize, steps: usize) -> usize {
    let image = image(&format!("version {version}"));
    let mut done = 0;
    for blob in image.blobs() {
        let digest = sha256(blob);
        if done == steps {
            return done;
        }
        let begun = alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
        done += 1;
        if done == steps {
            return done;
        }
        let location = begun.must_have("location");
        let patched = alice.send(Ask::patch(location).body(blob.clone())).await.is(202);
        done += 1;
        if done == steps {
            return done;
        }
        alice.send(Ask::put(format!("{}?digest={digest}", patched.must_have("location")))).await.is(201);
        done += 1;
    }
    if done < steps {
        let put = Ask::put("/v2/p/team/app/web/manifests/latest").header("content-type", OCI_MANIFEST);
        alice.send(put.body(image.manifest.clone())).await.is(201);
        done += 1;
    }
    done
}

/// Two blobs of three requests each, and the manifest.
const STEPS: usize = 7;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_killed_after_any_request_is_old_or_new() {
    let (organisation, folder) = (Organisation::team(), Folder::new("kill"));
    let process = serve(&folder, &organisation).await;
    process
        .actor(organisation.login("alice"))
        .docker()
        .push("team/app/web:latest", &image("version 0"))
        .await
        .done();
    process.kill();
    for steps in 1..=STEPS {
        let process = serve(&folder, &organisation).await;
        let alice = process.actor(organisation.login("alice"));
        assert_eq!(push_until(&alice, steps, steps).await, steps);
        process.kill();

        let process = serve(&folder, &organisation).await;
        let alice = process.actor(organisation.login("alice"));
        let expected = if steps == STEPS { STEPS } else { 0 };
        alice.docker().pull("team/app/web:latest").await.gives(&image(&format!("version {expected}")));
        if steps < STEPS {
            // The retry is an ordinary push to another tag, so that the old one stays for the next round.
            let again = image(&format!("version {steps}"));
            alice.docker().push(&format!("team/app/web:retry-{steps}"), &again).await.done();
            alice.docker().pull(&format!("team/app/web:retry-{steps}")).await.gives(&again);
        }
        process.kill();
    }
}

/// The moment is wherever the server happens to be: between a request and its answer, in the middle of a commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_killed_in_flight_lose_nothing_acknowledged() {
    const ROUNDS: usize = 4;
    const WRITERS: usize = 4;
    const ACKNOWLEDGED: usize = 12;
    let (organisation, folder) = (Organisation::team(), Folder::new("flight"));
    let mut kept: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let process = serve(&folder, &organisation).await;
        let count = Arc::new(AtomicUsize::new(0));
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let (alice, count) = (process.actor(organisation.login("alice")), Arc::clone(&count));
            writers.push(tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    let text = format!("{round} {writer} {number}");
                    if !try_push(&alice, &format!("w{writer}"), &text).await {
                        break;
                    }
                    count.fetch_add(1, Ordering::SeqCst);
                    acknowledged.push(text);
                }
                acknowledged
            }));
        }
        until("some pushes are acknowledged", async || count.load(Ordering::SeqCst) >= ACKNOWLEDGED).await;
        process.kill();
        let mut last = Vec::new();
        for writer in writers {
            let acknowledged = writer.await.expect("a writer");
            last.push(acknowledged.last().cloned());
            kept.extend(acknowledged);
        }

        let process = serve(&folder, &organisation).await;
        let alice = process.actor(organisation.login("alice"));
        for text in &kept {
            alice.docker().pull(&format!("team/app/web@{}", image(text).digest())).await.gives(&image(text));
        }
        for (writer, last) in last.into_iter().enumerate() {
            // The tag is the last acknowledged one, or the one whose answer never came.
            let Some(last) = last else { continue };
            let tag = alice.send(Ask::get(format!("/v2/p/team/app/web/manifests/w{writer}"))).await.is(200);
            let number: usize = last.rsplit(' ').next().expect("a number").parse().expect("a number");
            let next = format!("{round} {writer} {}", number + 1);
            let digest = tag.must_have("docker-content-digest");
            assert!(
                digest == image(&last).digest() || digest == image(&next).digest(),
                "neither old nor new"
            );
            alice.docker().pull(&format!("team/app/web:w{writer}")).await.done();
        }
        process.kill();
    }
}

/// A push that gives up when the server is gone, and says whether everything was acknowledged.
async fn try_push(alice: &Actor, tag: &str, text: &str) -> bool {
    let image = image(text);
    for blob in image.blobs() {
        let post = Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={}", sha256(blob)));
        if !matches!(alice.try_send(post.body(blob.clone())).await, Ok(answer) if answer.status == 201) {
            return false;
        }
    }
    let put = Ask::put(format!("/v2/p/team/app/web/manifests/{tag}")).header("content-type", OCI_MANIFEST);
    matches!(alice.try_send(put.body(image.manifest)).await, Ok(answer) if answer.status == 201)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_goes_on_where_it_was_after_a_kill() {
    let (organisation, folder) = (Organisation::team(), Folder::new("resume"));
    let process = serve(&folder, &organisation).await;
    let alice = process.actor(organisation.login("alice"));
    let bytes = Bytes::from(vec![7_u8; 3 << 20]);
    let digest = sha256(&bytes);
    let begun = alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
    let first =
        alice.send(Ask::patch(begun.must_have("location")).body(bytes.slice(..1 << 20))).await.is(202);
    let location = first.must_have("location").to_owned();
    assert_eq!(first.must_have("range"), format!("0-{}", (1 << 20) - 1));

    // The second chunk never ends: the server dies while it comes.
    let sent = Arc::new(Notify::new());
    let half = bytes.slice(1 << 20..2 << 20);
    let endless = stream::iter([half]).chain(stream::once({
        let sent = Arc::clone(&sent);
        async move {
            sent.notify_one();
            std::future::pending::<Bytes>().await
        }
    }));
    let patch = Ask::patch(&location).chunked(endless);
    let pending = tokio::spawn(async move { alice.try_send(patch).await.is_err() });
    sent.notified().await;
    process.kill();
    assert!(pending.await.expect("a task"), "nobody can have answered");

    let process = serve(&folder, &organisation).await;
    let alice = process.actor(organisation.login("alice"));
    let status = alice.send(Ask::get(&location)).await.is(204);
    let offset = offset_of(status.must_have("range"));
    assert!(
        ((1 << 20)..=(2 << 20)).contains(&offset),
        "acknowledged bytes are kept, others need not be: {offset}"
    );
    let rest = Ask::patch(status.must_have("location"))
        .header("content-range", &format!("{offset}-{}", bytes.len() - 1))
        .body(bytes.slice(offset..));
    let patched = alice.send(rest).await.is(202);
    alice.send(Ask::put(format!("{}?digest={digest}", patched.must_have("location")))).await.is(201);
    assert_eq!(alice.send(Ask::get(format!("/v2/p/team/app/web/blobs/{digest}"))).await.is(200).body, bytes);
}

/// The same without a crash: the client's connection is lost, the bytes that came are kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_goes_on_after_a_lost_connection() {
    let (organisation, folder) = (Organisation::team(), Folder::new("lost"));
    let process = serve(&folder, &organisation).await;
    let alice = process.actor(organisation.login("alice"));
    let bytes = Bytes::from((0..1_u32 << 20).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    let digest = sha256(&bytes);
    let begun = alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
    let location = begun.must_have("location").to_owned();
    let sent = Arc::new(Notify::new());
    let told = Arc::clone(&sent);
    let endless = stream::iter([bytes.slice(..2 << 20)]).chain(stream::once(async move {
        told.notify_one();
        std::future::pending::<Bytes>().await
    }));
    let patch = Ask::patch(&location).chunked(endless);
    let other = process.actor(organisation.login("alice"));
    let pending = tokio::spawn(async move { other.try_send(patch).await.map(|_| ()) });
    sent.notified().await;
    pending.abort();
    let _ = pending.await;

    // Whatever was kept, it is a beginning of what was sent, and the rest can follow.
    let mut offset = 0;
    let mut patched = None;
    until("the upload is free again", async || {
        let status = alice.send(Ask::get(&location)).await.is(204);
        offset = offset_of(status.must_have("range"));
        let rest = Ask::patch(&location)
            .header("content-range", &format!("{offset}-{}", bytes.len() - 1))
            .body(bytes.slice(offset..));
        let answer = alice.send(rest).await;
        let went_on = answer.status == 202;
        patched = went_on.then_some(answer);
        went_on
    })
    .await;
    assert!(offset <= 2 << 20);
    let location = patched.expect("an answer").must_have("location").to_owned();
    alice.send(Ask::put(format!("{location}?digest={digest}"))).await.is(201);
}

/// `0-LAST` to the length; an upload without a byte shows `0-0` as well, and nobody here sends exactly one.
fn offset_of(range: &str) -> usize {
    let last: usize = range.strip_prefix("0-").expect("0-LAST").parse().expect("a number");
    if last == 0 { 0 } else { last + 1 }
}
