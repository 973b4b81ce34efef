//! What may be put, replaced and deleted.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256, Sha512};

use crate::support::maven::hash;
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::files::team;
    new_same_and_other_bytes,
    only_what_is_new,
    immutable_names_never_change,
    what_is_deleted_is_gone,
    hashes_that_come_along_are_compared,
);

async fn new_same_and_other_bytes(hub: Server) {
    let (alice, pat) = (hub.actor("alice"), hub.actor("pat"));
    let (mine, theirs) = (alice.files("team/files"), pat.files("team/files"));
    theirs.put("a.txt", "bytes").await.is(201);
    theirs.put("a.txt", "bytes").await.is(200);
    // Neither of the same length nor of another.
    theirs.put("a.txt", "other").await.is(403);
    theirs.put("a.txt", "other bytes").await.is(403);
    assert_eq!(mine.get("a.txt").await.is(200).body, "bytes");
    let before = mine.get("a.txt").await.must_have("etag").to_owned();
    for (body, status) in [("other", 200), ("other bytes", 200), ("", 200), ("other", 200)] {
        let put = mine.put("a.txt", body).await.is(status);
        let get = mine.get("a.txt").await.is(200);
        assert_eq!(get.body, body);
        assert_eq!(put.must_have("etag"), get.must_have("etag"));
        assert_ne!(get.must_have("etag"), before);
        assert_eq!(mine.get("a.txt.sha1").await.is(200).body, hash("sha1", body.as_bytes()));
    }
    // A token that may only publish puts what is new, and finds out what is there.
    let uploader = hub.actor("alice/uploader");
    uploader.files("team/files").put("b.txt", "bytes").await.is(201);
    uploader.files("team/files").put("b.txt", "other").await.is(403);
    uploader.files("team/files").head("b.txt").await.is(200);
    uploader.files("team/files").get("b.txt").await.is(403);
    // One path may be that of a file and of a directory.
    mine.put("b.txt/c.txt", "bytes").await.is(201);
    assert_eq!(mine.list("").await, ["a.txt", "b.txt", "b.txt/"]);
}

async fn only_what_is_new(hub: Server) {
    let (alice, pat) = (hub.actor("alice"), hub.actor("pat"));
    let new = ("if-none-match", "*");
    pat.files("team/files").put_with("a.txt", new, "bytes").await.is(201);
    for (actor, body) in [(&pat, "bytes"), (&pat, "other"), (&alice, "bytes"), (&alice, "other bytes")] {
        actor.files("team/files").put_with("a.txt", new, body).await.is(412);
    }
    assert_eq!(alice.files("team/files").get("a.txt").await.is(200).body, "bytes");
    alice.files("team/files").delete("a.txt").await.is(204);
    alice.files("team/files").put_with("a.txt", new, "other").await.is(201);
    // Conditions that would not be kept are refused instead of passed over.
    for (name, value) in [
        ("if-match", "*"),
        ("if-match", "\"x\""),
        ("if-none-match", "\"x\""),
        ("if-none-match", "*, \"x\""),
        ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ] {
        alice.files("team/files").put_with("b.txt", (name, value), "bytes").await.is(400);
        let delete = Ask::delete("/files/p/team/files/a.txt").header(name, value);
        alice.send(delete).await.is(400);
    }
    alice.send(Ask::delete("/files/p/team/files/a.txt").header("if-none-match", "*")).await.is(400);
    assert_eq!(alice.files("team/files").list("").await, ["a.txt"]);
}

/// Patterns are of whole paths, and `*` goes beyond slashes.
async fn immutable_names_never_change(hub: Server) {
    let alice = hub.actor("alice");
    let kept = alice.files("team/kept");
    for path in ["release/1.0/app.tar.gz", "release/x", "build/app.sig", "a.sig"] {
        kept.put(path, "bytes").await.is(201);
        kept.put(path, "bytes").await.is(200);
        kept.put(path, "other").await.is(409);
        kept.put(path, "other bytes").await.is(409);
        kept.delete(path).await.is(409);
        assert_eq!(kept.get(path).await.is(200).body, "bytes", "{path}");
    }
    for path in ["releases/1.0/app.tar.gz", "build/release/app", "a.sig.txt", "a.SIG"] {
        kept.put(path, "bytes").await.is(201);
        kept.put(path, "other").await.is(200);
        kept.delete(path).await.is(204);
        kept.get(path).await.is(404);
    }
    // The rule comes before the right.
    hub.actor("pat").files("team/kept").put("release/x", "other").await.is(409);
    hub.actor("pat").files("team/kept").put("release/x", "bytes").await.is(200);
    kept.delete("release/none").await.is(404);
    kept.put_with("release/x", ("if-none-match", "*"), "bytes").await.is(412);
}

