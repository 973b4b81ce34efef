use proptest::prelude::*;

use super::*;

fn root(text: &str) -> Element {
    parse(text.as_bytes()).unwrap_or_else(|bad| panic!("{bad}: {text}")).root
}

fn only<'a>(element: &'a Element, name: &'a str) -> &'a Element {
    let mut all = element.all(name);
    let first = all.next().unwrap();
    assert!(all.next().is_none(), "{name} twice");
    first
}

#[test]
fn text_attributes_and_references_are_read() {
    let root = root(
        "\u{feff}<?xml version=\"1.0\"?><!-- c --><p a=\"1 &amp; &#x32;\">\n <q> x &lt;<![CDATA[<y>]]>&#33; </q><q/></p>\n",
    );
    assert_eq!((root.name(), root.attribute("a"), root.attribute("b")), ("p", Some("1 & 2"), None));
    let texts: Vec<&str> = root.all("q").map(Element::text).collect();
    assert_eq!(texts, ["x <<y>!", ""]);
    assert_eq!(root.children.len(), 2);
}

#[test]
fn utf16_is_read_by_its_mark() {
    let text = "<p>é\u{1f600}</p>";
    let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    for bytes in [wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
        assert_eq!(parse(&bytes).unwrap().root.text(), "é\u{1f600}");
    }
    assert!(parse(&[0xff, 0xfe, b'<']).is_err());
    assert!(parse(b"<p>\xff</p>").is_err());
}

/// What another reader would find elsewhere, or not at all, is not found here.
#[test]
fn elements_of_other_namespaces_are_left_out() {
    let document = parse(
        b"<p xmlns=\"n\" xmlns:x=\"n\" xmlns:y=\"m\"><id>1</id><x:id>2</x:id><y:id>3</y:id><id xmlns=\"m\">4</id>\
        <y:z><id>5</id></y:z></p>",
    );
    let document = document.unwrap();
    assert_eq!(&*document.namespace, "n");
    assert_eq!(only(&document.root, "id").text(), "1");
    assert_eq!(document.root.children.len(), 1);
    assert!(parse(b"<x:p xmlns:x=\"n\"/>").is_err());
}

#[test]
fn types_entities_and_controls_are_refused() {
    let bad = [
        "<!DOCTYPE p><p/>",
        "<!DOCTYPE p [<!ENTITY a \"b\">]><p>&a;</p>",
        "<!DOCTYPE p SYSTEM \"file:///etc/passwd\"><p/>",
        "<p>&a;</p>",
        "<p a=\"&b;\"/>",
        "<p>&#0;</p>",
        "<p>&#x110000;</p>",
        "<p>\u{1}</p>",
        "",
        "p",
        "<p>",
        "</p>",
        "<p></q>",
        "<p/><p/>",
        "<p/>x",
        "x<p/>",
        "<p a=1/>",
        "<p a='1' a='2'/>",
        "<p>& </p>",
    ];
    for bad in bad {
        assert!(parse(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn depth_and_number_of_elements_are_bounded() {
    let deep = |depth: usize| format!("{}{}", "<p>".repeat(depth), "</p>".repeat(depth));
    assert!(parse(deep(32).as_bytes()).is_ok());
    assert!(parse(deep(33).as_bytes()).is_err());
    assert!(parse(deep(100_000).as_bytes()).is_err());
    let wide = |width: usize| format!("<p>{}</p>", "<q/>".repeat(width));
    assert!(parse(wide(19_999).as_bytes()).is_ok());
    assert!(parse(wide(20_000).as_bytes()).is_err());
}

proptest! {
    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64), near in "(<|>|/|p|q|&|;|#|x| |=|\"|!|-|\\[|\\]|\\?|:){0,24}") {
        let _ = (parse(&bytes), parse(near.as_bytes()));
    }
}
