//! Answers about access: one question, everything somebody may, everybody who may.

use crate::support::browser::text;
use crate::support::{Ask, Browser, Server, on_both_databases};

on_both_databases!(
    in super::super::with_a_lead;
    a_question_is_answered_with_what_decides,
    rights_are_listed_by_somebody_and_by_place,
    a_grant_is_tried_before_it_is_given,
);

async fn a_question_is_answered_with_what_decides(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    assert!(lead.page("/").await.contains("href=\"/-/access\""), "a part of the console");
    assert!(!lead.page("/-/access").await.contains("class=\"verdict"), "nothing was asked");
    let yes = lead.page("/-/access?who=member:alice&right=publish&node=team/app").await;
    assert!(yes.contains("class=\"verdict\"") && yes.contains("project-member"), "{yes}");
    let line = "wharfinger explain --may publish --on team/app --who member:alice";
    assert!(yes.contains(line), "{yes}");
    let no = lead.page("/-/access?who=member:rita&right=publish&node=team/app").await;
    assert!(
        no.contains("class=\"verdict no\"") && no.contains("wharfinger grant put --to member:rita"),
        "{no}"
    );
    let unknown = text(&lead.open("/-/access?who=member:none&right=read&node=team").await.is(400));
    assert!(unknown.contains("role=\"alert\"") && unknown.contains("value=\"member:none\""), "{unknown}");
    lead.open("/-/access?who=alice&right=read&node=team").await.is(400);

    // About others only who administers access there; a place one may not know is as one that is not there.
    let mut bob = Browser::of(&hub, "bob").await;
    bob.open("/-/access?who=member:alice&right=read&node=team").await.is(403);
    let known = bob.page("/-/access?right=read&node=other").await.replace("other", "none");
    let absent = bob.page("/-/access?right=read&node=none").await.replace("other", "none");
    let answer = |page: &str| page.split("class=\"verdict").nth(1).map(str::to_owned);
    assert_eq!(answer(&known), answer(&absent));
    Browser::of_nobody(&hub).open("/-/access").await.is(303);
}

async fn rights_are_listed_by_somebody_and_by_place(hub: Server) {
    let mut root = Browser::of(&hub, "root").await;
    let of = root.page("/-/access/of/member:alice").await;
    assert!(of.contains("<span class=\"tag\">other</span>") && of.contains("project-member · team"), "{of}");
    let to = root.page("/-/access/to/team/app").await;
    assert!(to.contains("Anybody, without logging in") && to.contains("rita"), "{to}");
    assert!(!root.page("/-/access/to/team/app?may=publish").await.contains(">rita"), "she may read only");
    root.page("/-/access/to?node=/").await;
    let asked = root.open("/-/access/to?node=team/app&may=read").await.is(303);
    assert_eq!(asked.must_have("location"), "/-/access/to/team/app?may=read");
    let asked = root.open("/-/access/of?who=member:alice&on=team").await.is(303);
    assert_eq!(asked.must_have("location"), "/-/access/of/member%3Aalice?on=team");

    let mut lead = Browser::of(&hub, "lead").await;
    let here = lead.page("/-/access/of/member:alice?on=team").await;
    assert!(here.contains("<span class=\"tag\">team</span>") && !here.contains("other"), "{here}");
    let told = text(&lead.open("/-/access/of/member:alice").await.is(400));
    assert!(told.contains("names a project whose access they manage") && !told.contains("other"), "{told}");
    lead.page("/-/access/to/team").await;
    lead.open("/-/access/to/other").await.is(403);
    let mut bob = Browser::of(&hub, "bob").await;
    bob.page("/-/access/of/member:bob").await;
    bob.open("/-/access/of/member:alice?on=team").await.is(403);
    bob.open("/-/access/to/team/open").await.is(403);
    for path in ["/-/access/of", "/-/access/to"] {
        bob.page(path).await;
        Browser::of_nobody(&hub).open(path).await.is(303);
    }
}

async fn a_grant_is_tried_before_it_is_given(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    let mut root = Browser::of(&hub, "root").await;
    assert!(!lead.page("/-/access/what-if").await.contains("wharfinger grant put"), "nothing was asked");
    let asked = "/-/access/what-if?to=member:bob&node=team/app&role=viewer";
    let told = root.page(asked).await;
    assert!(told.contains("<span class=\"pill ok\">read</span>") && told.contains(">bob"), "{told}");
    assert!(told.contains("wharfinger grant put --to member:bob --on team/app --role viewer"), "{told}");
    // Who administers the project is told the same, with an end or without.
    for role in ["viewer", "writer"] {
        let told = lead.page(&format!("/-/access/what-if?to=member:bob&node=team/app&role={role}")).await;
        assert!(told.contains("<span class=\"pill ok\">read</span>") && !told.contains("denied"), "{told}");
    }
    let rights = root.page("/-/access/what-if?to=member:bob&node=team/app&right=read&right=publish").await;
    assert!(
        rights.contains("--permissions read,publish")
            || rights.contains("--permissions &#39;read,publish&#39;"),
        "{rights}"
    );
    // Who administers for a time gives for no longer, and is told so; with an end in that time they may.
    let soon = domain::time::show_millis(domain::Timestamp::from_millis(domain::time::DAY_MILLIS * 30_000));
    let grant = serde_json::json!({ "roles": ["project-admin"], "expires": soon });
    hub.admin().send(Ask::put("/api/v1/projects/team/participants/member:lead").json(&grant)).await.is(200);
    let ended = "/-/access/what-if?to=member:bob&node=team/app&role=viewer&until=";
    let forever = lead.page(ended).await;
    assert!(
        forever.contains("for so long") && !forever.contains("<span class=\"pill ok\">read"),
        "{forever}"
    );
    let until = lead.page(&format!("{ended}2040-01-01")).await;
    assert!(
        until.contains("<span class=\"pill ok\">read</span>") && until.contains("value=\"2040-01-01\""),
        "{until}"
    );
    assert!(until.contains("--role viewer --expires 2040-01-01T00:00:00.000Z"), "{until}");
    // Nothing was given.
    assert!(!lead.page("/-/access/to/team/app").await.contains(">bob"));
    let wrong = text(&root.open("/-/access/what-if?to=member:none&node=team/app&role=viewer").await.is(400));
    assert!(wrong.contains("role=\"alert\"") && wrong.contains("value=\"member:none\""), "{wrong}");
    // Who may not give it is told so, and nothing of who has what.
    let mut bob = Browser::of(&hub, "bob").await;
    let refused = text(&bob.open("/-/access/what-if?to=member:bob&node=team/app&role=viewer").await);
    assert!(!refused.contains("<span class=\"pill ok\">") && !refused.contains(">alice"), "{refused}");
    Browser::of_nobody(&hub).open("/-/access/what-if").await.is(303);
    // It is offered where people are.
    assert!(root.page("/-/members/member:bob").await.contains("/-/access/what-if?to=member%3Abob"));
    assert!(
        lead.page("/p/team/-/participants/member:alice")
            .await
            .contains("/-/access/of/member%3Aalice?on=team")
    );
}
