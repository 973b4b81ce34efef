use bytes::Bytes;

use super::{GrantBody, NewTokenBody, StateBody, read};
use crate::management::error::Bad;

fn wrong<T: serde::de::DeserializeOwned>(text: &'static str) -> String {
    match read::<T>(&Bytes::from_static(text.as_bytes())) {
        Err(Bad::Json(message)) => message,
        Err(_) => "another error".to_owned(),
        Ok(_) => "no error".to_owned(),
    }
}

#[test]
fn unknown_fields_are_named_and_values_are_not() {
    let message = wrong::<NewTokenBody>(r#"{"name":"x","limit":[]}"#);
    assert!(message.starts_with("unknown field `limit`"), "{message}");
    let message = wrong::<GrantBody>(r#"{"to":"member:alice","role":["hunter2"]}"#);
    assert!(message.starts_with("a field of the body has the wrong type"), "{message}");
    let message = wrong::<GrantBody>(r#"{"to":12345}"#);
    assert!(!message.contains("12345"), "{message}");
    assert!(wrong::<GrantBody>("{").starts_with("the body is not valid JSON"));
    assert!(wrong::<GrantBody>("{}").starts_with("missing field `to`"));
}

#[test]
fn tokens_only_go_down() {
    let state: StateBody = read(&Bytes::from_static(br#"{"state":"active"}"#)).expect("a document");
    assert!(state.parse().is_err());
}
