//! Events in the Open Cybersecurity Schema Framework 1.3, class API Activity (6003).

use serde_json::{Value, json};

/// An event as collectors of that schema read it; what it has no place for stands in `unmapped`.
pub(super) fn of(event: &Value) -> Value {
    let at = |pointer: &str| event.pointer(pointer).cloned().unwrap_or_default();
    let action = event.get("action").and_then(Value::as_str).unwrap_or_default();
    let activity = activity(action);
    let time = event.get("at").and_then(Value::as_str).and_then(domain::time::parse);
    let done = event.get("outcome").and_then(Value::as_str) == Some("done");
    let mut told = json!({
        "category_uid": 6,
        "class_uid": 6003,
        "activity_id": activity,
        "type_uid": 600_300 + activity,
        "time": time.map(domain::Timestamp::millis),
        "severity_id": 1,
        "status_id": if done { 1 } else { 2 },
        "status_detail": at("/reason"),
        "count": at("/times"),
        "metadata": {
            "version": "1.3.0",
            "product": { "name": "Wharfinger", "vendor_name": "Wharfinger" },
            "uid": at("/id"),
            "sequence": at("/sequence"),
        },
        "actor": { "user": {
            "name": at("/actor/ref"), "uid": at("/actor/id"), "full_name": at("/actor/title"),
            "credential_uid": at("/token/id"),
        } },
        "api": { "operation": action, "request": { "uid": at("/request_id") } },
        "src_endpoint": { "ip": at("/address") },
        "http_request": { "user_agent": at("/agent") },
        "resources": [{
            "type": at("/object/kind"), "uid": at("/object/id"), "name": at("/object/name"),
            "namespace": at("/node/path"),
        }],
        "unmapped": { "policy_version": at("/policy_version"), "chain": at("/chain") },
    });
    present(&mut told);
    // What is `null` in these is a setting that is not set.
    for field in ["before", "after"] {
        let document = event.get(field).filter(|document| !document.is_null());
        let unmapped = told.get_mut("unmapped").and_then(Value::as_object_mut);
        if let (Some(document), Some(unmapped)) = (document, unmapped) {
            unmapped.insert(field.to_owned(), document.clone());
        }
    }
    told
}

/// The schema knows no `null`: what is not so is absent.
fn present(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(present);
        }
        Value::Array(items) => items.iter_mut().for_each(present),
        _ => {}
    }
}

/// Create, read, update, delete or other.
fn activity(action: &str) -> u32 {
    match action.rsplit('.').next().unwrap_or_default() {
        "create" | "put" | "add" | "publish" | "upload" => 1,
        "fetch" => 2,
        "update" | "replace" | "members" | "policy" | "public" | "private" | "access" | "authorise" => 3,
        "delete" | "remove" | "revoke" | "withdraw" => 4,
        _ => 99,
    }
}
