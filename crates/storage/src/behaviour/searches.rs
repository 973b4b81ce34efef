//! Packages by words: what is found, in which order, and what changes of versions do to it.

use std::sync::Arc;
use std::task::Poll;

use domain::{Client, Delete, EntryKind, Limit, Overwrite, Publish, Read};

use super::parts::{bare, named};
use super::{two_projects, with_policy};
use crate::testing::{Bench, NUGET, Place};
use crate::{
    Batch, ContentError as Error, EdgeKind, Field, Findable, Found, NewEdge, NewEntry, Removal, Rule, Search,
    Wanted,
};

const FEED: &str = "alpha/images";

super::stories! {
    packages_are_found_by_the_beginnings_of_words
    the_best_come_first
    each_field_is_looked_for_by_itself
    facets_are_those_of_listed_versions
    the_latest_preferred_version_speaks
    lists_and_searches_change_together
    pages_go_on_where_the_last_one_ended
    repositories_do_not_see_each_other
    odd_searches_are_refused_or_find_nothing
    a_crowd_waits_for_itself_alone
}

/// A version, as a push writes it.
struct Version<'a> {
    id: &'a str,
    name: &'a str,
    facets: &'a str,
    tags: &'a str,
    title: &'a str,
    people: &'a str,
    text: &'a str,
}

const PLAIN: Version<'static> =
    Version { id: "", name: "1", facets: "all", tags: "", title: "", people: "", text: "" };

impl Version<'_> {
    fn words(&self) -> Arc<str> {
        let facets: Vec<Box<str>> = self.facets.split(' ').map(Into::into).collect();
        let tags: Vec<&str> = self.tags.split_whitespace().collect();
        let (preferred, title) = (self.facets.contains("stable"), self.title);
        let (people, text) = (self.people, self.text);
        Findable { preferred, facets: &facets, tags: &tags, title, people, text }.to_words()
    }

    async fn publish(&self, bench: &Bench, repository: &str) -> Result<(), Error> {
        let key = named(EntryKind::Version, self.id, self.name);
        let entry = NewEntry { words: self.words(), ..bare(key, Rule::Mutable, Vec::new()) };
        let batch = Batch { entries: vec![entry], ..Batch::default() };
        let (may, replace) = (bench.on::<Publish>(repository), bench.on::<Overwrite>(repository));
        bench.opened.storage.commit(may, Some(replace), batch).await.map(drop)
    }
}

async fn publish(bench: &Bench, version: Version<'_>) {
    version.publish(bench, FEED).await.expect("is new");
}

fn wanted(field: Field, any: &[&str]) -> Wanted {
    Wanted { field, any: any.iter().map(|text| (*text).into()).collect() }
}

fn plain(words: &str) -> Vec<Wanted> {
    words.split_whitespace().map(|word| wanted(Field::Any, &[word])).collect()
}

async fn found(bench: &Bench, search: &Search<'_>) -> Result<Found, Error> {
    bench.opened.storage.search(&bench.on::<Read>(FEED), search).await
}

async fn keys(bench: &Bench, wanted: &[Wanted], facet: Option<&str>, first: Option<&str>) -> String {
    let search = Search { wanted, facet, first, skip: 0, limit: Limit::MAX };
    let found = found(bench, &search).await.expect("a search");
    assert_eq!(found.total, found.packages.len() as u64, "{wanted:?}");
    found.packages.join(" ")
}

/// One plain word, as somebody types it.
async fn typed(bench: &Bench, words: &str) -> String {
    keys(bench, &plain(words), None, None).await
}

async fn packages_are_found_by_the_beginnings_of_words(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    for id in
        ["Json.Net", "JsonPatch", "log4net", "EF.Core", "Contoso.UI", "Go-Tools", "XMLReader", "Æther_Ωmega"]
    {
        publish(&bench, Version { id, ..PLAIN }).await;
    }
    let cases = [
        ("json", "json.net jsonpatch"),
        ("JSON", "json.net jsonpatch"),
        ("js", "json.net jsonpatch"),
        ("son", ""),
        ("patch", "jsonpatch"),
        ("jsonpatch", "jsonpatch"),
        ("JsonPatch", "jsonpatch"),
        ("json.patch", "jsonpatch"),
        ("jsonnet", "json.net"),
        ("net json", "json.net"),
        ("json-net", "json.net"),
        ("json - net", "json.net"),
        ("log", "log4net"),
        ("log4", "log4net"),
        ("4net", "log4net"),
        ("Log4Net", "log4net"),
        ("net", "json.net log4net"),
        ("ef", "ef.core"),
        ("UI", "contoso.ui"),
        ("go", "go-tools"),
        ("g", "go-tools"),
        ("c", "contoso.ui ef.core"),
        ("reader", "xmlreader"),
        ("xml", "xmlreader"),
        ("xmlr", "xmlreader"),
        ("ωm", "æther_ωmega"),
        ("Æ", "æther_ωmega"),
        ("nothing", ""),
        ("json nothing", ""),
        ("%", ""),
        ("_", ""),
        ("\" ' * & | !", ""),
        (": ( ) \\ ; --", ""),
        ("json\" OR \"x", ""),
        ("json') | ('x", ""),
    ];
    for (words, expected) in cases {
        assert_eq!(typed(&bench, words).await, expected, "{words}");
    }
}

