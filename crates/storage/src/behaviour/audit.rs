use domain::{AccessManage, AuditView, Limit, Permission, Permissions, RepositorySettings, Visibility};
use serde_json::Value;

use super::{access::people, stories, whatever};
use crate::testing::{Bench, Place};
use crate::{AuditClass, AuditEvent, AuditFilter, AuditPage, GrantedSpec, audit_chain};

stories! {
    every_event_says_what_was_and_what_is
    administrative_events_are_chained
    what_is_only_tried_is_no_event
    a_project_shows_its_own_events_and_no_others
}

const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn parsed(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| serde_json::from_str(text).expect("a document"))
}

async fn last(bench: &Bench) -> AuditEvent {
    bench.opened.directory.audit_events().await.pop().expect("an event")
}

async fn every_event_says_what_was_and_what_is(place: Place) {
    let bench = Bench::with(place, people()).await;
    let root = bench.facts().await.principals[0].id.get();
    let directory = &bench.opened.directory;
    for event in bench.opened.directory.audit_events().await {
        let content = &event.content;
        assert!(content.before.is_some() || content.after.is_some(), "{event:?}");
        assert_ne!(content.before, content.after, "{event:?}");
        assert_eq!((event.class, event.place.node.is_some()), (AuditClass::Admin, true));
    }
    let settings = bench.by::<RepositorySettings>(root, "alpha/images");
    directory.set_visibility(&settings, Visibility::Public).await.expect("opens");
    let opened = last(&bench).await;
    assert_eq!((&*opened.action, opened.place.path.as_deref()), ("repository.public", Some("alpha/images")));
    assert_eq!(
        parsed(opened.content.after.as_deref()),
        serde_json::json!({"permissions": ["read"], "expires": null})
    );
    assert!(opened.place.project.is_some(), "{opened:?}");

    let may = bench.on_project::<AccessManage>(root, "alpha");
    let read = |some: &[Permission]| GrantedSpec::Permissions(Permissions::of(some));
    let given = [Permission::Read, Permission::Publish];
    directory.put_grant(&may, "team:releasers", read(&given[..1]), None).await.expect("grants");
    directory.put_grant(&may, "team:releasers", read(&given), None).await.expect("changes");
    let changed = last(&bench).await.content;
    assert_eq!(parsed(changed.before.as_deref()), serde_json::json!({"permissions": ["read"]}));
    assert_eq!(parsed(changed.after.as_deref()), serde_json::json!({"permissions": ["read", "publish"]}));
    let removed = directory.delete_grant(&may, "team:releasers", None).await;
    assert!(removed.expect("takes away").changed);
    let gone = last(&bench).await;
    assert_eq!((&*gone.action, gone.content.after), ("grant.delete", None));
}

async fn administrative_events_are_chained(place: Place) {
    let bench = Bench::with(place, people()).await;
    let events = bench.opened.directory.audit_events().await;
    let mut chain = NOTHING.to_owned();
    for (sequence, event) in (1..).zip(&events) {
        assert_eq!(event.sequence, Some(sequence), "{event:?}");
        chain = audit_chain(&chain, &event.document()).expect("a chain");
        assert_eq!(event.chain.as_deref(), Some(&*chain), "{event:?}");
    }
    assert!(!events.is_empty());
    let head =
        bench.opened.directory.audit_head(&bench.on_organisation(bench.actor())).await.expect("has a head");
    assert_eq!((head.sequence, &*head.chain), (events.len() as u64, &*chain));
}

async fn what_is_only_tried_is_no_event(place: Place) {
    let bench = Bench::with(place, people()).await;
    let before =
        bench.opened.directory.audit_head(&bench.on_organisation(bench.actor())).await.expect("has a head");
    let rehearsing = bench.opened.directory.rehearsing();
    let may = bench.on_organisation(bench.actor());
    let tried = rehearsing.remove_team(&may, "releasers", whatever()).await.expect("tries");
    assert!(tried.rehearsed && tried.changed);
    assert_eq!(
        bench.opened.directory.audit_head(&bench.on_organisation(bench.actor())).await.expect("has a head"),
        before
    );
}

async fn a_project_shows_its_own_events_and_no_others(place: Place) {
    let bench = Bench::with(place, people()).await;
    let (root, directory) = (bench.actor(), &bench.opened.directory);
    let page = |after, oldest_first, rows| AuditPage { after, oldest_first, limit: Limit::capped(rows) };
    let all = bench.opened.directory.audit_events().await;
    let everywhere = bench.on_organisation::<AuditView>(root);
    let listed = directory.audit(&everywhere, AuditFilter::default(), page(None, true, 1000)).await;
    assert_eq!(listed.expect("lists"), all);
    let in_alpha = bench.on_project::<AuditView>(root, "alpha");
    let inside =
        directory.audit(&in_alpha, AuditFilter::default(), page(None, false, 1000)).await.expect("lists");
    assert!(inside.iter().any(|event| event.place.path.as_deref() == Some("alpha/images")), "{inside:?}");
    for event in &inside {
        let path = event.place.path.as_deref().unwrap_or_default();
        assert!(path == "alpha" || path.starts_with("alpha/"), "{event:?}");
    }
    assert!(inside.is_sorted_by(|newer, older| newer.id > older.id));
    let mut walked = Vec::new();
    while let Some(next) = directory
        .audit(
            &in_alpha,
            AuditFilter::default(),
            page(walked.last().map(|last: &AuditEvent| last.id), false, 1),
        )
        .await
        .expect("lists")
        .pop()
    {
        walked.push(next);
    }
    assert_eq!(walked, inside);
    let made = AuditFilter { action: Some("repository.create".into()), ..AuditFilter::default() };
    let made = directory.audit(&in_alpha, made, page(None, false, 1000)).await.expect("lists");
    assert!(!made.is_empty() && made.iter().all(|event| &*event.action == "repository.create"));
    let nobody = AuditFilter { actor: Some("member:nobody".into()), ..AuditFilter::default() };
    assert_eq!(directory.audit(&everywhere, nobody, page(None, false, 1000)).await.expect("lists"), []);
}
