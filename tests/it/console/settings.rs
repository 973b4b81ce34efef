//! Settings of projects and repositories by form, and deleting them.

use serde_json::{Value, json};

use crate::support::browser::{hidden, text};
use crate::support::{Ask, Browser, Server, on_both_databases};

on_both_databases!(
    in super::super::with_a_lead;
    a_project_is_set_and_deleted,
    a_repository_is_set_and_deleted,
    grants_on_a_repository_are_given_and_taken,
);

async fn by_api(hub: &Server, path: &str) -> Value {
    hub.admin().send(Ask::get(format!("/api/v1/{path}"))).await.is(200).json()
}

async fn a_project_is_set_and_deleted(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    let settings = "/p/team/-/settings";
    let fields = [("title", "The <i>team</i>"), ("description", "one\r\ntwo"), ("access", "internal")];
    lead.fill(settings, &fields).await.is(303);
    let project = by_api(&hub, "projects/team").await;
    assert_eq!(
        (&project["title"], &project["description"], &project["access"]),
        (&"The <i>team</i>".into(), &"one\ntwo".into(), &"internal".into())
    );
    let page = lead.page(settings).await;
    assert!(page.contains("value=\"The &#60;i&#62;team&#60;/i&#62;\""), "{page}");

    // Others were faster: it says so, keeps what was typed, and takes it when it is sent again.
    let opened = hidden(&page);
    let patch = Ask::patch("/api/v1/projects/team").merge(&json!({ "title": "Theirs" }));
    hub.admin().send(patch).await.is(200);
    let mine = |fields: &[(String, String)]| -> Vec<(String, String)> {
        let mut fields = fields.to_vec();
        fields.extend([("title".to_owned(), "Mine".to_owned()), ("access".to_owned(), "closed".to_owned())]);
        fields
    };
    let send = async |lead: &mut Browser, fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        lead.send(settings, &fields).await
    };
    let page = text(&send(&mut lead, mine(&opened)).await.is(400));
    assert!(page.contains("Now: Theirs") && page.contains("value=\"Mine\""), "{page}");
    assert_eq!(by_api(&hub, "projects/team").await["title"], "Theirs");
    send(&mut lead, mine(&hidden(&page))).await.is(303);
    assert_eq!(by_api(&hub, "projects/team").await["title"], "Mine");

    for path in [settings, "/p/team/-/delete"] {
        Browser::of(&hub, "pat").await.open(path).await.is(403);
        Browser::of_nobody(&hub).open(path).await.is(303);
    }
    let page = lead.page("/p/team/-/delete").await;
    assert!(page.contains("repositories, with every package in them"), "{page}");
    let wrong = text(&lead.fill("/p/team/-/delete", &[("confirm", "teams")]).await.is(400));
    assert!(wrong.contains("role=\"alert\""), "{wrong}");
    by_api(&hub, "projects/team").await;
    let gone = lead.fill("/p/team/-/delete", &[("confirm", "team")]).await.is(303);
    assert_eq!(gone.must_have("location"), "/p?done=project-gone");
    hub.admin().send(Ask::get("/api/v1/projects/team")).await.is(403);
}

async fn a_repository_is_set_and_deleted(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    let settings = "/p/team/app/-/settings";
    let page = lead.page(settings).await;
    assert!(page.contains("Whether an index may name manifests that are not here."), "{page}");
    let policy = [
        ("policy-delete_by_digest", "only-if-one-tag"),
        ("policy-immutable_tags", "v*\r\n\r\n release-* \r\n"),
        ("description", "Services"),
    ];
    let with = |visibility: &'static str, more: &[(&'static str, &'static str)]| {
        let visibility = [("visibility", visibility)];
        policy.iter().chain(&visibility).chain(more).copied().collect::<Vec<_>>()
    };
    lead.fill(settings, &with("private", &[])).await.is(303);
    let repository = by_api(&hub, "repositories/team/app").await;
    assert_eq!(
        (&repository["description"], &repository["policy"]),
        (
            &"Services".into(),
            &json!({
                "delete_by_digest": "only-if-one-tag",
                "immutable_tags": ["v*", "release-*"],
                "sparse_indexes": false,
            })
        )
    );
    // Public only with the box that says what it means.
    let unsure = text(&lead.fill(settings, &with("public", &[])).await.is(400));
    assert!(unsure.contains("tick that anybody may pull") && unsure.contains("release-*"), "{unsure}");
    assert_eq!(by_api(&hub, "repositories/team/app").await["visibility"], "private");
    lead.fill(settings, &with("public", &[("sure", "1")])).await.is(303);
    assert_eq!(by_api(&hub, "repositories/team/app").await["visibility"], "public");
    let wrong = [("policy-delete_by_digest", "never"), ("visibility", "public")];
    let wrong = text(&lead.fill(settings, &wrong).await.is(400));
    assert!(wrong.contains("delete_by_digest"), "{wrong}");

    let mut pat = Browser::of(&hub, "pat").await;
    for part in ["settings", "delete", "access"] {
        pat.open(&format!("/p/team/app/-/{part}")).await.is(403);
        Browser::of_nobody(&hub).open(&format!("/p/team/jars/-/{part}")).await.is(303);
    }
    let wrong = text(&lead.fill("/p/team/app/-/delete", &[("confirm", "app")]).await.is(400));
    assert!(wrong.contains("role=\"alert\""), "{wrong}");
    let gone = lead.fill("/p/team/app/-/delete", &[("confirm", "team/app")]).await.is(303);
    assert_eq!(gone.must_have("location"), "/p/team?done=repository-gone");
    hub.admin().send(Ask::get("/api/v1/repositories/team/app")).await.is(403);
}

async fn grants_on_a_repository_are_given_and_taken(hub: Server) {
    let mut lead = Browser::of(&hub, "lead").await;
    let access = "/p/team/app/-/access";
    let page = lead.page(access).await;
    assert!(page.contains("rita") && page.contains("<option value=\"member:bob\">"), "{page}");
    let writer = [("to", "member:bob"), ("role", "writer"), ("until", "2100-01-31")];
    let previewed: Vec<_> = writer.iter().copied().chain([("preview", "1")]).collect();
    let page = text(&lead.fill(access, &previewed).await.is(200));
    assert!(
        page.contains("<span class=\"pill ok\">publish</span>") && page.contains("value=\"member:bob\""),
        "{page}"
    );
    lead.fill(access, &writer).await.is(303);
    lead.fill(access, &[("to", "application:robot"), ("role", ""), ("right", "read")]).await.is(303);
    let grants = by_api(&hub, "repositories/team/app/grants").await;
    let of = |who: &str| {
        let all = grants["items"].as_array().expect("grants").iter();
        all.filter(|grant| grant["to"] == who).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of("member:bob")[0]["role"], "writer");
    assert_eq!(of("application:robot")[0]["permissions"], json!(["read"]));
    let wrong = text(&lead.fill(access, &[("to", "nobody"), ("role", "viewer")]).await.is(400));
    assert!(wrong.contains("value=\"nobody\"") && wrong.contains("role=\"alert\""), "{wrong}");
    lead.fill(access, &[("take", "writer/member:bob")]).await.is(303);
    lead.fill(access, &[("take", "/application:robot")]).await.is(303);
    let left = by_api(&hub, "repositories/team/app/grants").await.to_string();
    assert!(!left.contains("member:bob") && !left.contains("robot"), "{left}");
    assert!(lead.page("/p/team/open/-/access").await.contains("set under Settings"), "what anybody may");
}