async fn the_best_come_first(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    publish(&bench, Version { id: "A.Text", text: "Something for json", ..PLAIN }).await;
    publish(&bench, Version { id: "A.Title", title: "The Json thing", ..PLAIN }).await;
    publish(&bench, Version { id: "A.Tag", tags: "fast json", ..PLAIN }).await;
    publish(&bench, Version { id: "A.Json", ..PLAIN }).await;
    publish(&bench, Version { id: "Jsonish", ..PLAIN }).await;
    publish(&bench, Version { id: "Json.More", ..PLAIN }).await;
    publish(&bench, Version { id: "Json", ..PLAIN }).await;
    let ranked = "json json.more jsonish a.json a.tag a.title a.text";
    assert_eq!(keys(&bench, &plain("json"), None, Some("json")).await, ranked);
    let by_worst = "a.json a.tag a.title a.text";
    assert_eq!(typed(&bench, "json a").await, by_worst, "the worst of the words decides");
    assert_eq!(keys(&bench, &plain("json fast"), None, None).await, "a.tag");
    // What begins as the first does is found, whatever the words are.
    assert_eq!(keys(&bench, &plain("fast"), None, Some("json.")).await, "json.more a.tag");
    assert_eq!(keys(&bench, &[], None, None).await, "a.json a.tag a.text a.title json json.more jsonish");
}

async fn each_field_is_looked_for_by_itself(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let one = Version { tags: "fast c++ json-patch", people: "Ann Other", ..PLAIN };
    publish(&bench, Version { id: "One.Big", title: "First", text: "Second third", ..one }).await;
    publish(&bench, Version { id: "One", title: "Third", people: "Annette", ..PLAIN }).await;
    let cases: &[(Field, &[&str], &str)] = &[
        (Field::Id, &["big"], "one.big"),
        (Field::Id, &["first"], ""),
        (Field::Id, &["big", "one"], "one one.big"),
        (Field::Key, &["one"], "one"),
        (Field::Key, &["ONE.big", "one", "none"], "one one.big"),
        (Field::Key, &["on"], ""),
        (Field::Tag, &["fast"], "one.big"),
        (Field::Tag, &["fas"], ""),
        (Field::Tag, &["C++"], "one.big"),
        (Field::Tag, &["c"], ""),
        (Field::Tag, &["json-patch"], "one.big"),
        (Field::Title, &["thi"], "one"),
        (Field::Text, &["thi"], "one.big"),
        (Field::People, &["ann"], "one one.big"),
        (Field::People, &["ann other"], "one.big"),
        (Field::Name, &["1"], "one one.big"),
        (Field::Name, &["2"], ""),
    ];
    for (field, any, expected) in cases {
        assert_eq!(keys(&bench, &[wanted(*field, any)], None, None).await, *expected, "{field:?} {any:?}");
    }
    let both = [wanted(Field::Id, &["one"]), wanted(Field::Title, &["third"])];
    assert_eq!(keys(&bench, &both, None, None).await, "one");
}

async fn facets_are_those_of_listed_versions(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    publish(&bench, Version { id: "A", name: "1", facets: "stable tool", ..PLAIN }).await;
    publish(&bench, Version { id: "A", name: "2", facets: "early", ..PLAIN }).await;
    publish(&bench, Version { id: "B", name: "1", facets: "early", ..PLAIN }).await;
    let with = async |facet: &str| {
        let all = keys(&bench, &[], Some(facet), None).await;
        assert_eq!(keys(&bench, &plain("a"), Some(facet), None).await, all.replace("b", "").trim());
        all
    };
    assert_eq!([with("stable").await, with("early").await, with("tool").await], ["a", "a b", "a"]);
    assert_eq!([with("stab").await, with("%").await, with("x").await], ["", "", ""]);
    let unlist = vec![Removal::Unlist(named(EntryKind::Version, "A", "1"))];
    bench.opened.storage.remove(bench.on::<Delete>(FEED), unlist).await.expect("is there");
    assert_eq!([with("stable").await, with("early").await, with("tool").await], ["", "a b", ""]);
}

