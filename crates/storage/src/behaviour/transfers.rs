//! Log-ins, refusals and transfers on their way to the audit.

use std::sync::Arc;

use domain::{AuditView, Delete, Limit, Origin, PolicyVersion, PrincipalId, RequestId, WrittenNode};

use super::{access::people, manifest, push, sha256, stories, tag};
use crate::testing::{Bench, Place, system};
use crate::{
    AuditClass, AuditCounts, AuditEvent, AuditFilter, AuditNote, AuditOutcome, AuditPage, ExpiryCursor,
    NotedObject, NotedPlace, Removal, StorageLimits, audit_chain,
};

stories! {
    what_is_noted_says_who_it_was_and_where
    what_says_the_same_is_one_event
    what_is_published_and_removed_is_told
    what_finds_no_room_is_counted_and_told
    events_expire_by_their_class_and_the_rest_is_verified
    a_node_that_lost_the_work_expires_nothing
}

fn page() -> AuditPage {
    AuditPage { after: None, oldest_first: true, limit: Limit::capped(1000) }
}

fn of(class: AuditClass) -> AuditFilter {
    AuditFilter { class: Some(class), ..AuditFilter::default() }
}

/// Everything of a class that the organisation sees.
async fn told(bench: &Bench, class: AuditClass) -> Vec<AuditEvent> {
    while bench.opened.storage.write_audit(&system()).await.expect("writes").items > 0 {}
    let everywhere = bench.on_organisation::<AuditView>(bench.actor());
    bench.opened.directory.audit(&everywhere, of(class), page()).await.expect("lists")
}

/// A refusal at a node.
fn denial(who: u32, request: u64, node: &str) -> AuditNote {
    AuditNote {
        action: "access.denied",
        class: AuditClass::Access,
        outcome: AuditOutcome::Refused,
        who: Some(PrincipalId::new(who)),
        token: None,
        session: None,
        origin: Arc::new(Origin { request: RequestId(request), address: None, agent: None }),
        operation: None,
        place: NotedPlace::Asked(WrittenNode::parse(node).expect("a node")),
        object: NotedObject::Node(Some("read")),
        bytes: None,
        digest: None,
        reason: Some("no-grant"),
        held: None,
        policy_version: PolicyVersion::new(3),
    }
}

async fn what_is_noted_says_who_it_was_and_where(place: Place) {
    let bench = Bench::with(place, people()).await;
    let (root, queue) = (bench.actor(), bench.opened.storage.audit());
    for node in ["alpha/images", "alpha/nothing", "nothing", "/"] {
        queue.note(denial(root, 7, node));
    }
    queue.note(denial(999, 8, "alpha"));
    let events = told(&bench, AuditClass::Access).await;
    let places: Vec<_> = events.iter().map(|event| event.place.path.as_deref()).collect();
    assert_eq!(places, [Some("alpha/images"), Some("alpha"), None, Some("/"), Some("alpha")]);
    let asked: Vec<_> = events.iter().map(|event| (&*event.object.kind, &*event.object.name)).collect();
    let repository = |name| ("repository", name);
    assert_eq!(
        asked,
        [
            repository("alpha/images"),
            repository("alpha/nothing"),
            ("project", "nothing"),
            ("organisation", "/"),
            ("project", "alpha"),
        ]
    );
    let first = &events[0];
    assert_eq!((&*first.actor.kind, &*first.actor.name), ("member", "root"));
    assert_eq!((first.object.of.as_deref(), first.reason.as_deref()), (Some("read"), Some("no-grant")));
    assert_eq!((first.sequence, first.chain.as_deref(), first.times), (None, None, None));
    assert_eq!(first.object.id, first.place.node.map(i64::from));
    assert_eq!(events[1].object.id, None, "it is not there");
    assert_eq!(&*events[4].actor.kind, "removed");
    // Who sees the project sees what was asked for in it, and nothing else.
    let alpha = bench.on_project::<AuditView>(root, "alpha");
    let seen = bench.opened.directory.audit(&alpha, of(AuditClass::Access), page()).await.expect("lists");
    assert_eq!(seen, [events[0].clone(), events[1].clone(), events[4].clone()]);
    let own = bench.own(root, domain::TokenLimits::Full);
    let own = bench.opened.directory.own_audit(&own, of(AuditClass::Access), page()).await.expect("lists");
    assert_eq!(own, events[..4]);
    assert_eq!(told(&bench, AuditClass::Access).await, events, "each is written once");
}