async fn what_is_deleted_is_gone(hub: Server) {
    let (alice, pat) = (hub.actor("alice"), hub.actor("pat"));
    let files = alice.files("team/files");
    for path in ["a/b/c.txt", "a/b/d.txt", "a/e.txt"] {
        files.put(path, path.to_owned()).await.is(201);
    }
    pat.files("team/files").delete("a/e.txt").await.is(403);
    files.delete("a/b/c.txt").await.is(204);
    files.delete("a/b/c.txt").await.is(404);
    files.get("a/b/c.txt").await.is(404);
    files.get("a/b/c.txt.sha256").await.is(404);
    assert_eq!(files.list("a/b/").await, ["d.txt"]);
    // Directories are what paths have in common: not to be deleted, and gone with their last file.
    files.delete("a/b/").await.is(405);
    files.delete("a/b").await.is(404);
    files.delete("").await.is(405);
    files.delete("a/b/d.txt").await.is(204);
    files.get("a/b/").await.is(404);
    assert_eq!(files.list("a/").await, ["e.txt"]);
    files.put("a/b/c.txt", "other").await.is(201);
    assert_eq!(files.get("a/b/c.txt").await.is(200).body, "other");
}

async fn hashes_that_come_along_are_compared(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    let sha256 = |bytes: &[u8]| format!("sha-256=:{}:", BASE64_STANDARD.encode(Sha256::digest(bytes)));
    let sha512 = |bytes: &[u8]| format!("sha-512=:{}:", BASE64_STANDARD.encode(Sha512::digest(bytes)));
    let mut wrong: Vec<(String, String)> = Vec::new();
    let mut right: Vec<(String, String)> = Vec::new();
    for kind in crate::support::maven::HASHES {
        let name = format!("X-Checksum-{kind}");
        wrong.extend([
            (name.clone(), hash(kind, b"other")),
            (name.clone(), "none".to_owned()),
            (name.clone(), String::new()),
            (name.clone(), hash(kind, b"bytes")[1..].to_owned()),
        ]);
        right.extend([
            (name.clone(), hash(kind, b"bytes")),
            (name, hash(kind, b"bytes").to_ascii_uppercase()),
        ]);
    }
    for name in ["Content-Digest", "Repr-Digest"] {
        wrong.extend([
            (name.to_owned(), sha256(b"other")),
            (name.to_owned(), sha512(b"other")),
            (name.to_owned(), format!("{}, {}", sha256(b"bytes"), sha512(b"other"))),
            (name.to_owned(), "sha-256=:*:".to_owned()),
        ]);
        right.extend([
            (name.to_owned(), sha256(b"bytes")),
            (name.to_owned(), format!("{}, {}", sha256(b"bytes"), sha512(b"bytes"))),
            (name.to_owned(), format!("md5=:{}:, unknown=1", BASE64_STANDARD.encode("other"))),
        ]);
    }
    for (name, value) in &wrong {
        let answer = files.put_with("a.bin", (name, value), "bytes").await.is(400);
        assert!(answer.body.len() > 20, "{name}: {value}\n{answer}");
        files.get("a.bin").await.is(404);
    }
    assert_eq!(files.list("").await, [""; 0]);
    for (name, value) in &right {
        files.put_with("a.bin", (name, value), "bytes").await.is(201);
        files.delete("a.bin").await.is(204);
    }
    // What is there stays.
    files.put("a.bin", "bytes").await.is(201);
    files.put_with("a.bin", ("x-checksum-sha1", &hash("sha1", b"bytes")), "other").await.is(400);
    assert_eq!(files.get("a.bin").await.is(200).body, "bytes");
}
