//! The first page and the pages of usage: numbers, chart, table and file of what one may see, what waits, and what who is nobody is shown.

use serde_json::json;

use crate::support::maven::Built;
use crate::support::nuget::Packed;
use crate::support::{Ask, Browser, Server, image, on_both_databases, until};

on_both_databases!(
    in crate::console::usage::organisation;
    usage_is_shown_as_numbers_chart_table_and_file,
    the_first_page_says_what_is_new_and_what_waits,
    the_first_page_of_nobody_can_be_switched_off,
    content_is_found_by_its_hash,
    packages_are_found_by_what_they_say_of_themselves,
);

/// With somebody who reads in `team`.
pub(super) fn organisation() -> crate::support::Organisation {
    super::with_a_lead().password("rita", "the lanterns of rita").may("member:rita", "read", "team")
}

/// A page once it says this: what was fetched is counted a moment later.
async fn until_it_says(browser: &mut Browser, path: &str, what: &str) -> String {
    let mut page = String::new();
    until(&format!("{path} says {what}"), async || {
        page = browser.page(path).await;
        page.contains(what)
    })
    .await;
    page
}

async fn usage_is_shown_as_numbers_chart_table_and_file(hub: Server) {
    let root = hub.admin();
    root.docker().push("team/app/web:1.0", &image("hello")).await.done();
    for _ in 0..3 {
        root.send(Ask::get("/v2/p/team/app/web/manifests/1.0")).await.is(200);
    }
    let mut rita = Browser::of(&hub, "rita").await;
    let at = "/p/team/app/-/usage";
    let page = until_it_says(&mut rita, at, "3 downloads and 1 new versions").await;
    for shown in [
        "<svg class=\"chart\"",
        "role=\"img\"",
        "class=\"b\"",
        "/p/team/app/web\">web</a>",
        "<th scope=\"row\"><time",
    ] {
        assert!(page.contains(shown), "{shown} in\n{page}");
    }
    assert!(!page.contains("style=") && page.len() < 60_000, "{} bytes", page.len());
    assert!(page.contains("aria-current=\"page\">30 days") && !page.contains("counted once"), "{page}");
    let year = rita.page(&format!("{at}?days=365")).await;
    assert!(year.contains("in the week of") && year.contains("aria-current=\"page\">365 days"), "{year}");
    assert!(year.len() < 60_000, "{} bytes", year.len());
    let file = rita.open(&format!("{at}?days=365&as=csv")).await.is(200);
    assert_eq!(file.must_have("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.must_have("content-disposition"), "attachment; filename=\"usage-team-app-365-days.csv\"");
    let lines = String::from_utf8(file.body.to_vec()).expect("UTF-8");
    assert!(
        lines.starts_with("at,downloads,downloaded_bytes,published\r\n") && lines.contains(",3,"),
        "{lines}"
    );

    // A project is for who sees its events, and so is the tab.
    rita.open("/p/team/-/usage").await.is(403);
    assert!(!rita.page("/p/team").await.contains("/p/team/-/usage"));
    let mut admin = Browser::of(&hub, "root").await;
    assert!(admin.page("/p/team").await.contains("href=\"/p/team/-/usage\""));
    let project = admin.page("/p/team/-/usage").await;
    assert!(project.contains("3 downloads") && project.contains("counted once"), "{project}");
    // Everything is what one may read, or for who sees all events all of it.
    let mine = rita.page("/-/usage").await;
    assert!(mine.contains("Usage of what you may read") && mine.contains("3 downloads"), "{mine}");
    let all = admin.page("/-/usage").await;
    assert!(!all.contains("Usage of what you may read") && all.contains("counted once"), "{all}");
    let mut bob = Browser::of(&hub, "bob").await;
    let none = bob.page("/-/usage").await;
    assert!(none.contains("Nothing was pulled or published") && !none.contains(">web<"), "{none}");
    bob.open(at).await.is(403);
    Browser::of_nobody(&hub).open("/-/usage").await.is(303);
    Browser::of_nobody(&hub).page("/p/team/public-files/-/usage").await;
}

async fn the_first_page_says_what_is_new_and_what_waits(hub: Server) {
    let root = hub.admin();
    root.send(Ask::put("/files/p/team/files/dir/tool.txt").body("tool")).await.is(201);
    root.docker().push("other/app/secret:1", &image("other")).await.done();
    root.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let mut rita = Browser::of(&hub, "rita").await;
    let home = rita.page("/").await;
    assert!(
        home.contains("href=\"/p/team/app/web:1.0\"") && home.contains("href=\"/p/team/files/dir/tool.txt\""),
        "{home}"
    );
    let place = |what: &str| home.find(what).expect("is there");
    assert!(place("/p/team/app/web:1.0") < place("/p/team/files/dir/tool.txt"), "the newest first");
    assert!(home.contains("<svg class=\"chart\"") && home.contains("The same as a table"), "{home}");
    assert!(!home.contains("secret") && !home.contains("Health"), "{home}");
    assert!(home.contains("may read"), "what she is in the project:\n{home}");

    let mut lead = Browser::of(&hub, "lead").await;
    assert!(lead.page("/").await.contains("project-admin"));
    let mut admin = Browser::of(&hub, "root").await;
    let home = admin.page("/").await;
    assert!(home.contains(">Health</h2>") && home.contains(", 0 lost"), "{home}");
    assert!(!home.contains("Saved by sharing"), "nothing was counted yet:\n{home}");
    admin.page("/-/usage").await;
    let home = admin.page("/").await;
    assert!(home.contains("Saved by sharing") && home.len() < 60_000, "{home}");
    let bob = Browser::of(&hub, "bob").await.page("/").await;
    assert!(bob.contains("Nothing was published yet") && bob.contains("Nothing is waiting."), "{bob}");
}

async fn the_first_page_of_nobody_can_be_switched_off(hub: Server) {
    let root = hub.admin();
    root.send(Ask::put("/files/p/team/public-files/dir/tool.txt").body("tool")).await.is(201);
    root.send(Ask::put("/files/p/team/files/canary.txt").body("tool")).await.is(201);
    let mut nobody = Browser::of_nobody(&hub);
    let landing = nobody.page("/").await;
    assert!(
        landing.contains("Try it") && landing.contains("/files/p/team/public-files/dir/tool.txt"),
        "{landing}"
    );
    assert!(
        landing.contains("href=\"/p/team/public-files/dir/tool.txt\"") && !landing.contains("canary"),
        "{landing}"
    );
    let organisation = hub.admin().send(Ask::get("/api/v1/organisation")).await.is(200).json();
    assert_eq!(organisation["public_landing"], true);
    let mut admin = Browser::of(&hub, "root").await;
    assert!(admin.page("/-/organisation").await.contains("name=\"public_landing\" value=\"yes\" checked"));
    hub.admin()
        .send(Ask::patch("/api/v1/organisation").merge(&json!({ "public_landing": false })))
        .await
        .is(200);
    until("it is off", async || nobody.open("/").await.status.as_u16() == 303).await;
    assert_eq!(nobody.open("/").await.must_have("location"), "/-/login?to=%2F");
    nobody.open("/-/search?q=tool").await.is(303);
    // What is public stays so by its address.
    nobody.page("/p/team/public-files").await;
}

async fn content_is_found_by_its_hash(hub: Server) {
    let root = hub.admin();
    root.docker().push("team/app/web:1.0", &image("hello")).await.done();
    root.docker().push("other/app/secret:1", &image("other")).await.done();
    root.jars("team/jars").mvn_deploy(&Built::new("org.example:lib:1.0", "text")).await.expect("a deploy");
    let mut rita = Browser::of(&hub, "rita").await;
    let digest = image("hello").digest();
    let found = rita.open(&format!("/-/search?q={}", digest.replace(':', "%3A"))).await.is(303);
    assert_eq!(found.must_have("location"), format!("/p/team/app/web@{digest}"));
    let at = format!("/api/v1/digests/{}", digest.replace(':', "%3A"));
    let told = hub.actor("rita").send(Ask::get(&at)).await.is(200).json();
    assert_eq!(
        (&told["digest"], told["items"].as_array().map(Vec::len)),
        (&json!(digest), Some(2)),
        "{told}"
    );
    // A file of a version leads to the version, by either hash.
    let sha1 = root.send(Ask::get("/maven/p/team/jars/org/example/lib/1.0/lib-1.0.jar.sha1")).await.is(200);
    let sha1 = String::from_utf8(sha1.body.to_vec()).expect("UTF-8");
    let found = rita.open(&format!("/-/search?q={}", sha1.trim())).await.is(303);
    assert_eq!(found.must_have("location"), "/p/team/jars/org/example/lib/1.0");
    // Of what she may not read nothing is found, as of what is not there.
    let hidden = rita.page(&format!("/-/search?q={}", image("other").digest().replace(':', "%3A"))).await;
    assert!(hidden.contains("Nothing that you may read has this") && !hidden.contains("secret"), "{hidden}");
    hub.actor("rita").send(Ask::get("/api/v1/digests/nonsense")).await.is(404);
    hub.stranger().send(Ask::get(&at)).await.is(401);
}

async fn packages_are_found_by_what_they_say_of_themselves(hub: Server) {
    let root = hub.admin();
    let feed = root.feed("team/feed").keyed(&hub.login("root").secret);
    let said = "<title>Harbour lights</title><description>Blinks at &lt;ships&gt; in fog</description><tags>lantern</tags>";
    feed.push(&Packed::with("Acme.Beacon", "1.0.0", said, &[])).await.is(201);
    let mut rita = Browser::of(&hub, "rita").await;
    for words in ["lantern", "harbour+lig", "ships+fog"] {
        let found = rita.page(&format!("/-/search?q={words}")).await;
        assert!(found.contains("href=\"/p/team/feed/Acme.Beacon\""), "{words}: {found}");
        assert!(found.contains("Blinks at &#60;ships&#62; in fog"), "{found}");
    }
    let other = rita.page("/-/search?q=lantern&format=maven").await;
    assert!(!other.contains("Acme.Beacon"), "{other}");
    let public = rita.page("/-/search?q=beacon&public=yes").await;
    assert!(!public.contains("Acme.Beacon"), "{public}");
    let twice = rita.page("/-/search?q=beacon").await;
    assert_eq!(twice.matches("href=\"/p/team/feed/Acme.Beacon\"").count(), 1, "{twice}");
    for path in ["/-/search?q=lantern", "/-/search?q=beacon"] {
        assert!(!Browser::of(&hub, "bob").await.page(path).await.contains("Acme"));
        assert!(!Browser::of_nobody(&hub).page(path).await.contains("Acme"));
    }
    let told =
        hub.actor("rita").send(Ask::get("/api/v1/packages/by-words?query=lantern")).await.is(200).json();
    assert_eq!(
        (&told["items"][0]["title"], &told["items"][0]["about"]["name"]),
        (&json!("Harbour lights"), &json!("Acme.Beacon"))
    );
    let newest = hub.actor("rita").send(Ask::get("/api/v1/versions?limit=1")).await.is(200).json();
    assert_eq!(
        (&newest["items"][0]["package"], &newest["items"][0]["version"]),
        (&json!("Acme.Beacon"), &json!("1.0.0"))
    );
    let mine = hub.actor("rita").send(Ask::get("/api/v1/me/usage")).await.is(200).json();
    assert_eq!((mine["items"].as_array().map(Vec::len), &mine["totals"]), (Some(30), &json!(null)));
}
