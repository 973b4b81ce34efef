//! Audit, organisation, operations, publishers and oneself: what is shown to whom, what each form does, and what is refused.

use super::directory::{forced, set, token};
use crate::support::browser::{hidden, text};
use crate::support::{Ask, Browser, Server, on_both_databases};

on_both_databases!(
    in crate::console::organisation;
    pages_of_administrators_are_theirs,
    the_audit_is_filtered_and_told_in_full,
    the_audit_is_saved_as_it_is_filtered,
    the_organisation_is_set_unless_somebody_was_faster,
    issuers_and_publishers_are_made_and_deleted,
    an_issuer_is_changed_and_keeps_its_keys,
    a_publisher_is_changed_unless_somebody_was_faster,
    jobs_are_started_and_taken_back,
    one_changes_what_is_ones_own,
);

/// Makes an issuer `forge`, and a publisher `release` of `team` that it vouches for.
pub(super) async fn forge(hub: &Server) {
    let issuer = serde_json::json!({ "url": "https://forge.example.org", "kind": "gitlab" });
    hub.admin().send(Ask::put("/api/v1/organisation/issuers/forge").json(&issuer)).await.is(201);
    let publisher = serde_json::json!({
        "issuer": "forge", "claims": { "project_path": "crew/ship" }, "permissions": ["publish"],
    });
    hub.admin().send(Ask::put("/api/v1/projects/team/publishers/release").json(&publisher)).await.is(201);
    let provider = serde_json::json!({
        "issuer": "https://login.example.org", "client_id": "hub", "client_secret": "a secret of the client",
    });
    hub.admin().send(Ask::put("/api/v1/organisation/login-providers/corp").json(&provider)).await.is(201);
}

const PAGES: [&str; 8] = [
    "/-/audit",
    "/-/operations",
    "/-/organisation",
    "/-/new-issuer",
    "/p/team/-/audit",
    "/p/team/files/-/audit",
    "/p/team/-/publishers",
    "/p/team/-/new-publisher",
];

async fn pages_of_administrators_are_theirs(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let mut bob = Browser::of(&hub, "bob").await;
    let mut nobody = Browser::of_nobody(&hub);
    let home = root.page("/").await;
    for path in ["/-/audit", "/-/operations", "/-/organisation", "/-/me"] {
        assert!(home.contains(&format!("href=\"{path}\"")), "{path} is in no menu:\n{home}");
    }
    let home = bob.page("/").await;
    for path in PAGES {
        root.page(path).await;
        let refused = text(&bob.open(path).await.is(403));
        assert!(!refused.contains("alice"), "{refused}");
        assert!(!home.contains(&format!("href=\"{path}\"")), "{path} is offered to bob");
        nobody.open(path).await.is(303);
    }
    assert_eq!(forced(&mut bob, "/-/organisation", &[("name", "theirs")]).await, 403);
    assert_eq!(forced(&mut bob, "/-/operations", &[("start", "audit-verify")]).await, 403);
    assert_eq!(forced(&mut bob, "/-/new-issuer", &[("name", "x")]).await, 403);
    assert_eq!(forced(&mut bob, "/p/team/-/new-publisher", &[("name", "x")]).await, 403);
    // What was refused is told, and what is asked for a page is not.
    let refused = "/api/v1/organisation/audit?actor=member:root&outcome=refused";
    let events = hub.admin().send(Ask::get(refused)).await.is(200).json();
    assert_eq!(events["items"].as_array().map(Vec::len), Some(0), "{events}");
}

