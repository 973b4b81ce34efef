use super::*;
use crate::maven::layout::{FilePath, Stored};
use crate::maven::version::Version;

fn checked(path: &str, pom: &str) -> Result<(), BadPom> {
    let FilePath::File(file) = Stored::parse(path).unwrap().path else { panic!("raw: {path}") };
    check(pom.as_bytes(), &file, true).map(drop)
}

fn contradicts(what: &'static str, path: &str, pom: &str) -> Result<(), BadPom> {
    Err(BadPom::Contradicts { what, path: path.into(), pom: pom.into() })
}

const PATH: &str = "org/foo/bar/1.0/bar-1.0.pom";

fn pom(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
         {inside}<dependencies><dependency><groupId>x</groupId><artifactId>y</artifactId><version>9</version></dependency>\
         </dependencies></project>"
    )
}

#[test]
fn what_a_pom_says_must_be_what_its_path_says() {
    let own = "<groupId>org.foo</groupId><artifactId>bar</artifactId><version>1.0</version>";
    let parent =
        "<parent><groupId>org.foo</groupId><artifactId>up</artifactId><version>1.0</version></parent>";
    for good in [
        own.to_owned(),
        format!("{parent}<artifactId>bar</artifactId>"),
        format!("{parent}{own}"),
        own.replace("org.foo", "  org.foo\n"),
        own.replace("1.0", "${revision}"),
        own.replace("1.0", "1.${x}"),
        "<artifactId>bar</artifactId>".to_owned(),
        format!("{own}<parent><groupId>other</groupId><version>3</version></parent>"),
        format!("{own}<build><version>9</version></build>"),
    ] {
        assert_eq!(checked(PATH, &pom(&good)), Ok(()), "{good}");
    }
    for (bad, expected) in [
        (own.replace("org.foo", "org.fox"), contradicts("groupId", "org.foo", "org.fox")),
        (own.replace("bar", "Bar"), contradicts("artifactId", "bar", "Bar")),
        (own.replace("1.0", "1"), contradicts("version", "1.0", "1")),
        (parent.replace("1.0", "2"), contradicts("version", "1.0", "2")),
        (parent.replace("org.foo", "com.foo"), contradicts("groupId", "org.foo", "com.foo")),
        (own.replace("1.0", "1.0&nbsp;"), contradicts("version", "1.0", "1.0\u{fffd}")),
    ] {
        assert_eq!(checked(PATH, &pom(&bad)), expected, "{bad}");
    }
}

/// sbt/sbt#3410, #7201: the older of the two POMs of a plug-in leaves out what it is for.
#[test]
fn the_pom_of_an_sbt_plugin_may_have_the_shorter_name() {
    let says = |artifact: &str| {
        pom(&format!("<groupId>x</groupId><artifactId>{artifact}</artifactId><version>1</version>"))
    };
    for path in ["x/sbt-y_2.12_1.0/1/sbt-y-1.pom", "x/sbt-y_2.12_1.0/1/sbt-y_2.12_1.0-1.pom"] {
        assert_eq!(checked(path, &says("sbt-y")), Ok(()));
        assert_eq!(checked(path, &says("sbt-y_2.12_1.0")), Ok(()));
        assert_eq!(checked(path, &says("sbt-z")), contradicts("artifactId", "sbt-y_2.12_1.0", "sbt-z"));
    }
}

#[test]
fn what_a_pom_is_for_is_kept() {
    let FilePath::File(file) = Stored::parse(PATH).unwrap().path else { panic!("raw: {PATH}") };
    let described = |inside: &str| check(pom(inside).as_bytes(), &file, true).unwrap();
    let needs = || {
        let version = Version::parse("9").expect("a version").sort_key().into();
        vec![Need { package: "x:y".into(), version, range: "9".into(), ..Need::default() }]
    };
    let told =
        described("<packaging>maven-archetype</packaging><description>A\nport &amp; more</description>");
    assert_eq!(told, Described { archetype: true, description: "A port & more".into(), needs: needs() });
    let long =
        described(&format!("<packaging>jar</packaging><description>{}</description>", "ü".repeat(400)));
    assert_eq!(long, Described { archetype: false, description: "ü".repeat(128).into(), needs: needs() });
}

#[test]
fn a_permissive_repository_takes_any_project() {
    let FilePath::File(file) = Stored::parse(PATH).unwrap().path else { panic!("raw: {PATH}") };
    let other = pom("<groupId>x</groupId><artifactId>y</artifactId><version>2</version>");
    assert_eq!(check(other.as_bytes(), &file, false).map(drop), Ok(()));
    let typed = format!(
        "<!DOCTYPE project SYSTEM \"http://127.0.0.1:1/x.dtd\">{}",
        other.split_once("?>").unwrap().1
    );
    assert_eq!(check(typed.as_bytes(), &file, false).map(drop), Ok(()));
    assert_eq!(check(typed.as_bytes(), &file, true), Err(BadPom::Unreadable(Fault::DocumentType)));
    assert_eq!(check(b"<metadata/>", &file, false), Err(BadPom::NoProject));
    assert_eq!(check(b"<project>", &file, false), Err(BadPom::Unreadable(Fault::Malformed)));
}

#[test]
fn a_pom_may_be_in_utf_16() {
    let FilePath::File(file) = Stored::parse(PATH).unwrap().path else { panic!("raw: {PATH}") };
    let own = pom("<groupId>org.foo</groupId><artifactId>bar</artifactId><version>1.0</version>");
    let own = own.replace("?>", " encoding=\"UTF-16\"?>");
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        for mark in ["\u{feff}", ""] {
            let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
            assert_eq!(check(&wide(&format!("{mark}{own}")), &file, true).map(drop), Ok(()));
            let other = wide(&format!("{mark}{}", own.replace("1.0</", "2.0</")));
            assert_eq!(check(&other, &file, true).map(drop), contradicts("version", "1.0", "2.0"));
        }
    }
}

#[test]
fn the_pom_of_a_snapshot_names_the_base_version_or_the_build() {
    let path = "x/y/1-SNAPSHOT/y-1-20260102.030405-7.pom";
    let says =
        |version| pom(&format!("<groupId>x</groupId><artifactId>y</artifactId><version>{version}</version>"));
    assert_eq!(checked(path, &says("1-SNAPSHOT")), Ok(()));
    assert_eq!(checked(path, &says("1-20260102.030405-7")), Ok(()));
    assert_eq!(checked(path, &says("1")), contradicts("version", "1-SNAPSHOT", "1"));
}

#[test]
fn other_documents_are_no_poms() {
    assert_eq!(checked(PATH, "<metadata/>"), Err(BadPom::NoProject));
    assert_eq!(checked(PATH, "<html><project/></html>"), Err(BadPom::NoProject));
    assert_eq!(checked(PATH, "PK"), Err(BadPom::Unreadable(Fault::Malformed)));
    let entity =
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><project><groupId>&e;</groupId></project>";
    assert_eq!(checked(PATH, entity), Err(BadPom::Unreadable(Fault::DocumentType)));
}
