use proptest::prelude::*;

use super::*;

fn root(text: &str) -> Element {
    parse(text.as_bytes()).unwrap_or_else(|bad| panic!("{bad}: {text}"))
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

/// The bytes of a text in UTF-16.
fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn declared(encoding: &str) -> String {
    format!("<?xml version='1.0' encoding='{encoding}'?><p>\u{e9}</p>")
}

/// As `XmlReader` of .NET 10 was seen to read each of them; jfrog/build-info-go#226 is UTF-8 that declares UTF-16.
#[test]
fn encodings_are_those_that_clients_find() {
    let text = |bytes: &[u8]| parse(bytes).map(|root| root.text().to_owned());
    let plain = "<p>\u{e9}\u{1f600}</p>";
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        assert_eq!(text(&wide(plain, bytes)).unwrap(), "\u{e9}\u{1f600}");
        assert_eq!(text(&wide(&format!("\u{feff}{plain}"), bytes)).unwrap(), "\u{e9}\u{1f600}");
        for good in ["utf-16", "UTF-16"] {
            assert_eq!(text(&wide(&declared(good), bytes)).unwrap(), "\u{e9}", "{good}");
        }
        for other in ["utf-8", "iso-8859-1", "us-ascii", "utf-32"] {
            assert!(parse(&wide(&declared(other), bytes)).is_err(), "{other}");
        }
    }
    let (little, big) = (u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes as fn(u16) -> [u8; 2]);
    for (name, own, other) in [("utf-16le", little, big), ("utf-16BE", big, little)] {
        assert!(parse(&wide(&declared(name), own)).is_ok(), "{name}");
        assert!(parse(&wide(&declared(name), other)).is_err(), "{name}");
    }
    let latin = |encoding: &str| -> Vec<u8> {
        declared(encoding).chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
    };
    for name in ["iso-8859-1", "ISO-8859-1", "latin1"] {
        assert_eq!(text(&latin(name)).unwrap(), "\u{e9}", "{name}");
        assert_eq!(text(declared(name).as_bytes()).unwrap(), "\u{c3}\u{a9}", "{name}");
    }
    assert_eq!(text(&latin("us-ascii")).unwrap(), "?");
    assert_eq!(text(declared("UTF-8").as_bytes()).unwrap(), "\u{e9}");
    assert_eq!(text(format!("\u{feff}{plain}").as_bytes()).unwrap(), "\u{e9}\u{1f600}");
    for name in ["utf-8", "windows-1252", "iso-8859-15", "utf-7", "UTF8"] {
        assert!(parse(&latin(name)).is_err(), "{name}");
    }
    for name in ["utf-16", "ucs-2", "utf-16le"] {
        assert!(parse(declared(name).as_bytes()).is_err(), "{name}, and it is UTF-8");
    }
    assert!(parse(&[0xff, 0xfe, b'<']).is_err());
    assert!(parse(b"<p>\xff</p>").is_err());
    assert!(parse("\u{feff}\u{feff}<p/>".as_bytes()).is_err());
}

/// The children of the root by their name alone, what is inside one by its name in the default namespace there: so does
/// `NuspecReader`, and what another reader would find elsewhere is not found here.
#[test]
fn elements_are_found_as_clients_find_them() {
    let document = root(
        "<p xmlns='n' xmlns:x='n' xmlns:y='m'><f><id>1</id><x:id>2</x:id><y:id>3</y:id><id xmlns='m'>4</id>\
         <y:z><id>5</id></y:z></f><g xmlns='m'><id>6</id><x:id>7</x:id><y:id>8</y:id></g><y:f/><x:f><id>9</id></x:f></p>",
    );
    let ids = |name: &str| -> Vec<Vec<String>> {
        let texts = |of: &Element| of.all("id").map(|id| id.text().to_owned()).collect();
        document.all(name).map(texts).collect()
    };
    assert_eq!(ids("f"), [vec!["1".to_owned(), "2".to_owned()], vec![], vec!["9".to_owned()]]);
    assert_eq!(ids("g"), [["6", "8"]]);
    let prefixed = root("<x:p xmlns:x='n'><x:f><x:id>1</x:id><id>2</id></x:f></x:p>");
    assert_eq!(only(only(&prefixed, "f"), "id").text(), "2");
    // The text of a field is all that is inside it.
    let field = root("<p><f><id>A<b>c<i xmlns='m'>d</i></b>e<!-- x -->f</id></f></p>");
    assert_eq!(only(only(&field, "f"), "id").text(), "Acdef");
}

/// What `XmlReader` refuses, so that a package with it could be pushed once and read never.
#[test]
fn what_no_client_can_read_is_refused() {
    let inside = [
        "<x:y/>",
        "<y x:a='1'/>",
        "<1a/>",
        "<a:b:c xmlns:a='x'/>",
        "<y a='<'/>",
        "<y>]]></y>",
        "<y>\u{ffff}</y>",
        "<y>&#1;</y>",
        "<y>&#xffff;</y>",
        "<y>&#xd800;</y>",
        "<y a='1'b='2'/>",
        "<y q='1' q='2'/>",
        "<y a='\u{1}'/>",
        "<y xmlns:a='n' xmlns:b='n' a:q='1' b:q='2'/>",
        "<y xmlns:a=''/>",
        "<y xmlns:xml='foo'/>",
        "< y/>",
        "<?xml version='1.0'?>",
        "<!-- a--b -->",
        "<y>&nbsp;</y>",
        "<y>a & b</y>",
    ];
    for inside in inside {
        assert!(parse(format!("<p>{inside}</p>").as_bytes()).is_err(), "{inside}");
    }
    let whole = [
        "\n<?xml version='1.0'?><p/>",
        "<!-- c --><?xml version='1.0'?><p/>",
        "<?xml version='1.0'?><?xml version='1.0'?><p/>",
        "<?xml version='1.1'?><p/>",
        "<?xml encoding='utf-8'?><p/>",
        "<?xml encoding='utf-8' version='1.0'?><p/>",
        "<?xml version='1.0' standalone='maybe'?><p/>",
        "<?XML version='1.0'?><p/>",
        "<![CDATA[x]]><p/>",
        "<p/>\0",
        "<p/>\u{a0}",
        "&#32;<p/>",
    ];
    for whole in whole {
        assert!(parse(whole.as_bytes()).is_err(), "{whole}");
    }
    let good = [
        "<?xml version='1.0' encoding='utf-8' standalone='yes' ?><p/>",
        "\n <p/>",
        "<?a b?><!-- a --><p></p >\n",
        "<p><\u{e4} xml:space='preserve'/></p>",
        "<p>\u{85}</p>",
    ];
    for good in good {
        assert!(parse(good.as_bytes()).is_ok(), "{good}");
    }
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
    let attributes = |count: usize| {
        (0..count).fold("<p".to_owned(), |text, number| text + &format!(" a{number}=''")) + "/>"
    };
    assert!(parse(attributes(64).as_bytes()).is_ok());
    assert!(parse(attributes(65).as_bytes()).is_err());
}

proptest! {
    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64), near in "(<|>|/|p|q|&|;|#|x| |=|\"|!|-|\\[|\\]|\\?|:){0,24}") {
        let _ = (parse(&bytes), parse(near.as_bytes()));
    }
}