async fn what_says_the_same_is_one_event(place: Place) {
    let bench = Bench::with(place, people()).await;
    let (root, queue) = (bench.actor(), bench.opened.storage.audit());
    let fetch = |request: u64, bytes| AuditNote {
        action: "package.fetch",
        class: AuditClass::Transfer,
        outcome: AuditOutcome::Done,
        object: NotedObject::Named { kind: "tag", name: "web:1.0".into() },
        bytes: Some(bytes),
        reason: None,
        ..denial(root, request, "alpha/images")
    };
    for request in 1..=3 {
        queue.note(fetch(request, 10));
    }
    queue.note(AuditNote { who: None, ..fetch(4, 10) });
    let events = told(&bench, AuditClass::Transfer).await;
    let said: Vec<_> = events.iter().map(|event| (event.times, event.content.bytes)).collect();
    assert_eq!(said, [(Some(3), Some(30)), (None, Some(10))]);
    assert_eq!(events[0].origin.request.as_deref(), Some("0000000000000001"));
    assert_eq!((&*events[1].actor.kind, events[1].actor.id), ("anonymous", None));
    queue.note(fetch(5, 10));
    assert_eq!(told(&bench, AuditClass::Transfer).await.len(), 3, "what comes later is told anew");
    assert_eq!(queue.counts(), AuditCounts { waiting: 0, written: 5, dropped: 0 });
}

async fn what_is_published_and_removed_is_told(place: Place) {
    let bench = Bench::with(place, people()).await;
    push(&bench, "alpha/images", b"one", "1.0", false).await.expect("pushes");
    push(&bench, "alpha/images", b"one", "1.0", false).await.expect("pushes the same");
    push(&bench, "alpha/images", b"two", "1.0", true).await.expect("pushes another");
    let removals = vec![Removal::Entry(tag("1.0"))];
    bench.opened.storage.remove(bench.on::<Delete>("alpha/images"), removals).await.expect("removes");
    let refused =
        bench.opened.storage.remove(bench.on::<Delete>("alpha/images"), vec![Removal::Entry(tag("2.0"))]);
    assert!(refused.await.is_err());
    let events = told(&bench, AuditClass::Transfer).await;
    let said: Vec<_> = events.iter().map(|event| (&*event.action, &*event.object.name)).collect();
    let [one, two] = [b"one", b"two"].map(|bytes| manifest(&sha256(bytes)).to_string());
    assert_eq!(
        said,
        [
            ("package.publish", &*one),
            ("package.publish", "web:1.0"),
            ("package.publish", &*two),
            ("package.replace", "web:1.0"),
            ("package.delete", "web:1.0"),
        ]
    );
    let first = &events[0];
    assert_eq!((first.content.bytes, &*first.object.kind), (Some(3), "manifest"));
    assert_eq!(first.content.digest.as_deref(), Some(&*sha256(b"one").to_string()));
    assert_eq!(first.place.path.as_deref(), Some("alpha/images"));
    assert!(first.place.project.is_some());
}

async fn what_finds_no_room_is_counted_and_told(place: Place) {
    let limits = StorageLimits { audit_queue_events_max: 2, ..StorageLimits::default() };
    let bench = Bench::with(place.limited(limits), people()).await;
    let (root, queue) = (bench.actor(), bench.opened.storage.audit());
    for node in ["alpha", "alpha/images", "beta", "beta/one", "beta/two"] {
        queue.note(denial(root, 1, node));
    }
    assert_eq!(queue.counts(), AuditCounts { waiting: 2, written: 0, dropped: 3 });
    let events = told(&bench, AuditClass::Access).await;
    let said: Vec<_> = events.iter().map(|event| (&*event.action, event.times)).collect();
    assert_eq!(said, [("access.denied", None), ("access.denied", None), ("audit.lost", None)]);
    let lost: serde_json::Value =
        serde_json::from_str(events[2].content.after.as_deref().expect("a document")).expect("JSON");
    assert_eq!(lost["count"], 3);
    assert_eq!(told(&bench, AuditClass::Access).await.len(), 3, "a loss is told once");
}

