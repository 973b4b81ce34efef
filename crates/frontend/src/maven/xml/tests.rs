use proptest::prelude::*;

use super::*;

/// `a/b=text`, one after the other.
fn shown(document: &[u8]) -> Result<String, Fault> {
    let mut all = Vec::new();
    read(document, DocumentType::Refused, |element| {
        all.push(format!("{}={}", element.path.join("/"), element.text))
    })?;
    Ok(all.join(" "))
}

#[test]
fn elements_come_with_their_text() {
    for (document, expected) in [
        ("<a><b>x</b><c/></a>", "a/b=x a/c= a="),
        ("\u{feff}<?xml version='1.0'?><!-- c --><a>\n x \n</a>\n<!-- d -->", "a=x"),
        ("<p:a xmlns:p='urn:x'><p:b>1<!-- c -->2</p:b></p:a>", "a/b=12 a="),
        ("<a><![CDATA[<b>]]>&amp;&#65;&#x42;</a>", "a=<b>&AB"),
        ("<a>&oslash;x</a>", "a=\u{fffd}x"),
        ("<a b='>' c=\"</a>\">x</a>", "a=x"),
        ("<a>x<b>y</b></a>", "a/b=y a="),
    ] {
        assert_eq!(shown(document.as_bytes()).as_deref(), Ok(expected), "{document}");
    }
    assert_eq!(shown(b"<a>J\xf8rn<b>1</b></a>").as_deref(), Ok("a/b=1 a="));
}

#[test]
fn what_is_not_well_formed_or_has_a_document_type_is_refused() {
    for document in [
        "",
        " ",
        "x",
        "<a>",
        "</a>",
        "<a></b>",
        "<a><b></a></b>",
        "<a/><b/>",
        "<a/>x",
        "<a",
        "<a>&amp</a>",
        "<a>&#xd800;</a>",
        "PK\u{3}\u{4}",
        "{}",
        "<!-- only -->",
        "<a>& b</a>",
    ] {
        assert_eq!(shown(document.as_bytes()), Err(Fault::Malformed), "{document:?}");
    }
    for document in [
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1/x.dtd\"><a/>",
        "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>",
    ] {
        assert_eq!(shown(document.as_bytes()), Err(Fault::DocumentType), "{document}");
    }
    let entity = b"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\"> <!ENTITY y \"]>\">]><a>&x;1</a>";
    let mut all = Vec::new();
    let outcome = read(entity, DocumentType::Ignored, |element| all.push(element.text.to_owned()));
    assert_eq!((outcome, all), (Ok(()), vec!["\u{fffd}1".to_owned()]));
    assert_eq!(shown("<a>".repeat(100_000).as_bytes()), Err(Fault::TooDeep));
    let deep = format!("{}{}", "<a>".repeat(DEPTH_MAX), "</a>".repeat(DEPTH_MAX));
    assert!(shown(deep.as_bytes()).is_ok());
}

#[test]
fn long_text_is_cut() {
    let long = format!("<a>{}</a>", "ü".repeat(10_000));
    let mut seen = 0;
    read(long.as_bytes(), DocumentType::Refused, |element| seen = element.text.len()).unwrap();
    assert_eq!(seen, TEXT_BYTES_MAX);
}

proptest! {
    #[test]
    fn nothing_panics(document in proptest::collection::vec(any::<u8>(), 0..128)) {
        let _ = shown(&document);
    }

    #[test]
    fn nothing_close_to_xml_panics(document in "(<[a-c/!?]{0,3}|[a-c]|>|&[a-z#0-9]{0,3};?|\\[CDATA\\[|\\]\\]|--| |'|\"|=|DOCTYPE){0,24}") {
        let _ = shown(document.as_bytes());
    }
}