async fn the_audit_is_filtered_and_told_in_full(hub: Server) {
    set(&hub, "/api/v1/projects/team", &serde_json::json!({ "title": "A <i>new</i> title" })).await;
    let mut root = Browser::of(&hub, "root").await;
    for path in ["/-/audit", "/p/team/-/audit"] {
        let page = root.page(&format!("{path}?class=admin&action=project.update&outcome=done")).await;
        assert!(
            page.contains("project.update") && page.contains("A &#60;i&#62;new&#60;/i&#62; title"),
            "{page}"
        );
        assert!(!page.contains("<i>new</i>"), "{page}");
        let id = page.split("?id=").nth(1).and_then(|rest| rest.split('"').next()).expect("an event");
        let alone = root.page(&format!("{path}?id={id}")).await;
        assert!(alone.contains("<details class=\"more\" open>"), "{alone}");
        assert!(!root.page(&format!("{path}?action=no.such")).await.contains("project.update"));
        assert!(!root.page(&format!("{path}?until=2001-01-01")).await.contains("project.update"));
        assert!(root.page(&format!("{path}?class=admin&since=2001-01-01")).await.contains("project.update"));
        let wrong = text(&root.open(&format!("{path}?since=yesterday")).await.is(400));
        assert!(wrong.contains("role=\"alert\""), "{wrong}");
    }
    let mut pat = Browser::of(&hub, "pat").await;
    pat.fill("/-/me", &[("do", "title"), ("title", "Pat")]).await.is(303);
    let own = pat.page("/-/me/audit").await;
    assert!(own.contains("principal.update") && !own.contains("member:root"), "{own}");
    // A list goes on.
    for turn in 0..30 {
        set(&hub, "/api/v1/projects/team", &serde_json::json!({ "title": format!("title {turn}") })).await;
    }
    let page = root.page("/p/team/-/audit?action=project.update").await;
    assert!(page.len() < 60_000, "{} bytes", page.len());
    let next = page.split("rel=\"next\"").next().and_then(|rest| rest.rsplit("href=\"").next());
    let next = next.and_then(|rest| rest.split('"').next()).expect("a next page");
    let next = root.page(&next.replace("&#38;", "&").replace("&amp;", "&")).await;
    assert!(next.contains("project.update"), "{next}");
}

async fn the_audit_is_saved_as_it_is_filtered(hub: Server) {
    for turn in 0..3 {
        set(&hub, "/api/v1/projects/team", &serde_json::json!({ "title": format!("=cmd, {turn}") })).await;
    }
    let mut root = Browser::of(&hub, "root").await;
    let page = root.page("/p/team/-/audit?action=project.update").await;
    let link = "href=\"/p/team/-/audit?action=project.update&#38;as=csv\"";
    assert!(page.contains(link) || page.contains(&link.replace("&#38;", "&amp;")), "{page}");
    let file = root.open("/p/team/-/audit?action=project.update&as=csv").await.is(200);
    assert_eq!(file.must_have("content-disposition"), "attachment; filename=\"audit-team.csv\"");
    assert_eq!(file.must_have("cache-control"), "no-store");
    let table = text(&file);
    assert!(
        table.starts_with("id,at,class,action,") && table.matches("project.update").count() == 3,
        "{table}"
    );
    let lines = text(&root.open("/-/audit?as=jsonl&class=admin").await.is(200));
    let events: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    assert!(events.len() > 3 && events.iter().all(|event| event["class"] == "admin"), "{lines}");
    // What is wrong with the filters is told, and nobody gets what the page would not show.
    let wrong = text(&root.open("/p/team/-/audit?since=yesterday&as=csv").await.is(400));
    assert!(wrong.contains("role=\"alert\""), "{wrong}");
    let mut bob = Browser::of(&hub, "bob").await;
    bob.open("/p/team/-/audit?as=csv").await.is(403);
    let own = text(&bob.open("/-/me/audit?as=jsonl").await.is(200));
    assert!(!own.contains("project.update"), "{own}");
    Browser::of_nobody(&hub).open("/-/audit?as=jsonl").await.is(303);
}

