use super::*;
use crate::scratch::Scratch;

#[test]
fn what_was_done_is_known_after_a_cut() {
    let folder = Scratch::new("journal");
    let path = folder.path("run");
    let what = json!({ "from": "a", "to": "b" });
    let mut journal = Journal::open(&path, &what).expect("a new one");
    journal.put("one").expect("a line");
    drop(journal);
    let mut text = std::fs::read_to_string(&path).expect("text");
    text.push_str("{\"done\":\"tw");
    std::fs::write(&path, &text).expect("a cut line");
    let mut journal = Journal::open(&path, &what).expect("the same run");
    assert!(journal.has("one") && !journal.has("two"));
    journal.put("two").expect("a line");
    drop(journal);
    let journal = Journal::open(&path, &what).expect("the same run");
    assert!(journal.has("one") && journal.has("two"));
    let other = Journal::open(&path, &json!({ "from": "c", "to": "b" }));
    assert!(matches!(other, Err(Failure::Configuration(_))));
}

#[test]
fn what_is_no_journal_stays_as_it_is() {
    let folder = Scratch::new("journal-other");
    for text in ["hello", "hello\n", "{\"a\":1}\n", "{\"a\":1}"] {
        let path = folder.path("file");
        std::fs::write(&path, text).expect("a file");
        let opened = Journal::open(&path, &json!({ "from": "a" }));
        assert!(matches!(opened, Err(Failure::Configuration(_))), "{text}");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), text);
    }
}