async fn the_latest_preferred_version_speaks(place: Place) {
    let bench = Bench::with(place, with_policy(NUGET, r#"{"duplicates":"always"}"#)).await;
    publish(&bench, Version { id: "A", name: "2", facets: "stable", text: "second", ..PLAIN }).await;
    publish(&bench, Version { id: "A", name: "1", facets: "stable", text: "first", ..PLAIN }).await;
    publish(&bench, Version { id: "A", name: "3", facets: "early", text: "third", ..PLAIN }).await;
    let words = async || {
        let mut said = Vec::new();
        for word in ["first", "second", "third"] {
            said.extend((typed(&bench, word).await == "a").then_some(word));
        }
        said.join(" ")
    };
    assert_eq!(words().await, "second");
    assert_eq!(keys(&bench, &[wanted(Field::Name, &["3"])], None, None).await, "a", "the latest of a kind");
    assert_eq!(keys(&bench, &[wanted(Field::Name, &["1"])], None, None).await, "");
    let change = async |removal: fn(domain::EntryKey) -> Removal, name: &str| {
        let removals = vec![removal(named(EntryKind::Version, "A", name))];
        bench.opened.storage.remove(bench.on::<Delete>(FEED), removals).await.expect("is there");
        words().await
    };
    assert_eq!(change(Removal::Unlist, "2").await, "first");
    assert_eq!(change(Removal::Unlist, "1").await, "third");
    assert_eq!(change(Removal::Relist, "2").await, "second");
    assert_eq!(change(Removal::Entry, "2").await, "third");
    assert_eq!(change(Removal::Entry, "3").await, "", "what is left is not listed");
    assert_eq!(change(Removal::Relist, "1").await, "first");
}

async fn lists_and_searches_change_together(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let part = NewEdge { kind: EdgeKind::Part, target: "all of a".into() };
    for name in ["1", "2"] {
        let key = named(EntryKind::Version, "A", name);
        let words = Version { id: "A", text: "word", ..PLAIN }.words();
        let entry = NewEntry { words, ..bare(key, Rule::ByPolicy, vec![part.clone()]) };
        let batch = Batch { entries: vec![entry], ..Batch::default() };
        bench.opened.storage.commit(bench.on::<Publish>(FEED), None, batch).await.expect("is new");
    }
    assert_eq!(typed(&bench, "word").await, "a");
    // A change that fails as a whole leaves what is found as it was.
    let first = Removal::Entry(named(EntryKind::Version, "A", "1"));
    let failing = vec![
        first,
        Removal::Entry(named(EntryKind::Version, "A", "2")),
        Removal::Entry(named(EntryKind::Version, "A", "3")),
    ];
    let refused = bench.opened.storage.remove(bench.on::<Delete>(FEED), failing).await;
    assert!(matches!(refused, Err(Error::Absent)), "{refused:?}");
    assert_eq!(typed(&bench, "word").await, "a");
    let all = vec![Removal::Parts("all of a".into())];
    bench.opened.storage.remove(bench.on::<Delete>(FEED), all).await.expect("are there");
    assert_eq!((typed(&bench, "word").await, typed(&bench, "a").await), (String::new(), String::new()));
    assert_eq!(keys(&bench, &[], None, None).await, "");
    publish(&bench, Version { id: "A", text: "word", ..PLAIN }).await;
    assert_eq!(typed(&bench, "word").await, "a");
    if bench.place.survives() {
        let bench = bench.reopened().await;
        assert_eq!(typed(&bench, "word").await, "a");
    }
}

async fn pages_go_on_where_the_last_one_ended(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let ids: Vec<String> = (0..30).rev().map(|n| format!("P{n:02}.Of")).collect();
    for (n, id) in ids.iter().enumerate() {
        let text = if n % 2 == 0 { "of word" } else { "word" };
        publish(&bench, Version { id, text, tags: if n % 3 == 0 { "word" } else { "" }, ..PLAIN }).await;
    }
    for (words, first) in [("", None), ("word", None), ("of", None), ("p", Some("p1"))] {
        let words = plain(words);
        let whole = keys(&bench, &words, Some("all"), first).await;
        let mut paged = Vec::new();
        for skip in 0.. {
            let skip = skip * 7;
            let limit = Limit::capped(7);
            let search = Search { wanted: &words, facet: Some("all"), first, skip, limit };
            let page = found(&bench, &search).await.expect("a page");
            assert_eq!(page.total, 30);
            if page.packages.is_empty() {
                break;
            }
            paged.extend(page.packages);
        }
        assert_eq!(paged.join(" "), whole, "{words:?}");
    }
}

async fn repositories_do_not_see_each_other(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    publish(&bench, Version { id: "Here", text: "word", ..PLAIN }).await;
    Version { id: "There", text: "word", ..PLAIN }.publish(&bench, "beta/images").await.expect("is new");
    assert_eq!(typed(&bench, "word").await, "here");
    assert_eq!(keys(&bench, &[], None, Some("there")).await, "here");
    assert_eq!(keys(&bench, &plain("x"), None, Some("there")).await, "");
}

async fn odd_searches_are_refused_or_find_nothing(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let long = "a".repeat(16 * 1024);
    publish(&bench, Version { id: "A", text: &long, ..PLAIN }).await;
    publish(
        &bench,
        Version { id: "B", text: &"aB1".repeat(5000), tags: &long, people: &"é ".repeat(4000), ..PLAIN },
    )
    .await;
    let refused = |outcome: Result<Found, Error>| {
        assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
    };
    let search = async |wanted: &[Wanted], facet: Option<&str>, first: Option<&str>| {
        found(&bench, &Search { wanted, facet, first, skip: 0, limit: Limit::MAX }).await
    };
    let longest = "a".repeat(Search::WORD_BYTES_MAX);
    assert_eq!(search(&plain(&longest), None, None).await.expect("a search").total, 2);
    refused(search(&plain(&format!("{longest}a")), None, None).await);
    refused(search(&[], Some(&format!("{longest}a")), None).await);
    let many: Vec<String> = (0..=Search::WORDS_MAX).map(|n| n.to_string()).collect();
    refused(search(&plain(&many.join(" ")), None, None).await);
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    refused(search(&[wanted(Field::Id, &many)], None, None).await);
    for odd in ["\0", "a\0b", "\u{1}", "'", "\"", "\\", "''", "\u{a0}", "\u{3000}x\u{2028}", "ẞİŉ"] {
        search(&[wanted(Field::Any, &[odd])], Some(odd), Some(odd)).await.expect("a search");
        search(&[wanted(Field::Tag, &[odd])], None, None).await.expect("a search");
    }
    let only = Version { id: "C", name: "1", ..PLAIN };
    let key = named(EntryKind::Tag, only.id, only.name);
    let entry = NewEntry { words: only.words(), ..bare(key, Rule::ByPolicy, Vec::new()) };
    let batch = Batch { entries: vec![entry], ..Batch::default() };
    let outcome = bench.opened.storage.commit(bench.on::<Publish>(FEED), None, batch).await;
    assert!(matches!(outcome, Err(Error::Refused(_))), "only versions are found by words: {outcome:?}");
}

async fn a_crowd_waits_for_itself_alone(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    publish(&bench, Version { id: "A", ..PLAIN }).await;
    let storage = &bench.opened.storage;
    let searches = storage.budgets().into_iter().find(|(name, _)| *name == "searches").expect("a budget").1;
    let (alice, bob) = (bench.actor(), bench.actor() + 1);
    let by = async |who| {
        let search = Search { wanted: &[], facet: None, first: None, skip: 0, limit: Limit::MAX };
        storage.search(&bench.by::<Read>(who, FEED), &search).await.map(|found| found.total)
    };
    let client = |who| Client::Principal(domain::PrincipalId::new(who));
    let held = searches.take(client(alice), 1).expect("a turn");
    let room = searches.bounds().waiting_per_client;
    let mut crowd: Vec<_> = (0..room).map(|_| Box::pin(by(alice))).collect();
    for waiting in &mut crowd {
        let once = std::future::poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx))).await;
        assert!(once.is_pending());
    }
    let refused = by(alice).await;
    assert!(matches!(refused, Err(Error::Fault(crate::Fault::Crowded))), "{refused:?}");
    assert_eq!(by(bob).await.expect("is served"), 1);
    drop(held);
    for found in futures_util::future::join_all(crowd).await {
        assert_eq!(found.expect("is served in the end"), 1);
    }
    assert_eq!((searches.held(), searches.waiting()), (0, 0));
}
