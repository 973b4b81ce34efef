//! What no honest client sends: a clear refusal, nothing stored.

use http::Method;

use crate::support::maven::pom;
use crate::support::raw::status_of;
use crate::support::{Ask, Server, client::basic, on_both_databases};

on_both_databases!(in crate::maven::team; poms_and_metadata_are_read_as_enemies, hashes_must_fit, hostile_paths_lead_nowhere);

async fn poms_and_metadata_are_read_as_enemies(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    let laughs = {
        let entities: String = (1..10)
            .map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10)))
            .collect();
        format!("<!DOCTYPE p [<!ENTITY l0 \"lol\">{entities}]><project><groupId>&l9;</groupId></project>")
    };
    let outside =
        "<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><project><groupId>&x;</groupId></project>";
    let remote = "<!DOCTYPE p SYSTEM \"http://127.0.0.1:1/x.dtd\"><project/>";
    let wide = format!("<project>{}</project>", "<dependency/>".repeat(200_000));
    for (what, body, status) in [
        ("entities that grow", laughs.clone(), 400),
        ("an entity of a file", outside.to_owned(), 400),
        ("a remote document type", remote.to_owned(), 400),
        ("not closed", "<project>".to_owned(), 400),
        ("deep", "<project>".repeat(100_000), 400),
        ("no XML", "PK\u{3}\u{4}".to_owned(), 400),
        ("nothing", String::new(), 400),
        ("another document", "<settings/>".to_owned(), 400),
        ("another artifact", pom("a", "c", "1"), 400),
        ("another version", pom("a", "b", "2"), 400),
        ("another group", pom("b", "b", "1"), 400),
        ("too large", " ".repeat(5 << 20), 413),
        ("wide", wide, 201),
    ] {
        let answer = jars.put("a/b/1/b-1.pom", body).await;
        assert_eq!(answer.status, status, "{what}\n{answer}");
        if status != 201 {
            assert!(jars.versions("a/b").await.is_empty(), "{what}");
            jars.get("a/b/1/b-1.pom").await.is(404);
        }
    }
    for body in [laughs, outside.to_owned(), remote.to_owned(), "<metadata".to_owned(), "x".repeat(100_000)] {
        jars.put("a/maven-metadata.xml", body).await.is(201);
        jars.get("a/maven-metadata.xml").await.is(404);
    }
    assert_eq!(jars.versions("a/b").await, ["1"]);
}

async fn hashes_must_fit(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    for (name, value) in [
        ("x-checksum-md5", "0".repeat(32)),
        ("x-checksum-sha1", "0".repeat(40)),
        ("x-checksum-sha256", "0".repeat(64)),
        ("x-checksum-sha512", "0".repeat(128)),
        ("x-checksum-sha1", "nonsense".to_owned()),
    ] {
        let put = Ask::put(jars.at("a/b/1/b-1.jar")).header(name, &value).body("bytes");
        alice.send(put).await.is(400);
        jars.get("a/b/1/b-1.jar").await.is(404);
    }
    jars.put("a/b/1/b-1.jar", "bytes").await.is(201);
    for (end, body) in [
        ("md5", "0".repeat(32)),
        ("sha1", "0".repeat(40)),
        ("sha1", "nonsense".to_owned()),
        ("sha256", String::new()),
        ("sha512", "0".repeat(127)),
    ] {
        jars.put(&format!("a/b/1/b-1.jar.{end}"), body).await.is(400);
    }
    jars.put("a/b/1/b-1.jar.sha1", "0".repeat(100_000)).await.is(413);
    assert_eq!(jars.get("a/b/1/b-1.jar").await.is(200).body, "bytes");
}

/// Sent as they are: a library would tidy them up.
async fn hostile_paths_lead_nowhere(hub: Server) {
    let alice = hub.actor("alice");
    alice.jars("other/app").put("x", "x").await.is(404);
    let login = basic(&hub.login("alice"));
    for path in [
        "../../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%252e%252e/%252e%252e/etc/passwd",
        "a/..%2f..%2fb",
        "a/..%5c..%5cb",
        "a\\..\\b",
        "%c0%ae%c0%ae/%c0%ae%c0%ae/x",
        "a/b/1/b-1.jar%00",
        "a/%2e/b/1/b-1.jar",
        "a/b/1/b-1.jar.",
        "a/b/1/b-1.jar%0d%0aX: y",
        "a/b/1/b-1.jar%zz",
        "%",
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let request = format!(
                "{method} /maven/p/team/jars/{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {login}\r\n\
                 Connection: close\r\nContent-Length: 0\r\n\r\n",
                hub.address()
            );
            let status = status_of(hub.address(), request.as_bytes()).await.expect("an answer");
            assert!(matches!(status, 400 | 404), "{method} {path}: {status}");
        }
    }
    assert!(alice.jars("team/jars").versions("a/b").await.is_empty());
}
