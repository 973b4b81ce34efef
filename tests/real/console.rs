//! The console in a real Chromium: every page that links lead to, as the caller who sees most in every look, as the others once, without
//! script, and over plain HTTP as somebody beyond this machine would see it. What is looked at stands in `tests/console/walk.mjs`.

use std::path::PathBuf;

use super::{
    hub::repository_root,
    sandbox::{Sandbox, finish},
    wanted::{apart, wanted},
};
use crate::support::{Ask, Organisation, Server};

/// What a walk is about.
struct Walk {
    who: Option<&'static str>,
    options: &'static [&'static str],
}

fn organisation() -> Organisation {
    Organisation::team()
        .password("root", "the lanterns of root")
        .password("bob", "the lanterns of bob")
        .repository("team/files", "files", "private", "")
        .repository("team/public-files", "files", "public", "")
        .repository("team/feed", "nuget", "private", "")
}

/// Something of each format, so that each kind of page has something to show.
async fn filled() -> Server {
    let hub = Server::with(organisation()).await;
    let admin = hub.admin();
    for path in ["team/files/dir/tool-1.0.txt", "team/files/dir/tool-1.1.txt", "team/public-files/read.txt"] {
        admin.send(Ask::put(format!("/files/p/{path}")).body("content")).await.is(201);
    }
    let pom = "<project><groupId>org.example</groupId><artifactId>hello</artifactId><version>1.0</version></project>";
    let place = "/maven/p/team/jars/org/example/hello/1.0/hello-1.0";
    admin.send(Ask::put(format!("{place}.pom")).body(pom)).await.is(201);
    admin.send(Ask::put(format!("{place}.jar")).body("a jar")).await.is(201);
    hub
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_stands_in_every_look() {
    if !wanted(&["chromium", "node", "playwright"]) {
        return;
    }
    let hub = filled().await;
    for walk in [
        Walk { who: Some("root"), options: &["--looks", "light,dark,400"] },
        Walk { who: Some("pat"), options: &["--looks", "light"] },
        Walk { who: Some("bob"), options: &["--looks", "400"] },
        Walk { who: None, options: &["--looks", "dark"] },
        Walk { who: Some("root"), options: &["--looks", "light", "--no-script"] },
    ] {
        let (found, told) = walked(&hub, &walk).await;
        assert!(found.is_empty(), "as {:?}:\n{told}", walk.who);
    }
    // Would it be seen?
    let planted = Walk { who: None, options: &["--looks", "light", "--pages", "1", "--plant"] };
    let (found, told) = walked(&hub, &planted).await;
    assert!(found.iter().any(|finding| finding.contains("image-alt")), "{told}");
    hub.stop().await;
}

/// Findings of a walk, a line each, and all that was told.
async fn walked(hub: &Server, walk: &Walk) -> (Vec<String>, String) {
    let address = hub.address();
    let login = walk.who.map(|who| hub.login(&format!("{who}/password")));
    let options = walk.options;
    let outcome = tokio::task::spawn_blocking(move || {
        let sandbox = Sandbox::new("console");
        let mut node = sandbox.command("node");
        node.env("NODE_MODULES", apart("WHARFINGER_TEST_NODE_MODULES"));
        node.arg(script()).arg(format!("http://{address}")).args(options);
        if let Some(login) = login {
            node.args(["--as", &login.name, "--password", &login.secret]);
        }
        finish(&mut node, b"")
    });
    let outcome = outcome.await.expect("the walk");
    let told = outcome.text;
    let findings = told.lines().filter(|line| line.contains("\"kind\"")).map(str::to_owned).collect();
    assert!(told.contains("\"findings\""), "it went to its end:\n{told}");
    (findings, told)
}

fn script() -> PathBuf {
    repository_root().join("tests/console/walk.mjs")
}
