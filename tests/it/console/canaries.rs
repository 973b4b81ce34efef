//! What a page never says: in a project that nobody takes part in, and in the organisation around it, each name and each text is one that
//! stands nowhere else; whoever may not know it walks through everything that links lead to, and asks for it by every page of the list,
//! by search, by completion and by forms that are refused.

use serde_json::json;

use super::walk;
use crate::support::browser::text;
use crate::support::image::sha256;
use crate::support::nuget::Packed;
use crate::support::{Ask, Browser, Organisation, Server, image, on_both_databases};

on_both_databases!(in crate::console::canaries::organisation; nobody_is_told_what_they_may_not_know);

/// What every canary begins with.
const MARK: &str = "qz";
/// What only they know who may see into the project.
const INSIDE: [&str; 16] = [
    "qzproject",
    "qztitle",
    "qzabout",
    "qzfiles",
    "qzdescribed",
    "qzfolder",
    "qzversion",
    "qzfeed",
    "qzpackage",
    "qzreadme",
    "qzimages",
    "qztag",
    "qzpublisher",
    "qzhook",
    "qzreason",
    "qzcrew",
];
/// What only they know who may see the directory, or administer the organisation.
const DIRECTORY: [&str; 11] = [
    "qzperson",
    "qzname",
    "qzmail",
    "qzteam",
    "qzgroup",
    "qzapplication",
    "qztoken",
    "qzissuer",
    "qzorganisationhook",
    "qzrole",
    "qzaddress",
];
/// Of these, what somebody learns who may add participants to a project: who there is, by name, and what vouches for machines.
const CANDIDATES: [&str; 6] = ["qzperson", "qzname", "qzteam", "qzgroup", "qzapplication", "qzissuer"];
/// Of these, what stands in no page of anybody's yet, but for the audit.
const UNSEEN: [&str; 3] = ["qzhook", "qzorganisationhook", "qzrole"];
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CONTENT: &str = "qzcontent of a file that nobody reads";

fn organisation() -> Organisation {
    super::with_a_lead()
        .password("rita", "the lanterns of rita")
        .may("member:rita", "read", "team/files")
        .repository("qzproject/qzfiles", "files", "private", "")
        .repository("qzproject/qzfeed", "nuget", "private", "")
        .repository("qzproject/qzimages", "oci", "private", "")
        .project_role("qzproject", "qzcrew", "read publish")
        .member("qzperson")
        .token("qzperson", "qztoken", &[])
        .role("member:qzperson", "project-admin", "qzproject")
}

/// Fills the project and what is around it.
async fn fill(hub: &Server) {
    let root = hub.admin();
    let made = [
        Ask::put("/api/v1/teams/qzteam").json(&json!({ "title": "Qzgroup qzgroup", "members": ["member:qzperson"] })),
        Ask::put("/api/v1/applications/qzapplication").json(&json!({ "requested": ["read"], "authorised": ["qzproject"] })),
        Ask::put("/api/v1/organisation/issuers/qzissuer").json(&json!({ "url": "https://qzaddress.example.org", "kind": "gitlab" })),
        Ask::put("/api/v1/projects/qzproject/publishers/qzpublisher").json(
            &json!({ "issuer": "qzissuer", "claims": { "project_path": "crew/ship" }, "permissions": ["publish"] }),
        ),
        Ask::put("/api/v1/organisation/roles/qzrole").json(&json!({ "permissions": ["read"] })),
        Ask::put("/files/p/qzproject/qzfiles/qzfolder/qzversion.txt").body(CONTENT),
        Ask::put("/files/p/team/files/dir/tool.txt").body("tool"),
    ];
    for ask in made {
        root.send(ask).await.is(201);
    }
    for (path, name) in [
        ("/api/v1/organisation/webhooks/qzorganisationhook", "all"),
        ("/api/v1/projects/qzproject/webhooks/qzhook", "one"),
    ] {
        let url = format!("https://hooks.example.org/{name}");
        let hook = json!({ "url": url, "events": ["package.published"], "secret": SECRET });
        root.send(Ask::put(path).json(&hook)).await.is(201);
    }
    for (path, fields) in [
        ("/api/v1/projects/qzproject", json!({ "title": "qztitle", "description": "qzabout" })),
        ("/api/v1/repositories/qzproject/qzfiles", json!({ "description": "qzdescribed" })),
        ("/api/v1/people/member:qzperson", json!({ "title": "qzname", "emails": ["qzmail@example.org"] })),
    ] {
        super::directory::set(hub, path, &fields).await;
    }
    let feed = root.feed("qzproject/qzfeed").keyed(&hub.login("root").secret);
    let extra = "<description>qzdescribed</description><readme>r.md</readme>";
    feed.push(&Packed::with("Qzpackage", "1.0.0", extra, &[("r.md", b"qzreadme")])).await.is(201);
    root.docker().push("qzproject/qzimages/web:qztag", &image("hello")).await.done();
    let pin = "/api/v1/repositories/qzproject/qzfeed/packages/Qzpackage/versions/1.0.0/pin";
    root.send(Ask::put(pin).json(&json!({ "pinned": true, "reason": "qzreason" }))).await.is(200);
}

