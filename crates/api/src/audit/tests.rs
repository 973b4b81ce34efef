use domain::{PolicyVersion, Timestamp, TokenId};
use storage::{AuditActor, AuditDetail, AuditObject, AuditOrigin, AuditPlace, AuditToken};

use super::*;

fn event() -> AuditEvent {
    let text = |text: &str| Some(Box::from(text));
    AuditEvent {
        id: 9,
        sequence: Some(4),
        at: Timestamp::from_millis(1_000),
        class: AuditClass::Admin,
        action: "token.create".into(),
        outcome: AuditOutcome::Done,
        actor: AuditActor { id: Some(16), kind: "member".into(), name: "alice".into(), title: text("Alice") },
        token: AuditToken { id: Some(TokenId::new(62)), name: text("laptop"), made_by: text("member:root") },
        origin: AuditOrigin {
            request: text("0000000000000007"),
            address: text("192.0.2.1"),
            agent: text("curl"),
            operation: text("token_create"),
            session: None,
        },
        place: AuditPlace { node: Some(17), path: text("alpha/jars"), project: Some(16) },
        object: AuditObject {
            kind: "token".into(),
            id: Some(7),
            name: "ci".into(),
            of: text("member:alice"),
        },
        content: AuditDetail {
            before: text("viewer"),
            after: text(r#"{"expires":null}"#),
            bytes: Some(5),
            digest: text("sha256:00"),
        },
        reason: text("none"),
        policy_version: PolicyVersion::new(11),
        times: Some(3),
        chain: text("ab"),
    }
}

/// What is answered is what the chain is computed over, so that whoever reads it can compute it too.
#[test]
fn an_event_is_answered_as_the_chain_covers_it() {
    let mut stored = event();
    assert_eq!(serde_json::to_value(shown(&stored)).expect("a document"), stored.document());
    stored.token = AuditToken::default();
    stored.place = AuditPlace::default();
    stored.content = AuditDetail::default();
    assert_eq!(serde_json::to_value(shown(&stored)).expect("a document"), stored.document());
    assert_eq!(event().document()["token"]["id"], "00000010");
    assert_eq!(event().document()["before"], serde_json::json!({ "text": "viewer" }));
}
