//! What no honest client sends: a clear refusal, nothing stored.

use http::Method;

use crate::support::client::basic;
use crate::support::maven::hash;
use crate::support::raw::{answer_to, status_of};
use crate::support::{Server, on_both_databases};

on_both_databases!(in crate::files::team; paths_have_bounds, hostile_paths_lead_nowhere, smuggled_requests_are_none);

async fn paths_have_bounds(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    // Nothing that a database would make shorter.
    let noise: String = (0..9_u8).map(|number| hash("sha512", &[number])).collect();
    let long = |bytes: usize| format!("a/{}", &noise[..bytes - 2]);
    let deep = |names: usize| ["a"; 40][..names].join("/");
    for (path, status) in [
        (long(1_024), 201),
        (long(1_025), 400),
        (deep(32), 201),
        (deep(33), 400),
        // Bytes count, not characters and not their form in an address.
        (format!("a/{}", "%C3%A4".repeat(511)), 201),
        (format!("a/{}", "%C3%A4".repeat(512)), 400),
    ] {
        files.put(&path, "bytes").await.is(status);
        let there = if status == 201 { 200 } else { 400 };
        files.get(&path).await.is(there);
        files.head(&path).await.is(there);
        files.delete(&path).await.is(if status == 201 { 204 } else { 400 });
    }
    for path in [long(1_022), deep(32)] {
        files.get(&format!("{path}/")).await.is(404);
    }
    files.get(&format!("{}/", deep(33))).await.is(400);
    // The hash of a file whose own path has no room for the end of it.
    files.put(&long(1_020), "bytes").await.is(201);
    files.get(&format!("{}.sha256", long(1_020))).await.is(400);
    files.get(&format!("{}.md5", long(1_020))).await.is(200);
    for name in [
        ":",
        "%22",
        "%3C",
        "%3E",
        "%7C",
        "%3F",
        "*",
        "(",
        ")",
        "[1]",
        "{",
        "}",
        ",",
        "%E2%80%AE",
        "%7F",
        "%01",
        "%E2%81%A6",
    ] {
        for path in [format!("a{name}"), format!("a{name}/b"), format!("x/{name}")] {
            files.put(&path, "bytes").await.is(400);
            files.get(&path).await.is(400);
        }
    }
    for path in ["a b".replace(' ', "%20"), "a+b@1=2;3!4$5&6'7~8^9".to_owned(), "%F0%9F%9A%A2".to_owned()] {
        files.put(&path, "bytes").await.is(201);
        files.get(&path).await.is(200);
    }
}

/// Sent as they are: a library would tidy them up.
async fn hostile_paths_lead_nowhere(hub: Server) {
    let alice = hub.actor("alice");
    let login = basic(&hub.login("alice"));
    for path in [
        "../../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%252e%252e/%252e%252e/etc/passwd",
        "a/..%2f..%2fb",
        "a/..%5c..%5cb",
        "a\\..\\b",
        "%c0%ae%c0%ae/%c0%ae%c0%ae/x",
        "a/b.jar%00",
        "a/%2e/b",
        "a/./b",
        "a/../b",
        "a//b",
        "/a",
        "a//",
        "a/b.",
        "a/b...",
        "a./b",
        "a/b%0d%0aX: y",
        "a%2fb",
        "a/b%zz",
        "%",
        "%25",
        ".",
        "..",
        "%ff",
    ] {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
            let request = format!(
                "{method} /files/p/team/files/{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {login}\r\n\
                 Connection: close\r\nContent-Length: 0\r\n\r\n",
                hub.address()
            );
            let status = status_of(hub.address(), request.as_bytes()).await.expect("an answer");
            assert_eq!(status, 400, "{method} {path}");
        }
    }
    assert_eq!(alice.files("team/files").list("").await, [""; 0]);
}

/// A request in the body of another is a body: of one PUT comes one answer.
async fn smuggled_requests_are_none(hub: Server) {
    let alice = hub.actor("alice");
    let login = basic(&hub.login("alice"));
    let inner = format!(
        "PUT /files/p/team/files/inner HTTP/1.1\r\nHost: x\r\nAuthorization: {login}\r\nContent-Length: 1\r\n\r\nx"
    );
    let outer = |framing: &str, body: &str| {
        format!(
            "PUT /files/p/team/files/outer HTTP/1.1\r\nHost: {}\r\nAuthorization: {login}\r\nConnection: close\r\n\
             {framing}\r\n\r\n{body}",
            hub.address()
        )
    };
    let length = format!("Content-Length: {}", inner.len());
    let answer = answer_to(hub.address(), outer(&length, &inner).as_bytes()).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 201") && answer.matches("HTTP/1.1").count() == 1, "{answer}");
    assert_eq!(alice.files("team/files").get("outer").await.is(200).body, inner);
    for framing in [
        format!("{length}\r\nTransfer-Encoding: chunked"),
        format!("Content-Length: 0\r\n{length}"),
        "Transfer-Encoding: chunked, identity".to_owned(),
        "Content-Length: +5".to_owned(),
    ] {
        answer_to(hub.address(), outer(&framing, &format!("0\r\n\r\n{inner}")).as_bytes()).await;
        alice.files("team/files").get("inner").await.is(404);
    }
}
