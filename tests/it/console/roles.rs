//! Roles of a project, by form: what a change would do, saved with what others did meanwhile, reset and deleted.

use serde_json::{Value, json};

use crate::support::browser::{hidden, text};
use crate::support::{Ask, Browser, Server, on_both_databases};

on_both_databases!(
    in super::super::with_a_lead;
    cells_are_saved_with_who_gains_and_loses,
    what_others_changed_meanwhile_is_told,
    roles_are_made_reset_and_deleted,
);

const ROLES: &str = "/p/team/-/roles";

async fn holds(hub: &Server, role: &str) -> Value {
    let ask = Ask::get(format!("/api/v1/projects/team/roles/{role}"));
    hub.admin().send(ask).await.is(200).json()["permissions"].clone()
}

/// What the form of a page sends as it stands, but for these cells of a role.
fn fields(page: &str, role: &str, cells: &[&str]) -> Vec<(String, String)> {
    let checked = page.split("name=\"cell\" value=\"").skip(1).filter_map(|input| {
        let (value, rest) = input.split_once('"')?;
        let is_checked = rest.split('>').next()?.contains(" checked");
        (is_checked && !value.starts_with(&format!("{role}:"))).then(|| ("cell".to_owned(), value.to_owned()))
    });
    let of_role = cells.iter().map(|right| ("cell".to_owned(), format!("{role}:{right}")));
    hidden(page).into_iter().chain(checked).chain(of_role).collect()
}

async fn send(
    browser: &mut Browser,
    fields: &[(String, String)],
    more: &[(&str, &str)],
    status: u16,
) -> String {
    let all = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all: Vec<(&str, &str)> = all.chain(more.iter().copied()).collect();
    text(&browser.send(ROLES, &all).await.is(status))
}

async fn cells_are_saved_with_who_gains_and_loses(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let page = root.page(ROLES).await;
    assert!(page.contains("one by one") && page.contains("cannot be given"), "{page}");
    let wanted = fields(&page, "project-member", &["read", "publish"]);
    let previewed = send(&mut root, &wanted, &[("preview", "1")], 200).await;
    assert!(
        previewed.contains("project-member − overwrite") && previewed.contains("class=\"chg\""),
        "{previewed}"
    );
    assert!(
        previewed.contains("alice") && previewed.contains("<span class=\"pill bad\">overwrite</span>"),
        "{previewed}"
    );
    assert!(holds(&hub, "project-member").await.as_array().is_some_and(|held| held.len() > 2));
    send(&mut root, &wanted, &[], 303).await;
    assert_eq!(holds(&hub, "project-member").await, json!(["read", "publish"]));
    assert_eq!(holds(&hub, "automation").await, json!(["read", "publish", "overwrite"]), "others stay");
    let same = fields(&root.page(ROLES).await, "project-member", &["read", "publish"]);
    let nothing = send(&mut root, &same, &[], 400).await;
    assert!(nothing.contains("Nothing is changed."), "{nothing}");

    // Beyond what the form offers the operation refuses.
    let mut lead = Browser::of(&hub, "lead").await;
    let page = lead.page(ROLES).await;
    assert!(page.contains("disabled title=\"you do not have it\""), "{page}");
    let beyond = fields(&page, "automation", &["read", "audit-view"]);
    let refused = send(&mut lead, &beyond, &[], 400).await;
    assert!(refused.contains("role=\"alert\""), "{refused}");
    assert_eq!(holds(&hub, "automation").await, json!(["read", "publish", "overwrite"]));
    let mut pat = Browser::of(&hub, "pat").await;
    pat.open(ROLES).await.is(403);
    let token = super::token_of(&pat.page("/").await);
    let forged = [("form", token.as_str()), ("was", "read=automation"), ("cell", "automation:publish")];
    pat.send(ROLES, &forged).await.is(403);
    Browser::of_nobody(&hub).open(ROLES).await.is(303);
}

async fn what_others_changed_meanwhile_is_told(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    let wanted = fields(&lead.page(ROLES).await, "automation", &["read"]);
    let by_others = json!({ "permissions": ["read", "publish"] });
    hub.admin().send(Ask::put("/api/v1/projects/team/roles/automation").json(&by_others)).await.is(200);
    let page = send(&mut lead, &wanted, &[], 400).await;
    assert!(page.contains("automation holds now: read, publish"), "{page}");
    assert_eq!(holds(&hub, "automation").await, json!(["read", "publish"]));
    // The page that says so is made of what is there now: sent again, it holds.
    let again = fields(&page, "automation", &["read"]);
    send(&mut lead, &again, &[], 303).await;
    assert_eq!(holds(&hub, "automation").await, json!(["read"]));
}

async fn roles_are_made_reset_and_deleted(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    let new = format!("{ROLES}/new");
    lead.fill(&new, &[("name", "captain"), ("right", "publish")]).await.is(303);
    assert_eq!(holds(&hub, "captain").await, json!(["publish"]));
    assert!(lead.page(ROLES).await.contains("comes along"), "read comes with publish");
    let again = text(&lead.fill(&new, &[("name", "captain"), ("right", "read")]).await.is(400));
    assert!(again.contains("value=\"captain\""), "what was typed stays:\n{again}");
    let participant = json!({ "roles": ["captain"] });
    hub.admin()
        .send(Ask::put("/api/v1/projects/team/participants/member:bob").json(&participant))
        .await
        .is(200);
    let captain = format!("{ROLES}/captain");
    let refused = text(&lead.fill(&captain, &[("what", "delete")]).await.is(400));
    assert!(refused.contains("role=\"alert\""), "{refused}");
    lead.fill(&captain, &[("what", "delete"), ("with_grants", "1")]).await.is(303);
    lead.open(&captain).await.is(403);

    let automation = format!("{ROLES}/automation");
    assert!(lead.page(&automation).await.contains("It is as the template says."));
    let less = json!({ "permissions": ["read"] });
    hub.admin().send(Ask::put("/api/v1/projects/team/roles/automation").json(&less)).await.is(200);
    assert!(lead.page(&automation).await.contains("It would hold: <code>read, publish, overwrite</code>"));
    lead.fill(&automation, &[("what", "reset")]).await.is(303);
    assert_eq!(holds(&hub, "automation").await, json!(["read", "publish", "overwrite"]));
}