async fn the_organisation_is_set_unless_somebody_was_faster(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let page = root.page("/-/organisation").await;
    let hidden = hidden(&page);
    let field = |name: &str| hidden.iter().find(|(key, _)| key == name).expect("hidden").1.clone();
    let there = hub.admin().send(Ask::get("/api/v1/organisation")).await.is(200).json();
    let name = there["name"].as_str().expect("a name");
    let all = |title: &'static str| {
        [
            ("name", name),
            ("title", title),
            ("aliases", "harbour\nport"),
            ("new_projects", "internal"),
            ("password_log_in", "yes"),
            ("strict_user_names", "yes"),
            ("password_chars_min", "14"),
            ("token_days_max", ""),
            ("idle_secs", "3600"),
            ("total_secs", "86400"),
            ("admin_days", "400"),
            ("transfer_days", "30"),
            ("denial_days", "20"),
        ]
    };
    let saved = root.fill("/-/organisation", &all("The harbour")).await.is(303);
    assert_eq!(saved.must_have("location"), "/-/organisation?done=saved");
    let shown = hub.admin().send(Ask::get("/api/v1/organisation")).await.is(200).json();
    assert_eq!(shown["title"], "The harbour");
    assert_eq!(shown["aliases"], serde_json::json!(["harbour", "port"]));
    assert_eq!((&shown["new_projects"], &shown["password_on_packages"]), (&"internal".into(), &false.into()));
    assert_eq!((&shown["session"]["idle_secs"], &shown["audit"]["denial_days"]), (&3600.into(), &20.into()));
    assert!(root.page("/-/organisation").await.contains("The harbour"));

    let (form, etag) = (field("form"), field("etag"));
    let mut fields = vec![("form", &*form), ("etag", &*etag)];
    fields.extend(all("The quay"));
    let clash = text(&root.send("/-/organisation", &fields).await.is(400));
    assert!(clash.contains("value=\"The quay\"") && clash.contains("The harbour"), "{clash}");
    let mut fields = all("The quay");
    fields[6].1 = "4";
    let wrong = text(&root.fill("/-/organisation", &fields).await.is(400));
    assert!(wrong.contains("value=\"4\"") && wrong.contains("role=\"alert\""), "{wrong}");
}

async fn issuers_and_publishers_are_made_and_deleted(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let fields =
        [("name", "forge"), ("kind", "gitlab"), ("url", "https://forge.example.org"), ("audiences", "wharf")];
    let wrong = text(
        &root.fill("/-/new-issuer", &[("name", "forge"), ("kind", "gitlab"), ("url", "x")]).await.is(400),
    );
    assert!(wrong.contains("value=\"forge\"") && wrong.contains("role=\"alert\""), "{wrong}");
    let made = root.fill("/-/new-issuer", &fields).await;
    if made.status.as_u16() != 303 {
        panic!("{}", text(&made));
    }
    assert_eq!(made.must_have("location"), "/-/organisation/issuers/forge?done=made");
    assert!(root.page("/-/organisation").await.contains("/-/organisation/issuers/forge"));
    root.page("/-/organisation/issuers/forge").await;

    let fields = [("name", "release"), ("issuer", "forge"), ("claims", "project_path"), ("right", "publish")];
    let wrong = text(&root.fill("/p/team/-/new-publisher", &fields).await.is(400));
    assert!(wrong.contains("project_path"), "what was typed stays:\n{wrong}");
    let fields = [
        ("name", "release"),
        ("issuer", "forge"),
        ("claims", "project_path=crew/ship\nref=main"),
        ("on", "team/files"),
        ("right", "publish"),
        ("minutes", "10"),
    ];
    let made = root.fill("/p/team/-/new-publisher", &fields).await.is(303);
    assert_eq!(made.must_have("location"), "/p/team/-/publishers/release?done=made");
    let shown = hub.admin().send(Ask::get("/api/v1/projects/team/publishers/release")).await.is(200).json();
    assert_eq!((&shown["claims"]["ref"], &shown["on"][0]), (&"main".into(), &"team/files".into()));
    assert!(root.page("/p/team/-/publishers").await.contains("project_path=crew/ship"));
    let tried = text(
        &root
            .fill("/p/team/-/publishers/release", &[("do", "try"), ("token", "no.token.atall")])
            .await
            .is(200),
    );
    assert!(tried.contains("It would not be taken.") && !tried.contains("no.token.atall"), "{tried}");
    let mut bob = Browser::of(&hub, "bob").await;
    bob.open("/p/team/-/publishers/release").await.is(403);
    assert_eq!(forced(&mut bob, "/p/team/-/publishers/release/delete", &[]).await, 403);

    let kept = root.page("/-/organisation/issuers/forge/delete").await;
    assert!(kept.contains("Publishers that name it: 1.") && !kept.contains("btn bad"), "{kept}");
    root.fill("/p/team/-/publishers/release/delete", &[]).await.is(303);
    hub.admin().send(Ask::get("/api/v1/projects/team/publishers/release")).await.is(404);
    root.fill("/-/organisation/issuers/forge/delete", &[]).await.is(303);
    hub.admin().send(Ask::get("/api/v1/organisation/issuers/forge")).await.is(404);
}