/// What a page says that it must not, but for what its address said before.
fn told<'c>(address: &str, page: &str, canaries: &[&'c str]) -> Vec<&'c str> {
    let (address, page) = (address.to_lowercase(), page.to_lowercase());
    canaries.iter().copied().filter(|canary| page.contains(canary) && !address.contains(canary)).collect()
}

async fn nobody_is_told_what_they_may_not_know(hub: Server) {
    fill(&hub).await;
    let mut root = Browser::of(&hub, "root").await;
    let shown: String =
        walk::walk(&mut root, &["/"]).await.into_iter().map(|(_, page)| page.to_lowercase()).collect();
    let mut hidden: Vec<&str> = [&INSIDE[..], &DIRECTORY].concat();
    hidden.retain(|canary| !shown.contains(canary) && !UNSEEN.contains(canary));
    assert!(
        hidden.is_empty(),
        "who administers everything finds {hidden:?} nowhere: they would be missed nowhere"
    );
    let digest = sha256(CONTENT.as_bytes()).replace("sha256:", "");
    for who in ["", "bob", "rita", "lead"] {
        let mut browser =
            if who.is_empty() { Browser::of_nobody(&hub) } else { Browser::of(&hub, who).await };
        let mut canaries: Vec<&str> = [&INSIDE[..], &DIRECTORY, &[digest.as_str()]].concat();
        for (address, page) in walk::walk(&mut browser, &["/", "/-/search"]).await {
            let found = told(&address, &page, &canaries);
            let may = who == "lead" && address.starts_with("/p/team/");
            let found: Vec<_> = found.iter().filter(|one| !(may && CANDIDATES.contains(one))).collect();
            assert!(found.is_empty(), "{who}: {address} says {found:?}:\n{page}");
        }
        if who == "lead" {
            canaries.retain(|canary| !CANDIDATES.contains(canary));
        }
        // What one asked for oneself, and was refused, one's own audit has from then on: it was looked at before.
        for address in asked_for(&digest).iter().filter(|address| !address.starts_with("/-/me/audit")) {
            let answer = browser.open(address).await;
            assert!(answer.status.as_u16() < 500, "{who}: {address}: {answer:?}");
            let (page, moved) = (text(&answer), answer.header("location").unwrap_or_default());
            let found = told(address, &format!("{page}{moved}"), &canaries);
            assert!(found.is_empty(), "{who}: {address} says {found:?}:\n{page}");
            if page.starts_with("<!doctype") {
                walk::well_formed(address, &page);
            }
        }
        if !who.is_empty() {
            refused(&mut browser, who, &canaries).await;
        }
    }
}

