use domain::{Project, ProjectKey};

use super::Outgoing;
use crate::at::{PrincipalAt, PrincipalTokenAt, TokenAt};
use crate::conditions::OnlyIf;
use crate::endpoint::{Ask, Nothing};
use crate::grants::{DeleteGrant, GrantNamed};
use crate::patch::{Merge, Patch};
use crate::projects::PutProject;
use crate::router::Api;
use crate::tokens::{SetTokenStateOf, StateWanted, WantedState};
use crate::words::SubjectRef;

#[test]
fn a_request_leads_to_the_endpoint_it_is_written_for() {
    let owner = PrincipalAt::new("application:al ice?x=/é");
    let at = PrincipalTokenAt::new(owner, TokenAt::new("0000002Z").expect("an id"));
    let body = StateWanted { state: WantedState::Revoked };
    let request = Outgoing::of(&Ask::<SetTokenStateOf>::new(at, Nothing {}, body));
    assert_eq!(request.method, "PUT");
    assert_eq!(
        request.target,
        "/api/v1/principals/application:al%20ice%3Fx%3D%2F%C3%A9/tokens/0000002Z/state"
    );
    assert_eq!(request.body.as_deref(), Some(r#"{"state":"revoked"}"#));
    let api = Api::new();
    let found = api.find("PUT", request.target.trim_start_matches("/api")).expect("a route");
    assert_eq!(found.meta().id, "principal_token_state");
}

#[test]
fn conditions_and_rehearsals_are_sent() {
    let at = ProjectKey::parse("alpha").expect("a key");
    let changes = Merge::new([("title".to_owned(), "Alpha".into())].into_iter().collect());
    let only_if = OnlyIf::parse(Some("\"5d\""), None).expect("a tag");
    let ask = Ask::<Patch<PutProject>> { only_if, dry_run: true, ..Ask::new(at, Nothing {}, changes) };
    let request = Outgoing::of(&ask);
    assert_eq!((request.method, &*request.target), ("PATCH", "/api/v1/projects/alpha?dry_run=true"));
    assert_eq!(request.body.as_deref(), Some(r#"{"title":"Alpha"}"#));
    let headers = [("content-type", "application/merge-patch+json"), ("if-match", "\"5d\"")];
    assert_eq!(request.headers, headers.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn what_is_none_is_not_sent() {
    let query =
        GrantNamed { to: SubjectRef::try_from("member:alice".to_owned()).expect("a subject"), role: None };
    let at = ProjectKey::parse("alpha").expect("a key");
    let request = Outgoing::of(&Ask::<DeleteGrant<Project>>::new(at, query, Nothing {}));
    assert_eq!(request.target, "/api/v1/projects/alpha/grants?to=member%3Aalice");
    assert_eq!(request.body, None);
}
