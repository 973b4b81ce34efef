use serde_json::json;

use super::*;

fn chained(count: u64) -> Vec<Value> {
    let mut hash = NOTHING.to_owned();
    let event = |sequence: u64| json!({"id": (sequence + 10).to_string(), "sequence": sequence, "action": "grant.put"});
    (1..=count)
        .map(|sequence| {
            let mut event = event(sequence);
            hash = audit_chain(&hash, &event).expect("a chain");
            event["chain"] = hash.clone().into();
            event
        })
        .collect()
}

fn noted(sequence: impl Into<Option<u64>>, hash: &str) -> NotedHead {
    NotedHead { sequence: sequence.into(), hash: hash.to_owned() }
}

fn verified(events: &[Value], wanted: Vec<NotedHead>) -> Result<Chain, Failure> {
    let mut chain = Chain { sequence: 0, hash: NOTHING.to_owned(), outside: 0, wanted };
    events.iter().try_for_each(|event| chain.take(event))?;
    Ok(chain)
}

#[test]
fn a_chain_is_whole_and_no_event_of_it_can_be_changed_or_left_out() {
    let mut events = chained(3);
    let last = events[2]["chain"].as_str().expect("a hash").to_owned();
    let whole = verified(&events, vec![noted(3, &last)]).expect("is whole");
    assert_eq!((whole.sequence, whole.wanted.len()), (3, 0));
    let short = verified(&events[..2], vec![noted(3, &last)]).expect("is whole as far as it goes");
    assert_eq!(short.wanted.len(), 1, "cut short");
    let without = [events[0].clone(), events[2].clone()];
    assert!(matches!(verified(&without, Vec::new()), Err(Failure::Difference(_))));
    events[1]["action"] = "grant.delete".into();
    let failure = verified(&events, Vec::new()).err().expect("was changed");
    assert_eq!((failure.exit_code(), failure.to_string().contains("event 12")), (10, true), "{failure}");
}

#[test]
fn a_chain_whose_beginning_expired_is_verified_from_there() {
    let events = chained(4);
    let hash = |index: usize| events[index]["chain"].as_str().expect("a hash").to_owned();
    let told = json!({"after": {"class": "admin", "rows": 2, "sequence": 2, "chain": hash(1)}});
    let start = anchor_of(&told).expect("an anchor");
    let from = |start: &(u64, String), kept: &[Value], wanted: NotedHead| {
        let mut chain = Chain::after(start.clone(), vec![wanted]);
        kept.iter().try_for_each(|event| chain.take(event))?;
        chain.ended()
    };
    let chain = from(&start, &events[2..], noted(None, &hash(3))).expect("is whole");
    assert_eq!((chain.sequence, chain.hash), (4, hash(3)));
    for anchor in [noted(None, &hash(1)), noted(2, &hash(1))] {
        assert!(from(&start, &events[2..], anchor).is_ok(), "the anchor was noted");
    }
    assert!(from(&start, &events[3..], noted(None, &hash(3))).is_err(), "one more is gone");
    assert!(
        from(&(0, NOTHING.to_owned()), &events[2..], noted(None, &hash(3))).is_err(),
        "nothing says that they expired"
    );
    assert!(from(&start, &events[2..], noted(None, &hash(0))).is_err(), "it has expired");
    assert!(from(&start, &events[2..], noted(1, &hash(0))).is_ok(), "it is known that it has expired");
    assert!(from(&start, &events[2..], noted(3, &hash(3))).is_err(), "it is that of another event");
    assert!(from(&start, &events[2..], noted(2, &hash(0))).is_err(), "the anchor is another");
    assert!(from(&start, &events[2..], noted(9, &hash(3))).is_err(), "there is no such event");
    let other = json!({"after": {"class": "transfer", "rows": 2}});
    assert_eq!(anchor_of(&other), None);
}

#[test]
fn a_head_is_a_hash_with_its_number_or_without() {
    let hash = "5D".repeat(32);
    assert_eq!(format!("4711:{hash}").parse(), Ok(noted(4711, &hash.to_lowercase())));
    assert_eq!(hash.parse(), Ok(noted(None, &hash.to_lowercase())));
    for wrong in [
        "",
        "4711:",
        "5d",
        &format!("{hash}0"),
        &format!("x:{hash}"),
        &format!("1:2:{hash}"),
        &"x".repeat(64),
    ] {
        assert!(wrong.parse::<NotedHead>().is_err(), "{wrong}");
    }
}

#[test]
fn events_of_a_release_without_the_chain_are_counted_and_not_covered() {
    let unchained = |id: &str| json!({"id": id, "sequence": null, "action": "grant.put"});
    let mut events = chained(2);
    // Before the chain began, and by a node that was not replaced yet.
    events.insert(1, unchained("12"));
    events.insert(0, unchained("1"));
    let chain = verified(&events, Vec::new()).expect("is whole");
    assert_eq!((chain.sequence, chain.outside), (2, 2));
}

#[test]
fn the_framework_knows_what_was_done_by_whom() {
    let event = json!({"id": "7", "at": "2030-01-01T00:00:00.000Z", "action": "token.revoke", "outcome": "done",
        "actor": {"ref": "member:alice"}, "object": {"kind": "token", "name": "ci"}, "before": {"expires": null}});
    let told = ocsf::of(&event);
    assert_eq!((&told["type_uid"], &told["status_id"]), (&json!(600_304), &json!(1)));
    assert_eq!(told["time"], json!(1_893_456_000_000_i64));
    assert_eq!(told["actor"]["user"], json!({"name": "member:alice"}));
    assert_eq!(told["unmapped"], json!({"before": {"expires": null}}));
}
