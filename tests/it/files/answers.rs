//! Answers as they go over the wire.

use expect_test::expect;

use crate::support::{Answer, Ask, Server, on_both_databases};

on_both_databases!(
    in crate::files::team;
    a_file_says_all_about_itself,
    hashes_are_served_for_every_file,
    a_file_goes_before_the_hash_of_another,
    parts_and_conditions_are_those_of_http,
    what_a_browser_would_run_is_a_file_to_keep,
    what_is_public_is_fetched_by_anybody,
    refusals_are_one_line_of_text,
    refusals_name_what_is_taken,
);

async fn a_file_says_all_about_itself(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    expect![[r#"
        201
        content-length: 0
        etag: "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
        x-checksum-md5: b1946ac92492d2347c6235b4d2611184
        x-checksum-sha1: f572d396fae9206628714fb2ce00f72e94f2258f
        x-checksum-sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
        x-checksum-sha512: e7c22b994c59d9cf2b48e549b1e24666636045930d3da7c1acb299d1c3b7f931f94aae41edda2c2b207a36e10f8bcb8d45223e54878f5b316e7ce3b6bc019629
    "#]].assert_eq(&files.put("app/1.0/app.txt", "hello\n").await.timeless());
    let get = files.get("app/1.0/app.txt").await;
    assert!(get.header("last-modified").is_some());
    expect![[r#"
        200
        accept-ranges: bytes
        content-length: 6
        content-security-policy: sandbox
        content-type: text/plain
        etag: "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
        x-checksum-md5: b1946ac92492d2347c6235b4d2611184
        x-checksum-sha1: f572d396fae9206628714fb2ce00f72e94f2258f
        x-checksum-sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
        x-checksum-sha512: e7c22b994c59d9cf2b48e549b1e24666636045930d3da7c1acb299d1c3b7f931f94aae41edda2c2b207a36e10f8bcb8d45223e54878f5b316e7ce3b6bc019629

        hello
    "#]].assert_eq(&get.timeless());
    let head = files.head("app/1.0/app.txt").await;
    assert_eq!(head.headers.len(), get.headers.len());
    for name in ["content-length", "content-type", "etag", "last-modified", "x-checksum-sha1"] {
        assert_eq!(head.must_have(name), get.must_have(name), "{name}");
    }
    // Names of projects and repositories are found in any case, those of files in their own.
    alice.send(Ask::get("/files/p/TEAM/Files/app/1.0/app.txt")).await.is(200);
    files.get("App/1.0/app.txt").await.is(404);
}

async fn hashes_are_served_for_every_file(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    let put = files.put("app.tar.gz", "bytes").await.is(201);
    for kind in crate::support::maven::HASHES {
        let digits = crate::support::maven::hash(kind, b"bytes");
        let hash = files.get(&format!("app.tar.gz.{kind}")).await.is(200);
        assert_eq!(hash.body, digits, "{kind}");
        assert_eq!(hash.must_have("content-type"), "text/plain");
        assert_eq!(put.must_have(&format!("x-checksum-{kind}")), digits);
        let head = files.head(&format!("app.tar.gz.{kind}")).await.is(200);
        assert_eq!(head.must_have("content-length"), digits.len().to_string());
        hub.actor("alice/uploader").files("team/files").head(&format!("app.tar.gz.{kind}")).await.is(200);
        hub.actor("alice/uploader").files("team/files").get(&format!("app.tar.gz.{kind}")).await.is(403);
        files.get(&format!("none.{kind}")).await.is(404);
        // There is no row to take away.
        files.delete(&format!("app.tar.gz.{kind}")).await.is(404);
    }
    // A hash of what does not exist as a file is none.
    files.get("app.tar.gz.sha256.sha1").await.is(404);
    files.get("app.tar.gz.sha224").await.is(404);
    files.get(".sha256").await.is(404);
}

async fn a_file_goes_before_the_hash_of_another(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    files.put("a.bin", "bytes").await.is(201);
    let derived = files.get("a.bin.sha256").await.is(200).body;
    let own = format!("{}  a.bin\n", String::from_utf8_lossy(&derived));
    files.put("a.bin.sha256", own.clone()).await.is(201);
    assert_eq!(files.get("a.bin.sha256").await.is(200).body, own);
    // Now there is a file of which there can be a hash.
    let hash = crate::support::maven::hash("sha1", own.as_bytes());
    assert_eq!(files.get("a.bin.sha256.sha1").await.is(200).body, hash);
    assert_eq!(files.list("").await, ["a.bin", "a.bin.sha256"]);
    files.delete("a.bin.sha256").await.is(204);
    assert_eq!(files.get("a.bin.sha256").await.is(200).body, derived);
}

async fn parts_and_conditions_are_those_of_http(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    files.put("a.txt", "0123456789").await.is(201);
    let first = files.get("a.txt").await.is(200);
    let (tag, modified) = (first.must_have("etag").to_owned(), first.must_have("last-modified").to_owned());
    for (headers, status, body) in [
        (&[("range", "bytes=2-4")][..], 206, "234"),
        (&[("range", "bytes=-3")], 206, "789"),
        (&[("range", "bytes=7-")], 206, "789"),
        (&[("range", "bytes=10-")], 416, "the range does not lie in the file\n"),
        (&[("range", "bytes=2-4"), ("if-range", &tag)], 206, "234"),
        (&[("range", "bytes=2-4"), ("if-range", "\"other\"")], 200, "0123456789"),
        (&[("if-none-match", &tag)], 304, ""),
        (&[("if-none-match", "\"other\"")], 200, "0123456789"),
        (&[("if-modified-since", &modified)], 304, ""),
        (&[("if-match", "\"other\"")], 412, "the file is not as you expect it\n"),
        (
            &[("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT")],
            412,
            "the file is not as you expect it\n",
        ),
    ] {
        let ask =
            headers.iter().fold(Ask::get(files.at("a.txt")), |ask, (name, value)| ask.header(name, value));
        let answer = alice.send(ask).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (status, body.as_bytes()),
            "{headers:?}\n{answer}"
        );
    }
    let beyond = alice.send(Ask::get(files.at("a.txt")).header("range", "bytes=10-")).await;
    assert_eq!(beyond.must_have("content-range"), "bytes */10");
}

async fn what_a_browser_would_run_is_a_file_to_keep(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    for (name, media_type, kept) in [
        ("a.html", "text/html", true),
        ("a.svg", "image/svg+xml", true),
        ("a.xhtml", "application/xhtml+xml", true),
        ("a.txt", "text/plain", false),
        ("a.tar.gz", "application/gzip", false),
        ("a.JSON", "application/json", false),
        ("a", "application/octet-stream", false),
    ] {
        // What a client calls it is not believed.
        files.put_with(name, ("content-type", "text/html"), "<script>alert(1)</script>").await.is(201);
        let answer = files.get(name).await.is(200);
        assert_eq!(answer.must_have("content-type"), media_type, "{name}");
        assert_eq!(answer.must_have("content-security-policy"), "sandbox", "{name}");
        assert_eq!(answer.must_have("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(answer.header("content-disposition"), kept.then_some("attachment"), "{name}");
    }
}

async fn what_is_public_is_fetched_by_anybody(hub: Server) {
    hub.actor("alice").files("team/open-files").put("a/b.txt", "bytes").await.is(201);
    let (stranger, bob) = (hub.stranger(), hub.actor("bob"));
    for actor in [&stranger, &bob] {
        let files = actor.files("team/open-files");
        assert_eq!(files.get("a/b.txt").await.is(200).body, "bytes");
        files.get("a/b.txt.sha256").await.is(200);
        assert_eq!(files.list("a/").await, ["b.txt"]);
        files.get("none").await.is(404);
    }
    stranger.files("team/open-files").put("a/c.txt", "bytes").await.is(401);
    stranger.files("team/open-files").delete("a/b.txt").await.is(401);
    bob.files("team/open-files").put("a/c.txt", "bytes").await.is(403);
    bob.files("team/open-files").delete("a/b.txt").await.is(403);
    hub.claiming("alice", "wrong").files("team/open-files").get("a/b.txt").await.is(401);
}

async fn refusals_are_one_line_of_text(hub: Server) {
    let (alice, rita, pat) = (hub.actor("alice"), hub.actor("rita"), hub.actor("pat"));
    alice.files("team/files").put("a.txt", "bytes").await.is(201);
    alice.files("team/kept").put("release/1", "bytes").await.is(201);
    let told = |answer: &Answer| {
        assert_eq!(answer.must_have("content-type"), "text/plain", "{answer}");
        let text = String::from_utf8(answer.body.to_vec()).expect("UTF-8");
        assert!(text.len() < 200 && text.ends_with('\n') && text.lines().count() == 1, "{text:?}");
        format!("{} {text}", answer.status.as_u16())
    };
    let mut lines = String::new();
    for answer in [
        hub.stranger().files("team/files").get("a.txt").await,
        hub.claiming("alice", "wrong").files("team/files").get("a.txt").await,
        rita.files("team/kept").get("a.txt").await,
        rita.files("team/files").put("b.txt", "bytes").await,
        rita.files("team/files").delete("a.txt").await,
        hub.actor("alice/uploader").files("team/files").get("a.txt").await,
        pat.files("team/files").put("a.txt", "other").await,
        alice.files("team/kept").put("release/1", "other").await,
        alice.files("team/kept").delete("release/1").await,
        alice.files("team/files").get("none").await,
        alice.files("team/files").get("none/").await,
        alice.files("team/files").put("a.txt/", "x").await,
        alice.send(Ask::post("/files/p/team/files/a.txt")).await,
        alice.send(Ask::get("/files/p/team/app/a.txt")).await,
        alice.send(Ask::get("/files/team/files/a.txt")).await,
        alice.files("team/files").put_with("a.txt", ("if-none-match", "*"), "bytes").await,
        alice.files("team/files").put_with("b.txt", ("if-match", "\"x\""), "bytes").await,
        alice.files("team/files").put_with("b.txt", ("content-range", "bytes 0-4/5"), "bytes").await,
        alice.files("team/files").put_with("b.txt", ("x-checksum-sha1", &"0".repeat(40)), "bytes").await,
        alice.files("team/files").put_with("b.txt", ("x-checksum-sha1", "x"), "bytes").await,
        alice.files("team/files").put_with("b.txt", ("content-digest", "sha-256=x"), "bytes").await,
        alice.files("team/files").put("a:b.txt", "bytes").await,
        alice.files("team/files").put("a./b.txt", "bytes").await,
        alice.files("team/files").put("a//b.txt", "bytes").await,
    ] {
        lines += &told(&answer);
    }
    expect![[r#"
        401 log in with a user name or client ID and a token
        401 the user name, password or token is wrong
        403 there is no such repository, or you may not use it
        403 you lack the permission `publish` on this repository
        403 you lack the permission `delete-package` on this repository
        403 you lack the permission `read` on this repository
        403 it exists with other content, and you lack the permission `overwrite`
        409 it exists with other content, and its name is immutable here
        409 its name is immutable here
        404 the repository has no such file
        404 the repository has no such directory
        405 this address takes GET, HEAD, OPTIONS
        405 this address takes GET, HEAD, PUT, DELETE, OPTIONS
        404 this repository does not hold generic files
        404 addresses here are /files/p/PROJECT/REPOSITORY/PATH
        412 the file is not as you expect it
        400 the only condition for a change is If-None-Match: * on PUT
        400 files are taken whole, without Content-Range
        400 the sha1 of the file is daf529a73101c2be626b99fc6938163e7a27620b, not 0000000000000000000000000000000000000000
        400 the header X-Checksum-sha1 must hold the hexadecimal digits of one hash
        400 the header Content-Digest must hold hashes in Base64, as sha-256=:…:
        400 the path holds `:`, which no name may have
        400 a name in the path ends with a dot
        400 the path holds an empty or relative segment
    "#]].assert_eq(&lines);
}

async fn refusals_name_what_is_taken(hub: Server) {
    let alice = hub.actor("alice");
    let challenge = hub.stranger().files("team/files").get("a.txt").await.is(401);
    let challenges: Vec<_> = challenge.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, ["Basic realm=\"wharfinger\", charset=\"UTF-8\""]);
    let allowed = alice.send(Ask::post("/files/p/team/files/a.txt")).await.is(405);
    assert_eq!(allowed.must_have("allow"), "GET, HEAD, PUT, DELETE, OPTIONS");
    let allowed = alice.files("team/files").put("a/", "x").await.is(405);
    assert_eq!(allowed.must_have("allow"), "GET, HEAD, OPTIONS");
    let options = alice.send(Ask::new(http::Method::OPTIONS, "/files/p/team/files/a.txt")).await.is(200);
    assert_eq!(options.must_have("allow"), "GET, HEAD, PUT, DELETE, OPTIONS");
}
