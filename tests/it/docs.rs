//! The pages of the management: what they say is so.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::json;

use crate::support::{Ask, Organisation, Server};

/// A project with what the examples on the page are about.
async fn with_examples() -> Server {
    let hub = Server::with(Organisation::team()).await;
    let admin = hub.admin();
    admin.send(Ask::put("/api/v1/projects/alpha").json(&json!({}))).await.is(201);
    let packages = json!({ "format": "nuget" });
    admin.send(Ask::put("/api/v1/repositories/alpha/packages").json(&packages)).await.is(201);
    hub
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (written, letter) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        text = text.replace(written, letter);
    }
    text
}

/// Most bytes of a page.
const HTML_BYTES_MAX: usize = 60_000;

/// A page as a stranger reads it.
async fn page(hub: &Server, address: &str) -> String {
    let page = hub.stranger().send(Ask::get(address)).await.is(200);
    let page = String::from_utf8(page.body.to_vec()).expect("UTF-8");
    assert!(page.len() < HTML_BYTES_MAX, "{address}: {} bytes", page.len());
    page
}

/// The pages of operations that the first one leads to.
async fn parts(hub: &Server) -> Vec<String> {
    let first = page(hub, "/api/docs").await;
    let links = first.split("href=\"").skip(1).filter_map(|rest| rest.split(['"', '#']).next());
    let links: BTreeSet<&str> = links.filter(|link| link.starts_with("/api/docs/")).collect();
    links.into_iter().map(str::to_owned).collect()
}

/// The lines of `curl` on all pages.
async fn lines(hub: &Server) -> Vec<String> {
    let mut lines = Vec::new();
    for address in parts(hub).await {
        let page = page(hub, &address).await;
        let blocks = page.split("<pre class=\"curl\"").skip(1);
        let found = blocks.filter_map(|rest| rest.split_once('>')?.1.split("</pre>").next());
        lines.extend(found.map(unescaped));
    }
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reads_can_be_typed() {
    let hub = with_examples().await;
    let all = lines(&hub).await;
    assert_eq!(all.len(), api::all().len());
    let reading: Vec<&String> = all.iter().filter(|line| !line.contains(" -X ")).collect();
    assert!(reading.len() > 50, "{reading:?}");
    let login = hub.login("root");
    let (mut found, mut empty) = (0, 0);
    for line in reading {
        let line = format!("{line} -s -o /dev/null -w '%{{http_code}}'");
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).env("SERVER", format!("http://{}", hub.address()));
        shell.env("NAME", &login.name).env("TOKEN", &login.secret);
        let said =
            tokio::task::spawn_blocking(move || shell.output().expect("a shell")).await.expect("an end");
        match String::from_utf8_lossy(&said.stdout).as_ref() {
            "200" => found += 1,
            // Of what the examples name not everything is there; that is another answer than one to a wrong request.
            "404" => empty += 1,
            other => panic!("{line}: {other} {}", String::from_utf8_lossy(&said.stderr)),
        }
    }
    assert!(found > empty, "{found} found, {empty} not there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_open_and_run_nothing() {
    let hub = Server::start().await;
    let nobody = hub.stranger();
    for (path, kind) in [
        ("/api/docs", "text/html; charset=utf-8"),
        ("/api/docs/projects", "text/html; charset=utf-8"),
        ("/api/docs/documents/Problem", "text/html; charset=utf-8"),
        ("/api/problems/beyond-own", "text/html; charset=utf-8"),
    ] {
        let answer = nobody.send(Ask::get(path).header("accept", "text/html")).await.is(200);
        assert_eq!(answer.must_have("content-type"), kind);
        let policy = answer.must_have("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
        answer.must_have("etag");
        assert_eq!(answer.must_have("x-content-type-options"), "nosniff");
        nobody.send(Ask::new(http::Method::HEAD, path)).await.is(200);
    }
    // Programs that follow the `type` of a problem get a line.
    let plain = nobody.send(Ask::get("/api/problems/beyond-own")).await.is(200);
    assert_eq!(plain.must_have("content-type"), "text/plain; charset=utf-8");
    nobody.send(Ask::get("/api/problems/none")).await.is(401);
    for path in ["/api/docs/none", "/api/docs/documents/none"] {
        nobody.send(Ask::get(path)).await.is(404);
    }
    nobody.send(Ask::get("/api/problems/none").header("accept", "text/html")).await.is(404);
    for who in [hub.stranger(), hub.actor("bob")] {
        let server = who.send(Ask::get("/api/v1")).await.is(200).json();
        assert_eq!(server["docs"], "/api/docs");
    }
}
