//! Packages and versions as pages: what they show, what can be done about versions, and files for browsers.

use serde_json::json;

use crate::support::browser::text;
use crate::support::maven::Built;
use crate::support::nuget::Packed;
use crate::support::{Ask, Browser, Server, image, on_both_databases};

on_both_databases!(
    in crate::console::organisation;
    images_are_shown_with_lines_to_paste,
    a_readme_is_shown_and_nothing_in_it_runs,
    jars_are_shown_as_folders_and_versions,
    versions_are_pinned_unlisted_and_deprecated,
    a_version_is_deleted_on_a_page_of_its_own,
    reserved_names_are_freed,
    browsers_fetch_files_of_private_repositories,
    pasted_lines_go_straight_to_their_pages,
    who_may_not_is_not_offered_it,
    what_uses_a_package_is_shown_as_far_as_one_may_read,
);

async fn images_are_shown_with_lines_to_paste(hub: Server) {
    let root = hub.admin();
    root.docker().push("team/app/web:1.0", &image("hello")).await.done();
    root.docker().push("team/app/web:same", &image("hello")).await.done();
    root.docker().push("team/app/web:2.0", &image("old")).await.done();
    root.docker().push("team/app/web:2.0", &image("new")).await.done();
    let mut pat = Browser::of(&hub, "pat").await;
    let page = pat.page("/p/team/app/web").await;
    let host = root.address();
    assert!(page.contains(&format!("docker pull {host}/p/team/app/web:1.0")), "{page}");
    assert!(page.contains("same as 1.0") && page.contains("linux/amd64"), "{page}");
    let page = pat.page("/p/team/app/web/-/untagged").await;
    assert!(page.contains(&image("old").digest()[..19]), "{page}");
    let page = pat.page("/p/team/app/web:1.0").await;
    for shown in [format!("podman pull {host}/p/team/app/web:1.0"), "Also tagged".into(), "Layers".into()] {
        assert!(page.contains(&shown), "{shown} in\n{page}");
    }
    assert!(page.len() < 60_000);
    pat.page(&format!("/p/team/app/web@{}", image("old").digest())).await;
    pat.open("/p/team/app/web:none").await.is(404);
    Browser::of(&hub, "bob").await.open("/p/team/app/web:1.0").await.is(403);
    Browser::of_nobody(&hub).open("/p/team/app/web:1.0").await.is(303);
}

async fn a_readme_is_shown_and_nothing_in_it_runs(hub: Server) {
    let root = hub.admin();
    let feed = root.feed("team/feed").keyed(&hub.login("root").secret);
    let extra = "<description>&lt;b&gt;bold&lt;/b&gt;</description><readme>r.md</readme>";
    let readme: &[u8] =
        b"# Title\n\n<script>alert(1)</script>\n\n[x](javascript:y) ![p](https://example.org/p.png)\n";
    feed.push(&Packed::with("Lib.Core", "1.0.0", extra, &[("r.md", readme)])).await.is(201);
    feed.push(&Packed::new("Lib.Core", "2.0.0")).await.is(201);
    let mut pat = Browser::of(&hub, "pat").await;
    let page = pat.page("/p/team/feed/Lib.Core/1.0.0").await;
    assert!(page.contains("<h3>Title</h3>") && page.contains("&lt;script&gt;"), "{page}");
    assert!(page.contains("href=\"https://example.org/p.png\"") && !page.contains("<img"), "{page}");
    assert!(!page.contains("javascript:") && !page.contains("<b>bold"), "{page}");
    assert!(
        page.contains("2.0.0 is newer") && page.contains("dotnet add package Lib.Core --version 1.0.0"),
        "{page}"
    );
    let list = pat.page("/p/team/feed/Lib.Core").await;
    let at = |version: &str| list.find(&format!("/p/team/feed/Lib.Core/{version}\"")).expect(version);
    assert!(at("2.0.0") < at("1.0.0"), "the newest first");
    assert_eq!(
        pat.open("/p/team/feed/lib.core/1.0").await.is(308).must_have("location"),
        "/p/team/feed/Lib.Core/1.0.0"
    );
}