/// Every page of the list with names of the hidden project, everything that can be searched and completed, and what stands beside.
fn asked_for(digest: &str) -> Vec<String> {
    let pages = frontend::pages().into_iter().map(|(pattern, _)| pattern);
    let mut asked: Vec<String> =
        pages.filter(|path| !matches!(*path, "/-/logout" | "/-/look")).map(named).collect();
    for begin in
        ["q", MARK, "qzp", "qzpr", "qzpa", "qzv", "qzt", "qzfi", "qzfe", "qzre", digest, "1.0.0", "web", "%"]
    {
        asked.extend([
            format!("/-/search?q={begin}"),
            format!("/-/search?q={begin}&format=nuget"),
            format!("/-/search?q={begin}&project=qzproject"),
            format!("/p?query={begin}"),
            format!("/-/members?query={begin}"),
            format!("/-/teams?query={begin}"),
            format!("/-/applications?query={begin}"),
            format!("/p/team/-/participants?query={begin}"),
            format!("/p/team/-/participants/add?find={begin}"),
            format!("/-/access?who=member:{begin}&right=read&node=team/files"),
        ]);
    }
    asked.extend(
        [
            "/-/search?q=sha256:",
            "/-/access?right=read&node=qzproject/qzfiles",
            "/-/access?who=member:qzperson&right=read&node=qzproject",
            "/-/access/of?who=member:qzperson",
            "/-/access/of/member:qzperson?on=team",
            "/-/access/to?node=qzproject",
            "/-/audit?object=qzproject",
            "/-/me/audit?object=qzproject",
            "/p/team/-/audit?actor=member:qzperson",
            "/p/qzproject?after=qzfeed",
            "/p?after=qz",
            "/?after=qz",
            "/p/team/-/roles?after=a",
            "/p/team/files/-/access?after=a",
            "/p/team/-/participants?after=a",
        ]
        .map(str::to_owned),
    );
    asked.push(format!("/-/search?q=sha256:{digest}"));
    asked
}

/// A page of the list about what is hidden.
fn named(pattern: &str) -> String {
    let part = |part: &str| {
        match part {
            "{project}" => "qzproject",
            "{repository}" => "qzfeed",
            "{person}" | "{who}" => "member:qzperson",
            "{team}" => "qzteam",
            "{application}" => "qzapplication",
            "{issuer}" => "qzissuer",
            "{publisher}" => "qzpublisher",
            "{*below}" => "Qzpackage/1.0.0",
            "{role}" => "qzcrew",
            "{*node}" => "qzproject/qzfeed",
            other if other.starts_with('{') => "qz",
            other => other,
        }
        .to_owned()
    };
    pattern.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Forms about what is hidden, of somebody who may not: what they are told says no more than they did.
async fn refused(browser: &mut Browser, who: &str, canaries: &[&str]) {
    let token = super::directory::token(browser).await;
    let forms: [(&str, &[(&str, &str)]); 9] = [
        ("/p/qzproject/-/settings", &[("title", "x")]),
        ("/p/qzproject/-/participants/add", &[("who", "member:bob"), ("role", "project-member")]),
        ("/p/qzproject/qzfeed/-/delete", &[("name", "x")]),
        ("/p/team/-/participants/add", &[("who", "member:qz"), ("role", "project-member"), ("find", "qz")]),
        ("/p/team/files/-/access", &[("to", "team:qz"), ("role", "viewer")]),
        (
            "/-/me/tokens/new",
            &[("name", "x"), ("days", "30"), ("what", "some"), ("node", "qzproject/qz"), ("right", "read")],
        ),
        ("/-/new-team", &[("name", "qzteam")]),
        ("/-/new-member", &[("name", "qzperson")]),
        ("/-/new-project", &[("key", "qzproject")]),
    ];
    for (path, fields) in forms {
        let fields: Vec<(&str, &str)> =
            [("form", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        let answer = browser.send(path, &fields).await;
        let said = fields.iter().map(|(_, value)| *value).collect::<Vec<_>>().join(" ");
        let found = told(&format!("{path} {said}"), &text(&answer), canaries);
        assert!(answer.status.as_u16() < 500 && found.is_empty(), "{who}: {path} says {found:?}: {answer:?}");
    }
}
