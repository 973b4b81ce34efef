//! The requests of clients, as they were recorded or as their sources write them. The programs themselves are in `tests/real`.

use crate::support::client::basic;
use crate::support::raw::Raw;
use crate::support::{Server, on_both_databases};

on_both_databases!(in crate::files::team; every_client_puts_a_file, who_logs_in_once_asked_logs_in);

/// Name, and the headers of a PUT of five bytes besides host and credentials.
const PUTS: [(&str, &str); 10] = [
    ("curl 7.88", "User-Agent: curl/7.88.1\r\nAccept: */*\r\nContent-Length: 5\r\n"),
    (
        "curl, of a long file",
        "User-Agent: curl/7.88.1\r\nAccept: */*\r\nContent-Length: 5\r\nExpect: 100-continue\r\n",
    ),
    (
        "curl, of its standard input",
        "User-Agent: curl/7.88.1\r\nAccept: */*\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n",
    ),
    (
        "curl --http2",
        "User-Agent: curl/7.88.1\r\nAccept: */*\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nContent-Length: 5\r\n",
    ),
    (
        "wget 1.21 --method=PUT",
        "User-Agent: Wget/1.21.3\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: Keep-Alive\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n",
    ),
    (
        "Invoke-WebRequest of Windows",
        "User-Agent: Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621.4391\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\
         Connection: Keep-Alive\r\n",
    ),
    (
        "Invoke-WebRequest of PowerShell 7",
        "User-Agent: Mozilla/5.0 (Linux; Ubuntu 24.04.1 LTS; en-US) PowerShell/7.4.6\r\n\
         Accept-Encoding: gzip, deflate, br\r\nContent-Length: 5\r\n",
    ),
    (
        "requests of Python",
        "User-Agent: python-requests/2.32.3\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\n\
         Connection: keep-alive\r\nContent-Length: 5\r\n",
    ),
    (
        "HttpClient of Java",
        "Connection: Upgrade, HTTP2-Settings\r\nContent-Length: 5\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n\
         Upgrade: h2c\r\nUser-Agent: Java-http-client/21.0.5\r\n",
    ),
    (
        "net/http of Go",
        "User-Agent: Go-http-client/1.1\r\nTransfer-Encoding: chunked\r\nAccept-Encoding: gzip\r\n",
    ),
];

async fn every_client_puts_a_file(hub: Server) {
    let login = basic(&hub.login("alice"));
    let rita = hub.actor("rita");
    for (number, (name, headers)) in PUTS.into_iter().enumerate() {
        let head = format!(
            "PUT /files/p/team/files/sent/{number} HTTP/1.1\r\nHost: {}\r\nAuthorization: {login}\r\n{headers}\r\n",
            hub.address()
        );
        let mut raw = Raw::connect(hub.address()).await;
        assert!(raw.write(head.as_bytes()).await);
        if headers.contains("Expect") {
            let (status, head) = raw.head().await;
            assert_eq!(status, 100, "{name}: {head}");
        }
        let body = if headers.contains("chunked") { "5\r\nbytes\r\n0\r\n\r\n" } else { "bytes" };
        assert!(raw.write(body.as_bytes()).await);
        let (status, head) = raw.head().await;
        assert_eq!(status, 201, "{name}: {head}");
        let found = rita.files("team/files").get(&format!("sent/{number}")).await.is(200);
        assert_eq!(found.body, "bytes", "{name}");
    }
}

/// `curl --anyauth` asks with an empty body, wget without credentials; both go on over the same connection.
async fn who_logs_in_once_asked_logs_in(hub: Server) {
    let login = basic(&hub.login("alice"));
    let mut raw = Raw::connect(hub.address()).await;
    let head = |method: &str, headers: &str| {
        format!(
            "{method} /files/p/team/files/a HTTP/1.1\r\nHost: {}\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n{headers}\r\n",
            hub.address()
        )
    };
    raw.write(head("HEAD", "").as_bytes()).await;
    let (status, answer) = raw.head().await;
    assert_eq!(status, 401);
    assert!(answer.contains("www-authenticate: basic realm=\"wharfinger\", charset=\"utf-8\""), "{answer}");
    let login = format!("Authorization: {login}\r\n");
    raw.write((head("PUT", &format!("{login}Content-Length: 5\r\n")) + "bytes").as_bytes()).await;
    assert_eq!(raw.head().await.0, 201);
    raw.write(head("HEAD", &login).as_bytes()).await;
    let (status, answer) = raw.head().await;
    assert_eq!(status, 200);
    assert!(answer.contains("content-length: 5"), "{answer}");
}
