use super::*;

fn person(title: &str, has_password: bool) -> Document {
    Document::default().with("title", title).secret("password", has_password)
}

#[test]
fn of_a_change_only_what_differs_is_kept() {
    let turn = Turn::Changed { before: person("Alice", true), after: person("Alice A.", true) };
    let (before, after) = turn.texts();
    assert_eq!(before.as_deref(), Some(r#"{"title":"Alice"}"#));
    assert_eq!(after.as_deref(), Some(r#"{"title":"Alice A."}"#));
}

#[test]
fn what_is_made_or_goes_is_kept_whole_and_a_secret_never() {
    assert_eq!(
        Turn::Made(person("Alice", true)).texts(),
        (None, Some(r#"{"password":"set","title":"Alice"}"#.into()))
    );
    assert_eq!(
        Turn::Gone(person("Alice", false)).texts(),
        (Some(r#"{"password":null,"title":"Alice"}"#.into()), None)
    );
}

#[test]
fn one_secret_in_the_place_of_another_is_still_told() {
    let secret = || Document::default().secret("password", true);
    let (before, after) = Turn::Changed { before: secret(), after: secret() }.texts();
    assert_eq!(
        (before.as_deref(), after.as_deref()),
        (Some(r#"{"password":"set"}"#), Some(r#"{"password":"set"}"#))
    );
}
