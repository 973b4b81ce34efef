use domain::RequestId;

use super::*;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_000)
    }
}

fn note(request: u64, reason: &'static str) -> AuditNote {
    AuditNote {
        action: "auth.refused",
        class: AuditClass::Access,
        outcome: AuditOutcome::Refused,
        who: None,
        token: None,
        session: None,
        origin: Arc::new(Origin { request: RequestId(request), address: None, agent: None }),
        operation: None,
        place: NotedPlace::Nowhere,
        object: NotedObject::Principal(None),
        bytes: None,
        digest: None,
        reason: Some(reason),
        held: None,
        policy_version: PolicyVersion::new(1),
    }
}

fn taken_out(queue: &AuditQueue, gathered: &mut Gathered) -> Vec<u64> {
    queue.take_into(gathered);
    gathered.events.iter().map(|event| event.times).collect()
}

#[tokio::test]
async fn a_flood_of_the_same_is_few_events_and_takes_no_more_room() {
    let queue = AuditQueue::new(Arc::new(Still), 16);
    for request in 0..20_000 {
        queue.note(note(request, if request % 2 == 0 { "suspended" } else { "throttled" }));
    }
    assert_eq!(queue.counts(), AuditCounts { waiting: 2, written: 0, dropped: 0 });
    let mut gathered = queue.gathered.lock().await;
    assert_eq!(taken_out(&queue, &mut gathered), [10_000, 10_000]);
    // What comes later is an event of its own, however alike.
    queue.note(note(20_000, "suspended"));
    assert_eq!(taken_out(&queue, &mut gathered), [10_000, 10_000, 1]);
    let uids: std::collections::HashSet<&str> = gathered.events.iter().map(|event| &*event.uid).collect();
    assert_eq!(uids.len(), 3);
    let events: Vec<GatheredEvent> = gathered.events.drain(..).collect();
    queue.were_written(&events);
    assert_eq!(queue.counts(), AuditCounts { waiting: 0, written: 20_001, dropped: 0 });
}

/// What was taken out takes its room until it is written: a database that is slow for long does not let two queues grow.
#[tokio::test]
async fn what_differs_takes_room_until_it_is_written() {
    let queue = AuditQueue::new(Arc::new(Still), 8);
    let reasons = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    for reason in &reasons[..7] {
        queue.note(note(0, reason));
    }
    assert!(queue.has_room());
    let mut gathered = queue.gathered.lock().await;
    assert_eq!(taken_out(&queue, &mut gathered).len(), 7);
    for reason in &reasons[7..] {
        queue.note(note(0, reason));
    }
    assert!(!queue.has_room());
    assert_eq!(queue.counts(), AuditCounts { waiting: 8, written: 0, dropped: 2 });
    queue.note(note(1, reasons[7]));
    assert_eq!(queue.counts().dropped, 2, "what says the same as one that waits takes no room");
    let events: Vec<GatheredEvent> = gathered.events.drain(..).collect();
    queue.were_written(&events);
    assert_eq!(queue.counts(), AuditCounts { waiting: 1, written: 7, dropped: 2 });
    assert_eq!(taken_out(&queue, &mut gathered), [2, 1], "and the loss");
    let events: Vec<GatheredEvent> = gathered.events.drain(..).collect();
    queue.were_written(&events);
    assert_eq!(queue.counts().waiting, 0);
}
