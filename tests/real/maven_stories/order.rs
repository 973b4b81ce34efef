//! The order of versions is Maven's own: what `maven-metadata.xml` lists is put to the class that Maven compares with.

use std::collections::BTreeSet;

use super::super::{chance::Draw, clients::Maven, hub::Hub, plain::Plain, wanted::wanted};
use super::MavenVersion;

/// How many versions are deployed.
const VERSIONS: usize = 400;

/// Numbers in several writings, the longest longer than any machine word.
const NUMBERS: [&str; 11] =
    ["0", "1", "2", "3", "9", "10", "11", "01", "007", "20260102", "99999999999999999999"];

/// Every word with a meaning, and some without, in any case.
const WORDS: [&str; 24] = [
    "alpha",
    "beta",
    "milestone",
    "rc",
    "cr",
    "ga",
    "final",
    "release",
    "sp",
    "a",
    "b",
    "m",
    "x",
    "jre",
    "jdk",
    "pre",
    "foo",
    "Alpha",
    "BETA",
    "RC",
    "Final",
    "RELEASE",
    "M",
    "android",
];

#[test]
fn versions_stand_in_mavens_order() {
    if !wanted(MavenVersion::V4.parts()) {
        return;
    }
    let hub = Hub::start();
    let jars = hub.maven("jars");
    let plain = Plain::new(&hub, &hub.member);
    let mut draw = Draw::default();
    let mut versions = BTreeSet::new();
    while versions.len() < VERSIONS {
        versions.insert(version(&mut draw));
    }
    for version in &versions {
        let file = format!("{jars}/org/example/order/{version}/order-{version}.jar");
        plain.put(&file, version.clone().into_bytes()).is(201);
    }

    let metadata = plain.get(&format!("{jars}/org/example/order/maven-metadata.xml")).is(200);
    let metadata = String::from_utf8(metadata.body.to_vec()).unwrap();
    let listed: Vec<&str> = between(&metadata, "<version>", "</version>");
    let all: BTreeSet<&str> = versions.iter().map(String::as_str).collect();
    assert_eq!(
        listed.iter().copied().collect::<BTreeSet<_>>(),
        all,
        "not every version is listed, or others are"
    );
    assert_eq!(listed.len(), all.len(), "a version is listed twice");

    // It prints `1 < 2` or `1 == 2` for each version and the next.
    let said = Maven::new(MavenVersion::V4).compare(&listed).succeeds();
    let compared: Vec<&str> = said.text.lines().map(str::trim).filter(|line| is_comparison(line)).collect();
    assert_eq!(compared.len(), VERSIONS - 1, "{said}");
    let wrong: Vec<&&str> = compared.iter().filter(|line| line.contains(" > ")).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let equal = compared.iter().filter(|line| line.contains(" == ")).count();
    assert!(equal < VERSIONS / 2, "the versions hardly differ");
}

/// As people write them: one to four numbers, a word with or without a number, a build number.
fn version(draw: &mut Draw) -> String {
    let number = |draw: &mut Draw| NUMBERS[draw.below(NUMBERS.len())];
    let mut text = number(draw).to_owned();
    for _ in 0..draw.below(4) {
        text.push('.');
        text.push_str(number(draw));
    }
    if draw.below(3) > 0 {
        text.push_str(["-", "-", ".", ""][draw.below(4)]);
        text.push_str(WORDS[draw.below(WORDS.len())]);
        if draw.below(2) > 0 {
            text.push_str(["-", "", ""][draw.below(3)]);
            text.push_str(number(draw));
        }
    }
    if draw.below(4) == 0 {
        text.push('-');
        text.push_str(number(draw));
    }
    text
}

fn is_comparison(line: &str) -> bool {
    [" < ", " == ", " > "].iter().any(|sign| line.contains(sign)) && !line.contains("->")
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}
