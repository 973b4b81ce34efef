//! Webhooks: who is told what, once; and how often a message is sent that does not arrive.

use std::time::Duration;

use domain::{
    Limit, Node, Organisation, Permission, Permissions, Project, Repository, RepositoryDelete,
    RepositorySettings,
};

use super::access::people;
use super::{push, stories, whatever};
use crate::testing::{Bench, Place, system};
use crate::{
    Claimed, Delivered, DeliveryRow, DirectoryError, HookEvent, SealedSecret, Told, WebhookRow, WebhookWanted,
};

stories! {
    an_event_is_told_to_each_webhook_on_its_path
    administration_is_told_to_who_may_see_the_audit
    a_message_is_sent_by_one_at_a_time_until_it_arrives
    a_receiver_that_fails_for_days_is_given_up
    whoever_wants_no_more_is_told_no_more
    a_queue_has_an_end
    a_new_secret_signs_beside_the_old_one_for_a_day
    a_node_has_sixteen
}

const DAY_SECS: i64 = 24 * 3600;

fn wanted(events: &[HookEvent]) -> WebhookWanted {
    WebhookWanted {
        url: "https://ci.example.org/hooks".into(),
        events: events.to_vec(),
        active: true,
        secret: Some(secret("first")),
    }
}

fn secret(name: &str) -> SealedSecret {
    SealedSecret { sealed: format!("sealed {name}").into(), fingerprint: name.into() }
}

async fn put<N: Node>(
    bench: &Bench,
    may: &domain::Granted<RepositorySettings, N>,
    wanted: WebhookWanted,
) -> WebhookRow {
    bench.opened.directory.put_webhook(may, "ci", wanted, whatever()).await.expect("puts").0
}

/// Tells everything there is to tell.
async fn told(bench: &Bench) -> Told {
    let mut all = Told::default();
    loop {
        let told = bench.opened.storage.tell_webhooks(&system()).await.expect("tells");
        if told == Told::default() {
            return all;
        }
        all.events += told.events;
        all.lost += told.lost;
    }
}

async fn messages<N: Node>(bench: &Bench, may: &domain::Granted<RepositorySettings, N>) -> Vec<DeliveryRow> {
    bench.opened.directory.deliveries(may, "ci", None, Limit::capped(1000)).await.expect("lists")
}

async fn claim(bench: &Bench) -> Option<Claimed> {
    let due = bench.opened.storage.webhooks_due(&system(), 10).await.expect("looks");
    let (webhook, _) = *due.first()?;
    bench.opened.storage.claim_delivery(&system(), webhook).await.expect("claims")
}

async fn note(bench: &Bench, claimed: Claimed, delivered: Delivered) {
    let took = Duration::from_millis(7);
    bench.opened.storage.note_delivery(&system(), claimed, delivered, took).await.expect("notes");
}

fn failed() -> Delivered {
    Delivered::Failed { status: Some(500), why: "the receiver did not take it".to_owned() }
}

/// A bench on which `alpha/images` has a webhook for what is published, and what it may be set by.
async fn with_one(place: Place) -> (Bench, domain::Granted<RepositorySettings>) {
    let bench = Bench::with(place, people()).await;
    let may = bench.on::<RepositorySettings>("alpha/images");
    put(&bench, &may, wanted(&[HookEvent::Published])).await;
    told(&bench).await;
    (bench, may)
}

async fn an_event_is_told_to_each_webhook_on_its_path(place: Place) {
    let bench = Bench::with(place, people()).await;
    let actor = bench.actor();
    let all: domain::Granted<RepositorySettings, Organisation> = bench.on_organisation(actor);
    let alpha: domain::Granted<RepositorySettings, Project> = bench.on_project(actor, "alpha");
    let beta: domain::Granted<RepositorySettings, Project> = bench.on_project(actor, "beta");
    let images: domain::Granted<RepositorySettings, Repository> = bench.on("alpha/images");
    put(&bench, &all, wanted(&[HookEvent::Published, HookEvent::Removed])).await;
    put(&bench, &alpha, wanted(&[HookEvent::Published])).await;
    put(&bench, &beta, wanted(&[HookEvent::Published])).await;
    put(&bench, &images, wanted(&[HookEvent::Removed])).await;
    push(&bench, "alpha/images", b"one", "v1", false).await.expect("pushes");
    assert!(told(&bench).await.events >= 2);
    assert_eq!(told(&bench).await, Told::default(), "once");
    // A manifest and its tag.
    assert_eq!(messages(&bench, &all).await.len(), 2);
    assert_eq!(messages(&bench, &alpha).await.len(), 2);
    assert!(messages(&bench, &beta).await.is_empty());
    assert!(messages(&bench, &images).await.is_empty());
    let shown = messages(&bench, &alpha).await;
    assert!(
        shown.iter().all(|one| &*one.event == "package.published" && &*one.outcome == "waiting"),
        "{shown:?}"
    );
    let ids: std::collections::BTreeSet<_> = shown.iter().map(|one| &one.message).collect();
    assert_eq!(ids.len(), 2);
    let claimed = claim(&bench).await.expect("it is due");
    let body: serde_json::Value = serde_json::from_str(&claimed.body).expect("JSON");
    assert_eq!(
        (&body["type"], &body["data"]["repository"]),
        (&"package.published".into(), &"alpha/images".into())
    );
    assert_eq!(body["data"]["package"], "web");
    assert!(body["data"]["by"].as_str().is_some_and(|by| by.starts_with("member:")), "{body}");
}

