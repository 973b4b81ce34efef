//! What somebody pushes, or calls something, is text in every page, whatever it says and however long it is; and who guesses passwords at
//! the form is slowed down, and nobody else.

use serde_json::{Value, json};

use super::walk;
use crate::support::browser::text;
use crate::support::image::{Image, OCI_MANIFEST};
use crate::support::nuget::Packed;
use crate::support::{Ask, Browser, Organisation, Server, on_both_databases};

on_both_databases!(
    in crate::console::organisation;
    whatever_is_said_is_text,
    pages_stay_short_however_much_is_said,
);

/// Markup, quotes, and characters that turn the direction of what follows.
const HOSTILE: &str =
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}&lt;b&gt;${7*7}{{7*7}}";

/// Whoever looks finds none of it as markup.
fn is_text(address: &str, page: &str) {
    walk::well_formed(address, page);
    for markup in ["<script>alert", "<img", "onerror=alert(2)>", "<i>", "=\"javascript:", "<svg onload"] {
        assert!(!page.contains(markup), "{address}: {markup} in\n{page}");
    }
    let turning = |at: char| matches!(at, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let turned = page.chars().position(turning);
    assert!(turned.is_none(), "{address}: what follows character {turned:?} reads backwards");
}

async fn whatever_is_said_is_text(hub: Server) {
    say_it_everywhere(&hub).await;
    let mut browser = Browser::of(&hub, "root").await;
    // What a browser calls itself stands among the sessions and in the audit.
    let agent = Ask::get("/-/me/sessions").header("user-agent", "<script>alert(1)</script>\"'><img src=x>");
    browser.ask(agent).await.is(200);
    browser
        .fill("/-/me/tokens/new", &[("name", "<i>t</i>\"'"), ("days", "30"), ("what", "all")])
        .await
        .is(200);
    let from = [
        "/",
        "/p/team/feed/Strange/1.0.0",
        "/p/team/app/strange:1",
        "/p/team/jars/org/strange/a/1",
        "/-/me/sessions",
    ];
    let pages = walk::walk(&mut browser, &from).await;
    assert!(pages.len() > 60, "{} pages", pages.len());
    assert!(pages.iter().any(|(_, page)| page.contains("alert(1)")), "it is shown");
    for (address, page) in pages {
        is_text(&address, &page);
    }
    for query in
        ["%3Cscript%3Ealert(1)%3C/script%3E", "%22%3E%3Cimg%20src=x%20onerror=alert(2)%3E", "%E2%80%AEx"]
    {
        for at in [
            "/-/search?q=",
            "/p?query=",
            "/-/members?query=",
            "/-/audit?actor=",
            "/p/team/-/participants?query=",
        ] {
            let page = text(&browser.open(&format!("{at}{query}")).await);
            is_text(at, &page.replace('\u{202e}', ""));
        }
    }
    let icon = browser.open("/p/team/files/-/download/icon.svg").await.is(200);
    assert_eq!(icon.must_have("content-disposition"), "attachment; filename*=UTF-8''icon.svg");
    assert_eq!(icon.must_have("content-security-policy"), "sandbox; default-src 'none'");
}

/// Whatever people call by themselves.
async fn say_it_everywhere(hub: &Server) {
    let root = hub.admin();
    let plain: String = HOSTILE.chars().filter(|at| *at != '\u{202e}').collect();
    let words = json!({ "title": plain.clone(), "description": plain.clone() });
    super::directory::set(hub, "/api/v1/projects/team", &words).await;
    super::directory::set(hub, "/api/v1/repositories/team/files", &json!({ "description": plain.clone() }))
        .await;
    super::directory::set(hub, "/api/v1/people/member:sue", &json!({ "title": plain.clone() })).await;
    root.send(Ask::put("/api/v1/teams/strange").json(&json!({ "title": plain.clone() }))).await.is(201);
    root.send(Ask::put("/api/v1/applications/strange").json(&json!({ "title": plain.clone() })))
        .await
        .is(201);
    let name = "%3Csvg%20onload=alert(1)%3E%22'.svg";
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    // Whether or not such a name is taken.
    root.send(Ask::put(format!("/files/p/team/public-files/{name}")).body(svg)).await;
    root.send(Ask::put("/files/p/team/files/icon.svg").body(svg)).await.is(201);
    let escaped = HOSTILE.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let extra = format!(
        "<title>{escaped}</title><description>{escaped}</description><tags>{escaped}</tags><releaseNotes>{escaped}</releaseNotes>\
         <iconUrl>https://evil.example/i.svg</iconUrl><readme>r.md</readme>"
    );
    let readme = format!(
        "# {HOSTILE}\n\n[x](javascript:alert(1)) ![{HOSTILE}](https://evil.example/x.png)\n\n    {HOSTILE}\n"
    );
    let feed = root.feed("team/feed").keyed(&hub.login("root").secret);
    feed.push(&Packed::with("Strange", "1.0.0", &extra, &[("r.md", readme.as_bytes())])).await.is(201);
    let pom = format!(
        "<project><groupId>org.strange</groupId><artifactId>a</artifactId><version>1</version><name>{escaped}</name><description>{escaped}</description>\
         <url>javascript:alert(1)</url><licenses><license><name>{escaped}</name><url>javascript:alert(1)</url></license></licenses></project>"
    );
    root.send(Ask::put("/maven/p/team/jars/org/strange/a/1/a-1.pom").body(pom)).await.is(201);
    root.docker().push("team/app/strange:1", &strange()).await.done();
    let pin = "/api/v1/repositories/team/feed/packages/Strange/versions/1.0.0/pin";
    root.send(Ask::put(pin).json(&json!({ "pinned": true, "reason": "<i>why</i>\"'" }))).await.is(200);
}

/// An image whose configuration says such things.
fn strange() -> Image {
    let said = json!(HOSTILE);
    let config = json!({
        "architecture": HOSTILE, "os": HOSTILE, "author": HOSTILE,
        "config": { "Env": [HOSTILE], "Cmd": [HOSTILE], "Labels": { HOSTILE: HOSTILE, "org.opencontainers.image.url": "javascript:alert(1)" } },
        "history": [{ "created_by": said }],
    });
    Image::configured(OCI_MANIFEST, &config, &[b"a layer"])
}

/// As much as a version can say, most of it of characters that take six bytes each in HTML.
async fn pages_stay_short_however_much_is_said(hub: Server) {
    let long = "x".repeat(200);
    say_as_much_as_can_be(&hub, &long).await;
    let mut browser = Browser::of(&hub, "root").await;
    let image = format!("/p/team/app/fat:1-{}", "x".repeat(110));
    for address in [
        image.as_str(),
        "/p/team/jars/org/fat/a/1",
        "/p/team/feed/Fat.md/1.0.0",
        "/p/team/feed/Fat.txt/1.0.0",
    ] {
        let page = browser.page(address).await;
        walk::well_formed(address, &page);
        assert!(page.len() < walk::HTML_BYTES_MAX, "{address}: {} bytes", page.len());
        let says_so =
            page.contains("is left out here") || page.contains("It is longer than what is shown here.");
        assert!(says_so && page.len() > 20_000, "{address}: it says that there is more:\n{page}");
    }
    // A list of long names goes on with fewer of them on a page, and misses none.
    for (address, all) in
        [("/p/team/app/fat", 60), (&format!("/p/team/files/{long}/{long}"), 60), ("/p/team/files", 60)]
    {
        let (mut next, mut shown, mut turns) = (Some(address.to_owned()), Vec::new(), 0);
        while let Some(at) = next {
            let page = browser.page(&at).await;
            assert!(page.len() < walk::HTML_BYTES_MAX, "{at}: {} bytes", page.len());
            let rows = page
                .split("role=\"rowheader\"")
                .skip(1)
                .filter_map(|row| row.split("href=\"").nth(1)?.split('"').next());
            shown.extend(rows.map(str::to_owned));
            next = walk::links(&page)
                .into_iter()
                .find(|link| link.contains("after=") && page.contains("rel=\"next\""));
            turns += 1;
            assert!(turns < 60, "{address} has no end");
        }
        shown.sort_unstable();
        shown.dedup();
        assert!(shown.len() >= all, "{address}: {} of {all} in {turns} pages", shown.len());
    }
}

async fn say_as_much_as_can_be(hub: &Server, long: &str) {
    let root = hub.admin();
    let quotes = |length: usize| "'".repeat(length);
    let many = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>();
    let labels: serde_json::Map<String, Value> =
        many(200, &|at| format!("label-{at}")).into_iter().map(|name| (name, json!(quotes(3000)))).collect();
    let config = json!({
        "architecture": "amd64", "os": "linux",
        "config": { "Env": many(200, &|at| format!("V{at}={}", quotes(3000))), "Labels": labels },
        "history": many(100, &|_| quotes(3000)).into_iter().map(|by| json!({ "created_by": by })).collect::<Vec<_>>(),
    });
    let fat = Image::configured(OCI_MANIFEST, &config, &[b"a layer".as_slice(); 60]);
    for tag in 0..60 {
        root.docker().push(&format!("team/app/fat:{tag}-{}", "x".repeat(110)), &fat).await.done();
    }
    let dependencies = many(250, &|at| {
        format!(
            "<dependency><groupId>org.{at}</groupId><artifactId>a</artifactId><version>{}</version></dependency>",
            quotes(500)
        )
    });
    let names =
        |what: &str| many(250, &|at| format!("<{what}><name>{}{at}</name></{what}>", quotes(500))).concat();
    let pom = format!(
        "<project><groupId>org.fat</groupId><artifactId>a</artifactId><version>1</version><description>{}</description><licenses>{}</licenses>\
         <developers>{}</developers><dependencies>{}</dependencies></project>",
        quotes(3900),
        names("license"),
        names("developer"),
        dependencies.concat()
    );
    root.send(Ask::put("/maven/p/team/jars/org/fat/a/1/a-1.pom").body(pom)).await.is(201);
    let feed = root.feed("team/feed").keyed(&hub.login("root").secret);
    for end in ["md", "txt"] {
        let extra = format!(
            "<description>{}</description><tags>{}</tags><readme>r.{end}</readme>",
            quotes(3900),
            format!("{} ", quotes(15)).repeat(250)
        );
        let readme = quotes(200_000);
        feed.push(&Packed::with(
            &format!("Fat.{end}"),
            "1.0.0",
            &extra,
            &[(&format!("r.{end}"), readme.as_bytes())],
        ))
        .await
        .is(201);
    }
    for file in 0..60 {
        root.send(Ask::put(format!("/files/p/team/files/{long}/{long}/{file}-{long}.txt")).body("x"))
            .await
            .is(201);
    }
}

/// Guessing at the form is slow, and slows nobody else who comes from there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_at_the_form_slows_the_flood() {
    let hub = Server::tuned(organisation(), |config| {
        config.auth.failures_per_claim_max = 10;
        config.auth.failures_per_claim_forgiven_secs = 3600;
    })
    .await;
    let mut guesser = Browser::of_nobody(&hub);
    let mut throttled = None;
    for turn in 0..60 {
        let answer = guesser.log_in("bob", &format!("guess {turn}")).await;
        if answer.status == 429 {
            throttled = Some(answer);
            break;
        }
        answer.is(401);
    }
    let throttled = throttled.expect("60 guesses in a row are too many");
    let secs: u64 = throttled.must_have("retry-after").parse().expect("seconds");
    let page = text(&throttled);
    assert!(secs > 0 && page.contains(&format!("Try again in {secs} seconds.")), "{page}");
    assert!(
        page.contains("value=\"bob\"") && !page.contains("guess 1"),
        "the name is kept, and no password:\n{page}"
    );
    // From the same address: other people get in while it goes on, and who is in already stays so.
    let mut pat = Browser::of(&hub, "pat").await;
    for turn in 0..20 {
        let answer = guesser.log_in("bob", &format!("another guess {turn}")).await;
        assert!(matches!(answer.status.as_u16(), 401 | 429), "{answer:?}");
        pat.page("/p/team").await;
        Browser::of_nobody(&hub).page("/-/login").await;
    }
    let mut root = Browser::of(&hub, "root").await;
    root.page("/-/members").await;
    hub.stop().await;
}

fn organisation() -> Organisation {
    super::organisation()
}
