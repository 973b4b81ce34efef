//! The list of images over all repositories.

use expect_test::expect;

use crate::support::{Actor, Ask, Organisation, Server, image, on_both_databases};

on_both_databases!(in super::organisation; images_are_listed_by_right, images_are_listed_page_by_page);

const LIST: &str = "/v2/_catalog";

/// `team/app-x` sorts before `team/app` once the image follows.
fn organisation() -> Organisation {
    Organisation::team().repository("team/app-x", "oci", "private", "")
}

async fn names(who: &Actor, query: &str) -> String {
    who.send(Ask::get(format!("{LIST}{query}"))).await.is(200).json()["repositories"].to_string()
}

async fn push(hub: &Server) -> Actor {
    let alice = hub.actor("alice");
    let hello = image("hello");
    for name in ["team/app/web", "team/app/api/v2", "team/app-x/web", "team/open/web", "other/app/web"] {
        for tag in ["1.0", "2.0"] {
            alice.docker().push(&format!("{name}:{tag}"), &hello).await.done();
        }
    }
    alice
}

async fn images_are_listed_by_right(hub: Server) {
    assert_eq!(names(&hub.actor("alice"), "").await, "[]");
    let alice = push(&hub).await;
    alice.send(Ask::get(LIST)).await.shows(&expect![[r#"
        200
        content-length: 110
        content-type: application/json

        {"repositories":["p/other/app/web","p/team/app-x/web","p/team/app/api/v2","p/team/app/web","p/team/open/web"]}
    "#]]);
    let rita = names(&hub.actor("rita"), "").await;
    assert_eq!(rita, r#"["p/team/app/api/v2","p/team/app/web","p/team/open/web"]"#);
    assert_eq!(names(&hub.actor("bob"), "").await, r#"["p/team/open/web"]"#);
    assert_eq!(names(&hub.actor("alice/pusher"), "").await, r#"["p/team/open/web"]"#);
    hub.stranger().send(Ask::get(LIST)).await.shows(&expect![[r#"
        401
        content-length: 86
        content-type: application/json
        docker-distribution-api-version: registry/2.0
        www-authenticate: Bearer realm="http://HOST/v2/token",service="HOST",scope="registry:catalog:*"

        {"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}
    "#]]);
    alice.send(Ask::head(LIST)).await.is(200);
    alice.send(Ask::post(LIST)).await.is(405);
    for search in ["/v1/_ping", "/v1/search?q=web"] {
        let told = alice.send(Ask::get(search)).await.is(501);
        assert!(told.to_string().contains(LIST), "{told}");
    }
    let digest = image("hello").digest();
    alice.send(Ask::delete(format!("/v2/p/team/app/web/manifests/{digest}"))).await.is(202);
    assert!(!names(&alice, "").await.contains("p/team/app/web"), "an image without manifests is none");
}

async fn images_are_listed_page_by_page(hub: Server) {
    let alice = push(&hub).await;
    let mut next = Some(format!("{LIST}?n=2"));
    let mut pages = String::new();
    while let Some(target) = next.take() {
        let page = alice.send(Ask::get(target)).await.is(200);
        let link = page.header("link").map(str::to_owned);
        pages.push_str(&format!("{} {}\n", page.json()["repositories"], link.as_deref().unwrap_or("-")));
        next = link.map(|link| link[1..].split_once('>').expect("a link").0.to_owned());
    }
    expect![[r#"
        ["p/other/app/web","p/team/app-x/web"] </v2/_catalog?n=2&last=p/team/app-x/web>; rel="next"
        ["p/team/app/api/v2","p/team/app/web"] </v2/_catalog?n=2&last=p/team/app/web>; rel="next"
        ["p/team/open/web"] -
    "#]]
    .assert_eq(&pages);
    for (query, expected) in [
        ("?n=0", "[]"),
        ("?last=p/team/app/m", r#"["p/team/app/web","p/team/open/web"]"#),
        ("?last=p/team/app/", r#"["p/team/app/api/v2","p/team/app/web","p/team/open/web"]"#),
        ("?last=team/app/web", r#"["p/team/open/web"]"#),
        ("?last=p/zzz", "[]"),
    ] {
        assert_eq!(names(&alice, query).await, expected, "{query}");
    }
    assert_eq!(alice.send(Ask::get(format!("{LIST}?n=0"))).await.header("link"), None);
    alice.send(Ask::get(format!("{LIST}?n=-1"))).await.is(400);
    names(&alice, "?n=99999999999999999999").await;
}
