use expect_test::expect;
use serde_json::{Value, json};

use super::{read, write};
use crate::router::Api;

fn asked(id: &str, query: &str) -> Result<Value, String> {
    let api = Api::new();
    let route = api.routes.iter().find(|route| route.mounted.meta.id == id).expect("an endpoint");
    read(query, &route.shapes.query, &api.definitions).map_err(|fault| {
        let problem = fault.problem();
        format!("{} {}", problem.code.as_str(), problem.detail)
    })
}

#[test]
fn parameters_are_what_their_schema_says() {
    assert_eq!(asked("token_list", ""), Ok(json!({})));
    assert_eq!(asked("token_list", "limit=7&after=0000002Z"), Ok(json!({ "limit": 7, "after": "0000002Z" })));
    let to = asked("project_grant_delete", "to=member%3Aalice&role=project-admin");
    assert_eq!(to, Ok(json!({ "to": "member:alice", "role": "project-admin" })));
    // What nothing has so much of is no mistake.
    let days = asked("person_list", "unused_days=39504369448");
    assert_eq!(days, Ok(json!({ "unused_days": u32::MAX })));
    let id = asked("me_audit", "id=1503915738023452689293719371776");
    assert_eq!(id, Ok(json!({ "id": u64::MAX })));
    assert_eq!(asked("project_grant_delete", "to=team:a+b"), Ok(json!({ "to": "team:a b" })));
}

#[test]
fn what_is_no_parameter_is_refused() {
    let mut table = String::new();
    for (id, query) in [
        ("token_list", "limt=1"),
        ("token_list", "limit=0"),
        ("token_list", "limit=1001"),
        ("token_list", "limit=-1"),
        ("token_list", "limit=18446744073709551616"),
        ("token_list", "limit="),
        ("token_list", "limit=1&limit=2"),
        ("token_list", "limit=x&color=red"),
        ("me_show", "x"),
        ("project_grant_delete", "role=viewer"),
        ("project_grant_delete", "to=alice"),
        ("project_grant_delete", "to=member:a%00b"),
    ] {
        let answer = asked(id, query).expect_err("a refusal");
        table.push_str(&format!("{query}: {answer}\n"));
    }
    expect![[r#"
        limt=1: unknown-parameter limt: there is no such parameter; did you mean `limit`?
        limit=0: invalid limit: it must be at least 1
        limit=1001: invalid limit: it must be at most 1000
        limit=-1: invalid limit: it must be a whole number
        limit=18446744073709551616: invalid limit: it must be at most 1000
        limit=: invalid limit: it must be a whole number
        limit=1&limit=2: invalid limit: it is given twice
        limit=x&color=red: invalid color: there is no such parameter; limit: it must be a whole number
        x: unknown-parameter x: there is no such parameter
        role=viewer: invalid to: it is missing
        to=alice: invalid to: write member:, collaborator:, guest:, application: or team: and a name
        to=member:a%00b: invalid to: write member:, collaborator:, guest:, application: or team: and a name
    "#]]
    .assert_eq(&table);
    assert!(asked("me_show", &"x".repeat(9_000)).is_err());
}

#[test]
fn what_is_written_is_read() {
    let query = json!({ "to": "application:a&b=c d/é", "role": null });
    let text = write(&query);
    assert_eq!(asked("project_grant_delete", &text), Ok(json!({ "to": "application:a&b=c d/é" })), "{text}");
}
