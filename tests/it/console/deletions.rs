//! Lists of versions that are filtered, and what is deleted out of them: what is ticked, and whole packages.

use crate::support::browser::text;
use crate::support::image::{OCI_INDEX, index, sha256};
use crate::support::maven::Built;
use crate::support::nuget::Packed;
use crate::support::{Ask, Browser, Server, image, on_both_databases};

on_both_databases!(
    in crate::console::organisation;
    tags_are_filtered_by_what_they_are_called,
    what_is_ticked_is_deleted_and_what_stays_is_told,
    an_index_goes_with_its_parts_whatever_the_order,
    packages_are_deleted_by_the_rules_of_their_format,
    who_may_not_delete_is_offered_nothing,
);

const MANY: &str = "/p/team/app/-/delete-versions";

async fn tags_are_filtered_by_what_they_are_called(hub: Server) {
    for tag in ["1.0", "1.1", "1.1-RC1", "2.0-rc2", "latest"] {
        hub.admin().docker().push(&format!("team/app/web:{tag}"), &image("hello")).await.done();
    }
    let mut pat = Browser::of(&hub, "pat").await;
    let page = pat.page("/p/team/app/web?query=rc").await;
    assert!(page.contains("value=\"rc\"") && page.contains("/p/team/app/web:1.1-RC1\""), "{page}");
    assert!(page.contains("/p/team/app/web:2.0-rc2\"") && !page.contains("web:latest\""), "{page}");
    let none = pat.page("/p/team/app/web?query=none").await;
    assert!(none.contains("Nothing here is called like this") && !none.contains("rel=\"next\""), "{none}");
    // Page by page, the same in either order; a name of no version is no place to go on.
    let list = "/api/v1/repositories/team/app/packages/web/versions?query=1.&limit=1";
    for (order, expected) in
        [("", ["1.0", "1.1", "1.1-RC1"]), ("&newest_first=true", ["1.1-RC1", "1.1", "1.0"])]
    {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = hub.admin().send(Ask::get(format!("{list}{order}{after}"))).await.is(200).json();
            let items = page["items"].as_array().expect("items");
            found.extend(items.iter().map(|one| one["version"].as_str().expect("a name").to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(found, expected, "{order}");
    }
    let absent = "/api/v1/repositories/team/app/packages/none/versions?query=1";
    hub.admin().send(Ask::get(absent)).await.is(404);
    hub.admin().send(Ask::get(format!("{list}&query="))).await.is(400);
}

async fn what_is_ticked_is_deleted_and_what_stays_is_told(hub: Server) {
    for (tag, content) in [("1", "one"), ("2", "two"), ("3", "three"), ("4", "four")] {
        hub.admin().docker().push(&format!("team/app/web:{tag}"), &image(content)).await.done();
    }
    let pin = "/api/v1/repositories/team/app/packages/web/versions/2/pin";
    let why = serde_json::json!({ "pinned": true, "reason": "in production" });
    hub.admin().send(Ask::put(pin).json(&why)).await.is(200);
    let mut root = Browser::of(&hub, "root").await;
    let list = root.page("/p/team/app/web").await;
    assert!(
        list.contains("name=\"version\" value=\"3\"") && list.contains("Delete what is ticked"),
        "{list}"
    );
    let token = super::token_of(&list);
    let form = ("form", token.as_str());
    let ticked =
        [form, ("package", "web"), ("version", "1"), ("version", "2"), ("version", "3"), ("version", "gone")];
    let asked = text(&root.send(MANY, &[&ticked[..], &[("do", "ask")]].concat()).await.is(200));
    assert!(asked.contains("Delete versions: 3") && asked.contains("pinned"), "{asked}");
    assert!(asked.contains("Their manifests, by digest"), "what stays:\n{asked}");
    let sure = [("do", "delete"), ("confirm", "wrong")];
    let wrong = text(&root.send(MANY, &[&ticked[..], &sure[..]].concat()).await.is(400));
    assert!(wrong.contains("Nothing was deleted"), "{wrong}");
    let tags = async || -> Vec<String> {
        let list = Ask::get("/api/v1/repositories/team/app/packages/web/versions");
        let list = hub.admin().send(list).await.is(200).json();
        let items = list["items"].as_array().expect("items").iter();
        items.map(|one| one["version"].as_str().expect("a tag").to_owned()).collect()
    };
    assert_eq!(tags().await, ["1", "2", "3", "4"]);

    // The pinned one stays, and hides neither what went nor why it stays.
    let sure = [("do", "delete"), ("confirm", "web")];
    let told = text(&root.send(MANY, &[&ticked[..], &sure[..]].concat()).await.is(400));
    assert!(told.contains("Gone: 2. Still there: 1.") && told.contains("in production"), "{told}");
    assert!(told.contains("Delete versions: 1"), "the rest can be tried again:\n{told}");
    assert_eq!(tags().await, ["2", "4"]);
    let rest = [form, ("package", "web"), ("version", "4")];
    let done = root.send(MANY, &[&rest[..], &sure[..]].concat()).await.is(303);
    assert_eq!(done.must_have("location"), "/p/team/app/web?done=versions-gone");
    assert_eq!(tags().await, ["2"]);
    let none = root.page(&format!("{MANY}?package=web&version=4")).await;
    assert!(none.contains("None is chosen") && !none.contains("btn bad"), "{none}");
}

async fn an_index_goes_with_its_parts_whatever_the_order(hub: Server) {
    let root = hub.admin();
    let parts = [image("amd"), image("arm")];
    for part in &parts {
        root.docker().push(&format!("team/app/web@{}", part.digest()), part).await.done();
    }
    let body = index(OCI_INDEX, &[&parts[0], &parts[1]]);
    let index = sha256(&body);
    let put = Ask::put(format!("/v2/p/team/app/web/manifests/{index}")).body(body);
    root.send(put.header("content-type", OCI_INDEX)).await.is(201);
    let mut root = Browser::of(&hub, "root").await;
    let token = super::token_of(&root.page("/p/team/app/web/-/untagged").await);
    let (first, second) = (parts[0].digest(), parts[1].digest());
    let fields = [
        ("form", token.as_str()),
        ("package", "web"),
        ("version", &*first),
        ("version", &*second),
        ("version", &*index),
        ("do", "delete"),
        ("confirm", "web"),
    ];
    let done = root.send(MANY, &fields).await.is(303);
    assert_eq!(done.must_have("location"), "/p/team/app?done=versions-gone");
    hub.admin().send(Ask::get("/api/v1/repositories/team/app/packages/web")).await.is(404);
}

async fn packages_are_deleted_by_the_rules_of_their_format(hub: Server) {
    hub.admin().docker().push("team/app/tools/web:1", &image("one")).await.done();
    hub.admin()
        .jars("team/jars")
        .mvn_deploy(&Built::new("org.acme:lib:1.0", "text"))
        .await
        .expect("a deploy");
    let admin = hub.admin();
    let feed = admin.feed("team/feed").keyed(&hub.login("root").secret);
    feed.push(&Packed::new("Web.Core", "1.0.0")).await.is(201);
    let mut root = Browser::of(&hub, "root").await;
    for (page, delete, name, back) in [
        (
            "/p/team/app/tools/web",
            "/p/team/app/-/delete-package/tools%2Fweb",
            "tools/web",
            "/p/team/app?done=deleted",
        ),
        (
            "/p/team/jars/org/acme/lib",
            "/p/team/jars/-/delete-package/org.acme%3Alib",
            "org.acme:lib",
            "/p/team/jars?done=deleted",
        ),
        (
            "/p/team/feed/Web.Core",
            "/p/team/feed/-/delete-package/Web.Core",
            "Web.Core",
            "/p/team/feed?done=versions-unlisted",
        ),
    ] {
        let shown = root.page(page).await;
        assert!(shown.contains(&format!("href=\"{delete}\"")), "{delete} in\n{shown}");
        let asked = root.page(delete).await;
        assert!(asked.contains(name) && asked.contains("btn bad"), "{asked}");
        let wrong = text(&root.fill(delete, &[("confirm", "wrong")]).await.is(400));
        assert!(wrong.contains("role=\"alert\""), "{wrong}");
        let done = root.fill(delete, &[("confirm", name)]).await.is(303);
        assert_eq!(done.must_have("location"), back);
    }
    root.open("/p/team/app/tools/web").await.is(404);
    // It is out of lists, and found by who names it.
    assert!(root.page("/p/team/feed/Web.Core/1.0.0").await.contains("unlisted"));
    root.open("/p/team/jars/-/delete-package/org.acme%3Anone").await.is(403);
}

async fn who_may_not_delete_is_offered_nothing(hub: Server) {
    hub.admin().docker().push("team/app/web:1", &image("one")).await.done();
    let mut pat = Browser::of(&hub, "pat").await;
    let page = pat.page("/p/team/app/web").await;
    assert!(!page.contains("name=\"version\"") && !page.contains("delete-package"), "{page}");
    let delete = "/p/team/app/-/delete-package/web";
    let fields = [("package", "web"), ("version", "1"), ("do", "delete"), ("confirm", "web")];
    for path in [MANY, delete] {
        pat.open(path).await.is(403);
        assert_eq!(super::directory::forced(&mut pat, path, &fields).await, 403);
        Browser::of_nobody(&hub).open(path).await.is(303);
    }
    hub.admin().send(Ask::get("/api/v1/repositories/team/app/packages/web/versions/1")).await.is(200);
}
