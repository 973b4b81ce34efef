//! Packages as they are, made up: a few words in many names, many words in few, the same for every run.

use std::sync::Arc;

use storage::Findable;

/// What ids are made of.
const PARTS: [&str; 40] = [
    "Contoso",
    "Fabrikam",
    "Northwind",
    "Json",
    "Xml",
    "Data",
    "Core",
    "Http",
    "Client",
    "Server",
    "EF",
    "UI",
    "Go",
    "Log",
    "Logging",
    "Test",
    "Mock",
    "Patch",
    "JsonPatch",
    "Utf8",
    "Abstractions",
    "Extensions",
    "Configuration",
    "Hosting",
    "Net",
    "Sql",
    "Azure",
    "Cloud",
    "Queue",
    "Cache",
    "Redis",
    "Web",
    "Mvc",
    "Razor",
    "Tools",
    "Analyzers",
    "Generator",
    "Parser",
    "Serializer",
    "Security",
];
/// Words of descriptions.
const WORDS: u64 = 6000;
/// Words of one description.
const DESCRIPTION_WORDS: u64 = 40;

/// A package without its versions.
pub(crate) struct Package {
    pub(crate) id: String,
    title: String,
    tags: Vec<String>,
    text: String,
}

/// Numbers that look like chance and are the same every time.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    /// Below `end`, the smaller the likelier, as words are.
    fn common(&mut self, end: u64) -> u64 {
        let bits = self.below(u64::from(end.ilog2()) + 1) + 1;
        self.below(1 << bits) % end
    }

    /// One of these, those in front likelier.
    fn one<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let at = usize::try_from(self.common(all.len() as u64)).unwrap_or_default();
        all.get(at).copied().unwrap_or_default()
    }

    /// A part of an id.
    pub(crate) fn part(&mut self) -> &'static str {
        self.one(&PARTS)
    }

    /// A word of a description.
    pub(crate) fn word(&mut self) -> String {
        spelt(self.common(WORDS))
    }
}

impl Package {
    pub(crate) fn new(number: u64) -> Self {
        let mut chance = Chance::new(number + 1);
        let parts: Vec<&str> = (0..2 + chance.below(3)).map(|_| chance.part()).collect();
        let text: Vec<String> = (0..DESCRIPTION_WORDS).map(|_| chance.word()).collect();
        let mut tags: Vec<String> = (0..4).map(|_| chance.word()).collect();
        tags.push(chance.part().to_lowercase());
        Self {
            id: format!("{}.{}", parts.join("."), spelt(number)),
            title: parts.join(" "),
            tags,
            text: text.join(" "),
        }
    }

    /// What its version of this number is found by: every other is a prerelease.
    pub(crate) fn words(&self, version: u64) -> Arc<str> {
        let stable = version.is_multiple_of(2);
        let facets: &[&str] = if stable { &["s1", "s2", "p1", "p2"] } else { &["p1", "p2"] };
        let facets: Vec<Box<str>> = facets.iter().map(|facet| (*facet).into()).collect();
        let tags: Vec<&str> = self.tags.iter().map(String::as_str).collect();
        let (title, text) = (&*self.title, &*self.text);
        Findable { preferred: stable, facets: &facets, tags: &tags, title, people: "Some Body", text }
            .to_words()
    }
}

/// A number as a word that can be said.
fn spelt(mut number: u64) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "ve"];
    // Spread, so that numbers in a row do not all begin alike.
    number = number.wrapping_mul(40_503) & 0xffff | (number & !0xffff) << 16;
    let mut word = String::new();
    loop {
        let at = usize::try_from(number % 16).unwrap_or_default();
        word.push_str(SYLLABLES.get(at).copied().unwrap_or_default());
        number /= 16;
        if number == 0 {
            return word;
        }
    }
}
