use proptest::prelude::*;

use super::words::Run;

fn parts(text: &str) -> Vec<String> {
    Run::joined(text).parts().map(str::to_owned).collect()
}

#[test]
fn words_begin_where_people_see_them_begin() {
    let cases: &[(&str, &[&str])] = &[
        ("", &[]),
        (" . -", &[]),
        ("json", &["json"]),
        ("JsonPatch", &["json", "patch"]),
        ("jsonPatch", &["json", "patch"]),
        ("XMLReader", &["xml", "reader"]),
        ("ReaderXML", &["reader", "xml"]),
        ("Newtonsoft.Json", &["newtonsoft", "json"]),
        ("log4net", &["log", "4", "net"]),
        ("UTF8String", &["utf", "8", "string"]),
        ("A", &["a"]),
        ("AB", &["ab"]),
        ("aB", &["a", "b"]),
        ("X509", &["x", "509"]),
        ("EF.Core-UI_Go", &["ef", "core", "ui", "go"]),
        ("ÄpfelÜber", &["äpfel", "über"]),
        ("日本語", &["日本語"]),
    ];
    for (text, expected) in cases {
        assert_eq!(parts(text), *expected, "{text}");
    }
}

#[test]
fn runs_end_where_words_do_and_have_a_bound() {
    let all: Vec<String> = Run::all("some.JsonPatch2!").iter().map(|run| run.text().to_owned()).collect();
    assert_eq!(all, ["some", "jsonpatch2"]);
    let run = Run::joined("some.JsonPatch2");
    assert_eq!(run.pairs().collect::<Vec<_>>(), ["somejson", "jsonpatch", "patch2"]);
    assert_eq!(Run::joined("one").pairs().count(), 0);
    let long = Run::joined(&"aB".repeat(10_000));
    assert_eq!((long.text().len(), long.parts().count(), long.pairs().count()), (128, 32, 31));
}

proptest! {
    /// Nothing of a text is lost, and parts are what words begin with.
    #[test]
    fn parts_make_the_whole(text in "\\PC{0,60}") {
        let run = Run::joined(&text);
        let whole: String = run.parts().collect();
        prop_assert_eq!(&whole, run.text());
        prop_assert_eq!(run.text().is_empty(), !text.contains(char::is_alphanumeric));
    }

    #[test]
    fn case_alone_changes_no_run(text in "[a-zA-Z0-9.]{0,60}") {
        let (written, folded) = (Run::joined(&text), Run::joined(&text.to_lowercase()));
        prop_assert_eq!(written.text(), folded.text());
    }
}