async fn administration_is_told_to_who_may_see_the_audit(place: Place) {
    let bench = Bench::with(place, people()).await;
    let actor = bench.actor();
    told(&bench).await;
    let key = domain::ProjectKey::parse("alpha").expect("a key");
    let settings = Permissions::of(&[Permission::RepositorySettings]);
    let blind: domain::Granted<RepositorySettings, Project> = bench.holding(&key, settings);
    let directory = &bench.opened.directory;
    let refused = directory.put_webhook(&blind, "ci", wanted(&[HookEvent::Audit]), whatever()).await;
    assert!(matches!(refused, Err(DirectoryError::BeyondOwn(_))), "{refused:?}");
    let alpha: domain::Granted<RepositorySettings, Project> = bench.on_project(actor, "alpha");
    put(&bench, &alpha, wanted(&[HookEvent::Audit])).await;
    told(&bench).await;
    let made: Vec<_> = messages(&bench, &alpha).await.into_iter().map(|one| one.event).collect();
    assert_eq!(made.iter().map(|event| &**event).collect::<Vec<_>>(), ["webhook.create"]);
    let delete: domain::Granted<RepositoryDelete> = bench.on("alpha/other");
    directory.remove_repository(&delete, whatever()).await.expect("removes");
    let elsewhere: domain::Granted<RepositoryDelete> = bench.on("beta/images");
    directory.remove_repository(&elsewhere, whatever()).await.expect("removes");
    told(&bench).await;
    let newest = messages(&bench, &alpha).await.into_iter().map(|one| one.event).collect::<Vec<_>>();
    assert_eq!(
        newest.iter().map(|event| &**event).collect::<Vec<_>>(),
        ["repository.delete", "webhook.create"]
    );
}

async fn a_message_is_sent_by_one_at_a_time_until_it_arrives(place: Place) {
    let (bench, may) = with_one(place).await;
    push(&bench, "alpha/images", b"one", "v1", false).await.expect("pushes");
    told(&bench).await;
    let first = claim(&bench).await.expect("it is due");
    let id = first.message.clone();
    assert!(claim(&bench).await.is_none(), "somebody is at it");
    // Whoever had it is gone: it is sent again, and again as the same.
    bench.clock.advance_secs(61);
    let again = claim(&bench).await.expect("it is due");
    assert_eq!(again.message, id);
    note(&bench, again, failed()).await;
    assert!(claim(&bench).await.is_none(), "it waits");
    bench.clock.advance_secs(5);
    let other = claim(&bench).await.expect("the receiver is tried again");
    note(&bench, other, Delivered::Arrived(204)).await;
    bench.clock.advance_secs(5);
    while let Some(claimed) = claim(&bench).await {
        note(&bench, claimed, Delivered::Arrived(200)).await;
    }
    let shown = messages(&bench, &may).await;
    assert!(shown.iter().all(|one| &*one.outcome == "delivered" && one.due_at.is_none()), "{shown:?}");
    assert_eq!(shown.iter().map(|one| one.tries).sum::<u32>(), 3);
    // And once more, because somebody says so.
    let last = shown.last().expect("a message").id;
    let (redelivered, _) = bench.opened.directory.redeliver(&may, "ci", last).await.expect("is due again");
    assert_eq!(claim(&bench).await.expect("it is due").message, redelivered.message);
    let foreign = bench.opened.directory.redeliver(&may, "ci", last + 1000).await;
    assert!(matches!(foreign, Err(DirectoryError::Absent)), "{foreign:?}");
}

async fn a_receiver_that_fails_for_days_is_given_up(place: Place) {
    let (bench, may) = with_one(place).await;
    let directory = &bench.opened.directory;
    let mut tried = 0;
    for _ in 0..200 {
        if directory.webhook(&may, "ci").await.expect("is there").waiting == 0 {
            // Once it is given up, not even a test is sent.
            let _ = directory.test_webhook(&may, "ci").await;
        }
        while let Some(claimed) = claim(&bench).await {
            note(&bench, claimed, failed()).await;
            tried += 1;
        }
        bench.clock.advance_secs(3600);
    }
    let row = bench.opened.directory.webhook(&may, "ci").await.expect("is there");
    assert!(row.disabled_at.is_some(), "{row:?}");
    assert_eq!(row.disabled_reason.as_deref(), Some("no message has arrived for five days"));
    assert!(tried < 60, "{tried} tries in five days");
    let shown = messages(&bench, &may).await;
    let ended = shown.iter().find(|one| &*one.outcome == "failed").expect("one was given up");
    assert_eq!((ended.tries, ended.status), (10, Some(500)));
    // It is told nothing, not even a test, until somebody puts it again.
    let refused = bench.opened.directory.test_webhook(&may, "ci").await;
    assert!(matches!(refused, Err(DirectoryError::Refused(_))), "{refused:?}");
    let same = WebhookWanted { secret: None, ..wanted(&[HookEvent::Published]) };
    let (row, made, force) =
        bench.opened.directory.put_webhook(&may, "ci", same, whatever()).await.expect("puts");
    assert!(!made && force.changed && row.disabled_at.is_none() && row.failures == 0, "{row:?}");
    bench.opened.directory.test_webhook(&may, "ci").await.expect("it is told again");
}

