//! Lists of tags.

use expect_test::expect;

use crate::support::image::OCI_MANIFEST;
use crate::support::{Actor, Ask, Server, image, on_both_databases};

on_both_databases!(tags_are_listed_in_order, tags_are_listed_page_by_page, odd_page_sizes_allocate_nothing);

const LIST: &str = "/v2/p/team/app/web/tags/list";

async fn push(who: &Actor, tags: &[&str]) {
    let hello = image("hello");
    who.docker().push("team/app/web:first", &hello).await.done();
    for tag in tags {
        let put =
            Ask::put(format!("/v2/p/team/app/web/manifests/{tag}")).header("content-type", OCI_MANIFEST);
        who.send(put.body(hello.manifest.clone())).await.is(201);
    }
    who.send(Ask::delete("/v2/p/team/app/web/manifests/first")).await.is(202);
}

async fn tags_are_listed_in_order(hub: Server) {
    let alice = hub.actor("alice");
    alice.send(Ask::get(LIST)).await.shows(&expect![[r#"
        404
        content-length: 103
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"NAME_UNKNOWN","message":"the repository has no image of this name","detail":null}]}
    "#]]);
    push(&alice, &["b", "a", "B", "_x", "1.10", "1.9", "A.b-c"]).await;
    alice.send(Ask::get(LIST)).await.shows(&expect![[r#"
        200
        content-length: 72
        content-type: application/json

        {"name":"p/team/app/web","tags":["1.10","1.9","A.b-c","B","_x","a","b"]}
    "#]]);
    hub.actor("bob").send(Ask::get(LIST)).await.is(403);
    hub.actor("alice/pusher").send(Ask::get(LIST)).await.is(403);
    hub.stranger().send(Ask::get(LIST)).await.is(401);
    // The words of the protocol may be parts of an image's name.
    let odd = image("odd");
    alice.docker().push("team/app/manifests/blobs/tags/list:1.0", &odd).await.done();
    alice.docker().pull("team/app/manifests/blobs/tags/list:1.0").await.gives(&odd);
    let list = alice.send(Ask::get("/v2/p/team/app/manifests/blobs/tags/list/tags/list")).await.is(200);
    assert_eq!(list.json()["tags"], serde_json::json!(["1.0"]));
}

async fn tags_are_listed_page_by_page(hub: Server) {
    let alice = hub.actor("alice");
    push(&alice, &["a", "b", "c", "d", "e"]).await;
    let mut next = Some(format!("{LIST}?n=2"));
    let mut pages = String::new();
    while let Some(target) = next.take() {
        let page = alice.send(Ask::get(target)).await.is(200);
        pages.push_str(&format!("{} {}\n", page.json()["tags"], page.header("link").unwrap_or("-")));
        next = page.header("link").map(|link| {
            let target = link.split_once('<').and_then(|(_, rest)| rest.split_once('>')).expect("a link").0;
            target.to_owned()
        });
    }
    expect![[r#"
        ["a","b"] </v2/p/team/app/web/tags/list?n=2&last=b>; rel="next"
        ["c","d"] </v2/p/team/app/web/tags/list?n=2&last=d>; rel="next"
        ["e"] -
    "#]]
    .assert_eq(&pages);
    // A page that ends with the last tag has no successor; a name that is not there is a place in the order too.
    for (query, tags) in [
        ("n=5", r#"["a","b","c","d","e"]"#),
        ("n=3&last=b", r#"["c","d","e"]"#),
        ("last=bb", r#"["c","d","e"]"#),
        ("last=e", "[]"),
    ] {
        let page = alice.send(Ask::get(format!("{LIST}?{query}"))).await.is(200);
        assert_eq!(page.json()["tags"].to_string(), tags, "{query}");
        assert_eq!(page.header("link"), None, "{query}");
    }
}

/// CVE-2023-2253.
async fn odd_page_sizes_allocate_nothing(hub: Server) {
    let alice = hub.actor("alice");
    push(&alice, &["a", "b"]).await;
    let mut table = String::new();
    for n in [
        "0",
        "1",
        "2147483648",
        "18446744073709551615",
        "99999999999999999999999",
        "-1",
        "abc",
        "1.5",
        "",
        "1&n=2",
    ] {
        let page = alice.send(Ask::get(format!("{LIST}?n={n}"))).await;
        let tags = page.json().get("tags").map_or_else(|| "-".to_owned(), ToString::to_string);
        table.push_str(&format!(
            "n={n}: {} {tags} {}\n",
            page.status.as_u16(),
            page.header("link").unwrap_or("-")
        ));
    }
    expect![[r#"
        n=0: 200 [] -
        n=1: 200 ["a"] </v2/p/team/app/web/tags/list?n=1&last=a>; rel="next"
        n=2147483648: 200 ["a","b"] -
        n=18446744073709551615: 200 ["a","b"] -
        n=99999999999999999999999: 200 ["a","b"] -
        n=-1: 400 - -
        n=abc: 400 - -
        n=1.5: 400 - -
        n=: 400 - -
        n=1&n=2: 400 - -
    "#]]
    .assert_eq(&table);
}
