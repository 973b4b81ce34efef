//! What is about an image: signatures, attestations, lists of parts.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::image::{OCI_INDEX, OCI_MANIFEST, sha256};
use crate::support::{Actor, Answer, Ask, Server, image, on_both_databases};

on_both_databases!(
    referrers_are_listed_with_what_they_say_of_themselves,
    a_subject_may_come_later_and_go,
    referrers_are_filtered_by_type,
    lists_under_fallback_tags_count,
    long_lists_come_page_by_page,
    a_list_of_five_thousand_is_kept_and_read,
    who_may_not_read_learns_nothing,
);

const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

fn list(digest: &str, query: &str) -> Ask {
    Ask::get(format!("/v2/p/team/app/web/referrers/{digest}{query}"))
}

/// The digests of a list, sorted.
fn digests(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let all = json["manifests"].as_array().expect("a list").iter();
    all.map(|one| one["digest"].as_str().expect("a digest").to_owned()).collect()
}

/// An artifact about `subject`, as oras and cosign make them, changed by `with`.
fn artifact(subject: &str, with: &[(&str, Value)]) -> String {
    let empty = json!({ "mediaType": EMPTY_TYPE, "digest": sha256(b"{}"), "size": 2 });
    let mut artifact = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": empty, "layers": [empty],
        "subject": { "mediaType": OCI_MANIFEST, "digest": subject, "size": 5 },
    });
    for (member, value) in with {
        artifact[member] = value.clone();
    }
    artifact.to_string()
}

async fn put(who: &Actor, reference: &str, media_type: &str, body: &str) -> Answer {
    let target = format!("/v2/p/team/app/web/manifests/{reference}");
    who.send(Ask::put(target).header("content-type", media_type).body(body.to_owned())).await.is(201)
}

/// Attaches an artifact, and gives its digest.
async fn attach(who: &Actor, subject: &str, with: &[(&str, Value)]) -> String {
    super::uploads::upload(who, "p/team/app/web", b"{}").await;
    let body = artifact(subject, with);
    let digest = sha256(body.as_bytes());
    let answer = put(who, &digest, OCI_MANIFEST, &body).await;
    assert_eq!(answer.must_have("oci-subject"), subject, "else clients write a list of their own");
    digest
}

