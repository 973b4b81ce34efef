//! What directories list.

use expect_test::expect;
use futures_util::{StreamExt as _, stream};

use crate::support::files::Tree;
use crate::support::{Ask, Server, on_both_databases};

on_both_databases!(
    in crate::files::team;
    directories_are_pages_that_run_nothing,
    every_directory_lists_what_is_in_it,
    pages_follow_each_other_to_the_end,
    names_that_look_like_the_end_of_a_directory,
);

async fn directories_are_pages_that_run_nothing(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    files.put("a/b&c.txt", "bytes").await.is(201);
    files.put("a/d/e.txt", "bytes").await.is(201);
    files.get("a/").await.shows(&expect![[r#"
        200
        content-length: 257
        content-security-policy: sandbox; default-src 'none'
        content-type: text/html; charset=utf-8
        vary: accept

        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Index of /a/</title></head>
        <body>
        <h1>Index of /a/</h1>
        <ul>
        <li><a href="../">../</a></li>
        <li><a href="b%26c.txt">b&amp;c.txt</a></li>
        <li><a href="d/">d/</a></li>
        </ul>
        </body>
        </html>
    "#]]);
    let json = Ask::get(files.at("a/")).header("accept", "application/json");
    alice.send(json).await.shows(&expect![[r#"
        200
        content-length: 101
        content-security-policy: sandbox; default-src 'none'
        content-type: application/json
        vary: accept

        {"entries":[{"kind":"file","name":"b&c.txt"},{"kind":"directory","name":"d"}],"next":null,"path":"a"}
    "#]]);
    let head = files.head("a/").await.is(200);
    assert_eq!(head.must_have("content-type"), "text/html; charset=utf-8");
    hub.stranger().files("team/files").get("a/").await.is(401);
    hub.actor("bob").files("team/files").get("a/").await.is(403);
    hub.actor("alice/uploader").files("team/files").get("a/").await.is(403);
    hub.actor("alice/uploader").files("team/files").head("a/").await.is(403);
}

async fn every_directory_lists_what_is_in_it(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    // An empty repository has a root.
    assert_eq!(files.list("").await, [""; 0]);
    files.get("a/").await.is(404);
    for path in ["b", "a/x", "a/y/z", "a.txt", "a-b/x", "a/y.txt", "ä/ö", "Z/1", "c d/e+f"] {
        files.put(&encoded(path), path.to_owned()).await.is(201);
    }
    assert_eq!(files.list("").await, ["Z/", "a-b/", "a.txt", "a/", "b", "c d/", "ä/"]);
    assert_eq!(files.list("a/").await, ["x", "y.txt", "y/"]);
    assert_eq!(files.list("a/y/").await, ["z"]);
    assert_eq!(files.list("%C3%A4/").await, ["ö"]);
    assert_eq!(files.list("c%20d/").await, ["e+f"]);
    // With and without a slash, the root is the same; its links lead to the same names.
    let root = alice.send(Ask::get("/files/p/team/files")).await.is(200);
    let page = String::from_utf8(root.body.to_vec()).expect("UTF-8");
    assert!(page.contains("<a href=\"files/a/\">a/</a>"), "{page}");
    let page = String::from_utf8(files.get("").await.is(200).body.to_vec()).expect("UTF-8");
    assert!(page.contains("<a href=\"a/\">a/</a>") && !page.contains("../"), "{page}");
    // A directory has no address without its slash.
    files.get("a").await.is(404);
    files.get("a/y.txt/").await.is(404);
}

async fn pages_follow_each_other_to_the_end(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    let names: Vec<String> = (0..1_003).map(|number| format!("f{number:05}")).collect();
    let put = names.iter().map(|name| files.put_one(format!("many/{name}")));
    stream::iter(put).buffer_unordered(8).collect::<Vec<()>>().await;
    for directory in ["many2/a", "many/sub/a", "many/sub/b", "man"] {
        files.put(directory, "bytes").await.is(201);
    }
    let listed = files.list("many/").await;
    assert_eq!(listed.len(), 1_004);
    assert_eq!((&*listed[0], &*listed[1_002], &*listed[1_003]), ("f00000", "f01002", "sub/"));
    assert!(listed.is_sorted());
    assert_eq!(files.list("").await, ["man", "many/", "many2/"]);
    let first = files.get("many/").await.is(200);
    assert_eq!(first.must_have("link"), "<?after=f00999>; rel=\"next\"");
    let behind = files.list("many/?from=f01000").await;
    assert_eq!(behind, ["f01001", "f01002", "sub/"]);
    // Behind everything there is nothing, and the directory is there all the same.
    for from in ["zzz", "sub/", "sub/zzz", "%F4%8F%BF%BF", "a%00b"] {
        assert_eq!(
            files.list(&format!("many/?from={from}")).await.len(),
            if from == "a%00b" { 1_004 } else { 0 }
        );
    }
    files.get("none/?from=a").await.is(404);
}

/// A walk that passes over what is below a directory comes to its end, whatever is below it.
async fn names_that_look_like_the_end_of_a_directory(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    let last = "%F4%8F%BF%BD";
    for number in 0..101 {
        files.put(&format!("a/{last}{number}"), "bytes").await.is(201);
    }
    for path in ["a0", "a0/x", "b"] {
        files.put(path, "bytes").await.is(201);
    }
    assert_eq!(files.list("").await, ["a/", "a0", "a0/", "b"]);
    assert_eq!(files.list("?from=a/").await, ["a0", "a0/", "b"]);
    assert_eq!(files.list("?from=a0").await, ["a0/", "b"]);
    assert_eq!(files.list("a/").await.len(), 101);
}

fn encoded(path: &str) -> String {
    path.split('/').map(crate::support::http::encode).collect::<Vec<_>>().join("/")
}

impl Tree<'_> {
    async fn put_one(&self, path: String) {
        self.put(&path, "bytes").await.is(201);
    }
}