async fn jars_are_shown_as_folders_and_versions(hub: Server) {
    let root = hub.admin();
    let jars = root.jars("team/jars");
    jars.mvn_deploy(&Built::new("org.example:lib:1.0", "text")).await.expect("a deploy");
    let mut pat = Browser::of(&hub, "pat").await;
    let page = pat.page("/p/team/jars/org/example/lib/1.0").await;
    assert!(page.contains("implementation(&#34;org.example:lib:1.0&#34;)"), "{page}");
    assert!(page.contains("/p/team/jars/-/download/org/example/lib/1.0/lib-1.0.jar"), "{page}");
    let page = pat.page("/p/team/jars/org/example").await;
    assert!(page.contains("href=\"/p/team/jars/org/example/lib\""), "{page}");
    let page = pat.page("/p/team/jars?as=folders").await;
    assert!(page.contains("href=\"/p/team/jars/org\""), "{page}");
    pat.open("/p/team/jars/org/none").await.is(404);
}

async fn versions_are_pinned_unlisted_and_deprecated(hub: Server) {
    let root = hub.admin();
    root.feed("team/feed").keyed(&hub.login("root").secret).push(&Packed::new("Lib", "1.0.0")).await.is(201);
    let at = "/p/team/feed/-/version?package=Lib&version=1.0.0";
    let api = "/api/v1/repositories/team/feed/packages/Lib/versions/1.0.0";
    let mut browser = Browser::of(&hub, "root").await;
    let done = browser.fill(at, &[("do", "pin"), ("reason", "shipped <b>")]).await.is(303);
    assert_eq!(done.must_have("location"), "/p/team/feed/Lib/1.0.0?done=version");
    assert_eq!(root.send(Ask::get(api)).await.is(200).json()["pin_reason"], "shipped <b>");
    let refused = text(&browser.fill(at, &[("do", "unlist")]).await.is(400));
    assert!(refused.contains("role=\"alert\""), "{refused}");
    browser.fill(at, &[("do", "unpin")]).await.is(303);
    browser.fill(at, &[("do", "unlist")]).await.is(303);
    assert_eq!(root.send(Ask::get(api)).await.is(200).json()["state"], "unlisted");
    browser.fill(at, &[("do", "relist")]).await.is(303);
    let fields =
        [("do", "deprecate"), ("why", "legacy"), ("message", "Use another."), ("alternate", "Other")];
    browser.fill(at, &fields).await.is(303);
    let said = root.send(Ask::get(format!("{api}/deprecation"))).await.is(200).json();
    assert_eq!((&said["reasons"], &said["alternate"]["id"]), (&json!(["legacy"]), &json!("Other")));
    let page = browser.page("/p/team/feed/Lib/1.0.0?done=version").await;
    assert!(page.contains("Use another.") && page.contains("role=\"status\""), "{page}");
    browser.fill(at, &[("do", "undeprecate")]).await.is(303);
    root.send(Ask::get(format!("{api}/deprecation"))).await.is(404);
    browser.fill(at, &[("do", "nonsense")]).await.is(400);
}

async fn a_version_is_deleted_on_a_page_of_its_own(hub: Server) {
    let root = hub.admin();
    root.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let at = "/p/team/app/-/delete-version?package=web&version=1.0";
    let mut browser = Browser::of(&hub, "root").await;
    let page = browser.page(at).await;
    assert!(page.contains("The tag 1.0. Its manifest stays"), "{page}");
    browser.fill(at, &[("confirm", "2.0")]).await.is(400);
    let api = "/api/v1/repositories/team/app/packages/web/versions/1.0";
    root.send(Ask::get(api)).await.is(200);
    let gone = browser.fill(at, &[("confirm", "1.0")]).await.is(303);
    assert_eq!(gone.must_have("location"), "/p/team/app?done=deleted");
    root.send(Ask::get(api)).await.is(404);
    root.feed("team/feed").keyed(&hub.login("root").secret).push(&Packed::new("Lib", "1.0.0")).await.is(201);
    let at = "/p/team/feed/-/delete-version?package=Lib&version=1.0.0";
    assert!(browser.page(at).await.contains("unlists on delete"));
    let gone = browser.fill(at, &[("confirm", "1.0.0")]).await.is(303);
    assert_eq!(gone.must_have("location"), "/p/team/feed/Lib/1.0.0?done=unlisted");
}

