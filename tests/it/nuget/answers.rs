//! Answers as they go over the wire: the reason phrase is what `dotnet` prints.

use expect_test::expect;

use crate::nuget::team;
use crate::support::client::basic;
use crate::support::nuget::Packed;
use crate::support::raw::answer_to;
use crate::support::{Actor, Server};

/// Status line and message of an answer, its headers left out.
async fn said(hub: &Server, actor: &Actor, method: &str, path: &str, body: &[u8]) -> String {
    let credentials = match &actor.login {
        Some(login) => format!("Authorization: {}\r\n", basic(login)),
        None => String::new(),
    };
    let head = format!(
        "{method} /nuget/p/team/feed/v3/{path} HTTP/1.1\r\nHost: {}\r\n{credentials}Connection: close\r\n\
         Content-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
        hub.address(),
        body.len()
    );
    let answer = answer_to(hub.address(), &[head.as_bytes(), body].concat()).await;
    let text = String::from_utf8(answer).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let challenges = head.lines().filter(|line| line.to_lowercase().starts_with("www-authenticate"));
    let lines: Vec<&str> = head.lines().take(1).chain(challenges).chain([body]).collect();
    lines.join("\n") + "\n"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_says_why_in_its_reason_phrase() {
    let hub = Server::with(team()).await;
    let (alice, rita, stranger) = (hub.actor("alice"), hub.actor("rita"), hub.stranger());
    let packed = Packed::new("Lib", "1.0.0");
    alice.feed("team/feed").push(&packed).await.is(201);
    let other = Packed::unlike("Lib", "1.0.0", "x").bytes;
    let slip = Packed::with("Slip", "1.0.0", "", &[("../x", b"y")]).bytes;
    let mut text = String::new();
    for (actor, method, path, body) in [
        (&stranger, "PUT", "package/", &other),
        (&hub.claiming("alice", "wrong"), "PUT", "package/", &other),
        (&rita, "PUT", "package/", &other),
        (&alice, "PUT", "package/", &other),
        (&alice, "PUT", "package/", &slip),
        (&rita, "DELETE", "package/Lib/1.0.0", &other.slice(..0)),
        (&rita, "GET", "flat/none/index.json", &other.slice(..0)),
        (&rita, "POST", "query", &other.slice(..0)),
    ] {
        text.push_str(&said(&hub, actor, method, path, body).await);
    }
    expect![[r#"
        HTTP/1.1 401 log in with a user name or client ID and a token
        www-authenticate: Basic realm="wharfinger", charset="UTF-8"
        {"detail":"log in with a user name or client ID and a token","status":401,"title":"Not logged in"}
        HTTP/1.1 401 the user name, password or token is wrong
        www-authenticate: Basic realm="wharfinger", charset="UTF-8"
        {"detail":"the user name, password or token is wrong","status":401,"title":"Wrong credentials"}
        HTTP/1.1 403 you lack the permission `publish` on this repository
        {"detail":"you lack the permission `publish` on this repository","status":403,"title":"Forbidden"}
        HTTP/1.1 409 this version exists with other content, and this repository never replaces it
        {"detail":"this version exists with other content, and this repository never replaces it","status":409,"title":"Exists"}
        HTTP/1.1 400 '../x' is not a plain relative path
        {"detail":"'../x' is not a plain relative path","status":400,"title":"Not a package"}
        HTTP/1.1 403 you lack the permission `delete-package` on this repository
        {"detail":"you lack the permission `delete-package` on this repository","status":403,"title":"Forbidden"}
        HTTP/1.1 404 the feed has no package of this id
        {"detail":"the feed has no package of this id","status":404,"title":"Not found"}
        HTTP/1.1 405 this address takes GET, HEAD
        {"detail":"this address takes GET, HEAD","status":405,"title":"Method not allowed"}
    "#]].assert_eq(&text);
}
