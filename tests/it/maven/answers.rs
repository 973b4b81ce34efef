//! Answers as they go over the wire.

use expect_test::expect;

use crate::support::maven::Built;
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(in crate::maven::team; a_file_says_all_about_itself, metadata_is_a_document_like_others, directories_are_pages_that_run_nothing, refusals_say_why);

async fn a_file_says_all_about_itself(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    jars.mvn_deploy(&Built::new("a:b:1", "text")).await.expect("a deploy");
    let get = jars.get("a/b/1/b-1.jar").await;
    assert!(get.header("last-modified").is_some());
    expect![[r#"
        200
        accept-ranges: bytes
        content-length: 21
        content-security-policy: sandbox
        content-type: application/java-archive
        etag: "66247c78cfc5d9dbbdee7632d53f1c22d109c462dac0c5d794c1bd4863e4d972"
        x-checksum-md5: 1237f4d278df02aa130d0b65f9abb4e7
        x-checksum-sha1: d6a1ab2be01b60dfa081a4387780740f9b740993
        x-checksum-sha256: 66247c78cfc5d9dbbdee7632d53f1c22d109c462dac0c5d794c1bd4863e4d972
        x-checksum-sha512: 187f6c70ff93c1e90ff5b5bb394f7340866d15d78e125fb71b81a63b1cb4f37b312c6f0dd05b3097091fc695b8e3fcad8e7e89f338b838cc1ba7caa0c0366c84

        PK jar of a:b:1: text
    "#]].assert_eq(&get.timeless());
    expect![[r#"
        200
        accept-ranges: bytes
        content-length: 40
        content-security-policy: sandbox
        content-type: text/plain
        etag: "d6a1ab2be01b60dfa081a4387780740f9b740993"

        d6a1ab2be01b60dfa081a4387780740f9b740993
    "#]]
    .assert_eq(&jars.get("a/b/1/b-1.jar.sha1").await.timeless());
    let part = Ask::get(jars.at("a/b/1/b-1.jar")).header("range", "bytes=0-1");
    expect![[r#"
        206
        accept-ranges: bytes
        content-length: 2
        content-range: bytes 0-1/21
        content-security-policy: sandbox
        content-type: application/java-archive
        etag: "66247c78cfc5d9dbbdee7632d53f1c22d109c462dac0c5d794c1bd4863e4d972"
        x-checksum-md5: 1237f4d278df02aa130d0b65f9abb4e7
        x-checksum-sha1: d6a1ab2be01b60dfa081a4387780740f9b740993
        x-checksum-sha256: 66247c78cfc5d9dbbdee7632d53f1c22d109c462dac0c5d794c1bd4863e4d972
        x-checksum-sha512: 187f6c70ff93c1e90ff5b5bb394f7340866d15d78e125fb71b81a63b1cb4f37b312c6f0dd05b3097091fc695b8e3fcad8e7e89f338b838cc1ba7caa0c0366c84

        PK
    "#]].assert_eq(&alice.send(part).await.timeless());
}

async fn metadata_is_a_document_like_others(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    jars.mvn_deploy(&Built::new("a:b:1", "text")).await.expect("a deploy");
    let get = jars.get("a/b/maven-metadata.xml").await;
    let tag = get.must_have("etag").to_owned();
    let (get, head) = (get, alice.send(Ask::head(jars.at("a/b/maven-metadata.xml"))).await);
    assert_eq!(
        (get.status, get.header("content-length"), get.header("etag"), get.header("last-modified")),
        (head.status, head.header("content-length"), head.header("etag"), head.header("last-modified"))
    );
    let known = Ask::get(jars.at("a/b/maven-metadata.xml")).header("if-none-match", &tag);
    alice.send(known).await.is(304);
    jars.mvn_deploy(&Built::new("a:b:2", "text")).await.expect("a deploy");
    let known = Ask::get(jars.at("a/b/maven-metadata.xml")).header("if-none-match", &tag);
    alice.send(known).await.is(200);
}

async fn directories_are_pages_that_run_nothing(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    jars.mvn_deploy(&Built::new("a:b:1", "text")).await.expect("a deploy");
    jars.get("a/b/").await.shows(&expect![[r#"
        200
        content-length: 277
        content-security-policy: sandbox; default-src 'none'
        content-type: text/html; charset=utf-8
        vary: accept

        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Index of /a/b/</title></head>
        <body>
        <h1>Index of /a/b/</h1>
        <ul>
        <li><a href="../">../</a></li>
        <li><a href="1/">1/</a></li>
        <li><a href="maven-metadata.xml">maven-metadata.xml</a></li>
        </ul>
        </body>
        </html>
    "#]]);
    let json = Ask::get(jars.at("a/b/1/")).header("accept", "application/json");
    alice.send(json).await.shows(&expect![[r#"
        200
        content-length: 106
        content-security-policy: sandbox; default-src 'none'
        content-type: application/json
        vary: accept

        {"entries":[{"kind":"file","name":"b-1.jar"},{"kind":"file","name":"b-1.pom"}],"next":null,"path":"a/b/1"}
    "#]]);
    hub.stranger().jars("team/jars").get("a/b/").await.is(401);
    hub.actor("bob").jars("team/jars").get("a/b/").await.is(403);
    hub.actor("alice/deployer").jars("team/jars").get("a/b/").await.is(403);
}

async fn refusals_say_why(hub: Server) {
    let (alice, rita, stranger) = (hub.actor("alice"), hub.actor("rita"), hub.stranger());
    let jars = alice.jars("team/jars");
    jars.mvn_deploy(&Built::new("a:b:1", "text")).await.expect("a deploy");
    stranger.jars("team/jars").get("a/b/1/b-1.jar").await.shows(&expect![[r#"
        401
        content-length: 98
        content-type: application/problem+json
        www-authenticate: Basic realm="wharfinger", charset="UTF-8"

        {"detail":"log in with a user name or client ID and a token","status":401,"title":"Not logged in"}
    "#]]);
    hub.claiming("alice", "wrong").jars("team/open-jars").get("a/b/1/b-1.jar").await.shows(&expect![[r#"
        401
        content-length: 95
        content-type: application/problem+json
        www-authenticate: Basic realm="wharfinger", charset="UTF-8"

        {"detail":"the user name, password or token is wrong","status":401,"title":"Wrong credentials"}
    "#]]);
    rita.jars("team/releases").get("a/b/1/b-1.jar").await.shows(&expect![[r#"
        403
        content-length: 96
        content-type: application/problem+json

        {"detail":"there is no such repository, or you may not use it","status":403,"title":"Forbidden"}
    "#]]);
    rita.jars("team/jars").put("a/b/2/b-2.jar", "x").await.shows(&expect![[r#"
        403
        content-length: 98
        content-type: application/problem+json

        {"detail":"you lack the permission `publish` on this repository","status":403,"title":"Forbidden"}
    "#]]);
    jars.put("a/b/1/b-1.jar", "x").await.shows(&expect![[r#"
        409
        content-length: 110
        content-type: application/problem+json

        {"detail":"it exists with other content, and this repository never replaces it","status":409,"title":"Exists"}
    "#]]);
    jars.put("a/b/1/b-1.jar.sha1", "0".repeat(40)).await.shows(&expect![[r#"
        400
        content-length: 164
        content-type: application/problem+json

        {"detail":"the sha1 of the file is d6a1ab2be01b60dfa081a4387780740f9b740993, not 0000000000000000000000000000000000000000","status":400,"title":"Checksum mismatch"}
    "#]]);
    alice.jars("team/releases").put("a/b/1-SNAPSHOT/b-1-SNAPSHOT.jar", "x").await.shows(&expect![[r#"
        409
        content-length: 112
        content-type: application/problem+json

        {"detail":"this repository takes releases only, and this is a snapshot","status":409,"title":"Snapshot refused"}
    "#]]);
    jars.put("a/b/2/b-2.pom", "<project><version>3</version></project>").await.shows(&expect![[r#"
        400
        content-length: 82
        content-type: application/problem+json

        {"detail":"the POM says version 3, its path 2","status":400,"title":"POM refused"}
    "#]]);
    alice.send(Ask::new("MKCOL".parse().expect("a method"), jars.at("a/b/"))).await.shows(&expect![[r#"
        405
        allow: GET, HEAD, DELETE, OPTIONS
        content-length: 100
        content-type: application/problem+json

        {"detail":"this address takes GET, HEAD, DELETE, OPTIONS","status":405,"title":"Method not allowed"}
    "#]]);
}