async fn reserved_names_are_freed(hub: Server) {
    let root = hub.admin();
    root.jars("team/jars").mvn_deploy(&Built::new("org.example:lib:1.0", "text")).await.expect("a deploy");
    let mut browser = Browser::of(&hub, "root").await;
    let at = "/p/team/jars/-/delete-version?package=org.example%3Alib&version=1.0";
    browser.fill(at, &[("confirm", "1.0")]).await.is(303);
    let api = "/api/v1/repositories/team/jars/tombstones";
    let list = root.send(Ask::get(api)).await.is(200).json();
    let name = list["items"][0]["name"].as_str().expect("a name").to_owned();
    assert!(browser.page("/p/team/jars").await.contains("/p/team/jars/-/tombstones"));
    let mut pat = Browser::of(&hub, "pat").await;
    assert!(!pat.page("/p/team/jars/-/tombstones").await.contains("name=\"lift\""));
    let before = list["items"].as_array().expect("items").len();
    let freed = browser.fill("/p/team/jars/-/tombstones", &[("lift", &name)]).await.is(303);
    assert_eq!(freed.must_have("location"), "/p/team/jars/-/tombstones?done=version");
    let left = root.send(Ask::get(api)).await.is(200).json();
    assert_eq!(left["items"].as_array().expect("items").len(), before - 1);
}

