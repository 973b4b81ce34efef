use super::Describer;
use crate::all::all;

/// One name, one meaning: a type that is asked and answered looks alike in both.
#[test]
fn no_name_means_two_things() {
    let mut describer = Describer::new();
    for mounted in all() {
        (mounted.describe)(&mut describer);
    }
    for (name, asked) in describer.requests.definitions() {
        if let Some(answered) = describer.answers.definitions().get(name) {
            assert_eq!(asked, answered, "{name}");
        }
    }
}
