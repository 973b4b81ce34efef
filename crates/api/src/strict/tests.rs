use expect_test::expect;
use serde_json::json;

use super::read;

fn refused(text: &str) -> String {
    match read(text.as_bytes()) {
        Ok(value) => panic!("{text} was read as {value}"),
        Err(fault) => fault.problem().detail.into_owned(),
    }
}

#[test]
fn documents_are_read() {
    let text = r#" {"a":[1,-2,2.5,"x",null,true,{}],"b":"\ud83d\ude00"} "#;
    assert_eq!(
        read(text.as_bytes()).expect("JSON"),
        json!({ "a": [1, -2, 2.5, "x", null, true, {}], "b": "😀" })
    );
}

#[test]
fn a_whole_number_is_one_however_it_is_written() {
    let read = |text: &str| read(text.as_bytes()).expect("JSON").to_string();
    assert_eq!(read("[518.0, -0.0, 1e3, 2.5]"), "[518,0,1000,2.5]");
    // Which one that is, is in doubt: it stays what it is, and is no whole number to any field.
    assert_eq!(read("[9007199254740992.0, 1e300]"), "[9007199254740992.0,1e+300]");
    assert_eq!(read("18446744073709551615"), "18446744073709551615");
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let mut table = String::new();
    for text in [
        "",
        "{",
        "{} {}",
        r#"{"a":1,"a":2}"#,
        r#"{"x":{"b":1,"b":2}}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#""\ud800""#,
        "NaN",
        "1e999",
        "[1,]",
        "{'a':1}",
        "\u{feff}{}",
        "// a\n{}",
    ] {
        table.push_str(&format!("{text:?}: {}\n", refused(text)));
    }
    expect![[r#"
        "": the body is not valid JSON (line 1, column 0)
        "{": the body is not valid JSON (line 1, column 1)
        "{} {}": the body is not valid JSON (line 1, column 4)
        "{\"a\":1,\"a\":2}": a name stands twice in one object (line 1, column 13)
        "{\"x\":{\"b\":1,\"b\":2}}": a name stands twice in one object (line 1, column 18)
        "{\"a\":1,\"\\u0061\":2}": a name stands twice in one object (line 1, column 18)
        "\"\\ud800\"": the body is not valid JSON (line 1, column 8)
        "NaN": the body is not valid JSON (line 1, column 1)
        "1e999": the body is not valid JSON (line 1, column 5)
        "[1,]": the body is not valid JSON (line 1, column 4)
        "{'a':1}": the body is not valid JSON (line 1, column 2)
        "\u{feff}{}": the body is not valid JSON (line 1, column 1)
        "// a\n{}": the body is not valid JSON (line 1, column 1)
    "#]]
    .assert_eq(&table);
    assert!(read(b"\"\xc0\xaf\"").is_err(), "overlong UTF-8");
    assert!(read(b"\"\xff\"").is_err(), "no UTF-8");
}

#[test]
fn depth_and_number_are_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(nested(16).as_bytes()).is_ok());
    assert!(refused(&nested(17)).starts_with("the body is nested more than 16 deep"));
    assert!(refused(&"[".repeat(60_000)).starts_with("the body is nested more than 16 deep"));
    let many = |count: usize| format!("[{}]", vec!["0"; count].join(","));
    assert!(read(many(9_999).as_bytes()).is_ok());
    assert!(refused(&many(10_000)).starts_with("the body has more than 10000 values"));
}
