use super::*;

const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[test]
fn the_chain_covers_everything_but_its_own_hash_and_the_number_of_the_row() {
    let event = json!({"id": "7", "chain": null, "sequence": 1, "action": "grant.put", "token": null,
        "after": {"role": "viewer", "expires": null}});
    // printf '%064d%s' 0 '{"action":"grant.put","after":{"role":"viewer"},"sequence":1}' | sha256sum
    let chain = audit_chain(NOTHING, &event).expect("a chain");
    assert_eq!(chain, "a7ba1d9dbe8e97fd893e3414d71f48da8350c1447153cf0e26fa2d20e0be5647");
    let written = json!({"id": "8", "chain": chain, "action": "grant.put", "sequence": 1,
        "after": {"expires": null, "role": "viewer"}});
    assert_eq!(audit_chain(NOTHING, &written).expect("a chain"), chain);
    let edited = json!({"action": "grant.put", "sequence": 1, "after": {"role": "manager"}});
    assert_ne!(audit_chain(NOTHING, &edited).expect("a chain"), chain);
    assert_ne!(audit_chain(&chain, &event).expect("a chain"), chain);
}

#[test]
fn what_is_no_hash_begins_no_chain() {
    assert_eq!(audit_chain("", &json!({})), None);
    assert_eq!(audit_chain(NOTHING, &json!([])), None);
}
