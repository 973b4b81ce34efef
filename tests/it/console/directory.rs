//! Members, teams and applications by form: what is shown to whom, what each form does, and what is refused.

use super::organisation;
use crate::support::browser::{hidden, text};
use crate::support::{Ask, Browser, Organisation, Server, on_both_databases};

on_both_databases!(
    in crate::console::directory::directory;
    the_directory_is_for_who_may_see_it,
    people_are_made_invited_suspended_and_deleted,
    the_last_administrator_stays,
    a_clash_shows_what_was_typed,
    teams_are_filled_and_deleted,
    applications_have_tokens_and_are_authorised,
);

/// The same, with somebody who sees the directory and changes nothing in it.
pub(super) fn directory() -> Organisation {
    organisation().may("member:pat", "directory-view", "/")
}

/// Addresses of what is listed, and of one of each.
const PAGES: [&str; 6] = [
    "/-/members",
    "/-/members/member:sue",
    "/-/teams",
    "/-/teams/org-admins",
    "/-/applications",
    "/-/applications/robot",
];
/// Addresses of forms that make or delete.
const FORMS: [&str; 7] = [
    "/-/new-member",
    "/-/members/member:sue/delete",
    "/-/new-team",
    "/-/teams/org-admins/delete",
    "/-/new-application",
    "/-/applications/robot/new-token",
    "/-/applications/robot/delete",
];

/// Changes fields of something by API, as somebody else would.
pub(super) async fn set(hub: &Server, path: &str, fields: &serde_json::Value) {
    hub.admin().send(Ask::patch(path).merge(fields)).await.is(200);
}

/// What every form of somebody is sent with.
pub(super) async fn token(browser: &mut Browser) -> String {
    let page = browser.page("/").await;
    hidden(&page).into_iter().find(|(name, _)| name == "form").expect("a token").1
}