async fn an_issuer_is_changed_and_keeps_its_keys(hub: Server) {
    forge(&hub).await;
    let path = "/-/organisation/issuers/forge";
    let of_api = "/api/v1/organisation/issuers/forge";
    let keys = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"one","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;
    let mut root = Browser::of(&hub, "root").await;
    let page = root.page(path).await;
    assert!(page.contains("value=\"https://forge.example.org\"") && page.contains("Publishers: 1"), "{page}");
    assert!(page.contains("stay while publishers name it") && !page.contains("name=\"fetch\""), "{page}");
    let url = ("url", "https://forge.example.org");
    let all = [("do", "save"), ("kind", "gitlab"), url, ("audiences", "wharf\nquay"), ("jwks", keys)];
    let saved = root.fill(path, &all).await.is(303);
    assert_eq!(saved.must_have("location"), "/-/organisation/issuers/forge?done=saved");
    let there = hub.admin().send(Ask::get(of_api)).await.is(200).json();
    assert_eq!((&there["audiences"][0], &there["jwks"]["keys"][0]["kid"]), (&"quay".into(), &"one".into()));

    // Keys that are given stay unless others are, or it is said that they go.
    let page = root.page(path).await;
    assert!(page.contains("name=\"fetch\"") && page.contains(">quay\nwharf</textarea>"), "{page}");
    let less = [("do", "save"), ("kind", "gitlab"), url, ("audiences", "wharf")];
    root.fill(path, &less).await.is(303);
    let there = hub.admin().send(Ask::get(of_api)).await.is(200).json();
    assert_eq!((&there["audiences"][1], &there["jwks"]["keys"][0]["kid"]), (&().into(), &"one".into()));
    let more = [&less[..], &[("fetch", "yes")]].concat();
    root.fill(path, &more).await.is(303);
    assert!(hub.admin().send(Ask::get(of_api)).await.is(200).json()["jwks"].is_null());

    let old = hidden(&root.page(path).await);
    let fields: Vec<(&str, &str)> = old.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    root.fill(path, &[&less[..3], &[("audiences", "pier")]].concat()).await.is(303);
    let clash = text(&root.send(path, &[&fields[..], &less[..]].concat()).await.is(400));
    assert!(clash.contains(">wharf</textarea>") && clash.contains("forge.example.org · pier"), "{clash}");
    let elsewhere = [("do", "save"), ("kind", "gitlab"), ("url", "https://other.example.org")];
    let refused = text(&root.fill(path, &elsewhere).await.is(400));
    assert!(refused.contains("value=\"https://other.example.org\""), "what was typed stays:\n{refused}");
    let mut bob = Browser::of(&hub, "bob").await;
    assert_eq!(forced(&mut bob, path, &less).await, 403);
}

