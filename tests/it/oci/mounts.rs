//! A blob that is already here is linked, not sent again; and that question tells nobody what is where.

use crate::support::image::sha256;
use crate::support::{Answer, Ask, Server, on_both_databases};

use super::uploads::upload;

on_both_databases!(
    a_readable_blob_is_mounted,
    a_blob_is_mounted_from_wherever_it_may_be_read,
    an_unreadable_source_looks_like_a_missing_one,
);

fn mount(digest: &str, from: Option<&str>) -> Ask {
    let from = from.map(|from| format!("&from={from}")).unwrap_or_default();
    Ask::post(format!("/v2/p/team/open/copy/blobs/uploads/?mount={digest}{from}"))
}

async fn a_readable_blob_is_mounted(hub: Server) {
    let alice = hub.actor("alice");
    let digest = upload(&alice, "p/team/app/web", b"hello").await;
    let encoded = "p%2Fteam%2Fapp%2Fweb";
    for from in ["p/team/app/web", "team/app/web", encoded, "p/team/app/another/image"] {
        let mounted = alice.send(mount(&digest, Some(from))).await.is(201);
        assert_eq!(mounted.must_have("docker-content-digest"), digest);
        let blob = alice.send(Ask::get(mounted.must_have("location"))).await.is(200);
        assert_eq!(blob.body, "hello");
        alice.send(Ask::delete(format!("/v2/p/team/open/copy/blobs/{digest}"))).await.is(202);
    }
}

async fn a_blob_is_mounted_from_wherever_it_may_be_read(hub: Server) {
    let digest = upload(&hub.actor("alice"), "p/other/app/web", b"hello").await;
    // Pat may publish in `team`, and read nothing in `other`.
    hub.actor("pat").send(mount(&digest, None)).await.is(202);
    hub.actor("pat").send(Ask::head(format!("/v2/p/team/open/copy/blobs/{digest}"))).await.is(404);
    hub.actor("alice").send(mount(&digest, None)).await.is(201);
    hub.actor("pat").send(Ask::head(format!("/v2/p/team/open/copy/blobs/{digest}"))).await.is(200);
}

/// Never a 4xx, and nothing to tell the cases apart by: an ordinary upload begins (GHSA-55r9-5mx9-qq7r).
async fn an_unreadable_source_looks_like_a_missing_one(hub: Server) {
    let pat = hub.actor("pat");
    let hidden = upload(&hub.actor("alice"), "p/other/app/web", b"hello").await;
    let readable = upload(&hub.actor("alice"), "p/team/app/web", b"readable").await;
    let absent = sha256(b"nowhere");
    let same = |answers: Vec<Answer>| {
        for answer in &answers {
            assert_eq!(answer.status, 202, "{answer}");
            assert_eq!(answer.to_string(), answers[0].to_string());
        }
    };
    let mut answers = Vec::new();
    for (digest, from) in [
        (&hidden, Some("p/other/app/web")),
        (&absent, Some("p/other/app/web")),
        (&hidden, Some("p/other/nothing/web")),
        (&hidden, Some("p/nothing/nothing/web")),
        (&hidden, Some("NOT%20A%20NAME")),
        (&hidden, Some("p/team/jars/web")),
        (&absent, Some("p/team/app/web")),
        (&hidden, Some("p/team/app/web")),
        (&hidden, None),
        (&absent, None),
    ] {
        answers.push(pat.send(mount(digest, from)).await);
    }
    // A publish-only token may not read, not even what its owner may.
    answers.push(hub.actor("alice/pusher").send(mount(&readable, Some("p/team/app/web"))).await);
    answers.push(hub.actor("alice/pusher").send(mount(&readable, None)).await);
    same(answers);
    pat.send(mount("sha256:bad", Some("p/team/app/web"))).await.is(400);
}
