use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(document: &serde_json::Value) -> Option<Advisory> {
    Advisory::read("GHSA-x", &document.to_string())
}

/// The ranges of a package `A` with these events and versions.
fn ranges(events: serde_json::Value, versions: &[&str]) -> Vec<String> {
    let affected = json!([{
        "package": { "ecosystem": "NuGet", "name": "A" },
        "ranges": [{ "type": "ECOSYSTEM", "events": events }, { "type": "GIT", "events": [{ "introduced": "0" }] }],
        "versions": versions,
    }]);
    let advisory = read(&json!({ "id": "x", "affected": affected })).unwrap();
    advisory.ranges_of(&PackageId::parse("a").unwrap()).iter().map(Range::normalised).collect()
}

#[test]
fn events_become_ranges() {
    let none: [&str; 0] = [];
    assert_eq!(ranges(json!([{ "introduced": "0" }, { "fixed": "13.0.1" }]), &[]), ["(, 13.0.1)"]);
    assert_eq!(ranges(json!([{ "introduced": "1.0" }, { "last_affected": "1.4" }]), &[]), ["[1.0.0, 1.4.0]"]);
    assert_eq!(ranges(json!([{ "introduced": "0" }]), &[]), ["(, )"]);
    assert_eq!(ranges(json!([{ "introduced": "2.0" }]), &[]), ["[2.0.0, )"]);
    let several =
        json!([{ "fixed": "3.1" }, { "introduced": "3.0" }, { "introduced": "1.0" }, { "fixed": "1.2" }]);
    assert_eq!(ranges(several, &[]), ["[1.0.0, 1.2.0)", "[3.0.0, 3.1.0)"]);
    assert_eq!(ranges(json!([{ "fixed": "1.0" }, { "introduced": "x" }]), &[]), none);
    assert_eq!(
        ranges(json!([{ "introduced": "1.0" }, { "fixed": "2.0" }]), &["1.0.0", "1.5", "0.9", "x"]),
        ["[0.9.0, 0.9.0]", "[1.0.0, 2.0.0)"]
    );
    // A range that is fixed where another begins is two.
    let met =
        json!([{ "introduced": "1.0" }, { "fixed": "2.0" }, { "introduced": "2.0" }, { "fixed": "3.0" }]);
    assert_eq!(ranges(met, &[]), ["[1.0.0, 2.0.0)"]);
}

#[test]
fn severity_and_address_are_those_of_the_document() {
    let of = |extra: serde_json::Value| {
        let mut document = json!({
            "id": "x",
            "affected": [{ "package": { "ecosystem": "nuget", "name": "A" }, "versions": ["1.0"] }],
        });
        document.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        read(&document).map(|advisory| (advisory.severity, advisory.url))
    };
    let osv = "https://osv.dev/vulnerability/GHSA-x".to_owned();
    assert_eq!(of(json!({})), Some((1, osv.clone())));
    for (word, level) in [("LOW", 0), ("MODERATE", 1), ("High", 2), ("CRITICAL", 3), ("?", 1)] {
        assert_eq!(
            of(json!({ "database_specific": { "severity": word } })),
            Some((level, osv.clone())),
            "{word}"
        );
    }
    let vector = |score: &str| json!({ "severity": [{ "type": "CVSS", "score": score }] });
    assert_eq!(of(vector("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")), Some((3, osv.clone())));
    assert_eq!(of(vector("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H")), Some((2, osv.clone())));
    assert_eq!(
        of(vector("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N")),
        Some((3, osv.clone()))
    );
    assert_eq!(of(vector("nonsense")), Some((1, osv)));
    let references = json!({ "references": [
        { "type": "WEB", "url": "javascript:alert(1)" },
        { "type": "WEB", "url": "https://a.example/web" },
        { "type": "ADVISORY", "url": "https://a.example/advisory" },
    ] });
    assert_eq!(of(references), Some((1, "https://a.example/advisory".to_owned())));
    let web = json!({ "references": [{ "type": "WEB", "url": "https://a.example/web" }] });
    assert_eq!(of(web), Some((1, "https://a.example/web".to_owned())));
    assert_eq!(of(json!({ "withdrawn": "2026-01-01T00:00:00Z" })), None);
}

#[test]
fn what_is_about_others_is_left_out() {
    assert_eq!(Advisory::read("x", "no JSON"), None);
    assert_eq!(read(&json!({})), None);
    let npm =
        json!({ "affected": [{ "package": { "ecosystem": "npm", "name": "a" }, "versions": ["1.0.0"] }] });
    assert_eq!(read(&npm), None);
    let odd = json!({ "affected": [{ "package": { "ecosystem": "NuGet", "name": "a/b" } }] });
    assert_eq!(read(&odd), None);
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(text in "[\\[\\]{}\",:a-z0-9. ]{0,60}") {
        let _ = Advisory::read("x", &text);
    }
}
