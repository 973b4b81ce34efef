use std::collections::BTreeSet;

use domain::{Denied, Permission, RequestId, RightKind};
use expect_test::expect;

use super::{COMMON, Code, Fault};

fn told(fault: &Fault) -> String {
    serde_json::to_string_pretty(&fault.problem().document(RequestId(0x5dd9))).expect("JSON")
}

#[test]
fn codes_are_words_of_their_own() {
    let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(words.len(), Code::ALL.len());
    assert!(Code::ALL.is_sorted_by_key(|code| code.status()));
    for word in words {
        assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{word}");
    }
}

/// What depends on the state of things is declared by the endpoints that depend on it.
#[test]
fn what_every_endpoint_may_answer_is_no_matter_of_state() {
    for code in COMMON {
        assert!(!matches!(code.status(), 404 | 409), "{}", code.as_str());
    }
}

#[test]
fn a_refusal_names_what_is_missing_to_those_who_may_know() {
    let right = RightKind::Permission(Permission::AccessManage);
    let denied = |authenticated, may_know| Fault::Denied(Denied { authenticated, may_know, right });
    expect![[r#"
        {
          "type": "/api/problems/denied",
          "code": "denied",
          "title": "It does not exist, or you may not do this there",
          "status": 403,
          "detail": "it does not exist, or you may not do this there",
          "request_id": "0000000000005dd9",
          "missing": "access-manage"
        }"#]]
    .assert_eq(&told(&denied(true, true)));
    assert!(!told(&denied(true, false)).contains("access-manage"));
    assert_eq!(denied(false, true).code(), Code::NotAuthenticated);
}

/// 400 is what the schema refuses, 409 what a rule or the state does.
#[test]
fn rules_are_conflicts_and_lacking_rights_are_refusals() {
    use storage::{DirectoryError as E, DirectoryRule as R, Fault as F};
    for (error, code) in [
        (E::Refused("a title is too long".into()), Code::Rule),
        (E::Forbidden(R::Builtin, "this grant stays".into()), Code::Builtin),
        (E::Forbidden(R::LastAdministrator, "the last one stays".into()), Code::LastAdmin),
        (E::WiderThanToken("not so far".into()), Code::WiderThanToken),
        (E::OwnToken, Code::OwnTokens),
        (E::Unknown("member:nobody".into()), Code::UnknownName),
        (E::Exists, Code::NameTaken),
        (E::Stale, Code::Stale),
        (E::BeyondOwn("not that".into()), Code::BeyondOwn),
        (E::Absent, Code::Absent),
        (F::Crowded.into(), Code::Busy),
        (F::Full.into(), Code::Unavailable),
        (F::Corrupt("a row".into()).into(), Code::Internal),
    ] {
        assert_eq!(Fault::Directory(error).code(), code);
    }
    assert_eq!(Fault::Directory(F::Full.into()).problem().retry_after_secs, Some(1));
}
