//! What people type, and what somebody types who wants to be a burden.

use storage::{Field, Wanted};

use super::corpus::{Chance, Package};

/// A search.
pub(crate) struct Query {
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) facet: Option<&'static str>,
    pub(crate) first: Option<String>,
    pub(crate) skip: u64,
    pub(crate) take: u64,
}

impl Query {
    fn plain(words: &str) -> Self {
        let all: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
        let wanted = all.iter().map(|word| Wanted { field: Field::Any, any: vec![(*word).into()] }).collect();
        let first = if all.len() == 1 { Some(words.to_lowercase()) } else { None };
        Self { wanted, facet: Some("s2"), first, skip: 0, take: 20 }
    }

    fn field(field: Field, any: &[&str]) -> Self {
        let wanted = vec![Wanted { field, any: any.iter().map(|text| (*text).into()).collect() }];
        Self { wanted, ..Self::plain("") }
    }

    fn page(self, skip: u64, take: u64) -> Self {
        Self { skip, take, ..self }
    }
}

/// One of what people type: ids, their beginnings letter by letter, words and parts of them, a list without words.
pub(crate) fn realistic(number: u64, packages: u64) -> Query {
    let mut chance = Chance::new(number + 1_000_003);
    let id = Package::new(chance.below(packages)).id;
    let part = chance.part();
    let beginning =
        |text: &str, letters: u64| text.chars().zip(0..letters).map(|(letter, _)| letter).collect::<String>();
    match number % 20 {
        0..5 => Query::plain(&id),
        5..8 => Query::plain(&beginning(&id, 3 + chance.below(12))),
        8..10 => Query::plain(&beginning(&chance.word(), 3 + chance.below(4))),
        10..12 => Query::plain(part),
        12..15 => Query::plain(&format!("{part} {}", chance.word())),
        15 => Query::plain(&format!("{part} {}", chance.part())),
        16 => Query::field(Field::Tag, &[&chance.word()]),
        17 => Query::field(Field::Key, &[&id]),
        18 => Query {
            first: Some(beginning(&id, 2).to_lowercase()),
            ..Query::field(Field::Id, &[&beginning(&id, 2)])
        },
        _ => Query { facet: None, ..Query::plain("") }.page(chance.below(5) * 20, 20),
    }
}

/// What costs most: single letters, words that everything has, deep pages, long lists.
pub(crate) fn hostile() -> Vec<Query> {
    let mut all = Vec::new();
    let letters = "abcdefghijklmnopqrstuvwxyz";
    for letter in letters.chars() {
        all.push(Query::plain(&letter.to_string()));
    }
    for words in [
        "a b c d e f",
        "b d f g h j k l",
        "c d e f g h i j",
        "ba ce di fo gu ha je ki",
        "bab cec did fof gug hah jej kik",
        "aBcD bCdE cDeF dEfG eFgH fGhI gHiJ hIjK",
        "core json data http net log test web",
        "s o m e b",
        "contoso core c co con cont conto contos",
        "lo lo lo lo lo lo lo lo",
        "some body",
        "so bo",
        "zz z",
    ] {
        all.push(Query::plain(words));
        all.push(Query::plain(words).page(3000, 1000));
        all.push(Query { facet: Some("s1/none"), ..Query::plain(words) });
    }
    let one: Vec<String> = letters.chars().map(String::from).collect();
    let any: Vec<&str> = one.iter().map(String::as_str).take(8).collect();
    for field in
        [Field::Any, Field::Id, Field::Title, Field::Text, Field::People, Field::Tag, Field::Key, Field::Name]
    {
        all.push(Query::field(field, &any).page(3000, 1000));
    }
    all.push(Query::plain("").page(3000, 1000));
    all.push(Query { facet: Some("s1/none"), ..Query::plain("") });
    all.push(Query { first: Some("c".to_owned()), ..Query::plain("c").page(3000, 1000) });
    all
}