async fn referrers_are_listed_with_what_they_say_of_themselves(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    let none = alice.send(list(&hello.digest(), "")).await;
    none.shows(&expect![[r#"
        200
        content-length: 88
        content-type: application/vnd.oci.image.index.v1+json

        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}
    "#]]);
    let sbom = [
        ("artifactType", json!("application/spdx+json")),
        ("annotations", json!({ "org.opencontainers.image.created": "2026-01-01T00:00:00Z" })),
    ];
    attach(&alice, &hello.digest(), &sbom).await;
    // Without a type of its own it is what its configuration is; an index has none then.
    attach(&alice, &hello.digest(), &[]).await;
    let index = json!({
        "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [],
        "subject": { "mediaType": OCI_MANIFEST, "digest": hello.digest(), "size": 5 },
    });
    put(&alice, "an-index", OCI_INDEX, &index.to_string()).await;
    alice.send(list(&hello.digest(), "")).await.shows(&expect![[r#"
        200
        content-length: 707
        content-type: application/vnd.oci.image.index.v1+json

        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:10905302bd8cd1a10b0d6f31b27bd27688e97ff8b218b7e51f675e75645542e4","size":654,"artifactType":"application/spdx+json","annotations":{"org.opencontainers.image.created":"2026-01-01T00:00:00Z"}},{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:4ea61122b8174000f3749ec83b65fe7ae35f8f5de468dd5c546b5a9a3523ab2f","size":541,"artifactType":"application/vnd.oci.empty.v1+json"},{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:8069ebcd62b018ba9b55c5fe7ddf38f6964b1da3c8f84fe69f674df7ee25894f","size":249}]}
    "#]]);
    alice.send(Ask::head(format!("/v2/p/team/app/web/referrers/{}", hello.digest()))).await.is(200);
    // Another image, and an image that nobody has pushed, have none.
    for absent in ["/v2/p/team/app/other", "/v2/team/app/never/seen"] {
        let answer = alice.send(Ask::get(format!("{absent}/referrers/{}", hello.digest()))).await.is(200);
        assert!(digests(&answer).is_empty());
    }
    alice.send(list("sha256:baddigeststring", "")).await.is(400);
    alice.send(list("latest", "")).await.is(400);
}

async fn a_subject_may_come_later_and_go(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    let [one, two] = [1, 2].map(|n| [("annotations", json!({ "n": n.to_string() }))]);
    let one = attach(&alice, &hello.digest(), &one).await;
    let two = attach(&alice, &hello.digest(), &two).await;
    let mut both = vec![one.clone(), two.clone()];
    both.sort();
    assert_eq!(digests(&alice.send(list(&hello.digest(), "")).await), both);
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    assert_eq!(digests(&alice.send(list(&hello.digest(), "")).await), both);
    let delete = async |digest: &str| {
        alice.send(Ask::delete(format!("/v2/p/team/app/web/manifests/{digest}"))).await.is(202);
    };
    delete(&one).await;
    assert_eq!(digests(&alice.send(list(&hello.digest(), "")).await), std::slice::from_ref(&two));
    delete(&hello.digest()).await;
    assert_eq!(digests(&alice.send(list(&hello.digest(), "")).await), std::slice::from_ref(&two));
    delete(&two).await;
    assert!(digests(&alice.send(list(&hello.digest(), "")).await.is(200)).is_empty());
}

async fn referrers_are_filtered_by_type(hub: Server) {
    let alice = hub.actor("alice");
    let subject = sha256(b"nobody");
    let sbom = attach(&alice, &subject, &[("artifactType", json!("application/spdx+json"))]).await;
    let plain = attach(&alice, &subject, &[]).await;
    for (filter, expected) in [
        ("application%2Fspdx%2Bjson", vec![sbom]),
        ("application/vnd.oci.empty.v1%2Bjson", vec![plain]),
        ("application/absent", vec![]),
    ] {
        let answer = alice.send(list(&subject, &format!("?artifactType={filter}"))).await.is(200);
        assert_eq!(digests(&answer), expected, "{filter}");
        assert_eq!(answer.must_have("oci-filters-applied"), "artifactType");
        assert_eq!(answer.must_have("content-type"), OCI_INDEX);
    }
    let all = alice.send(list(&subject, "?artifactType=")).await;
    assert_eq!((digests(&all).len(), all.header("oci-filters-applied")), (2, None));
}

/// As clients keep them for a registry without the API: what is in such a list, is here and says nothing else of itself.
async fn lists_under_fallback_tags_count(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    let listed = image("an old signature");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    alice.docker().push("team/app/web:signature", &listed).await.done();
    let known = attach(&alice, &hello.digest(), &[]).await;
    let foreign = attach(&alice, &sha256(b"another subject"), &[]).await;
    let member = |digest: &str| json!({ "mediaType": OCI_MANIFEST, "digest": digest, "size": 5 });
    let members =
        [&listed.digest(), &known, &foreign, &sha256(b"deleted long ago")].map(|digest| member(digest));
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": members });
    put(&alice, &hello.digest().replace(':', "-"), OCI_INDEX, &index.to_string()).await;
    let mut expected = vec![listed.digest(), known];
    expected.sort();
    assert_eq!(digests(&alice.send(list(&hello.digest(), "")).await), expected);
}

async fn long_lists_come_page_by_page(hub: Server) {
    let alice = hub.actor("alice");
    let subject = sha256(b"nobody");
    let mut expected = Vec::new();
    for (n, bytes) in [(0, 30_000), (1, 700_000), (2, 700_000), (3, 3_000_000), (4, 10)] {
        let annotations = json!({ "n": n.to_string(), "text": "x".repeat(bytes) });
        expected.push(attach(&alice, &subject, &[("annotations", annotations)]).await);
    }
    expected.sort();
    let mut next = Some(format!(
        "/v2/p/team/app/web/referrers/{subject}?artifactType=application/vnd.oci.empty.v1%2Bjson"
    ));
    let (mut seen, mut pages) = (Vec::new(), 0);
    while let Some(target) = next.take() {
        let page = alice.send(Ask::get(target)).await.is(200);
        let found = digests(&page);
        assert!(page.body.len() <= 1 << 20 || found.len() == 1, "{} bytes", page.body.len());
        assert!(
            page.json()["manifests"]
                .as_array()
                .expect("a list")
                .iter()
                .all(|one| one["annotations"]["n"].is_string())
        );
        seen.extend(found);
        pages += 1;
        next = page.header("link").map(|link| {
            assert!(link.contains("artifactType=") && link.ends_with(">; rel=\"next\""), "{link}");
            link[1..].split_once('>').expect("a link").0.to_owned()
        });
    }
    assert_eq!(seen, expected);
    assert!(pages >= 3, "{pages}");
}

/// As many as fit below the limit of bytes: what is there is listed, page by page, and the list itself is an index like others.
async fn a_list_of_five_thousand_is_kept_and_read(hub: Server) {
    const MEMBERS: usize = 5_000;
    const THERE: usize = 400;
    let alice = hub.actor("alice");
    let subject = sha256(b"nobody");
    super::uploads::upload(&alice, "p/team/app/web", b"{}").await;
    let made: Vec<String> = (0..THERE)
        .map(|n| {
            artifact(&subject, &[("subject", Value::Null), ("annotations", json!({ "n": n.to_string() }))])
        })
        .collect();
    let mut expected = Vec::new();
    for body in &made {
        expected.push(sha256(body.as_bytes()));
        put(&alice, &sha256(body.as_bytes()), OCI_MANIFEST, body).await;
    }
    let absent = (THERE..MEMBERS).map(|n| sha256(n.to_string().as_bytes()));
    let annotations = json!({ "text": "x".repeat(500) });
    let members = expected.iter().cloned().chain(absent).map(
        |digest| json!({ "mediaType": OCI_MANIFEST, "digest": digest, "size": 5, "annotations": annotations }),
    );
    let index =
        json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": members.collect::<Vec<_>>() });
    let (index, fallback) = (index.to_string(), subject.replace(':', "-"));
    assert!((3 << 20..4 << 20).contains(&index.len()), "{} bytes", index.len());
    put(&alice, &fallback, OCI_INDEX, &index).await;
    let manifest = format!("/v2/p/team/app/web/manifests/{fallback}");
    assert_eq!(alice.send(Ask::get(&manifest)).await.is(200).body, index);
    let mut next = Some(format!("/v2/p/team/app/web/referrers/{subject}"));
    let mut seen = Vec::new();
    while let Some(target) = next.take() {
        let page = alice.send(Ask::get(target)).await.is(200);
        seen.extend(digests(&page));
        let link = page.header("link").and_then(|link| link.get(1..)?.split_once('>'));
        next = link.map(|(next, _)| next.to_owned());
    }
    expected.sort();
    assert_eq!(seen, expected);
    // Put again under another name, it is there twice; taken away, it is gone with all its members' places.
    put(&alice, "all", OCI_INDEX, &index).await;
    for name in [fallback, "all".to_owned()] {
        alice.send(Ask::delete(format!("/v2/p/team/app/web/manifests/{name}"))).await.is(202);
    }
    let left = alice.send(Ask::get(format!("/v2/p/team/app/web/referrers/{subject}"))).await.is(200);
    assert_eq!(digests(&left), [""; 0]);
}

async fn who_may_not_read_learns_nothing(hub: Server) {
    let alice = hub.actor("alice");
    let subject = sha256(b"nobody");
    attach(&alice, &subject, &[]).await;
    hub.stranger().send(list(&subject, "")).await.is(401);
    hub.actor("bob").send(list(&subject, "")).await.is(403);
    hub.actor("alice/pusher").send(list(&subject, "")).await.is(403);
    hub.actor("rita").send(list(&subject, "")).await.is(200);
}
