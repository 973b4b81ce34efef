//! What a page never says: names of what somebody may not know of, and whether something is absent, gone or forbidden.

use crate::support::browser::text;
use crate::support::{Ask, Browser, Server, on_both_databases};

on_both_databases!(
    in super::super::organisation;
    absent_and_forbidden_are_one_page,
    what_is_uploaded_is_text,
);

async fn absent_and_forbidden_are_one_page(hub: Server) {
    hub.admin().send(Ask::put("/files/p/team/files/canary.txt").body("x")).await.is(201);
    let forbidden =
        ["/p/team", "/p/team/files", "/p/team/files/canary.txt", "/p/other/app", "/-/new-project"];
    let absent = ["/p/none", "/p/none/files", "/p/none/files/canary.txt", "/-/none", "/p/UPPER/%2e%2e"];
    let mut bob = Browser::of(&hub, "bob").await;
    let mut nobody = Browser::of_nobody(&hub);
    let mut pages = Vec::new();
    for path in forbidden.into_iter().filter(|path| *path != "/p/team").chain(absent) {
        let answer = bob.open(path).await.is(403);
        let page = text(&answer).replace(answer.must_have("x-request-id"), "ID").replace(path, "PATH");
        assert!(!page.contains("canary"), "{page}");
        pages.push(page);
        let away = nobody.open(path).await;
        assert_eq!(away.status.as_u16(), 303, "{path}");
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:#?}");
    for path in ["/", "/p", "/-/search", "/-/search?q=canary", "/-/search?project=other", "/p/team"] {
        for browser in [&mut bob, &mut nobody] {
            let answer = browser.open(path).await;
            let page = text(&answer);
            for canary in ["team/files", "team/app", "team/jars", "other/app", "canary.txt"] {
                assert!(!page.contains(canary), "{path}: {canary}");
            }
        }
    }
}

/// Names with markup and with characters that turn the direction of what follows.
async fn what_is_uploaded_is_text(hub: Server) {
    let name = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%3E%3Cimg%20src=x%20onerror=alert(2)%3E.txt";
    let path = format!("/files/p/team/files/{}", name.replace("%2F", "-"));
    let put = hub.admin().send(Ask::put(&path).body("x")).await;
    // Whether or not such a name is taken, no page has it as markup.
    let mut pat = Browser::of(&hub, "pat").await;
    if put.status.as_u16() == 201 {
        let page = pat.page("/p/team/files").await;
        assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "{page}");
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
    }
    for query in ["%3Cscript%3Ealert(1)%3C/script%3E", "%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E"] {
        let page = pat.page(&format!("/-/search?q={query}")).await;
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
    }
    let answer = pat.open("/").await.is(200);
    let policy = answer.must_have("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.must_have("cache-control"), "no-store");
    assert_eq!(answer.must_have("x-content-type-options"), "nosniff");
}
