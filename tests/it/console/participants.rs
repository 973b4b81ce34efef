//! Who takes part in a project, by form: added, changed and taken out, by who administers access there.

use serde_json::Value;

use crate::support::browser::text;
use crate::support::{Ask, Browser, Server, on_both_databases};

on_both_databases!(
    in super::super::with_a_lead;
    participants_are_listed_to_who_administers_them,
    several_are_added_at_once,
    one_is_changed_and_taken_out,
    externals_get_rights_one_by_one,
);

const LIST: &str = "/p/team/-/participants";

async fn by_api(hub: &Server, who: &str) -> Value {
    let ask = Ask::get(format!("/api/v1/projects/team/participants?who={who}"));
    hub.admin().send(ask).await.is(200).json()["items"][0].clone()
}

async fn participants_are_listed_to_who_administers_them(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    assert!(lead.page("/p/team").await.contains(&format!("href=\"{LIST}\"")), "the tab");
    let page = lead.page(LIST).await;
    assert!(page.contains("project-admin <span class=\"n\">1</span>"), "{page}");
    assert!(page.contains("automation <span class=\"n\">0</span>"), "a count of nobody stays:\n{page}");
    assert!(page.contains("team/app: read") && page.contains("participants/member%3Arita"), "{page}");
    // Since when, of everybody; who never was here is told apart from who was.
    let item = by_api(&hub, "member:alice").await;
    assert!(item["since"].is_string() && item["last_seen"].is_null(), "{item}");
    assert!(page.contains(">never</div>") && page.contains("<time datetime="), "{page}");
    let item = by_api(&hub, "member:lead").await;
    assert!(item["last_seen"].is_string(), "her session was used: {item}");
    let members = lead.page(&format!("{LIST}?role=project-member")).await;
    assert!(members.contains("member%3Aalice") && !members.contains("member%3Arita"), "{members}");
    let found = lead.page(&format!("{LIST}?query=RIT&kind=member")).await;
    assert!(found.contains("member%3Arita") && !found.contains("member%3Aalice"), "{found}");
    assert!(lead.page(&format!("{LIST}?kind=guest")).await.contains("Nobody takes part"));

    let mut pat = Browser::of(&hub, "pat").await;
    assert!(!pat.page("/p/team").await.contains(LIST), "no tab without the right");
    let mut nobody = Browser::of_nobody(&hub);
    let of_them = [
        LIST.to_owned(),
        format!("{LIST}/add"),
        format!("{LIST}/member:alice"),
        format!("{LIST}/member:alice/remove"),
    ];
    for path in &of_them {
        let page = text(&pat.open(path).await.is(403));
        assert!(!page.contains("alice") || page.contains(path.as_str()), "{page}");
        nobody.open(path).await.is(303);
    }
    lead.open(&format!("{LIST}/member:bob")).await.is(403);
    lead.open("/p/other/-/participants").await.is(403);
}

