//! Projects and repositories by form.

use crate::support::browser::text;
use crate::support::{Ask, Browser, Server, on_both_databases};

on_both_databases!(in super::super::organisation; projects_and_repositories_are_made);

async fn projects_and_repositories_are_made(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let fields = [("key", "berth"), ("title", "The <b>berth</b>"), ("access", "internal")];
    let made = root.fill("/-/new-project", &fields).await.is(303);
    assert_eq!(made.must_have("location"), "/p/berth?done=project");
    let page = root.page("/p/berth?done=project").await;
    assert!(page.contains("The project is there.") && page.contains("berth&#60;/b&#62;"), "{page}");
    let again = text(&root.fill("/-/new-project", &fields).await.is(400));
    assert!(
        again.contains("value=\"berth\"") && again.contains("role=\"alert\""),
        "what was typed stays:\n{again}"
    );
    root.fill("/-/new-project", &[("key", "Not A Key")]).await.is(403);

    let fields = [("name", "jars"), ("format", "maven"), ("visibility", "public")];
    let made = root.fill("/p/berth/-/new-repository", &fields).await.is(303);
    assert_eq!(made.must_have("location"), "/p/berth/jars?done=repository");
    let by_api = hub.admin().send(Ask::get("/api/v1/repositories/berth/jars")).await.is(200).json();
    assert_eq!((&by_api["format"], &by_api["visibility"]), (&"maven".into(), &"public".into()));

    // The form is not offered, and what is sent all the same is refused by the operation.
    let mut bob = Browser::of(&hub, "bob").await;
    bob.open("/-/new-project").await.is(403);
    let form = bob.page("/").await;
    let token = crate::support::browser::hidden(&form)
        .into_iter()
        .find(|(name, _)| name == "form")
        .expect("a token")
        .1;
    bob.send("/-/new-project", &[("form", &token), ("key", "mine"), ("access", "closed")]).await.is(403);
    hub.admin().send(Ask::get("/api/v1/projects/mine")).await.is(403);
}