const DAY_SECS: i64 = 24 * 3600;

/// Steps until there is nothing to do; gives how many events went.
async fn expired(bench: &Bench) -> u64 {
    let (lease, mut cursor, mut rows) = (bench.working("audit_expiry").await, ExpiryCursor::default(), 0);
    loop {
        let worked =
            bench.opened.storage.expire_audit(&system(), &lease, &mut cursor).await.expect("expires");
        if worked.is_nothing() {
            return rows;
        }
        rows += worked.items;
    }
}

async fn events_expire_by_their_class_and_the_rest_is_verified(place: Place) {
    let bench = Bench::with(place, people()).await;
    let (root, queue) = (bench.actor(), bench.opened.storage.audit());
    let before = told(&bench, AuditClass::Admin).await;
    for request in 0..3 {
        queue.note(AuditNote { reason: Some(["a", "b", "c"][request]), ..denial(root, 1, "alpha") });
    }
    push(&bench, "alpha/images", b"one", "1.0", false).await.expect("pushes");
    assert_eq!(told(&bench, AuditClass::Access).await.len(), 3);
    assert_eq!(expired(&bench).await, 0);

    bench.clock.advance_secs(31 * DAY_SECS);
    assert_eq!(expired(&bench).await, 3, "log-ins and refusals go first");
    assert_eq!(told(&bench, AuditClass::Access).await, []);
    assert_eq!(told(&bench, AuditClass::Transfer).await.len(), 2);
    let cut = told(&bench, AuditClass::Admin).await.pop().expect("an event");
    assert_eq!((&*cut.action, &*cut.object.name), ("audit.expire", "access"));
    let after: serde_json::Value =
        serde_json::from_str(cut.content.after.as_deref().expect("a document")).expect("JSON");
    assert_eq!((&after["rows"], &after["class"]), (&3.into(), &"access".into()));

    bench.clock.advance_secs(700 * DAY_SECS);
    let rows = expired(&bench).await;
    assert_eq!(
        rows,
        before.len() as u64 + 2,
        "all that was administered in the beginning, and the transfers"
    );
    let kept = told(&bench, AuditClass::Admin).await;
    let mut anchors = kept.iter().filter(|event| &*event.object.name == "admin");
    let anchor = anchors.next_back().expect("says where the chain goes on");
    let anchor: serde_json::Value =
        serde_json::from_str(anchor.content.after.as_deref().expect("a document")).expect("JSON");
    let mut chain = anchor["chain"].as_str().expect("a hash").to_owned();
    assert_eq!(anchor["sequence"].as_u64(), before.last().and_then(|event| event.sequence));
    assert_eq!(Some(&*chain), before.last().and_then(|event| event.chain.as_deref()));
    let first = anchor["sequence"].as_u64().expect("a number") + 1;
    for (sequence, event) in (first..).zip(&kept) {
        chain = audit_chain(&chain, &event.document()).expect("a chain");
        assert_eq!((event.sequence, event.chain.as_deref()), (Some(sequence), Some(&*chain)), "{event:?}");
    }
    assert!(kept.len() >= 3, "{kept:?}");
    assert_eq!(expired(&bench).await, 0, "and that is all");
}

async fn a_node_that_lost_the_work_expires_nothing(place: Place) {
    let bench = Bench::with(place, people()).await;
    let lost = bench.working("audit_expiry").await;
    bench.clock.advance_secs(800 * DAY_SECS);
    bench.working("audit_expiry").await;
    let mut cursor = ExpiryCursor::default();
    let before = told(&bench, AuditClass::Admin).await;
    let worked = bench.opened.storage.expire_audit(&system(), &lost, &mut cursor).await.expect("is heard");
    assert!(worked.is_nothing());
    assert_eq!(told(&bench, AuditClass::Admin).await, before);
}
