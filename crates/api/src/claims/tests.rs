use auth::Claims;
use serde_json::{Value, json};

use super::{IssuerKind, WantedClaims};

fn claims(document: Value) -> Claims {
    Claims::from(document.as_object().expect("claims").clone())
}

fn wanted(document: Value) -> WantedClaims {
    serde_json::from_value(document).expect("claims")
}

fn run(of: &[(&str, Value)]) -> Claims {
    let mut document = json!({
        "repository": "acme/app", "repository_id": "7", "repository_owner_id": "8", "ref": "refs/tags/v1.2",
        "workflow_ref": "acme/app/.github/workflows/release.yml@refs/tags/v1.2", "event_name": "push",
        "run_id": "99", "sha": "abc", "actor": "ada", "environment": "production",
    });
    for (name, value) in of {
        document[name] = value.clone();
    }
    claims(document)
}

#[test]
fn a_rule_wants_what_its_issuer_can_say() {
    use IssuerKind::{Any, Github, Gitlab, Kubernetes};
    let good = [
        (Github, json!({ "repository": "acme/app", "workflow": "release.yml" })),
        (
            Github,
            json!({ "repository": "a/b", "workflow": "r.yml", "ref": "refs/tags/v*", "environment": "x" }),
        ),
        (Gitlab, json!({ "project_path": "acme/app", "ref_protected": "true" })),
        (Kubernetes, json!({ "sub": "system:serviceaccount:builds:pusher" })),
        (Any, json!({ "sub": "job-7", "team": "build" })),
    ];
    for (kind, document) in good {
        assert_eq!(wanted(document.clone()).check(kind), Ok(()), "{document}");
    }
    let bad = [
        (Github, json!({})),
        (Github, json!({ "repository": "acme/app" })),
        (Github, json!({ "repository": "acme/*", "workflow": "release.yml" })),
        (Github, json!({ "repository": "acme/app", "workflow": "release.yml", "ref": "*" })),
        (Github, json!({ "repository": "acme/app", "workflow": "release.yml", "ref": "refs/*/v*" })),
        (Github, json!({ "repository": "acme/app", "workflow": "release.yml", "actor": "ada" })),
        (Gitlab, json!({ "project_path": "acme/*" })),
        (Kubernetes, json!({ "sub": "system:serviceaccount:builds" })),
        (Kubernetes, json!({ "sub": "system:serviceaccount::x" })),
        (Kubernetes, json!({ "sub": "system:serviceaccount:a:b", "x": "y" })),
        (Any, json!({ "team": "build" })),
        (Any, json!({ "sub": "x", "ref": "refs/*" })),
        (Any, json!({ "sub": "x\u{7}" })),
    ];
    for (kind, document) in bad {
        assert!(wanted(document.clone()).check(kind).is_err(), "{document}");
    }
}

#[test]
fn a_token_of_github_fits_what_it_says_to_the_letter() {
    let rule = wanted(json!({
        "repository": "acme/app", "workflow": "release.yml", "ref": "refs/tags/v*", "environment": "production",
    }));
    let fit = |of: &[(&str, Value)]| {
        rule.fit(IssuerKind::Github, &run(of)).map_err(|unfit| unfit.claim.into_owned())
    };
    assert_eq!(fit(&[]), Ok(()));
    let unfit = [
        ("repository", json!("acme/app2"), "repository"),
        ("repository", json!("Acme/app"), "repository"),
        ("repository", Value::Null, "repository"),
        ("ref", json!("refs/heads/v1"), "ref"),
        ("environment", Value::Null, "environment"),
        ("environment", json!(["production"]), "environment"),
        ("workflow_ref", json!("acme/app/.github/workflows/other.yml@refs/tags/v1"), "workflow"),
        ("workflow_ref", json!("evil/app/.github/workflows/release.yml@refs/tags/v1"), "workflow"),
        ("workflow_ref", json!("acme/app/.github/workflows/release.yml"), "workflow"),
        ("event_name", json!("pull_request_target"), "event_name"),
        ("event_name", json!("workflow_run"), "event_name"),
    ];
    for (name, value, claim) in unfit {
        assert_eq!(fit(&[(name, value.clone())]), Err(claim.to_owned()), "{name}: {value}");
    }
    // Whoever lists the event has it.
    let listed = wanted(json!({
        "repository": "acme/app", "workflow": "release.yml", "event_name": "workflow_run",
    }));
    assert_eq!(listed.fit(IssuerKind::Github, &run(&[("event_name", json!("workflow_run"))])), Ok(()));
    assert!(listed.fit(IssuerKind::Github, &run(&[])).is_err());
}

#[test]
fn ids_are_those_behind_the_names() {
    let ids = |kind: IssuerKind, token: &Claims| kind.ids(token).map_err(|unfit| unfit.claim.into_owned());
    let github = r#"{"repository_id":"7","repository_owner_id":"8"}"#.to_owned();
    assert_eq!(ids(IssuerKind::Github, &run(&[])), Ok(Some(github)));
    let without = run(&[("repository_id", Value::Null)]);
    assert_eq!(ids(IssuerKind::Github, &without), Err("repository_id".to_owned()));
    let pod = claims(json!({ "sub": "x", "kubernetes.io": { "serviceaccount": { "uid": "u-1" } } }));
    assert_eq!(ids(IssuerKind::Kubernetes, &pod), Ok(Some(r#"{"uid":"u-1"}"#.to_owned())));
    assert_eq!(ids(IssuerKind::Any, &pod), Ok(None));
    let project = claims(json!({ "project_id": 5, "namespace_id": "6" }));
    assert_eq!(
        ids(IssuerKind::Gitlab, &project),
        Ok(Some(r#"{"namespace_id":"6","project_id":"5"}"#.to_owned()))
    );
}

#[test]
fn the_audit_is_told_which_run_it_was() {
    let facts = |kind: IssuerKind, issuer: &str, token: &Claims| -> Vec<String> {
        kind.facts(issuer, token).into_iter().map(|(name, value)| format!("{name}={value}")).collect()
    };
    let of = "https://token.actions.githubusercontent.com";
    let run_at = |server: &str| format!("run={server}/acme/app/actions/runs/99");
    let rest = ["sha=abc".to_owned(), "actor=ada".to_owned()];
    assert_eq!(
        facts(IssuerKind::Github, of, &run(&[])),
        [&[run_at("https://github.com")], &rest[..]].concat()
    );
    let own = "https://ghe.example/_services/token";
    assert_eq!(facts(IssuerKind::Github, own, &run(&[]))[0], run_at("https://ghe.example"));
    let job = claims(json!({ "project_path": "acme/app", "job_id": "3", "sha": "abc", "user_login": "ada" }));
    let told = facts(IssuerKind::Gitlab, "https://gitlab.example", &job);
    assert_eq!(told, ["run=https://gitlab.example/acme/app/-/jobs/3", "sha=abc", "actor=ada"]);
    assert!(facts(IssuerKind::Any, of, &claims(json!({ "sub": "x" }))).is_empty());
}