/// Sends a form of a page, as somebody who may not have been offered it.
pub(super) async fn forced(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> u16 {
    let token = token(browser).await;
    let all: Vec<(&str, &str)> = [("form", &*token)].into_iter().chain(fields.iter().copied()).collect();
    browser.send(path, &all).await.status.as_u16()
}

async fn the_directory_is_for_who_may_see_it(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let mut pat = Browser::of(&hub, "pat").await;
    let mut bob = Browser::of(&hub, "bob").await;
    let mut nobody = Browser::of_nobody(&hub);
    for path in PAGES {
        root.page(path).await;
        let seen = pat.page(path).await;
        for act in ["name=\"do\"", "name=\"remove\"", "name=\"revoke\"", "/delete\"", "/new-"] {
            assert!(!seen.contains(act), "{path} offers {act}:\n{seen}");
        }
        let refused = text(&bob.open(path).await.is(403)).replace(path, "");
        assert!(!refused.contains("sue") && !refused.contains("robot"), "{refused}");
        nobody.open(path).await.is(303);
    }
    for path in FORMS {
        root.page(path).await;
        for browser in [&mut pat, &mut bob] {
            browser.open(path).await.is(403);
        }
        nobody.open(path).await.is(303);
    }
    let list = pat.page("/-/members").await;
    assert!(list.contains("/-/members/member:sue"), "{list}");
    let found = root.page("/-/members?query=su&kind=member&suspended=false").await;
    assert!(found.contains("member:sue") && !found.contains("member:bob"), "{found}");
    // Oneself is no secret.
    let own = bob.page("/-/members/member:bob").await;
    assert!(own.contains("member:bob") && !own.contains("name=\"do\""), "{own}");
    assert!(!bob.page("/").await.contains("/-/members"), "the menu has nothing that one may not see");
    assert_eq!(forced(&mut pat, "/-/new-member", &[("kind", "member"), ("name", "eve")]).await, 403);
    assert_eq!(forced(&mut pat, "/-/members/member:sue", &[("do", "suspend")]).await, 403);
    assert_eq!(forced(&mut pat, "/-/teams/org-admins", &[("add", "member:pat")]).await, 403);
    assert_eq!(forced(&mut pat, "/-/applications/robot", &[("do", "suspend")]).await, 403);
    assert_eq!(forced(&mut pat, "/-/members/member:sue/delete", &[("confirm", "member:sue")]).await, 403);
    hub.admin().send(Ask::get("/api/v1/people/member%3Asue")).await.is(200);
}

async fn people_are_made_invited_suspended_and_deleted(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let fields = [("kind", "collaborator"), ("name", "eve"), ("emails", "eve@example.org\n")];
    let made = root.fill("/-/new-member", &fields).await.is(303);
    assert_eq!(made.must_have("location"), "/-/members/collaborator:eve?done=made");
    root.page("/-/members/collaborator:eve?done=made").await;
    let again = text(&root.fill("/-/new-member", &fields).await.is(400));
    assert!(again.contains("value=\"eve\"") && again.contains("role=\"alert\""), "{again}");
    let wrong = text(&root.fill("/-/new-member", &[("kind", "member"), ("name", "a:b")]).await.is(400));
    assert!(wrong.contains("value=\"a:b\""), "{wrong}");

    let page = "/-/members/collaborator:eve";
    let shown = text(&root.fill(page, &[("do", "invite")]).await.is(200));
    let code = shown.split("whfi_").nth(1).expect("a code");
    let code: String = code.chars().take_while(char::is_ascii_alphanumeric).collect();
    assert!(shown.contains("/-/invitation"), "{shown}");
    assert!(!root.page(page).await.contains(&code), "a code is shown once");
    let mut eve = Browser::of_nobody(&hub);
    let fields = [("code", &*format!("whfi_{code}")), ("new", "the lanterns of eve")];
    eve.fill("/-/invitation", &fields).await.is(303);
    eve.log_in("eve@example.org", "the lanterns of eve").await.is(303);
    eve.page("/-/me/tokens").await;

    root.fill(page, &[("do", "log-out")]).await.is(303);
    eve.open("/-/me/tokens").await.is(303);
    eve.log_in("eve", "the lanterns of eve").await.is(303);
    root.fill(page, &[("do", "suspend")]).await.is(303);
    eve.open("/-/me/tokens").await.is(303);
    assert!(root.page(page).await.contains("value=\"resume\""));
    root.fill(page, &[("do", "resume")]).await.is(303);
    let shown = text(&root.fill(page, &[("do", "reset")]).await.is(200));
    assert!(shown.contains("whfi_"), "{shown}");
    let waiting = root.page(page).await;
    let id = waiting.split("name=\"withdraw\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    root.fill(page, &[("withdraw", id.expect("a code that waits"))]).await.is(303);
    assert!(!root.page(page).await.contains("name=\"withdraw\""));

    let tokens = root.page("/-/members/member:alice").await;
    let id = tokens.split("name=\"revoke\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    root.fill("/-/members/member:alice", &[("revoke", id.expect("a token"))]).await.is(303);

    let delete = format!("{page}/delete");
    let refused = text(&root.fill(&delete, &[("confirm", "eve")]).await.is(400));
    assert!(refused.contains("role=\"alert\""), "{refused}");
    let gone = root.fill(&delete, &[("confirm", "collaborator:eve")]).await.is(303);
    assert_eq!(gone.must_have("location"), "/-/members?done=deleted");
    hub.admin().send(Ask::get("/api/v1/people/collaborator%3Aeve")).await.is(404);
}

async fn the_last_administrator_stays(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let page = root.page("/-/members/member:root").await;
    assert!(page.contains("last active administrator"), "{page}");
    assert!(!page.contains("value=\"suspend\"") && !page.contains("member:root/delete"), "{page}");
    let asked = root.page("/-/members/member:root/delete").await;
    assert!(!asked.contains("name=\"confirm\""), "{asked}");
    let sent = root.fill("/-/members/member:root", &[("do", "suspend")]).await.is(400);
    assert!(text(&sent).contains("role=\"alert\""));
    root.fill("/-/teams/org-admins", &[("add", "member:sue")]).await.is(303);
    let page = root.page("/-/members/member:root").await;
    assert!(page.contains("value=\"suspend\""), "{page}");
}

async fn a_clash_shows_what_was_typed(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let page = "/-/members/member:sue";
    let hidden = hidden(&root.page(page).await);
    let field = |name: &str| hidden.iter().find(|(key, _)| key == name).expect("hidden").1.clone();
    set(&hub, "/api/v1/people/member%3Asue", &serde_json::json!({ "title": "Sue of theirs" })).await;
    let (form, etag) = (field("form"), field("etag"));
    let fields = [("form", &*form), ("etag", &*etag), ("title", "Sue of ours"), ("do", "save")];
    let clash = text(&root.send(page, &fields).await.is(400));
    assert!(clash.contains("Sue of ours") && clash.contains("Now there: Sue of theirs"), "{clash}");
    let saved = root.fill(page, &[("title", "Sue of ours"), ("do", "save")]).await.is(303);
    assert_eq!(saved.must_have("location"), "/-/members/member:sue?done=saved");
    let shown = hub.admin().send(Ask::get("/api/v1/people/member%3Asue")).await.is(200).json();
    assert_eq!(shown["title"], "Sue of ours");
}

async fn teams_are_filled_and_deleted(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let made = root.fill("/-/new-team", &[("name", "crew"), ("title", "The crew")]).await.is(303);
    assert_eq!(made.must_have("location"), "/-/teams/crew?done=made");
    root.fill("/-/new-team", &[("name", "night watch")]).await.is(303);
    let found = root.page("/-/teams/crew?find=su").await;
    assert!(found.contains("name=\"add\" value=\"member:sue\""), "{found}");
    root.fill("/-/teams/crew", &[("add", "member:sue")]).await.is(303);
    root.fill("/-/teams/night%20watch", &[("add", "team:crew")]).await.is(303);
    let watch = root.page("/-/teams/night%20watch").await;
    assert!(watch.contains("team:crew") && watch.contains("through a team in it"), "{watch}");
    let circle = text(&root.fill("/-/teams/crew", &[("add", "team:night watch")]).await.is(400));
    assert!(circle.contains("role=\"alert\""), "{circle}");
    root.fill("/-/teams/crew", &[("remove", "member:sue")]).await.is(303);
    root.fill("/-/teams/crew", &[("title", "Crew"), ("do", "save")]).await.is(303);
    let crew = hub.admin().send(Ask::get("/api/v1/teams/crew")).await.is(200).json();
    assert_eq!((&crew["title"], crew["members"].as_array().map(Vec::len)), (&"Crew".into(), Some(0)));
    root.fill("/-/teams/crew/delete", &[("confirm", "crow")]).await.is(400);
    root.fill("/-/teams/crew/delete", &[("confirm", "crew")]).await.is(303);
    hub.admin().send(Ask::get("/api/v1/teams/crew")).await.is(404);
}

async fn applications_have_tokens_and_are_authorised(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let fields = [("name", "ferry"), ("rights", "requests"), ("right", "read"), ("right", "publish")];
    root.fill("/-/new-application", &fields).await.is(303);
    let page = root.page("/-/applications/ferry").await;
    let shown = hub.admin().send(Ask::get("/api/v1/applications/ferry")).await.is(200).json();
    let client_id = shown["client_id"].as_str().expect("an id");
    assert!(page.contains(client_id) && page.contains("No project authorised it yet"), "{page}");
    assert_eq!(shown["requested"], serde_json::json!(["read", "publish"]));
    let fields = [("do", "authorise"), ("project", "no-such")];
    let wrong = text(&root.fill("/-/applications/ferry", &fields).await.is(400));
    assert!(wrong.contains("value=\"no-such\"") && wrong.contains("role=\"alert\""), "{wrong}");
    root.fill("/-/applications/ferry", &[("do", "authorise"), ("project", "team")]).await.is(303);

    let fields = [("name", "night"), ("days", "30"), ("what", "all")];
    let answer = root.fill("/-/applications/ferry/new-token", &fields).await.is(200);
    let secret = secret(&text(&answer));
    let ferry = hub.claiming(client_id, &secret);
    ferry.send(Ask::get("/v2/p/team/app/web/tags/list")).await.is(404);
    let id = secret.get(5..13).expect("an id");
    let rotated = text(&root.fill("/-/applications/ferry", &[("rotate", id)]).await.is(200));
    let next = self::secret(&rotated);
    hub.claiming(client_id, &next).send(Ask::get("/v2/p/team/app/web/tags/list")).await.is(404);
    root.fill("/-/applications/ferry", &[("revoke", id)]).await.is(303);
    ferry.send(Ask::get("/v2/p/team/app/web/tags/list")).await.is(401);
    root.fill("/-/applications/ferry", &[("withdraw", "team")]).await.is(303);
    hub.claiming(client_id, &next).send(Ask::get("/v2/p/team/app/web/tags/list")).await.is(403);
    root.fill("/-/applications/ferry", &[("do", "suspend")]).await.is(303);
    root.fill("/-/applications/ferry", &[("do", "resume")]).await.is(303);
    root.fill("/-/applications/ferry", &[("do", "save"), ("rights", "granted"), ("title", "F")])
        .await
        .is(303);
    let shown = hub.admin().send(Ask::get("/api/v1/applications/ferry")).await.is(200).json();
    assert_eq!((&shown["title"], shown["requested"].is_null()), (&"F".into(), true));
    root.fill("/-/applications/ferry/delete", &[("confirm", "ferry")]).await.is(303);
    hub.admin().send(Ask::get("/api/v1/applications/ferry")).await.is(404);
}

/// The secret of an application that a page shows.
fn secret(page: &str) -> String {
    let rest = page.split("whfa_").nth(1).expect("a secret");
    let body: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    format!("whfa_{body}")
}
