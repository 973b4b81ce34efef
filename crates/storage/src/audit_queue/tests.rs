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

#[tokio::test]
async fn a_flood_of_the_same_is_few_events_and_takes_no_more_room() {
    let queue = AuditQueue::new(Arc::new(Still), 10_000);
    for request in 0..20_000 {
        queue.note(note(request, if request % 2 == 0 { "suspended" } else { "throttled" }));
    }
    assert_eq!(queue.counts(), AuditCounts { waiting: 10_000, written: 0, dropped: 10_000 });
    let mut gathered = queue.gathered.lock().await;
    for _ in 0..3 {
        gathered.gather(|| None);
    }
    let times: Vec<u64> = gathered.events.iter().map(|event| event.times).collect();
    assert_eq!(times, [2048, 2048, 2048, 2048, 904, 904]);
    let uids: std::collections::HashSet<&str> = gathered.events.iter().map(|event| &*event.uid).collect();
    assert_eq!(uids.len(), 6);
}