async fn whoever_wants_no_more_is_told_no_more(place: Place) {
    let (bench, may) = with_one(place).await;
    bench.opened.directory.test_webhook(&may, "ci").await.expect("tests");
    let claimed = claim(&bench).await.expect("it is due");
    note(&bench, claimed, Delivered::Over { status: Some(410), why: "gone".to_owned() }).await;
    bench.clock.advance_secs(DAY_SECS);
    assert!(claim(&bench).await.is_none());
    push(&bench, "alpha/images", b"one", "v1", false).await.expect("pushes");
    told(&bench).await;
    assert_eq!(messages(&bench, &may).await.len(), 1, "the test alone");
}

async fn a_queue_has_an_end(place: Place) {
    let (bench, may) = with_one(place).await;
    for _ in 0..1000 {
        bench.opened.directory.test_webhook(&may, "ci").await.expect("tests");
    }
    push(&bench, "alpha/images", b"one", "v1", false).await.expect("pushes");
    assert_eq!(told(&bench).await.lost, 2);
    let row = bench.opened.directory.webhook(&may, "ci").await.expect("is there");
    assert_eq!((row.waiting, row.lost), (1000, 2));
    // What waits for longer than events are kept is lost too, and what ended is forgotten.
    bench.clock.advance_secs(8 * DAY_SECS);
    let lease = bench.working("trim").await;
    while !bench.opened.storage.trim(&lease).await.expect("trims").is_nothing() {}
    let row = bench.opened.directory.webhook(&may, "ci").await.expect("is there");
    assert_eq!((row.waiting, row.lost), (0, 1002));
}

async fn a_new_secret_signs_beside_the_old_one_for_a_day(place: Place) {
    let (bench, may) = with_one(place).await;
    let without = WebhookWanted { secret: None, ..wanted(&[HookEvent::Published]) };
    let refused = bench.opened.directory.put_webhook(&may, "new", without.clone(), whatever()).await;
    assert!(matches!(refused, Err(DirectoryError::Refused(_))), "{refused:?}");
    let (_, _, force) =
        bench.opened.directory.put_webhook(&may, "ci", without.clone(), whatever()).await.expect("puts");
    assert!(!force.changed, "it keeps its secret");
    let row = put(&bench, &may, WebhookWanted { secret: Some(secret("second")), ..without }).await;
    assert_eq!(&*row.fingerprint, "second");
    bench.opened.directory.test_webhook(&may, "ci").await.expect("tests");
    let claimed = claim(&bench).await.expect("it is due");
    assert_eq!(
        claimed.secrets.iter().map(|text| &**text).collect::<Vec<_>>(),
        ["sealed second", "sealed first"]
    );
    note(&bench, claimed, failed()).await;
    let anew = |sealed: &str| Some(format!("{sealed} anew"));
    let last = bench.opened.storage.reseal_webhooks(&system(), 0, anew).await.expect("seals").expect("one");
    assert_eq!(bench.opened.storage.reseal_webhooks(&system(), last, anew).await.expect("ends"), None);
    bench.clock.advance_secs(DAY_SECS + 1);
    let claimed = claim(&bench).await.expect("it is due");
    assert_eq!(claimed.secrets.iter().map(|text| &**text).collect::<Vec<_>>(), ["sealed second anew"]);
}

async fn a_node_has_sixteen(place: Place) {
    let bench = Bench::with(place, people()).await;
    let may = bench.on::<RepositorySettings>("alpha/images");
    let directory = &bench.opened.directory;
    for number in 0..16 {
        let wanted = wanted(&[HookEvent::Published]);
        directory.put_webhook(&may, &format!("ci-{number}"), wanted, whatever()).await.expect("puts");
    }
    let refused = directory.put_webhook(&may, "ci", wanted(&[HookEvent::Published]), whatever()).await;
    assert!(matches!(refused, Err(DirectoryError::Refused(_))), "{refused:?}");
    directory.remove_webhook(&may, "ci-3", whatever()).await.expect("removes");
    put(&bench, &may, wanted(&[HookEvent::Published])).await;
    let listed = directory.webhooks(&may, None, Limit::capped(100)).await.expect("lists");
    assert_eq!(listed.len(), 16);
}