async fn several_are_added_at_once(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    let add = format!("{LIST}/add");
    let page = lead.page(&add).await;
    assert!(page.contains("value=\"member:bob\"") && !page.contains("value=\"member:alice\""), "{page}");
    let found = [("query", "carol"), ("find", "1"), ("who", "member:bob"), ("role", "viewer")];
    let page = text(&lead.fill(&add, &found).await.is(200));
    assert!(page.contains("value=\"member:bob\" checked"), "who was ticked stays:\n{page}");
    assert!(page.contains("value=\"collaborator:carol\""), "{page}");
    let both =
        [("who", "member:bob"), ("who", "collaborator:carol"), ("role", "viewer"), ("until", "2100-01-31")];
    let previewed: Vec<_> = both.iter().copied().chain([("preview", "1")]).collect();
    let page = text(&lead.fill(&add, &previewed).await.is(200));
    assert!(
        page.contains("What this will do") && page.contains("<span class=\"pill ok\">read</span>"),
        "{page}"
    );
    assert!(by_api(&hub, "member:bob").await.is_null(), "looking does nothing");

    let wrong = [("who", "member:bob"), ("who", "member:none"), ("role", "viewer")];
    let page = text(&lead.fill(&add, &wrong).await.is(400));
    assert!(page.contains("role=\"alert\"") && page.contains("member:none"), "{page}");
    assert!(by_api(&hub, "member:bob").await.is_null(), "all of them or nobody");
    lead.fill(&add, &[("role", "viewer")]).await.is(400);
    lead.fill(&add, &[("who", "member:bob"), ("role", "none")]).await.is(400);
    lead.fill(&add, &[("who", "member:bob"), ("role", "viewer"), ("until", "soon")]).await.is(400);

    let added = lead.fill(&add, &both).await.is(303);
    assert_eq!(added.must_have("location"), "/p/team/-/participants?done=participants");
    let bob = &by_api(&hub, "member:bob").await["direct"][0];
    assert_eq!((&bob["role"], &bob["expires"]), (&"viewer".into(), &"2100-01-31T00:00:00.000Z".into()));
    assert_eq!(by_api(&hub, "collaborator:carol").await["direct"][0]["role"], "collaborator");

    let mut pat = Browser::of(&hub, "pat").await;
    let token = super::token_of(&pat.page("/").await);
    pat.send(&add, &[("form", &token), ("who", "member:sue"), ("role", "viewer")]).await.is(403);
    assert_eq!(by_api(&hub, "member:sue").await["direct"].as_array().map(Vec::len), Some(1));
}

async fn one_is_changed_and_taken_out(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    let sue = format!("{LIST}/member:sue");
    let page = lead.page(&sue).await;
    assert!(page.contains("value=\"project-member\" checked"), "{page}");
    let roles = [("what", "roles"), ("role", "viewer"), ("role", "automation")];
    let saved = lead.fill(&sue, &roles).await.is(303);
    assert_eq!(saved.must_have("location"), "/p/team/-/participants/member%3Asue?done=saved");
    let roles = by_api(&hub, "member:sue").await["direct"].as_array().map(Vec::len);
    assert_eq!(roles, Some(2));

    // What others changed since the form was opened is shown and kept.
    let page = lead.page(&sue).await;
    let fields = crate::support::browser::hidden(&page);
    let by_others = serde_json::json!({ "roles": ["writer"] });
    hub.admin()
        .send(Ask::put("/api/v1/projects/team/participants/member:sue").json(&by_others))
        .await
        .is(200);
    let mut sent: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sent.push(("role", "viewer"));
    let page = text(&lead.send(&sue, &sent).await.is(400));
    assert!(page.contains("Now: writer") && page.contains("value=\"viewer\" checked"), "{page}");

    let page = lead.page(&format!("{sue}/remove")).await;
    assert!(page.contains("<span class=\"pill bad\">writer</span>"), "{page}");
    lead.fill(&format!("{sue}/remove"), &[]).await.is(303);
    assert!(by_api(&hub, "member:sue").await.is_null());
    lead.open(&sue).await.is(403);
}

async fn externals_get_rights_one_by_one(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    lead.fill(&format!("{LIST}/add"), &[("who", "collaborator:carol"), ("role", "viewer")]).await.is(303);
    let carol = format!("{LIST}/collaborator:carol");
    let page = lead.page(&carol).await;
    assert!(page.contains("name=\"on-0\"") && !page.contains("value=\"access-manage\""), "{page}");
    let own = [("what", "own"), ("on-0", "team/app"), ("right-0", "publish"), ("until-0", "2100-01-31")];
    lead.fill(&carol, &own).await.is(303);
    let page = lead.page(&carol).await;
    assert!(page.contains("name=\"right-0\" value=\"publish\" checked"), "{page}");
    let granted = by_api(&hub, "collaborator:carol").await;
    let granted = granted["direct"].as_array().expect("grants").iter().find(|one| one["on"] == "team/app");
    assert_eq!(granted.expect("hers")["permissions"][0], "publish");
    lead.fill(&carol, &[("what", "own"), ("on-0", "team/app")]).await.is(303);
    assert_eq!(by_api(&hub, "collaborator:carol").await["direct"].as_array().map(Vec::len), Some(1));
}
