use proptest::prelude::*;

use super::*;

/// The grammar of the specification, as slowly as it is written: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn oracle(text: &str) -> bool {
    let mut words = vec![String::new()];
    let mut separators = vec![String::new()];
    for letter in text.chars() {
        if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
            if separators.len() > words.len() {
                words.push(String::new());
            }
            words.last_mut().unwrap().push(letter);
        } else {
            if separators.len() == words.len() {
                separators.push(String::new());
            }
            separators.last_mut().unwrap().push(letter);
        }
    }
    let fits =
        |text: &str| matches!(text, "." | "_" | "__") || !text.is_empty() && text.chars().all(|c| c == '-');
    words.len() == separators.len()
        && words.iter().all(|word| !word.is_empty())
        && separators[1..].iter().all(|text| fits(text))
}

#[test]
fn components_follow_the_grammar() {
    for good in ["a", "0", "a.b", "a_b", "a__b", "a-b", "a-----b", "a.b_c__d--e9"] {
        assert!(is_component(good) && oracle(good), "{good}");
    }
    for bad in
        ["", ".", "a.", ".a", "a..b", "a___b", "a._b", "a_.b", "a-_b", "A", "a b", "a/b", "ä", "a\0", "a-"]
    {
        assert!(!is_component(bad) && !oracle(bad), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn components_agree_with_the_specification(text in "[a-c0._-]{0,12}") {
        prop_assert_eq!(is_component(&text), oracle(&text));
    }

    #[test]
    fn whatever_is_no_text_of_the_grammar_is_refused(text in any::<String>()) {
        prop_assert!(!is_component(&text) || oracle(&text));
        let _ = parse(&text);
    }
}