async fn a_publisher_is_changed_unless_somebody_was_faster(hub: Server) {
    forge(&hub).await;
    let path = "/p/team/-/publishers/release";
    let of_api = "/api/v1/projects/team/publishers/release";
    let mut root = Browser::of(&hub, "root").await;
    let page = root.page(path).await;
    assert!(page.contains(">project_path=crew/ship</textarea>") && page.contains("value=\"15\""), "{page}");
    let all = [
        ("do", "save"),
        ("issuer", "forge"),
        ("claims", "project_path=crew/ship\nref=v*"),
        ("on", "team/files"),
        ("right", "publish"),
        ("right", "read"),
        ("minutes", "30"),
    ];
    let saved = root.fill(path, &all).await.is(303);
    assert_eq!(saved.must_have("location"), "/p/team/-/publishers/release?done=saved");
    let there = hub.admin().send(Ask::get(of_api)).await.is(200).json();
    assert_eq!((&there["claims"]["ref"], &there["on"]), (&"v*".into(), &serde_json::json!(["team/files"])));
    assert_eq!((&there["minutes"], &there["application"]), (&30.into(), &"ci-team-release".into()));
    assert_eq!(there["permissions"], serde_json::json!(["read", "publish"]));
    let page = root.page(path).await;
    assert!(page.contains(">team/files</textarea>") && page.contains("value=\"30\""), "{page}");

    let old = hidden(&page);
    let fields: Vec<(&str, &str)> = old.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let five = [&all[..6], &[("minutes", "5")]].concat();
    root.fill(path, &five).await.is(303);
    let clash = text(&root.send(path, &[&fields[..], &all[..]].concat()).await.is(400));
    assert!(clash.contains("value=\"30\"") && clash.contains("ref=v*"), "{clash}");
    let wrong =
        text(&root.fill(path, &[("issuer", "forge"), ("claims", "ref"), ("right", "read")]).await.is(400));
    assert!(wrong.contains(">ref</textarea>") && wrong.contains("role=\"alert\""), "{wrong}");

    // Where its last place is gone, an empty field does not mean all of the project.
    hub.admin().send(Ask::delete("/api/v1/repositories/team/files?confirm=team/files")).await.is(200);
    let nowhere = root.page(path).await;
    assert!(nowhere.contains("name=\"nowhere\""), "{nowhere}");
    let empty = [&all[..3], &[("right", "read"), ("minutes", "5")]].concat();
    root.fill(path, &empty).await.is(400);
    root.fill(path, &[&empty[..], &[("on", "team")]].concat()).await.is(303);
    let there = hub.admin().send(Ask::get(of_api)).await.is(200).json();
    assert_eq!(there["on"], serde_json::json!(["team"]));
    let mut bob = Browser::of(&hub, "bob").await;
    assert_eq!(forced(&mut bob, path, &all).await, 403);
}

async fn jobs_are_started_and_taken_back(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let page = root.page("/-/operations").await;
    assert!(page.contains("Nothing was asked for.") && page.contains("this one"), "{page}");
    root.fill("/-/operations", &[("start", "audit-verify")]).await.is(303);
    let jobs = hub.admin().send(Ask::get("/api/v1/jobs")).await.is(200).json();
    let id = jobs["items"][0]["id"].as_str().expect("a job");
    let page = root.page("/-/operations?done=started").await;
    assert!(page.contains("Verify the audit") && page.contains("member:root"), "{page}");
    // Whether or not it ended meanwhile, what has ended stays as it is.
    root.fill("/-/operations", &[("cancel", id)]).await.is(303);
    root.fill("/-/operations", &[("start", "no-such")]).await.is(400);
}

async fn one_changes_what_is_ones_own(hub: Server) {
    let mut bob = Browser::of(&hub, "bob").await;
    let page = bob.page("/-/me").await;
    assert!(page.contains("member:bob"), "{page}");
    bob.fill("/-/me", &[("do", "title"), ("title", "Bob the <builder>")]).await.is(303);
    let page = bob.page("/-/me?done=saved").await;
    assert!(page.contains("Bob the &#60;builder&#62;"), "{page}");
    let fields = [("do", "password"), ("current", "not this one"), ("new", "the lamps of bob here")];
    let wrong = text(&bob.fill("/-/me", &fields).await.is(400));
    assert!(
        wrong.contains("The present password is another one.") && !wrong.contains("the lamps"),
        "{wrong}"
    );
    let fields = [("do", "password"), ("current", "the lanterns of bob"), ("new", "short")];
    assert!(text(&bob.fill("/-/me", &fields).await.is(400)).contains("role=\"alert\""));
    let fields = [("do", "password"), ("current", "the lanterns of bob"), ("new", "the lamps of bob here")];
    let done = bob.fill("/-/me", &fields).await.is(303);
    assert_eq!(done.must_have("location"), "/-/login?done=password");
    bob.open("/-/me").await.is(303);
    bob.log_in("bob", "the lanterns of bob").await.is(401);
    bob.log_in("bob", "the lamps of bob here").await.is(303);
    assert!(!token(&mut bob).await.is_empty());
    Browser::of_nobody(&hub).open("/-/me").await.is(303);
}