async fn browsers_fetch_files_of_private_repositories(hub: Server) {
    let root = hub.admin();
    let html = "<script>alert(1)</script>";
    root.send(Ask::put("/files/p/team/files/dir/page.html").body(html)).await.is(201);
    let at = "/p/team/files/-/download/dir/page.html";
    let mut pat = Browser::of(&hub, "pat").await;
    let page = pat.page("/p/team/files/dir/page.html").await;
    assert!(page.contains(&format!("href=\"{at}\"")), "{page}");
    let file = pat.open(at).await.is(200);
    assert_eq!(text(&file), html);
    assert_eq!(file.must_have("content-disposition"), "attachment; filename*=UTF-8''page.html");
    assert_eq!(file.must_have("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(file.must_have("x-content-type-options"), "nosniff");
    assert_eq!(file.must_have("cache-control"), "private, no-store");
    let part = pat.ask(Ask::get(at).header("range", "bytes=0-6")).await.is(206);
    assert_eq!(text(&part), "<script");
    pat.open("/p/team/files/-/download/dir/none.html").await.is(404);
    Browser::of(&hub, "bob").await.open(at).await.is(403);
    Browser::of_nobody(&hub).open(at).await.is(303);
    pat.send(at, &[]).await.is(405);
}

async fn pasted_lines_go_straight_to_their_pages(hub: Server) {
    let root = hub.admin();
    root.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let mut pat = Browser::of(&hub, "pat").await;
    let host = root.address().to_string();
    for (typed, to) in [
        (format!("docker+pull+{host}%2Fp%2Fteam%2Fapp%2Fweb%3A1.0"), "/p/team/app/web:1.0"),
        (format!("{host}%2Fp%2Fteam%2Fapp%2Fweb"), "/p/team/app/web"),
        (format!("http%3A%2F%2F{host}%2Fp%2Fteam%2Fapp"), "/p/team/app"),
    ] {
        assert_eq!(pat.open(&format!("/-/search?q={typed}")).await.is(303).must_have("location"), to);
    }
    pat.page("/-/search?q=evil.example%2Fp%2Fteam%2Fapp").await;
    let found = pat.page("/-/search?q=web").await;
    assert!(found.contains(&format!("docker pull {host}/p/team/app/web:1.0")), "{found}");
}

async fn who_may_not_is_not_offered_it(hub: Server) {
    let root = hub.admin();
    root.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let mut pat = Browser::of(&hub, "pat").await;
    let page = pat.page("/p/team/app/web:1.0").await;
    assert!(!page.contains("/-/delete-version?") && !page.contains("/-/version?"), "{page}");
    for at in ["delete-version", "version"] {
        let at = format!("/p/team/app/-/{at}?package=web&version=1.0");
        pat.open(&at).await.is(403);
        Browser::of(&hub, "bob").await.open(&at).await.is(403);
        Browser::of_nobody(&hub).open(&at).await.is(303);
        let token = crate::support::browser::hidden(&page)
            .into_iter()
            .find(|(name, _)| name == "form")
            .expect("a token")
            .1;
        let fields = [("form", token.as_str()), ("confirm", "1.0"), ("do", "pin"), ("reason", "x")];
        pat.send(&at, &fields).await.is(403);
    }
    root.send(Ask::get("/api/v1/repositories/team/app/packages/web/versions/1.0")).await.is(200);
}

async fn what_uses_a_package_is_shown_as_far_as_one_may_read(hub: Server) {
    let root = hub.admin();
    let needs_lib = |range: &str| {
        format!(
            "<dependencies><dependency><groupId>org.example</groupId><artifactId>lib</artifactId>\
             <version>{range}</version></dependency></dependencies></project>"
        )
    };
    let put = async |artifact: &str, range: &str| {
        let pom =
            crate::support::maven::pom("org.app", artifact, "1").replace("</project>", &needs_lib(range));
        let path = format!("/maven/p/team/jars/org/app/{artifact}/1/{artifact}-1.pom");
        root.send(Ask::put(path).body(pom)).await.is(201);
    };
    root.jars("team/jars").mvn_deploy(&Built::new("org.example:lib:1.0", "text")).await.expect("a deploy");
    let mut browser = Browser::of(&hub, "root").await;
    let lib = "/p/team/jars/org/example/lib";
    let page = browser.page(&format!("{lib}/1.0")).await;
    assert!(page.contains("Used by") && page.contains("no package says so"), "{page}");
    put("first", "1.0").await;
    put("odd", "&lt;b&gt;\u{202e}&quot;").await;
    let page = browser.page(&format!("{lib}/1.0")).await;
    for shown in ["href=\"/p/team/jars/org/app/first/1\"", "1 wants 1.0", "&#60;b&#62;"] {
        assert!(page.contains(shown), "{shown} in\n{page}");
    }
    assert!(!page.contains("<b>\u{202e}") && !page.contains('\u{202e}'), "{page}");
    for number in 0..60 {
        put(&format!("many-{number:02}"), &"'".repeat(900)).await;
    }
    let page = browser.page(&format!("{lib}/1.0")).await;
    let all = "/p/team/jars/-/used-by?package=org.example%3Alib";
    assert!(page.contains(all) && page.len() < 60_000, "{page}");
    assert!(browser.page(lib).await.contains(all), "the package has a tab for it");
    let (mut at, mut shown) = (all.to_owned(), std::collections::BTreeSet::new());
    loop {
        let page = browser.page(&at).await;
        assert!(page.len() < 60_000, "{at}: {} bytes", page.len());
        let links = super::walk::links(&page);
        shown.extend(links.iter().filter(|link| link.starts_with("/p/team/jars/org/app/")).cloned());
        let next = links.into_iter().find(|link| link.contains("after=") && page.contains("rel=\"next\""));
        let Some(next) = next else { break };
        at = next;
    }
    assert_eq!(shown.len(), 62, "{shown:?}");
    let page = browser.page(&format!("{all}&version=1.0")).await;
    assert!(page.contains("org.app:first") && !page.contains("org.app:many-00"), "{page}");
    // The page that deletes the version says who asks for it.
    let page = browser.page("/p/team/jars/-/delete-version?package=org.example%3Alib&version=1.0").await;
    assert!(page.contains("org.app:first") && !page.contains("org.app:many-00"), "{page}");
    let page = browser.page("/p/team/jars/-/delete-version?package=org.app%3Afirst&version=1").await;
    assert!(page.contains("asks for this version. Builds"), "{page}");
    for at in [
        "/p/team/jars/-/used-by",
        "/p/team/jars/-/used-by?package=none",
        "/p/team/files/-/used-by?package=%2F",
    ] {
        browser.open(at).await.is(403);
    }
    // Nobody is shown what they may not read.
    root.jars("team/jars").mvn_deploy(&Built::new("org.example:own:1.0", "text")).await.expect("a deploy");
    Browser::of(&hub, "bob").await.open(all).await.is(403);
    Browser::of_nobody(&hub).open(all).await.is(303);
}
